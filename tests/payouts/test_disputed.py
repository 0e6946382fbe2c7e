"""A dispute freezes, an inquiry moves nothing, and what a bank takes is in the books."""

import itertools
import logging
from dataclasses import replace

import pytest
from sqlalchemy import text

from core.db import transaction
from core.money import Money
from orders import disputes, refunds
from orders.dispute_models import Dispute
from orders.refunds import OrderDisputed, Wanted
from payments.errors import Unreachable
from payments.gateway import Gateway
from payouts import by_hand, disputed, ledger, obligations, reversals, unfinished
from payouts.models import Obligation
from payouts.payable import payable_minor
from payouts.reading import waiting_reasons
from payouts.reconcile import reconcile
from payouts.recoveries import ReversalUnderWay
from payouts.recovery_models import Recovery
from tests.orders.buying import jobs
from tests.payouts.selling import due_sale, status_of
from tests.payouts.test_undoing import balances, settle
from tests.support.peer import PeerProcess

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]
WHOLE = 6800


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


def charge_of(sale):
    with transaction() as session:
        return session.get_one(Obligation, sale.obligations[0]).charge_id


def open_dispute(gateway, peer, sale, now, **how):
    made = peer.dispute(charge_of(sale), **how)
    look(gateway, made["id"], now)
    return made["id"]


def look(gateway, stripe_id, now):
    apply(gateway.read_dispute(stripe_id), now)


def apply(seen, now):
    """What news of a dispute does, and the note it leaves."""
    with transaction() as session:
        assert disputes.apply_dispute(session, seen, now=now)
        dispute_id = session.query(Dispute).filter_by(stripe_id=seen.id).one().id
    for _ in range(2):
        with transaction() as session:
            disputed.record_dispute(session, dispute_id=dispute_id, now=now)


def move(gateway, peer, stripe_id, to, now):
    peer.move_dispute(stripe_id, to)
    look(gateway, stripe_id, now)


def recovered():
    with transaction() as session:
        rows = session.query(Recovery).order_by(Recovery.id)
        return [(row.status, row.amount_minor) for row in rows]


def test_an_open_dispute_freezes_and_its_money_is_in_an_account_of_its_own(gateway, peer, now):
    sale = due_sale(gateway, peer, now)

    open_dispute(gateway, peer, sale, now)

    assert settle(gateway, sale, now) == "not_now"
    assert balances()[f"disputed:{sale.order_id}"] == WHOLE
    with transaction() as session:
        owed = session.get_one(Obligation, sale.obligations[0])
        assert waiting_reasons(session, [owed]) == {owed.id: "disputed"}
    assert reconcile(gateway) == []


def test_a_disputed_order_is_neither_paid_by_hand_nor_refunded(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    open_dispute(gateway, peer, sale, now)

    with transaction() as session, pytest.raises(by_hand.OrderFrozen):
        by_hand.settle_by_hand(
            session,
            obligation_id=sale.obligations[0],
            method="cash",
            witness_id=sale.witness_id,
            actor=sale.treasurer,
            now=now,
        )
    with transaction() as session, pytest.raises(OrderDisputed):
        refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=Wanted(whole=True),
            reason="buyer_asked",
            actor=sale.treasurer,
            now=now,
        )


def test_an_inquiry_moves_nothing_but_freezes_until_it_is_closed(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    before = balances()

    asked = open_dispute(gateway, peer, sale, now, inquiry=True)

    assert balances() == before
    assert settle(gateway, sale, now) == "not_now"
    move(gateway, peer, asked, "warning_closed", now)
    assert settle(gateway, sale, now) == "done"
    assert reconcile(gateway) == []


def test_what_is_won_is_as_if_it_had_not_been(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    before = balances()

    made = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, made, "won", now)

    assert balances() == before
    assert settle(gateway, sale, now) == "done"
    assert reconcile(gateway) == []


def test_what_is_lost_before_she_was_paid_is_not_owed(gateway, peer, now):
    sale = due_sale(gateway, peer, now)

    made = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, made, "lost", now)

    assert status_of(sale.obligations[0]) == "cancelled"
    assert balances() == {"fund": 227 + 1500, "stripe": -227 - 1500}
    assert reconcile(gateway) == []


def test_what_is_lost_after_she_was_paid_is_reversed(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)

    made = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, made, "lost", now)
    assert recovered() == [("reversing", 4760)]
    with transaction() as session:
        recovery_id = session.query(Recovery).one().id
    reversals.reverse(gateway, recovery_id=recovery_id, now=now)

    assert balances() == {"fund": 1727, "stripe": -1727}
    assert reconcile(gateway) == []


