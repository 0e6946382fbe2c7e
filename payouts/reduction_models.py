"""The table of what an acceptance took off an agreed price."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Identified
from core.facts import Fact
from people.models import OfCooperative


class Reduction(Fact, Identified, OfCooperative, Base):
    """What one maker gets less than agreed for one piece, who decided it, and why.

    It is written also where nothing at all is paid, so that her statement can say so. It is in
    force as long as its inspection counts.
    """

    __tablename__ = "reductions"
    __table_args__ = (
        CheckConstraint("reduced_bp BETWEEN 1 AND 10000", name="reduced_bp"),
        CheckConstraint("amount_minor BETWEEN 0 AND agreed_minor", name="amount_minor"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("length(reason) > 0", name="reason"),
        UniqueConstraint("inspection_id", "maker_id"),
        Index(None, "maker_id", "id"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"))
    reduced_bp: Mapped[int]
    agreed_minor: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
