"""The table of places: where each piece is now, kept by the database from the movements."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from people.models import OfCooperative


class PiecePlace(OfCooperative, Base):
    """Where one piece is: the end of its newest movement. Only the trigger of ``movements`` writes.

    That trigger also refuses a movement that does not begin where the piece is, or that ends in a
    closed location, whatever the code above it believed.
    """

    __tablename__ = "piece_places"
    __table_args__ = (Index(None, "location_id", "piece_id"),)

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    movement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("movements.id"), unique=True)
    sequence: Mapped[int]
    since: Mapped[datetime]
