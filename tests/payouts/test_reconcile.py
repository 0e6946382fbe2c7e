"""Reconcile names whatever does not agree, here and at Stripe, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from core import actors
from core.db import transaction
from core.ids import new_id
from inventory import stock
from inventory.models import LocationKind, PieceStatus
from orders.models import Order
from payments.gateway import Gateway
from payouts import by_hand, ledger, obligations, transfers
from payouts.ledger import Entry
from payouts.models import Obligation, PayoutAccount
from payouts.reconcile import reconcile
from tests.payouts.selling import begun, due_sale, hand_over, sell
from tests.support.make import make_cooperative, make_maker, make_piece
from tests.support.peer import PeerProcess

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


@pytest.fixture
def peer():
    """A stand-in of the test's own: what Stripe holds is compared to the cent."""
    with PeerProcess() as running:
        yield running


@pytest.fixture
def gateway(peer):
    return Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)


@pytest.fixture(autouse=True)
def _no_fault_left():
    """What was armed ends with the stand-in."""


def differences(gateway, **since):
    return sorted((row.check, row.words) for row in reconcile(gateway, **since))


def account_of(maker_id):
    with transaction() as session:
        return session.get_one(PayoutAccount, maker_id).account_id


def behind_our_back(statement, **values):
    """Change what neither our code nor the database lets anybody change."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), values)


def test_a_house_where_everything_happened_as_it_should_has_no_difference(gateway, peer, now):
    paid = due_sale(gateway, peer, now)
    transfers.settle(gateway, obligation_id=paid.obligations[0], now=now)
    by_cash = sell(gateway, peer, now, weights=(1, 2))
    hand_over(by_cash, now)
    with transaction() as session:
        by_hand.settle_by_hand(
            session,
            obligation_id=by_cash.obligations[0],
            method="yape",
            witness_id=by_cash.witness_id,
            actor=by_cash.treasurer,
            now=now,
        )
    sell(gateway, peer, now, channel="online")

    assert reconcile(gateway) == []


def test_a_transfer_made_past_us_is_named_with_its_amount(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    request = {
        "amount": 500,
        "currency": "usd",
        "destination": account_of(sale.makers[0]),
        "source_transaction": charge_of(sale),
    }
    made = gateway.transfer(request, key="by somebody else")

    orphan, balance = reconcile(gateway)

    assert (orphan.check, orphan.theirs, orphan.words) == (4, made.id, "no settlement of ours")
    assert (orphan.amount_minor, orphan.currency) == (500, "USD")
    assert (balance.check, balance.amount_minor, balance.currency) == (6, -500, "USD")


def charge_of(sale):
    with transaction() as session:
        return session.get_one(Obligation, sale.obligations[0]).charge_id


def test_an_obligation_that_was_paid_twice_is_named_with_both_transfers(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    transfers.settle(gateway, obligation_id=sale.obligations[0], now=now)
    request = {
        "amount": 100,
        "currency": "usd",
        "destination": account_of(sale.makers[0]),
        "source_transaction": charge_of(sale),
        "metadata": {"obligation": str(sale.obligations[0]), "attempt": "7"},
    }
    gateway.transfer(request, key="a fresh key after silence")

    rows = [row for row in reconcile(gateway) if row.check == 4]

    assert {row.ours for row in rows} == {str(sale.obligations[0])}
    assert sorted(row.words for row in rows) == ["no settlement of ours", "one of several"]


def test_a_transfer_that_is_just_being_made_is_no_difference(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    call = begun(sale.obligations[0], now)
    gateway.transfer(call.request, key=call.key)

    assert differences(gateway) == [(6, "balances differ")]


def test_a_settlement_stripe_knows_nothing_of_is_named(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    transfers.settle(gateway, obligation_id=sale.obligations[0], now=now)
    behind_our_back("UPDATE settlements SET transfer_id = 'tr_invented'")

    assert differences(gateway) == [
        (4, "Stripe does not know it"),
        (4, "no settlement of ours"),
    ]


def test_asking_since_a_day_leaves_older_transfers_alone_on_both_sides(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    call = begun(sale.obligations[0], now)
    gateway.transfer(call.request, key=call.key)
    peer.advance(24 * 3600)
    # Made yesterday, found and recorded today.
    transfers.settle(gateway, obligation_id=sale.obligations[0], now=now + timedelta(hours=24))

    assert reconcile(gateway, since=now + timedelta(hours=12)) == []


def test_an_order_that_was_paid_and_not_divided_is_named(gateway, peer, now, monkeypatch):
    monkeypatch.setattr(obligations, "record_sale", lambda *_, **__: [])
    sale = sell(gateway, peer, now)

    first, second = reconcile(gateway)

    assert (first.check, first.ours) == (2, f"order:{sale.order_id}")
    assert (first.words, first.amount_minor) == ("paid, but not divided", 6800)
    assert (second.check, second.amount_minor) == (6, 6800 - 227)


def test_a_charge_without_its_payment_here_and_one_for_an_ended_order_are_named(gateway, peer, now):
    unpaid = sell(gateway, peer, now)
    behind_our_back(
        "DELETE FROM order_payments WHERE order_id = :order_id", order_id=unpaid.order_id
    )
    ended = sell(gateway, peer, now)
    behind_our_back("UPDATE orders SET status = 'expired' WHERE id = :id", id=ended.order_id)

    assert differences(gateway) == [
        (2, "money came for an order that ended"),
        (2, "paid, but no payment is recorded"),
    ]


def test_a_missing_obligation_is_named(gateway, peer, now):
    sale = sell(gateway, peer, now)
    behind_our_back("DELETE FROM obligations WHERE id = :id", id=sale.obligations[0])

    (row,) = reconcile(gateway)

    assert (row.check, row.ours) == (2, str(sale.obligations[0]))
    assert row.words == "posted, but nothing is owed"


def test_a_doubled_obligation_is_named(gateway, peer, now):
    sale = sell(gateway, peer, now)
    with transaction() as session:
        home = session.get_one(Order, sale.order_id).cooperative_id
        other = make_maker(session, make_cooperative(session))
        doubled = new_id()
        session.execute(
            text(
                "INSERT INTO obligations (id, cooperative_id, maker_id, piece_id, order_id,"
                " line_id, policy_id, agreement, amount_minor, currency, created_at, status)"
                " SELECT :id, :home, :maker, piece_id, order_id, line_id, policy_id, agreement,"
                " amount_minor, currency, created_at, status FROM obligations LIMIT 1"
            ),
            {"id": doubled, "home": home, "maker": other.id},
        )

    (row,) = reconcile(gateway)

    assert (row.check, row.ours, row.words) == (2, str(doubled), "owed, but not posted")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE obligations SET amount_minor = amount_minor + 1", "posted otherwise than it is"),
        ("UPDATE obligations SET status = 'cancelled'", "posted otherwise than it is"),
        ("UPDATE obligations SET status = 'settled'", "settled without a proof"),
        (
            "UPDATE postings SET amount_minor = amount_minor + 1 WHERE source = 'fund'",
            "not divided",
        ),
        (
            "UPDATE postings SET amount_minor = 99 WHERE 'stripe_fees' IN (source, destination)",
            "not posted as it was charged",
        ),
    ],
)
def test_whatever_was_changed_afterwards_is_named(gateway, peer, now, change, words):
    sell(gateway, peer, now, weights=(1,))
    behind_our_back(change)

    assert any(words in row.words for row in reconcile(gateway))


def test_a_proof_of_something_that_is_not_settled_is_named(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    transfers.settle(gateway, obligation_id=sale.obligations[0], now=now)
    behind_our_back("UPDATE obligations SET status = 'due'")

    assert (3, "proved, but not settled") in differences(gateway)


def test_money_at_stripe_the_ledger_does_not_know_is_named_by_currency(gateway, peer, now):
    sale = sell(gateway, peer, now)
    with transaction() as session:
        ledger.post(
            session,
            event="invented",
            entries=[Entry("fund", "stripe", 33, "invented")],
            currency="EUR",
            cooperative_id=sale.cooperative_id,
            actor=actors.system("test"),
            now=now,
        )

    (row,) = reconcile(gateway)

    assert (row.check, row.amount_minor, row.currency) == (6, -33, "EUR")


def test_a_piece_that_is_not_where_its_life_says_is_named(gateway, peer):
    at = datetime(2026, 11, 23, tzinfo=UTC)
    with transaction() as session:
        piece = make_piece(session, make_cooperative(session))
        stock._leave(
            session,
            [piece],
            LocationKind.BUYERS,
            reason="gone",
            actor=actors.system("test"),
            now=at,
        )
        assert piece.status == PieceStatus.DELIVERED
        name = f"piece:{piece.id}"

    (row,) = reconcile(gateway)
    assert (row.check, row.ours) == (0, name)

    behind_our_back(
        "UPDATE movements SET source_id = (SELECT source_id FROM movements WHERE sequence = 1)"
        " WHERE sequence = 2"
    )
    assert {row.words for row in reconcile(gateway)} == {
        "a movement begins where the piece was not",
        "its life and its place do not agree about a buyer",
        "the pieces kept here are not the sum of what came and went",
    }
