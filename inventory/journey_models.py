"""The tables of journeys: what was sent from one room to another, and what of it arrived."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from inventory.models import Location, Piece
from people.models import OfCooperative


class JourneyStatus(StrEnum):
    """How much of a journey has arrived; ended: nothing of it is awaited any more."""

    ON_THE_WAY = "on_the_way"
    PART_ARRIVED = "part_arrived"
    ENDED = "ended"


JOURNEY_MOVES = Transitions(
    {
        JourneyStatus.ON_THE_WAY: {JourneyStatus.PART_ARRIVED, JourneyStatus.ENDED},
        JourneyStatus.PART_ARRIVED: {JourneyStatus.ENDED},
    }
)


class Journey(Identified, OfCooperative, Living[JourneyStatus], Base):
    """Pieces sent from one room to another, with somebody who carries them. Its id is a phone's."""

    __tablename__ = "journeys"
    __table_args__ = (
        one_of("status", JourneyStatus),
        CheckConstraint("from_id <> to_id", name="two_ends"),
        CheckConstraint("piece_count BETWEEN 1 AND 500", name="piece_count"),
        Index(None, "cooperative_id", "status", "id"),
    )
    MOVES: ClassVar = JOURNEY_MOVES
    NOUN: ClassVar[str] = "journey"

    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"), index=True)
    carrier: Mapped[str]
    expected_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    piece_count: Mapped[int]
    request_hash: Mapped[str]
    #: When it left, as the phone says; ``recorded_at`` is when we heard of it.
    sent_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]

    origin: Mapped[Location] = relationship(foreign_keys=[from_id], lazy="joined")
    destination: Mapped[Location] = relationship(foreign_keys=[to_id], lazy="joined")


class JourneyPiece(Fact, OfCooperative, Base):
    """One piece was put on a journey, by this movement; it is on the way while it has no later."""

    __tablename__ = "journey_pieces"

    journey_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journeys.id"), primary_key=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("pieces.id"), primary_key=True, index=True
    )
    movement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("movements.id"), unique=True)


class Arrival(Fact, Identified, OfCooperative, Base):
    """Somebody took in what came of a journey, or said that nothing more will come."""

    __tablename__ = "arrivals"

    journey_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journeys.id"), index=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    last: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    request_hash: Mapped[str]
    arrived_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]

    entries: Mapped[list["ArrivalEntry"]] = relationship(
        order_by="ArrivalEntry.position", lazy="selectin"
    )


class Came(StrEnum):
    """What one line of an arrival says."""

    #: Sent and come.
    ARRIVED = "arrived"
    #: Came, and was not on this journey.
    EXTRA = "extra"
    #: Seen before in this room, on this journey or by itself.
    HERE_ALREADY = "here_already"
    #: Seen here, and by our books with a buyer or its makers: a person has to look.
    ELSEWHERE = "elsewhere"
    #: No piece of ours has this tag, or nobody can read it.
    UNKNOWN = "unknown"
    #: Did not come with the last of it, and is lost now.
    MISSING = "missing"
    #: Did not come, and is promised to a buyer: it stays on the way until a person decides.
    PROMISED = "promised"


class ArrivalEntry(Fact, Identified, OfCooperative, Base):
    """What an arrival says of one piece."""

    __tablename__ = "arrival_entries"
    __table_args__ = (
        one_of("came", Came),
        UniqueConstraint("arrival_id", "position"),
        Index(
            "uq_arrival_entries_once_each",
            "arrival_id",
            "piece_id",
            unique=True,
            postgresql_where=text("piece_id IS NOT NULL"),
        ),
        CheckConstraint("(piece_id IS NULL) = (came = 'unknown')", name="unknown"),
    )

    arrival_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("arrivals.id"))
    position: Mapped[int]
    piece_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pieces.id"), index=True)
    #: As it was scanned or typed; empty where nothing was.
    tag: Mapped[str] = mapped_column(default="")
    came: Mapped[str]
    damaged: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    photo_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))

    piece: Mapped[Piece | None] = relationship(lazy="joined")
