"""One order's news in every order, each told twice: the books end the same.

Not every permutation is walked on its own: orders of the same news that have led to the same rows
are walked on as one, which says the same of all of them. A piece of news brings what Stripe said
when it was new, however late it is heard: the worst case of a worker that read and then slept.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from orders import checkout
from payments import inbox
from payments.gateway import Gateway
from payments.models import NewsState
from payments.webhooks import ReceivedNews
from payouts import ledger, transfers
from tests.payouts.selling import due_sale, sell
from tests.payouts.test_disputed import charge_of
from tests.payouts.test_undoing import settle
from tests.support.peer import PeerProcess
from tests.support.working import do_what_is_left

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]

TOPICS = {
    "completed": "checkout.session.completed",
    "charge refunded": "charge.refunded",
    "refund updated": "refund.updated",
    "dispute created": "charge.dispute.created",
    "funds withdrawn": "charge.dispute.funds_withdrawn",
    "dispute closed": "charge.dispute.closed",
    "transfer reversed": "transfer.reversed",
}
#: What the refund of 10.00 takes back of hers; somebody asks for just that in Stripe's dashboard.
REVERSED = 700
#: What the walk compares: every row that says what is owed, taken, given back or still open.
ROWS = text(
    "SELECT 'order', status, total_minor, 0, '' FROM orders"
    " UNION ALL SELECT 'obligation', status, amount_minor, round, '' FROM obligations"
    " UNION ALL SELECT 'refund', status, amount_minor, coalesce(settled_minor, 0), ''"
    "  FROM refunds"
    " UNION ALL SELECT 'dispute', status, amount_minor, 0, '' FROM disputes"
    " UNION ALL SELECT 'move', '', amount_minor, fee_minor, '' FROM dispute_moves"
    " UNION ALL SELECT 'recovery', status, amount_minor, 0, coalesce(reversal_id, '')"
    "  FROM recoveries"
    " UNION ALL SELECT 'found', '', amount_minor, 0, reversal_id FROM found_reversals"
    " ORDER BY 1, 2, 3, 4, 5"
)


@pytest.fixture
def peer():
    """A stand-in of the test's own, for its slow refunds."""
    with PeerProcess() as running:
        yield running


@pytest.fixture
def gateway(peer):
    return Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)


@pytest.fixture(autouse=True)
def _no_fault_left():
    """None is armed."""


class Told(Gateway):
    """Stripe as it answered when each piece of news was new."""

    def __init__(self, peer: PeerProcess) -> None:
        super().__init__(secret_key=peer.api_key, webhook_secret="", base_url=peer.url)
        self.said: dict[str, Any] = {}

    def read_checkout(self, session_id: str) -> Any:
        return self.said[session_id]

    def refunds_of(self, charge_id: str) -> Any:
        return self.said[charge_id]

    def read_refund(self, refund_id: str) -> Any:
        return self.said[refund_id]

    def read_dispute(self, dispute_id: str) -> Any:
        return self.said[dispute_id]

    def reversals_of(self, transfer_id: str) -> Any:
        return self.said[transfer_id]


