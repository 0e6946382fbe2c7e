"""The table of makers' identity papers, which a purchase document has to name."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Identified
from core.lives import one_of
from people.models import OfCooperative


class PaperKind(StrEnum):
    """What she identifies herself with in Peru."""

    DNI = "dni"
    FOREIGNER_CARD = "foreigner_card"
    PASSPORT = "passport"


class MakerPaper(Identified, OfCooperative, Base):
    """A maker's paper and whether she has a tax number (RUC), from a day on; the newest counts.

    It is not a fact that is kept for ever: what is no longer needed can be taken out of it.
    """

    __tablename__ = "maker_papers"
    __table_args__ = (
        one_of("kind", PaperKind),
        CheckConstraint("kind <> 'dni' OR number ~ '^[0-9]{8}$'", name="dni"),
        CheckConstraint("number ~ '^[0-9A-Z-]{4,20}$'", name="number"),
        CheckConstraint("ruc ~ '^(10|15|17)[0-9]{9}$'", name="ruc"),
        Index(None, "maker_id", "valid_from", "id"),
    )

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    kind: Mapped[str]
    number: Mapped[str]
    #: None: she said that she has none.
    ruc: Mapped[str | None]
    valid_from: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