@pytest.mark.parametrize("end", ["won", "lost"])
def test_every_order_of_news_with_doubles_gives_the_same_books(gateway, peer, now, end):
    sale = due_sale(gateway, peer, now)
    made = peer.dispute(charge_of(sale), inquiry=True)["id"]
    seen = [gateway.read_dispute(made)]
    for step in ("needs_response", "funds_withdrawn", "under_review", end):
        peer.move_dispute(made, step)
        seen.append(gateway.read_dispute(made))
    last = seen[-1]
    books = set()
    for order in itertools.permutations(seen):
        with transaction() as session:
            point = session.begin_nested()
            for one in (*order, *reversed(order)):
                apply(one, now)
            # Whatever came first: the state Stripe has now is read again before the news is done.
            apply(last, now)
            books.add(tuple(sorted(ledger.balances(session).items())))
            point.rollback()

    assert len(books) == 1


def test_a_dispute_that_needs_an_answer_is_said_loudly_every_day(gateway, peer, now, caplog):
    sale = due_sale(gateway, peer, now)
    with caplog.at_level(logging.CRITICAL):
        open_dispute(gateway, peer, sale, now)
        with transaction() as session:
            assert disputes.alarm(session, now=now) == 1

    said = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert [record.message for record in said] == ["dispute opened", "dispute needs an answer"]
    assert said[-1].__dict__["days_left"] in {8, 9}


def test_a_dispute_nobody_told_us_of_is_named(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    made = peer.dispute(charge_of(sale))

    named = [(row.check, row.theirs, row.words) for row in reconcile(gateway)]

    assert (5, made["id"], "no dispute of ours") in named


def test_what_is_won_back_after_it_was_lost_is_everybodys_again(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    before = balances()
    called = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, called, "lost", now)
    assert status_of(sale.obligations[0]) == "cancelled"

    move(gateway, peer, called, "funds_reinstated", now)

    assert status_of(sale.obligations[0]) == "due"
    assert recovered() == [("restored", 4760)]
    assert balances() == before
    assert settle(gateway, sale, now) == "done"
    assert reconcile(gateway) == []


def test_what_is_owed_again_is_told_of_at_once_though_it_was_paid_a_moment_ago(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)
    called = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, called, "lost", now)
    reverse(gateway, now)
    move(gateway, peer, called, "funds_reinstated", now)
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))

    with transaction() as session:
        obligations.fall_due(session, now=now)
        told = [row["obligation_id"] for row in jobs(session, "obligation.settle")]

    assert told == [str(sale.obligations[0])]


def test_a_bank_that_changes_its_mind_again_and_again_is_followed(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)
    called = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, called, "lost", now)
    reverse(gateway, now)
    lost = balances()
    move(gateway, peer, called, "funds_reinstated", now)
    assert status_of(sale.obligations[0]) == "due"

    move(gateway, peer, called, "funds_withdrawn", now)

    assert recovered() == [("restored", 4760), ("reduced", 4760)]
    assert balances() == lost
    assert reconcile(gateway) == []


def reverse(gateway, now):
    with transaction() as session:
        recovery_id = session.query(Recovery).one().id
    assert reversals.reverse(gateway, recovery_id=recovery_id, now=now) == "done"


def test_a_part_that_is_won_back_is_given_back_and_the_rest_stays_lost(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    called = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, called, "lost", now)

    seen = gateway.read_dispute(called)
    (taken,) = seen.moves
    half = replace(
        taken,
        balance_transaction_id="txn_half",
        amount=Money(WHOLE // 2, "USD"),
        fee_minor=0,
    )
    apply(replace(seen, moves=(taken, half)), now)

    with transaction() as session:
        owed = session.get_one(Obligation, sale.obligations[0])
        assert payable_minor(session, [owed]) == {owed.id: 2380}
    assert balances().get(f"disputed:{sale.order_id}", 0) == 0
    assert [row for row in reconcile(gateway) if row.check in {1, 2, 3}] == []


def test_what_is_just_being_reversed_is_given_back_once_that_is_known(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)
    called = open_dispute(gateway, peer, sale, now)
    move(gateway, peer, called, "lost", now)
    with transaction() as session:
        recovery_id = session.query(Recovery).one().id
    peer.arm("rate_limit", method="POST", path_prefix="/v1/transfers/", times=1)
    with pytest.raises(Unreachable):
        reversals.reverse(gateway, recovery_id=recovery_id, now=now)

    peer.move_dispute(called, "funds_reinstated")
    with pytest.raises(ReversalUnderWay):
        look(gateway, called, now)
    assert reversals.reverse(gateway, recovery_id=recovery_id, now=now) == "done"
    with transaction() as session:
        assert unfinished.take_up(session) == 1
    look(gateway, called, now)

    assert recovered() == [("restored", 4760)]
    assert status_of(sale.obligations[0]) == "due"
    assert reconcile(gateway) == []
