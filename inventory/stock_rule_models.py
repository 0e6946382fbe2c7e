"""The tables of what a co-operative decides about its stock: rules in versions, and minimums."""

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Identified
from core.facts import Fact
from people.models import OfCooperative


class StockRules(Fact, Identified, OfCooperative, Base):
    """One version of the rules; it holds from its moment until the next."""

    __tablename__ = "stock_rules"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "version"),
        CheckConstraint("approval_above_minor >= 0", name="approval_above_minor"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )

    version: Mapped[int]
    #: What may be missing from a stocktake, in value, without a second person's approval.
    approval_above_minor: Mapped[int]
    currency: Mapped[str]
    #: Where one age of stock ends and the next begins, in days, ascending.
    age_steps: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    reason: Mapped[str]
    created_at: Mapped[datetime]
    actor: Mapped[str]


class StockMinimum(Fact, Identified, OfCooperative, Base):
    """How many free pieces of a design a location should have; the newest counts, 0 ends it."""

    __tablename__ = "stock_minimums"
    __table_args__ = (
        CheckConstraint("minimum BETWEEN 0 AND 10000", name="minimum"),
        Index(None, "location_id", "design_id", "id"),
    )

    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"), index=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    minimum: Mapped[int]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    actor: Mapped[str]
