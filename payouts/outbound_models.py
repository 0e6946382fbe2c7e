"""The tables of payments to a maker's own bank, through Stripe's Global Payouts."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.lives import Living, Transitions, one_of
from payments.attempts import Attempted, AttemptOutcome
from people.models import OfCooperative


class OutboundStatus(StrEnum):
    """Where a payment to a bank is; the last four are Stripe's words."""

    ASKING = "asking"
    REFUSED = "refused"
    PROCESSING = "processing"
    POSTED = "posted"
    FAILED = "failed"
    CANCELED = "canceled"
    RETURNED = "returned"


S = OutboundStatus
OUTBOUND_MOVES = Transitions(
    {
        S.ASKING: {S.REFUSED, S.PROCESSING, S.POSTED, S.FAILED, S.CANCELED, S.RETURNED},
        S.PROCESSING: {S.POSTED, S.FAILED, S.CANCELED, S.RETURNED},
        S.POSTED: {S.RETURNED},
    }
)


class OutboundPayment(Attempted, Identified, OfCooperative, Living[OutboundStatus], Base):
    """One payment to one maker's bank, of one or more of her obligations in one currency.

    The row is the attempt itself: after a refusal the next payment is another row. ``debited`` left
    our financial account, ``credited`` reached her, in her currency: both as Stripe says.
    """

    __tablename__ = "outbound_payments"
    __table_args__ = (
        one_of("status", OutboundStatus),
        one_of("outcome", AttemptOutcome),
        UniqueConstraint("maker_id", "number"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        Index(
            "ix_outbound_payments_open",
            "id",
            postgresql_where=text("status IN ('asking', 'processing')"),
        ),
    )
    MOVES: ClassVar = OUTBOUND_MOVES
    NOUN: ClassVar[str] = "outbound_payment"

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    stripe_id: Mapped[str | None] = mapped_column(unique=True)
    debited_minor: Mapped[int | None]
    debited_currency: Mapped[str | None]
    credited_minor: Mapped[int | None]
    credited_currency: Mapped[str | None]
    posted_at: Mapped[datetime | None]

    parts: Mapped[list["OutboundPart"]] = relationship(
        order_by="OutboundPart.obligation_id", lazy="selectin"
    )


class OutboundPart(Identified, OfCooperative, Base):
    """One obligation in a payment to a bank; released when that payment did not hold.

    An obligation is in one payment at a time: the database refuses a second.
    """

    __tablename__ = "outbound_parts"
    __table_args__ = (
        UniqueConstraint("outbound_payment_id", "obligation_id"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        Index(
            "uq_outbound_parts_one_live",
            "obligation_id",
            "round",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    outbound_payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("outbound_payments.id"))
    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    round: Mapped[int]
    amount_minor: Mapped[int]
    released_at: Mapped[datetime | None]
