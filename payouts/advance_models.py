"""The tables of money given to a maker before she had earned it, and how it comes off again."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from payouts.receipt_models import Receipt
from people.models import OfCooperative


class AdvanceKind(StrEnum):
    """Why she had it before: given ahead, or kept from a sale that was undone, with her consent."""

    ADVANCE = "advance"
    OFFSET = "offset"


class Advance(Fact, Identified, OfCooperative, Base):
    """Money a maker has had that is not hers yet. What is still open: less its deductions."""

    __tablename__ = "advances"
    __table_args__ = (
        one_of("kind", AdvanceKind),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("(kind = 'advance') = (receipt_id IS NOT NULL)", name="receipt"),
        CheckConstraint("(kind = 'offset') = (recovery_id IS NOT NULL)", name="recovery"),
        Index(None, "maker_id", "id"),
    )

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    kind: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    delivery_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("deliveries.id"))
    commission_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("commissions.id"), index=True
    )
    #: What it was given for, in words: a commission, the yarn for it.
    given_for: Mapped[str]
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("receipts.id"), unique=True)
    recovery_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recoveries.id"), unique=True)
    given_at: Mapped[datetime]
    actor: Mapped[str]

    receipt: Mapped[Receipt | None] = relationship(lazy="joined")
    deductions: Mapped[list["Deduction"]] = relationship(
        order_by="Deduction.id", lazy="selectin", viewonly=True
    )

    @property
    def open_minor(self) -> int:
        """What has not come off yet."""
        return self.amount_minor - sum(row.amount_minor for row in self.deductions)


class Deduction(Fact, Identified, OfCooperative, Base):
    """A part of one obligation that an advance had met already."""

    __tablename__ = "deductions"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        UniqueConstraint("advance_id", "obligation_id", "round"),
        Index(None, "obligation_id"),
    )

    advance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("advances.id"))
    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    round: Mapped[int]
    amount_minor: Mapped[int]
    at: Mapped[datetime]
