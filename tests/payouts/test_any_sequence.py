"""Whatever is done, in any sequence and with any silence, every amount is somewhere, once."""

import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import transaction
from core.errors import PallayError
from payments.gateway import Gateway
from payouts import by_hand, differences, ledger, obligations, transfers
from payouts.models import Obligation, ObligationStatus, PayoutAccount, SettlementAttempt
from people.models import Cooperative
from tests.payouts.selling import Sale, connect, hand_over, sell, set_policy
from tests.support.peer import PeerProcess

pytestmark = pytest.mark.slow

FAULTS = ["drop_answer", "error_500_after", "error_500_before", "rate_limit"]
DEEDS = [
    "hand over",
    "let a week go by",
    "open an account",
    "close an account",
    "pay at Stripe",
    "pay at Stripe",
    "pay by hand",
    "change the policy",
    "tell of the payment again",
    "let a day go by",
    *FAULTS,
]


@dataclass
class Books:
    """Two sales of two makers each, and what may be done about the one chosen."""

    gateway: Gateway
    peer: PeerProcess
    now: datetime
    sales: list[Sale] = field(default_factory=list)

    def do(self, deed: str, which: int) -> None:
        sale = self.sales[which % len(self.sales)]
        if deed in FAULTS:
            self.peer.arm(deed, method="POST", path_prefix="/v1/transfers", times=1)
        elif deed.startswith("let a"):
            self.wait(timedelta(days=7 if "week" in deed else 1))
        else:
            self.about(deed, sale, which // 2 % 2)

    def wait(self, time: timedelta) -> None:
        self.now += time
        self.peer.advance(int(time.total_seconds()))
        with transaction() as session:
            obligations.fall_due(session, now=self.now)

    def about(self, deed: str, sale: Sale, place: int) -> None:
        obligation_id = sale.obligations[place]
        match deed:
            case "hand over":
                hand_over(sale, self.now)
            case "open an account" | "close an account":
                status = "active" if deed.startswith("open") else "restricted"
                self.give_account(sale, sale.makers[place], status)
            case "pay at Stripe":
                transfers.settle(self.gateway, obligation_id=obligation_id, now=self.now)
            case "pay by hand":
                self.pay_by_hand(sale, obligation_id)
            case "change the policy":
                with transaction() as session:
                    home = session.get_one(Cooperative, sale.cooperative_id)
                    set_policy(session, home, self.now, makers_bp=0, fund_bp=9000)
            case "tell of the payment again":
                with transaction() as session:
                    obligations.record_sale(session, order_id=sale.order_id, now=self.now)

    def give_account(self, sale: Sale, maker_id: uuid.UUID, status: str) -> None:
        with transaction() as session:
            row = session.get(PayoutAccount, maker_id)
            known = row.account_id if row else None
        if known is None or status == "active":
            connect(self.gateway, self.peer, sale, maker_id, self.now, status)
        else:
            # Stripe closes it and we have not heard of it yet: the transfer is refused.
            self.peer.activate(known, status)

    def pay_by_hand(self, sale: Sale, obligation_id: uuid.UUID) -> None:
        with transaction() as session:
            by_hand.settle_by_hand(
                session,
                obligation_id=obligation_id,
                method="cash",
                witness_id=sale.witness_id,
                actor=sale.treasurer,
                now=self.now,
            )

    def add_up(self) -> None:
        with transaction() as session:
            balances = ledger.balances(session)
            found = [
                *differences.undivided(balances),
                *differences.misposted(session),
                *differences.unmatched(session),
                *differences.unproved(session),
            ]
            owed = Counter[tuple[str, str]]()
            for row in session.scalars(select(Obligation)):
                if row.status not in differences.MET:
                    owed[f"maker:{row.maker_id}", row.currency] -= row.amount_minor
        assert found == []
        assert sum(balances.values()) == 0
        hers = {key: held for key, held in balances.items() if key[0].startswith("maker:")}
        assert hers == dict(owed)

    def end(self) -> None:
        """Let every silence end, as the sweeps would, until nothing may still have succeeded."""
        self.peer.disarm()
        for _ in range(3):
            self.wait(timedelta(days=1))
            with transaction() as session:
                settling = Obligation.status == ObligationStatus.SETTLING
                ids = list(session.scalars(select(Obligation.id).where(settling)))
            for obligation_id in ids:
                transfers.settle(self.gateway, obligation_id=obligation_id, now=self.now)
        with transaction() as session:
            still = SettlementAttempt.outcome.is_(None)
            assert session.scalar(select(SettlementAttempt.id).where(still)) is None

    def agree_with_stripe(self) -> None:
        with transaction() as session:
            orders = [sale.order_id for sale in self.sales]
            rows = session.scalars(select(Obligation).where(Obligation.order_id.in_(orders)))
            ours = Counter(
                row.settlement.transfer_id
                for row in rows
                if row.settlement and row.settlement.transfer_id
            )
        theirs = Counter(
            made.id for sale in self.sales for made in self.gateway.transfers_of(str(sale.order_id))
        )
        assert ours == theirs


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 3)), max_size=16))
def test_any_sequence_of_deeds_leaves_books_that_add_up_and_pays_nobody_twice(
    committed, gateway, peer, deeds
):
    peer.disarm()
    books = Books(gateway, peer, datetime.fromtimestamp(peer.now()).astimezone())
    books.sales = [
        sell(gateway, peer, books.now, weights=(1, 2), channel=channel)
        for channel in ("stall", "online")
    ]

    for deed, which in [("hand over", 0), ("open an account", 0), *deeds]:
        with suppress(PallayError):  # a refusal is an answer too, and so is silence
            books.do(deed, which)
        books.add_up()

    books.end()
    books.add_up()
    books.agree_with_stripe()
