"""What no news told is found by asking Stripe: once, whatever dies, however often it is asked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from core.db import transaction
from orders import checkout
from orders.dispute_models import Dispute
from orders.models import Order
from orders.refund_models import Refund
from orders.refund_news import apply_refund
from payments import gateway as wall
from payments.errors import Unreachable
from payments.gateway import Gateway
from payments.models import CatchUp, News
from payouts import catching_up, transfers
from payouts.book_models import TreasuryMove
from payouts.models import PayoutAccount
from payouts.reconcile import reconcile
from payouts.recovery_models import FoundReversal
from tests.payouts.selling import connect, due_sale, sell
from tests.payouts.test_disputed import charge_of
from tests.payouts.test_undoing import settle
from tests.support.peer import PeerProcess
from tests.support.working import do_what_is_left

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


@pytest.fixture(scope="module")
def stand_in():
    """A stand-in whose webhooks nobody takes; a day apart for each test."""
    with PeerProcess(webhook_url="http://127.0.0.1:9/nobody") as running:
        running.pause()
        yield running


@pytest.fixture
def peer(stand_in):
    stand_in.advance(40 * 86_400)
    return stand_in


@pytest.fixture
def gateway(peer):
    return Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)


@pytest.fixture(autouse=True)
def _no_fault_left():
    """What a test arms goes off in it."""


def run(gateway, peer, part, *, since=None):
    """One part, on the stand-in's clock; how many were seen, and how many of them wait."""

    def clock():
        return datetime.fromtimestamp(peer.now(), UTC)

    if since is None:
        with transaction() as session:
            since = catching_up.usual_since(session, part, now=clock())
    kept = catching_up.run(gateway, part=part, since=since, actor="system:test", clock=clock)
    return kept.seen, kept.waiting


def rows(model, **about):
    with transaction() as session:
        return session.query(model).filter_by(**about).all()


def status_of(order_id):
    with transaction() as session:
        return session.get_one(Order, order_id).status


def unpaid_sale(gateway, peer, now, monkeypatch):
    """The buyer has paid, and nobody has told us."""
    with monkeypatch.context() as deaf:
        deaf.setattr(checkout, "refresh_payment", lambda *_args, **_more: None)
        deaf.setattr("payouts.obligations.record_sale", lambda *_args, **_more: None)
        return sell(gateway, peer, now, weights=(1,))


def test_events_that_stripe_could_not_deliver_are_kept_and_done(gateway, peer, now, monkeypatch):
    sale = unpaid_sale(gateway, peer, now, monkeypatch)

    seen, _ = run(gateway, peer, "events")
    again, _ = run(gateway, peer, "events")

    assert seen == again == len(rows(News)) > 0
    assert {news.source for news in rows(News)} == {"caught_up"}
    do_what_is_left(gateway)
    assert status_of(sale.order_id) == "paid"
    assert {news.state for news in rows(News)} == {"applied", "ignored"}


def test_an_event_that_came_by_itself_stays_as_it_came(gateway, peer, now):
    sell(gateway, peer, now, weights=(1,))
    run(gateway, peer, "events")
    with transaction() as session:
        session.execute(text("UPDATE stripe_news SET source = 'webhook', state = 'applied'"))

    run(gateway, peer, "events")

    assert {(news.source, news.state) for news in rows(News)} == {("webhook", "applied")}


def test_a_payment_that_no_event_tells_of_is_found(gateway, peer, now, monkeypatch):
    sale = unpaid_sale(gateway, peer, now, monkeypatch)

    assert run(gateway, peer, "checkouts") == (1, 0)
    do_what_is_left(gateway)

    assert status_of(sale.order_id) == "paid"
    asked = len(peer.requests())
    assert run(gateway, peer, "checkouts") == (1, 0)
    assert [one["path"] for one in peer.requests()[asked:]] == ["/v1/checkout/sessions"]


def test_an_order_whose_page_has_ended_unpaid_is_ended(gateway, peer, now, monkeypatch):
    monkeypatch.setattr(PeerProcess, "pay", lambda *_args, **_more: Ended)
    sale = unpaid_sale(gateway, peer, now, monkeypatch)
    peer.advance(3600)

    assert run(gateway, peer, "checkouts") == (1, 0)

    assert status_of(sale.order_id) == "expired"


class Ended:
    status_code = 303


def test_refunds_disputes_and_payouts_that_no_event_tells_of_are_found(gateway, peer, now):
    first, second = (due_sale(gateway, peer, now) for _ in range(2))
    stripe = peer.client().v1
    stripe.refunds.create({"charge": charge_of(first), "amount": 1000})
    peer.dispute(charge_of(second))
    peer.advance(3 * 86_400)
    stripe.payouts.create({"amount": 500, "currency": "usd"})

    for part in ("refunds", "disputes", "payouts"):
        for _ in range(2):
            seen, waiting = run(gateway, peer, part)
            # Two co-operatives share this balance: whose payout it is, a person must say.
            assert (seen, waiting) == (1, 1 if part == "payouts" else 0)
            do_what_is_left(gateway)

    assert [(refund.amount_minor, refund.status) for refund in rows(Refund)] == [
        (1000, "succeeded")
    ]
    assert [dispute.order_id for dispute in rows(Dispute)] == [second.order_id]
    assert rows(TreasuryMove) == []
    # The balance is that of every test of this module; nothing else differs.
    assert {row.check for row in reconcile(gateway, since=now)} == {6}


