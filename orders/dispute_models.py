"""The tables of payments that a buyer's bank calls back."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from people.models import OfCooperative


class Dispute(Identified, OfCooperative, Base):
    """A dispute or inquiry at Stripe, as Stripe last told it; money moves by DisputeMove only.

    ``status`` is Stripe's word. ``closed_at``: won, lost, or an inquiry that was closed.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        Index(None, "order_id"),
        Index("ix_disputes_open", "order_id", postgresql_where=text("closed_at IS NULL")),
        Index(None, "cooperative_id", "id"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    stripe_id: Mapped[str] = mapped_column(unique=True)
    charge_id: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str]
    due_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    #: Of one that was lost: when it was taken back of whoever had been given her share of the sale.
    undone_at: Mapped[datetime | None]

    moves: Mapped[list["DisputeMove"]] = relationship(order_by="DisputeMove.at", lazy="selectin")

    @property
    def inquiry(self) -> bool:
        """Whether a bank only asks; nothing moves."""
        return self.status.startswith("warning_")


class DisputeMove(Fact, Identified, OfCooperative, Base):
    """Money a bank took from our balance (negative) or put back, as Stripe booked it.

    ``amount_minor`` and ``fee_minor`` in settlement currency, as in the balance transaction: the
    balance changed by ``amount_minor - fee_minor``.
    """

    __tablename__ = "dispute_moves"
    __table_args__ = (CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),)

    dispute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("disputes.id"), index=True)
    balance_transaction_id: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    fee_minor: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
