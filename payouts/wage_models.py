"""The table of reference wages: what work is held to be worth, from a day on, and who says so."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from people.models import OfCooperative


class WageKind(StrEnum):
    """The measures an hour's pay is held against."""

    LIVING = "living"
    MINIMUM = "minimum"


class ReferenceWage(Fact, Identified, OfCooperative, Base):
    """One version of a measure: an amount for so many minutes of work, from a day on.

    A month's wage is kept as it was published, with the minutes of that month, so that nothing is
    rounded before it is compared. A wrong one is answered by the next version for the same day.
    """

    __tablename__ = "reference_wages"
    __table_args__ = (
        one_of("kind", WageKind),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("minutes > 0", name="minutes"),
        UniqueConstraint("cooperative_id", "kind", "valid_from", "version"),
    )

    kind: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    amount_minor: Mapped[int]
    #: An hour is 60; a month of 48-hour weeks 12,480.
    minutes: Mapped[int] = mapped_column(default=60, server_default="60")
    currency: Mapped[str]
    valid_from: Mapped[date]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