def test_a_dispute_older_than_the_window_is_read_again_while_it_is_open(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    made = peer.dispute(charge_of(sale))
    run(gateway, peer, "disputes")
    peer.advance(70 * 86_400)
    peer.move_dispute(made["id"], "won")
    later = datetime.fromtimestamp(peer.now(), UTC)

    assert run(gateway, peer, "disputes", since=later) == (1, 0)
    assert run(gateway, peer, "disputes", since=later) == (0, 0)

    assert [dispute.status for dispute in rows(Dispute)] == ["won"]


def test_a_reversal_that_no_event_tells_of_is_found(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    assert settle(gateway, sale, now) == transfers.Result.DONE
    (sent,) = gateway.transfers_since(now)
    peer.client().v1.transfers.reversals.create(sent.id, {"amount": 100})

    for _ in range(2):
        assert run(gateway, peer, "transfers") == (1, 0)

    assert [found.amount_minor for found in rows(FoundReversal)] == [100]
    named = [row.theirs for row in reconcile(gateway, since=now) if row.check == 5]
    assert named == [found.reversal_id for found in rows(FoundReversal)], "until she is paid again"


def test_an_account_that_became_active_unheard_is_found_and_asked_once_a_night(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,))
    account = connect(gateway, peer, sale, sale.makers[0], now, status="pending")
    peer.activate(account)
    peer.advance(13 * 3600)

    assert run(gateway, peer, "accounts") == (1, 0)
    assert run(gateway, peer, "accounts") == (0, 0)

    assert [row.capability for row in rows(PayoutAccount)] == ["active"]


def test_a_run_that_died_half_way_is_run_again_and_does_nothing_twice(
    gateway, peer, now, monkeypatch
):
    monkeypatch.setattr(wall, "PAGE", 1)
    sale = due_sale(gateway, peer, now)
    for amount in (100, 200, 300):
        peer.client().v1.refunds.create({"charge": charge_of(sale), "amount": amount})
    real, asked = Gateway.refunds_since, []

    def dies(self, moment):
        for refund in real(self, moment):
            asked.append(refund.id)
            if len(asked) == 2:
                peer.arm("error_500_before", method="GET", path_prefix="/v1/refunds")
            yield refund

    monkeypatch.setattr(Gateway, "refunds_since", dies)
    with pytest.raises(Unreachable):
        run(gateway, peer, "refunds")
    assert len(rows(Refund)) == 2
    assert rows(CatchUp) == [], "only a run that came to its end is kept"

    assert run(gateway, peer, "refunds") == (3, 0)

    assert sorted(refund.amount_minor for refund in rows(Refund)) == [100, 200, 300]
    assert len(rows(CatchUp)) == 1


def test_our_own_fault_with_one_object_keeps_nobody_from_the_others(
    gateway, peer, now, monkeypatch, caplog
):
    sale = due_sale(gateway, peer, now)
    made = [
        peer.client().v1.refunds.create({"charge": charge_of(sale), "amount": amount}).id
        for amount in (100, 200)
    ]

    def breaks(session, sent, *, now):
        assert sent.id != made[1]
        return apply_refund(session, sent, now=now)

    monkeypatch.setattr(catching_up, "apply_refund", breaks)

    assert run(gateway, peer, "refunds") == (2, 1)
    assert [refund.amount_minor for refund in rows(Refund)] == [100]
    assert [record.levelname for record in caplog.records if "not caught up" in record.message] == [
        "CRITICAL"
    ]


def test_what_is_nobodys_is_counted_and_left_to_reconcile(gateway, peer, now):
    session = peer.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://elsewhere.test",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": 900,
                        "product_data": {"name": "A ticket"},
                    },
                }
            ],
        }
    )
    peer.pay(session.url)
    charge = peer.client().v1.charges.list({"limit": 1}).data[0]
    peer.client().v1.refunds.create({"charge": charge.id})

    assert run(gateway, peer, "checkouts") == (1, 0)
    assert run(gateway, peer, "refunds") == (1, 1)


def test_every_part_is_left_to_a_worker_once_from_where_its_last_run_began(committed, now):
    with committed() as session:
        ended = now - timedelta(days=3)
        session.add(
            CatchUp(
                part="refunds",
                since=ended,
                started_at=ended,
                ended_at=ended,
                seen=0,
                waiting=0,
                actor="system:test",
            )
        )
    for _ in range(2):
        with committed() as session:
            catching_up.begin(session, now=now)

    with committed() as session:
        left = session.execute(text("SELECT args FROM procrastinate_jobs")).scalars().all()
        locks = session.execute(text("SELECT DISTINCT lock FROM procrastinate_jobs")).scalars()
        assert list(locks) == ["stripe.catch_up"], "one after the other"
    since = {job["part"]: datetime.fromisoformat(job["since"]) for job in left}
    assert (len(left), set(since)) == (len(catching_up.PARTS), set(catching_up.PARTS))
    assert since["refunds"] == ended - timedelta(days=30)
    assert since["events"] == now - timedelta(days=30)
