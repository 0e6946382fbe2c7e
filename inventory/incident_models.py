"""The table of incidents: a piece was lost, damaged, found again or mended."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from people.models import OfCooperative


class IncidentKind(StrEnum):
    """What happened to a piece outside of its usual way."""

    LOST = "lost"
    DAMAGED = "damaged"
    FOUND = "found"
    MENDED = "mended"


class Incident(Fact, Identified, OfCooperative, Base):
    """Somebody says what happened to a piece, and why she thinks so. Its id is a phone's."""

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("kind", IncidentKind),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        CheckConstraint("(kind = 'found') = (location_id IS NOT NULL)", name="found_somewhere"),
        Index(None, "piece_id", "id"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    kind: Mapped[str]
    reason: Mapped[str]
    location_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("locations.id"))
    #: The order it was sold to when it was lost or damaged: its buyer waits for an answer.
    order_id: Mapped[uuid.UUID | None]
    photo_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    request_hash: Mapped[str]
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