@dataclass
class Walk:
    """Every order of the news, from the rows as they are now."""

    session: Any
    stripe: Told
    ends: set[Any] = field(default_factory=set)
    steps: int = 0
    known: set[Any] = field(default_factory=set)
    number: Any = field(default_factory=itertools.count)

    def go(self, heard: frozenset[str], last: str = "") -> None:
        here = (heard, self.rows())
        if here in self.known:
            return
        self.known.add(here)
        if last:
            self.hear_again(last)
        left = set(self.stripe.said) - heard
        if not left:
            self.end()
        for news in sorted(left):
            point = self.session.begin_nested()
            self.hear(news)
            self.go(heard | {news}, news)
            point.rollback()

    def hear(self, news: str) -> None:
        """It comes, is worked on with what it leaves, and so is all that waited for it."""
        self.steps += 1
        before = self.rows()
        now = self.session.scalar(text("SELECT now()"))
        told = ReceivedNews(
            id=f"evt_{next(self.number)}",
            type=TOPICS[news],
            object_id=news,
            account=None,
            livemode=False,
            api_version=None,
            created_at=now,
        )
        inbox.receive(self.session, told, now)
        do_what_is_left(self.stripe)
        while self.rows() != before and (waiting := self.waiting()):
            before = self.rows()
            self.try_again(waiting)

    def hear_again(self, news: str) -> None:
        """Under another id, so that the inbox takes it for something new."""
        before = self.rows()
        self.hear(news)
        assert self.rows() == before, f"{news} told twice"

    def end(self) -> None:
        assert self.waiting() == []
        self.ends.add(self.books())
        point = self.session.begin_nested()
        for news in (*self.stripe.said, *reversed(self.stripe.said)):
            self.hear(news)
        assert self.books() in self.ends, "everything told again"
        point.rollback()

    def try_again(self, waiting: list[str]) -> None:
        for event_id in waiting:
            inbox.work_on(self.session, event_id)
        do_what_is_left(self.stripe)

    def waiting(self) -> list[str]:
        rows = text("SELECT id FROM stripe_news WHERE state = :state ORDER BY id")
        return list(self.session.execute(rows, {"state": NewsState.WAITING.value}).scalars())

    def books(self) -> tuple[Any, ...]:
        self.session.flush()
        return tuple(sorted(ledger.balances(self.session).items()))

    def rows(self) -> tuple[Any, ...]:
        books = self.books()
        return (*books, *map(tuple, self.session.execute(ROWS)))


def walk(stripe: Told) -> Walk:
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        walked = Walk(session, stripe)
        walked.go(frozenset())
    return walked


def take_back(stripe, gateway, peer, charge):
    """Part of it is refunded, then the rest is disputed and lost; each step as it is told."""
    peer.slow_refunds()
    refund = peer.client().v1.refunds.create({"charge": charge, "amount": 1000})
    stripe.said["charge refunded"] = gateway.refunds_of(charge)
    peer.end_refund(refund.id, "succeeded")
    stripe.said["refund updated"] = gateway.read_refund(refund.id)
    dispute = peer.dispute(charge, withdraw=False)["id"]
    stripe.said["dispute created"] = gateway.read_dispute(dispute)
    for news, step in (("funds withdrawn", "funds_withdrawn"), ("dispute closed", "lost")):
        peer.move_dispute(dispute, step)
        stripe.said[news] = gateway.read_dispute(dispute)


def test_from_the_payment_on_every_order_gives_the_same_books(gateway, peer, now, monkeypatch):
    stripe = Told(peer)
    with monkeypatch.context() as deaf:
        deaf.setattr(checkout, "refresh_payment", lambda *_args, **_more: None)
        deaf.setattr("payouts.obligations.record_sale", lambda *_args, **_more: None)
        sell(gateway, peer, now, weights=(1, 2))
    session = peer.client().v1.checkout.sessions.list({"limit": 1}).data[0]
    paid = stripe.said["completed"] = gateway.read_checkout(session.id)
    take_back(stripe, gateway, peer, paid.payment.charge_id)

    walked = walk(stripe)

    assert len(walked.ends) == 1
    assert len({heard for heard, _rows in walked.known}) == 2 ** len(stripe.said)
    # All of it is gone: to the buyer and her bank, and Stripe's fees, which the fund has borne.
    assert dict(next(iter(walked.ends))) == {("fund", "USD"): 1727, ("stripe", "USD"): -1727}


def test_once_she_is_paid_every_order_gives_the_same_books(gateway, peer, now):
    stripe = Told(peer)
    sale = due_sale(gateway, peer, now)
    assert settle(gateway, sale, now) == transfers.Result.DONE
    (sent,) = gateway.transfers_since(now)
    take_back(stripe, gateway, peer, charge_of(sale))
    del stripe.said["dispute created"]  # it opens with whatever is heard of it first; see above
    peer.client().v1.transfers.reversals.create(sent.id, {"amount": REVERSED})
    stripe.said["transfer reversed"] = gateway.reversals_of(sent.id)

    walked = walk(stripe)

    assert len(walked.ends) == 1
    assert len({heard for heard, _rows in walked.known}) == 2 ** len(stripe.said)
