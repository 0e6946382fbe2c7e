"""The table of what a buyer of handicraft may have to withhold, with its dates."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from people.models import OfCooperative


class WithholdingKind(StrEnum):
    """What may be withheld: the two parts of the sales tax, and income tax."""

    IGV = "igv"
    IPM = "ipm"
    INCOME_TAX = "income_tax"


class WithholdingRule(Fact, Identified, OfCooperative, Base):
    """One version of a rate, for purchases of these days; both are of it.

    ``verified``: somebody who may say so has said that it applies. The newest version for the
    latest beginning holds; after ``valid_to`` nothing does until the next begins.
    """

    __tablename__ = "withholding_rules"
    __table_args__ = (
        one_of("kind", WithholdingKind),
        CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate_bp"),
        CheckConstraint("valid_to >= valid_from", name="valid_to"),
        UniqueConstraint("cooperative_id", "kind", "valid_from", "version"),
    )

    kind: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    rate_bp: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    verified: Mapped[bool]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
