"""The tables of money going back to a buyer."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from orders.models import Tender
from payments.attempts import LIVE, Attempted, AttemptOutcome
from people.models import OfCooperative


class RefundStatus(StrEnum):
    """Where a refund is: asked for and not booked yet, under way, with the buyer, or failed."""

    ASKING = "asking"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


S = RefundStatus
REFUND_MOVES = Transitions(
    {
        S.ASKING: {S.PENDING, S.SUCCEEDED, S.FAILED},
        S.PENDING: {S.SUCCEEDED, S.FAILED},
        # A bank may send a refund back days after Stripe called it done.
        S.SUCCEEDED: {S.FAILED},
    }
)


class RefundReason(StrEnum):
    """Why money goes back."""

    BUYER_ASKED = "buyer_asked"
    RETURNED = "returned"
    DAMAGED = "damaged"
    NOT_ARRIVED = "not_arrived"
    PIECE_GONE = "piece_gone"
    CANCELLED = "cancelled"
    PAID_TWICE = "paid_twice"
    GOODWILL = "goodwill"


class Refund(Identified, OfCooperative, Living[RefundStatus], Base):
    """Money going back for one order: an amount in the order's currency, and its parts.

    ``settled_minor``: what it took from our balance, in settlement currency, once Stripe booked it.
    A refund of a stray payment has no parts. One by hand has a receipt and two names.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        one_of("status", RefundStatus),
        one_of("reason", RefundReason),
        one_of("tender", Tender),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("(settled_minor IS NULL) = (settlement_currency IS NULL)", name="settled"),
        CheckConstraint(
            "(tender = 'stripe') = (receipt_number IS NULL)"
            " AND (tender = 'stripe') = (given_by_id IS NULL)"
            " AND (tender = 'stripe') = (witness_id IS NULL)"
            " AND (tender = 'stripe') = (charge_id IS NOT NULL)",
            name="by_hand",
        ),
        CheckConstraint("given_by_id <> witness_id", name="two_names"),
        UniqueConstraint("cooperative_id", "receipt_number"),
        CheckConstraint(f"requested_by ~ '{ACTOR_PATTERN}'", name="requested_by"),
        Index(None, "order_id"),
        Index(None, "cooperative_id", "id"),
        Index(
            "uq_refunds_one_a_return",
            "return_id",
            unique=True,
            postgresql_where=text("status <> 'failed'"),
        ),
        Index(
            "ix_refunds_open",
            "order_id",
            postgresql_where=text("status IN ('asking', 'pending')"),
        ),
    )
    MOVES: ClassVar = REFUND_MOVES
    NOUN: ClassVar[str] = "refund"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    return_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("returns.id"))
    tender: Mapped[str]
    charge_id: Mapped[str | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    stripe_id: Mapped[str | None] = mapped_column(unique=True)
    settled_minor: Mapped[int | None]
    settlement_currency: Mapped[str | None]
    failure: Mapped[str | None]
    receipt_number: Mapped[str | None]
    given_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    witness_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    answered_at: Mapped[datetime | None]
    #: When it was taken back of whoever had been given her share of the sale.
    undone_at: Mapped[datetime | None]

    parts: Mapped[list["RefundPart"]] = relationship(order_by="RefundPart.position")
    attempts: Mapped[list["RefundAttempt"]] = relationship(order_by="RefundAttempt.number")


class RefundPart(Fact, Identified, OfCooperative, Base):
    """What of a refund goes to one line, or (without a line) to shipping or to tax."""

    __tablename__ = "refund_parts"
    __table_args__ = (
        UniqueConstraint("refund_id", "position"),
        CheckConstraint("what IN ('line', 'shipping', 'tax')", name="what"),
        CheckConstraint("(what = 'line') = (line_id IS NOT NULL)", name="line"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
    )

    refund_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("refunds.id"))
    position: Mapped[int]
    what: Mapped[str]
    line_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("order_lines.id"), index=True)
    amount_minor: Mapped[int]


class RefundAttempt(Attempted, Identified, OfCooperative, Base):
    """One try to have Stripe send money back."""

    __tablename__ = "refund_attempts"
    __table_args__ = (
        one_of("outcome", AttemptOutcome),
        UniqueConstraint("refund_id", "number"),
        Index("uq_refund_attempts_one_live", "refund_id", unique=True, postgresql_where=text(LIVE)),
    )

    refund_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("refunds.id"))
