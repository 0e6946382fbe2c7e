"""The tables round the bench: rules of grading, second looks, rework, and what wants a person."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from inventory.models import Piece
from people.models import OfCooperative


class GradingRules(Fact, Identified, OfCooperative, Base):
    """One version of how findings become a proposal: the most of each kind that a grade allows.

    Defects are counted each by itself; ``outside`` are measures outside their limits, ``against``
    questions answered no. ``b_reduced_bp``: what grade B takes off the agreed price.
    """

    __tablename__ = "grading_rules"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "version"),
        CheckConstraint(
            "minor_a >= 0 AND major_a >= 0 AND outside_a >= 0 AND against_a >= 0"
            " AND minor_b >= minor_a AND major_b >= major_a"
            " AND outside_b >= outside_a AND against_b >= against_a",
            name="b_allows_more",
        ),
        CheckConstraint("b_reduced_bp BETWEEN 0 AND 10000", name="b_reduced_bp"),
        CheckConstraint("rework_rounds BETWEEN 0 AND 20", name="rework_rounds"),
        CheckConstraint("rework_days BETWEEN 0 AND 365", name="rework_days"),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
    )

    version: Mapped[int]
    minor_a: Mapped[int]
    major_a: Mapped[int]
    outside_a: Mapped[int]
    against_a: Mapped[int]
    minor_b: Mapped[int]
    major_b: Mapped[int]
    outside_b: Mapped[int]
    against_b: Mapped[int]
    b_reduced_bp: Mapped[int]
    #: How often a piece goes back to its maker before somebody else has to decide.
    rework_rounds: Mapped[int]
    #: How long she has for it, unless something else was agreed.
    rework_days: Mapped[int]
    reason: Mapped[str]
    #: In force from then on.
    created_at: Mapped[datetime]
    actor: Mapped[str]


class ReviewVerdict(StrEnum):
    """What a second person says of a critical finding."""

    CONFIRMED = "confirmed"
    CLEARED = "cleared"


class CriticalReview(Fact, OfCooperative, Base):
    """A second person's look at a critical finding; its id is made on her phone."""

    __tablename__ = "critical_reviews"
    __table_args__ = (
        one_of("verdict", ReviewVerdict),
        CheckConstraint("reviewer_id <> inspector_id", name="second_person"),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        ForeignKeyConstraint(
            ["inspection_id", "inspector_id"], ["inspections.id", "inspections.inspector_id"]
        ),
        Index(None, "inspection_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    inspection_id: Mapped[uuid.UUID]
    inspector_id: Mapped[uuid.UUID]
    reviewer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    verdict: Mapped[str]
    reason: Mapped[str]
    request_hash: Mapped[str]
    reviewed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]


class Rework(Fact, OfCooperative, Base):
    """What is to be put right on a piece, by whom, and until when; its id is its inspection's."""

    __tablename__ = "reworks"

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), index=True)
    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"), index=True)
    what: Mapped[str]
    due_on: Mapped[date | None]


class BenchCard(OfCooperative, Base):
    """What the looks at a piece come to: the one that counts, and where it sends the piece.

    A convenience: computed from the looks whenever one comes (``quality.standing``).
    """

    __tablename__ = "bench_cards"
    __table_args__ = (
        CheckConstraint(
            "decided IN ('inspecting', 'quarantined', 'accepted', 'rework', 'rejected')",
            name="decided",
        ),
        CheckConstraint("rounds >= 0", name="rounds"),
        Index(None, "inspection_id"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    inspection_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("inspections.id"))
    decided: Mapped[str]
    rounds: Mapped[int]


class AlertKind(StrEnum):
    """Why a person must look."""

    #: Two people looked without knowing of each other, and decided differently.
    CONFLICT = "conflict"
    #: A look came when the piece was past being inspected.
    LATE = "late"
    #: It was sent to rework more often than the rules allow.
    REWORK_SPENT = "rework_spent"
    #: Something critical was found on a piece that is promised, sold or gone.
    CRITICAL_OUT = "critical_out"


class BenchAlert(Identified, OfCooperative, Base):
    """A piece at which a person must look; one of each kind is open at a time."""

    __tablename__ = "bench_alerts"
    __table_args__ = (
        one_of("kind", AlertKind),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)"
            " AND (answered_at IS NULL) = (answer IS NULL)",
            name="answered",
        ),
        Index(
            "uq_bench_alerts_one_open",
            "piece_id",
            "kind",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index(None, "cooperative_id", "id"),
        Index(None, "piece_id"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"))
    kind: Mapped[str]
    raised_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answer: Mapped[str | None]

    piece: Mapped[Piece] = relationship(lazy="joined")
