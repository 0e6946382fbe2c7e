"""The tables of money given by hand: the receipt, and her signature on it."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from people.models import OfCooperative


class PayMethod(StrEnum):
    """How money was given by hand (methods as used in the valley)."""

    CASH = "cash"
    YAPE = "yape"
    PLIN = "plin"
    BANK = "bank"


class Receipt(Fact, Identified, OfCooperative, Base):
    """The paper of money given by hand: how much, how, by whom, and who saw it.

    On a pay day one receipt pays everything of one maker. Her signature or fingerprint is on it, or
    follows as a ReceiptSignature.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        one_of("method", PayMethod),
        UniqueConstraint("cooperative_id", "number"),
        CheckConstraint("paid_by_id <> witness_id", name="two_names"),
        CheckConstraint("paid_minor > 0", name="paid_minor"),
    )

    number: Mapped[str]
    maker_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("makers.id"), index=True)
    pay_day_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pay_days.id"), index=True)
    method: Mapped[str]
    paid_minor: Mapped[int]
    paid_currency: Mapped[str]
    rate: Mapped[str | None]
    paid_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    witness_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    evidence_url: Mapped[str | None]
    note: Mapped[str]
    paid_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    signature: Mapped["ReceiptSignature | None"] = relationship(lazy="joined", viewonly=True)

    @property
    def signed(self) -> bool:
        """Whether there is evidence that she had it."""
        return self.evidence_url is not None or self.signature is not None


class ReceiptSignature(Fact, OfCooperative, Base):
    """The photo of a signed receipt, or the image of a fingerprint, that followed it."""

    __tablename__ = "receipt_signatures"

    receipt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("receipts.id"), primary_key=True)
    evidence_url: Mapped[str]
    signed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
