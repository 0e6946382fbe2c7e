"""Stripe's side as a list: what a machine that answers for Stripe has said it holds."""

import itertools
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from core.money import Money
from payments.answers import SeenMove
from payments.gateway import Payment, Reversal, SeenDispute, SentRefund, Transfer

USD = "USD"
FEE_OF_A_DISPUTE = 1500


@dataclass
class StripesSide:
    """Charges, transfers, and what came back of them; every amount in dollars."""

    balance: int = 0
    transfers: dict[str, Transfer] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    refunded: Counter[str] = field(default_factory=Counter)
    disputes: dict[str, SeenDispute] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def charge(self, minor: int, fee: int, at: datetime) -> Payment:
        """A buyer pays."""
        n = next(self.numbers)
        self.balance += minor - fee
        money = Money(minor, USD)
        return Payment(
            payment_intent_id=f"pi_{n}",
            charge_id=f"ch_{n}",
            balance_transaction_id=f"txn_{n}",
            charged=money,
            gross=money,
            fee_minor=fee,
            net_minor=minor - fee,
            exchange_rate=None,
            paid_at=at,
        )

    def refund(
        self, charge_id: str, minor: int, at: datetime, refund_id: uuid.UUID | None
    ) -> SentRefund:
        """Money goes back to the buyer; ``refund_id``: ours, or made in the dashboard."""
        self.balance -= minor
        self.refunded[charge_id] += minor
        return SentRefund(
            id=f"re_{next(self.numbers)}",
            charge_id=charge_id,
            amount=Money(minor, USD),
            status="succeeded",
            failure=None,
            reason=None,
            taken=Money(minor, USD),
            metadata={"refund": str(refund_id)} if refund_id else {},
            created_at=at,
        )

    def take_back(self, sent: SentRefund) -> None:
        """A bank sends a refund back."""
        assert sent.charge_id is not None
        self.balance += sent.amount.minor
        self.refunded[sent.charge_id] -= sent.amount.minor

    def transfer(self, minor: int, metadata: dict[str, str], at: datetime) -> Transfer:
        """Money goes to a maker's account."""
        self.balance -= minor
        made = Transfer(
            id=f"tr_{next(self.numbers)}",
            amount=Money(minor, USD),
            destination="acct",
            group=None,
            metadata=metadata,
            created_at=at,
            reversed_minor=0,
        )
        self.transfers[made.id] = made
        self.left[made.id] = minor
        return made

    def reverse(self, transfer_id: str, minor: int, recovery: str | None) -> Reversal | None:
        """Some of it comes back; not more than is left of it."""
        if not 0 < minor <= self.left[transfer_id]:
            return None
        self.balance += minor
        self.left[transfer_id] -= minor
        return Reversal(
            id=f"trr_{next(self.numbers)}",
            transfer_id=transfer_id,
            amount=Money(minor, USD),
            metadata={"recovery": recovery} if recovery else {},
        )

    def dispute(self, charge_id: str, minor: int, at: datetime) -> SeenDispute:
        """A bank calls a payment back."""
        made = SeenDispute(
            id=f"dp_{next(self.numbers)}",
            charge_id=charge_id,
            amount=Money(minor, USD),
            reason="fraudulent",
            status="needs_response",
            due_by=None,
            created_at=at,
            moves=(self._moved(-minor, at),),
        )
        self.disputes[made.id] = made
        return made

    def move(self, dispute: SeenDispute, to: str, at: datetime) -> SeenDispute:
        """It ends, or its money is put back, or taken again."""
        held = -sum(move.amount.minor for move in dispute.moves)
        moves = dispute.moves
        if (to in {"won", "reinstated"} and held) or (to == "withdrawn" and not held):
            minor = held or -dispute.amount.minor
            moves = (*moves, self._moved(minor, at))
        status = dispute.status if to in {"reinstated", "withdrawn"} else to
        now = SeenDispute(
            id=dispute.id, charge_id=dispute.charge_id, amount=dispute.amount,
            reason=dispute.reason, status=status, due_by=None, created_at=dispute.created_at,
            moves=moves,
        )  # fmt: skip
        self.disputes[dispute.id] = now
        return now

    def _moved(self, minor: int, at: datetime) -> SeenMove:
        fee = FEE_OF_A_DISPUTE if minor < 0 else -FEE_OF_A_DISPUTE
        self.balance += minor - fee
        name = f"txn_{next(self.numbers)}"
        return SeenMove(balance_transaction_id=name, amount=Money(minor, USD), fee_minor=fee, at=at)
