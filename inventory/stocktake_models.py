"""The tables of stocktakes: what was counted in a room, and what came of the differences."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from inventory.models import Location, Piece
from people.models import OfCooperative


class StocktakeStatus(StrEnum):
    """Counting; or waiting for a second person; or done; or ended without a consequence."""

    COUNTING = "counting"
    AWAITING_APPROVAL = "awaiting_approval"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


T = StocktakeStatus
STOCKTAKE_MOVES = Transitions(
    {
        T.COUNTING: {T.AWAITING_APPROVAL, T.DONE, T.CANCELLED},
        T.AWAITING_APPROVAL: {T.DONE, T.REFUSED},
    }
)


class Stocktake(Identified, OfCooperative, Living[StocktakeStatus], Base):
    """The counting of one location; no other is begun there before it ends."""

    __tablename__ = "stocktakes"
    __table_args__ = (
        one_of("status", StocktakeStatus),
        Index(
            "uq_stocktakes_one_at_a_time",
            "location_id",
            unique=True,
            postgresql_where=text("status IN ('counting', 'awaiting_approval')"),
        ),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        CheckConstraint("missing_minor >= 0", name="missing_minor"),
    )
    MOVES: ClassVar = STOCKTAKE_MOVES
    NOUN: ClassVar[str] = "stocktake"

    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    note: Mapped[str] = mapped_column(default="")
    request_hash: Mapped[str]
    #: When counting began, as the phone says; ``recorded_at`` is when we heard of it.
    opened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    #: What is missing, in value; null until it is closed.
    missing_minor: Mapped[int | None]
    currency: Mapped[str | None]
    #: Missing pieces of which nobody can say the value in that currency.
    unvalued: Mapped[int | None]
    rules_version: Mapped[int | None]

    location: Mapped[Location] = relationship(lazy="joined")


class Sight(StrEnum):
    """What one scan is to our books."""

    SEEN = "seen"
    #: A tag that is none, mistyped, or another's.
    UNKNOWN = "unknown"
    #: A piece without a tag anybody can read.
    UNREADABLE = "unreadable"


class StocktakeCount(Fact, Identified, OfCooperative, Base):
    """One tag seen by one person. Its id is the phone's, so that it may be sent again."""

    __tablename__ = "stocktake_counts"
    __table_args__ = (
        one_of("sight", Sight),
        CheckConstraint("(piece_id IS NOT NULL) = (sight = 'seen')", name="seen"),
        Index(None, "stocktake_id", "id"),
        Index(None, "piece_id", "seen_at"),
    )

    stocktake_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stocktakes.id"))
    tag: Mapped[str]
    piece_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pieces.id"))
    sight: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]


class Difference(StrEnum):
    """How what was seen and what the books say differ."""

    #: Was here by the books, and nobody saw it.
    MISSING = "missing"
    #: Was seen here, and is in another room or on the way by the books.
    MISPLACED = "misplaced"
    #: Was seen here, and was lost.
    FOUND = "found"
    #: Nobody saw it, and it is held for or sold to a buyer: nothing is moved, people look.
    PROMISED = "promised"
    #: Was seen here, and is with a buyer or its makers by the books: people look.
    ELSEWHERE = "elsewhere"


class Outcome(StrEnum):
    """What became of a difference; overtaken: the books had moved on before it was applied."""

    APPLIED = "applied"
    OVERTAKEN = "overtaken"
    LEFT_TO_PEOPLE = "left_to_people"


class StocktakeDifference(Identified, OfCooperative, Base):
    """One piece about which a stocktake and the books differ."""

    __tablename__ = "stocktake_differences"
    __table_args__ = (
        one_of("kind", Difference),
        one_of("outcome", Outcome),
        UniqueConstraint("stocktake_id", "piece_id"),
        CheckConstraint(
            "(movement_id IS NOT NULL) = (outcome IS NOT DISTINCT FROM 'applied')", name="applied"
        ),
    )

    stocktake_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stocktakes.id"))
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), index=True)
    kind: Mapped[str]
    #: Where the books had it, since when, and by which movement.
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    since: Mapped[datetime]
    last_movement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("movements.id"))
    value_minor: Mapped[int | None]
    outcome: Mapped[str | None]
    movement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("movements.id"), unique=True)

    piece: Mapped[Piece] = relationship(lazy="joined")
    location: Mapped[Location] = relationship(lazy="joined")


class StocktakeVerdict(Fact, OfCooperative, Base):
    """A second person's yes or no to what a stocktake would change."""

    __tablename__ = "stocktake_verdicts"

    stocktake_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stocktakes.id"), primary_key=True)
    approved: Mapped[bool]
    reason: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
