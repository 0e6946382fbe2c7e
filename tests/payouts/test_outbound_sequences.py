"""Whatever banks do, and in any sequence, what she is owed is somewhere, once."""

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import transaction
from payments.errors import Unreachable
from payouts import ledger
from payouts.differences import unmatched, unproved
from payouts.models import Obligation, Rail
from payouts.outbound_differences import bank_payments_unproved
from payouts.outbound_models import OutboundStatus
from tests.payouts.banking import Weaver, banked

LEAST = 5000
FAULTS = ("drop_answer", "error_500_after", "error_500_before", "rate_limit")
ENDS = ("posted", "failed", "canceled", "returned")
DEEDS = (*ENDS, "posted", "owe", "owe", "pay", "pay", "choose", "a month", *FAULTS)


@dataclass
class Story:
    """One maker, and what has happened."""

    weaver: Weaver
    now: datetime
    owed: dict[uuid.UUID, int] = field(default_factory=dict)

    def do(self, deed: str, minor: int) -> None:
        if deed == "owe":
            self.owed[self.weaver.owe(minor, self.now)] = minor
        elif deed == "pay":
            with suppress(Unreachable):
                self.weaver.pay(self.now)
        elif deed == "choose":
            self.weaver.prefer(Rail.STRIPE_OUTBOUND, self.now)
        elif deed == "a month":
            self.now += timedelta(days=30)
        elif deed in FAULTS:
            path = "/v2/money_management/outbound_payments"
            self.weaver.peer.arm(deed, method="POST", path=path, times=1)
        else:
            self.bank(deed, minor)

    def bank(self, outcome: str, which: int) -> None:
        """A bank does what it may with one of the payments."""
        may = {OutboundStatus.PROCESSING: ENDS, OutboundStatus.POSTED: ("returned",)}
        open_ones = [
            row
            for row in self.weaver.payments()
            if outcome in may.get(OutboundStatus(row.status), ())
        ]
        if open_ones:
            chosen = open_ones[which % len(open_ones)]
            self.weaver.ends(outcome, self.now, which=chosen.number - 1)

    def check(self) -> None:
        """Each obligation is settled, under way or due, once; and the books say the same."""
        with transaction() as session:
            assert [*unmatched(session), *unproved(session), *bank_payments_unproved(session)] == []
            rows = session.scalars(
                select(Obligation)
                .where(Obligation.id.in_(self.owed))
                .execution_options(populate_existing=True)
            ).all()
            open_minor = sum(row.amount_minor for row in rows if row.status != "settled")
            held = ledger.balances(session, self.weaver.cooperative_id)
            account = f"maker:{self.weaver.id}", "PEN"
            assert held.get(account, 0) == -open_minor
            under_way = sum(row.amount_minor for row in rows if row.status == "settling")
        live = [
            row
            for row in self.weaver.payments()
            if row.status in {OutboundStatus.ASKING, OutboundStatus.PROCESSING}
        ]
        assert sum(row.amount_minor for row in live) == under_way
        assert all(row.amount_minor >= LEAST for row in self.weaver.payments())
        posted = [row for row in self.weaver.payments() if row.status == OutboundStatus.POSTED]
        assert sum(row.amount_minor for row in posted) == sum(self.owed.values()) - open_minor


@pytest.mark.usefixtures("session")
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(1, 9000)), max_size=14))
def test_in_any_sequence_every_amount_is_somewhere_once(gateway, peer, now, deeds):
    story = Story(banked(gateway, peer, now, minimum_payout={"PEN": LEAST}), now)
    story.do("owe", LEAST)
    for deed, minor in deeds:
        story.do(deed, minor)
    story.check()
    peer.disarm()
    if story.weaver.payments():
        made = {one.metadata["outbound_payment"] for one in story.weaver.at_stripe()}
        assert len(made) == len(story.weaver.at_stripe()), "no payment was made twice"
