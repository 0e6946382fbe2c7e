"""The tables of inspection."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from core.quantities import Unit, Verdict
from people.models import OfCooperative


class DefectClass(StrEnum):
    """Critical: unsafe or illegal. Major: likely sent back. Minor: below standard, mostly kept."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Decision(StrEnum):
    """What a quality lead decides about a piece."""

    ACCEPT_A = "accept_a"
    ACCEPT_B = "accept_b"
    REWORK = "rework"
    REJECT = "reject"


class Answer(StrEnum):
    """The only answers to a checklist question."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class DefectKind(Identified, OfCooperative, Base):
    """A defect of the co-operative's catalogue, with its class and words."""

    __tablename__ = "defect_kinds"
    __table_args__ = (UniqueConstraint("cooperative_id", "code"), one_of("severity", DefectClass))

    code: Mapped[str]
    severity: Mapped[str]
    words: Mapped[dict[str, str]]
    active: Mapped[bool] = mapped_column(default=True)


class Inspection(Fact, OfCooperative, Base):
    """One look at one piece: signed, with its decision; the id is made on the inspector's phone."""

    __tablename__ = "inspections"
    __table_args__ = (
        one_of("decision", Decision),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint("decision LIKE 'accept%' OR length(reason) > 0", name="reason"),
        UniqueConstraint("piece_id", "sequence"),
        Index(None, "cooperative_id", "recorded_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    sequence: Mapped[int]
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("inspections.id"), unique=True
    )
    inspector_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"))
    limit_set_version: Mapped[int]
    decision: Mapped[str]
    reason: Mapped[str]
    request_hash: Mapped[str]
    inspected_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]

    measurements: Mapped[list["Measurement"]] = relationship(
        order_by="Measurement.name", lazy="selectin"
    )
    answers: Mapped[list["ChecklistAnswer"]] = relationship(
        order_by="ChecklistAnswer.code", lazy="selectin"
    )
    defects: Mapped[list["Defect"]] = relationship(order_by="Defect.position", lazy="selectin")


class Measurement(Fact, OfCooperative, Base):
    """A measured value beside its specification, limit and verdict, each kept apart."""

    __tablename__ = "measurements"
    __table_args__ = (
        one_of("unit", Unit),
        one_of("verdict", Verdict),
        CheckConstraint("value >= 0", name="value"),
    )

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    value: Mapped[int]
    spec: Mapped[int]
    minus: Mapped[int]
    plus: Mapped[int]
    verdict: Mapped[str]


class ChecklistAnswer(Fact, OfCooperative, Base):
    """The answer to one question of the design's checklist."""

    __tablename__ = "checklist_answers"
    __table_args__ = (one_of("answer", Answer),)

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str]


class Defect(Fact, OfCooperative, Base):
    """A defect that was found, with the class it had in the catalogue on that day."""

    __tablename__ = "defects"
    __table_args__ = (
        one_of("severity", DefectClass),
        CheckConstraint("count BETWEEN 1 AND 1000", name="count"),
        CheckConstraint("size_mm IS NULL OR size_mm >= 0", name="size_mm"),
    )

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    severity: Mapped[str]
    count: Mapped[int]
    size_mm: Mapped[int | None]
    place: Mapped[str]
    note: Mapped[str]
