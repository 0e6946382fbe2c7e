"""The tables of pay day: the treasurer's batch of payments by hand."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.lives import Living, Transitions, one_of
from people.models import Maker, OfCooperative


class PayDayStatus(StrEnum):
    """Where a pay day is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


S = PayDayStatus
PAY_DAY_MOVES = Transitions({S.OPEN: {S.CLOSED, S.CANCELLED}})


class PayDay(Identified, OfCooperative, Living[PayDayStatus], Base):
    """One pay day: who is owed what, in which currency it is given, and at which rates.

    ``rates``: units of ``currency`` for one of another, as text, such as {"USD": "3.7500"}.
    """

    __tablename__ = "pay_days"
    __table_args__ = (
        one_of("status", PayDayStatus),
        UniqueConstraint("cooperative_id", "number"),
    )
    MOVES: ClassVar = PAY_DAY_MOVES
    NOUN: ClassVar[str] = "pay_day"

    number: Mapped[str]
    currency: Mapped[str]
    rates: Mapped[dict[str, str]]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]

    lines: Mapped[list["PayDayLine"]] = relationship(order_by="PayDayLine.id", lazy="selectin")


class PayDayLine(Identified, OfCooperative, Base):
    """One obligation on a pay day: what is owed, and what is given for it, in pay-day currency.

    Its life: to pay, paid (with the receipt), or released (put back to another day, with a reason).
    """

    __tablename__ = "pay_day_lines"
    __table_args__ = (
        UniqueConstraint("pay_day_id", "obligation_id"),
        CheckConstraint("owed_minor > 0 AND pay_minor >= 0", name="amounts"),
        CheckConstraint("receipt_id IS NULL OR released_at IS NULL", name="paid_or_released"),
        Index(
            "uq_pay_day_lines_one_live",
            "obligation_id",
            unique=True,
            postgresql_where=text("released_at IS NULL AND receipt_id IS NULL"),
        ),
    )

    pay_day_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_days.id"))
    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    owed_minor: Mapped[int]
    owed_currency: Mapped[str]
    pay_minor: Mapped[int]
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("receipts.id"), index=True)
    released_at: Mapped[datetime | None]
    released_why: Mapped[str | None]

    maker: Mapped[Maker] = relationship(lazy="joined")
