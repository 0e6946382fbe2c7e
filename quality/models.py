"""The tables of inspection."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from core.money import BASIS_POINTS
from core.quantities import Limit, Sides, Unit, Verdict
from people.models import OfCooperative
from quality.bench_models import CriticalReview, GradingRules, ReviewVerdict, Rework


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


ACCEPTING = frozenset({Decision.ACCEPT_A, Decision.ACCEPT_B})


class PayEffect(StrEnum):
    """What an acceptance pays of the agreed price."""

    FULL = "full"
    REDUCED = "reduced"
    NONE = "none"


class Zone(StrEnum):
    """Where on a piece, in the words of the loom."""

    PAMPA = "pampa"
    PALLAY = "pallay"
    SELVEDGE = "selvedge"
    CLOSING_ZONE = "closing_zone"
    EDGE_BAND = "edge_band"
    FRINGE = "fringe"
    TASSEL = "tassel"
    SEAM = "seam"
    LINING = "lining"
    STRAP = "strap"
    BACK = "back"
    WHOLE = "whole"


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
    #: Usually put right by its maker, so that rework is proposed.
    mendable: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


def photos() -> Mapped[list[uuid.UUID]]:
    """A column of ids of photos, made on a phone; the photos themselves may come later."""
    return mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))


class Inspection(Fact, OfCooperative, Base):
    """One look at one piece: signed, with its decision; the id is made on the inspector's phone.

    What was proposed stands beside what was decided. Which look counts is not written here: a look
    that comes later may change it (``quality.looks``).
    """

    __tablename__ = "inspections"
    __table_args__ = (
        one_of("decision", Decision),
        one_of("proposed", Decision),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint("decision LIKE 'accept%' OR length(reason) > 0", name="reason"),
        CheckConstraint("overrules_id IS NULL OR length(reason) > 0", name="overruled"),
        CheckConstraint("started_at IS NULL OR started_at <= inspected_at", name="started_at"),
        CheckConstraint("(rules_id IS NULL) = (proposed IS NULL)", name="proposal"),
        CheckConstraint(
            "(rules_id IS NULL) = (proposed_reduced_bp IS NULL)"
            " AND proposed_reduced_bp BETWEEN 0 AND 10000",
            name="proposed_pay",
        ),
        CheckConstraint(
            "reduced_bp = 0 OR (reduced_bp BETWEEN 1 AND 10000"
            " AND decision IN ('accept_a', 'accept_b') AND length(pay_reason) > 0)",
            name="pay",
        ),
        CheckConstraint("cardinality(photo_ids) <= 20", name="photos"),
        CheckConstraint(
            "inspection_lot_id IS NULL OR (decision IN ('accept_a', 'accept_b')"
            " AND overrules_id IS NULL AND reduced_bp = 0)",
            name="on_lot",
        ),
        UniqueConstraint("piece_id", "sequence"),
        # A second person's review names who found it, and the database sees that it is another.
        UniqueConstraint("id", "inspector_id"),
        Index(None, "cooperative_id", "recorded_at"),
        Index("ix_inspections_cooperative_id_inspected_at", "cooperative_id", "inspected_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    #: The order in which they came to us, which is not the order in which they were made.
    sequence: Mapped[int]
    #: The one the inspector knew to count, as her phone says; it may come after this one.
    supersedes_id: Mapped[uuid.UUID | None]
    overrules_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("inspections.id"))
    inspector_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"))
    limit_set_version: Mapped[int]
    kind_limit_set_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("limit_sets.id"))
    #: 0 where the kind had no template.
    kind_limit_set_version: Mapped[int] = mapped_column(default=0, server_default="0")
    rules_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("grading_rules.id"))
    proposed: Mapped[str | None]
    proposed_reduced_bp: Mapped[int | None]
    decision: Mapped[str]
    reason: Mapped[str]
    #: Taken off the agreed price by this acceptance, in basis points.
    reduced_bp: Mapped[int] = mapped_column(default=0, server_default="0")
    pay_reason: Mapped[str] = mapped_column(default="", server_default="")
    request_hash: Mapped[str]
    started_at: Mapped[datetime | None]
    inspected_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    #: It came when the piece was past being inspected; kept, and shown to a person.
    late: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    photo_ids: Mapped[list[uuid.UUID]] = photos()
    #: Nobody looked at this piece alone: it passed on the evidence of the lot it was in.
    inspection_lot_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("inspection_lots.id"), index=True
    )
    actor: Mapped[str]

    measurements: Mapped[list["Measurement"]] = relationship(
        order_by="Measurement.name", lazy="selectin"
    )
    answers: Mapped[list["ChecklistAnswer"]] = relationship(
        order_by="ChecklistAnswer.code", lazy="selectin"
    )
    scores: Mapped[list["CriterionScore"]] = relationship(
        order_by="CriterionScore.code", lazy="selectin"
    )
    defects: Mapped[list["Defect"]] = relationship(order_by="Defect.position", lazy="selectin")
    rules: Mapped[GradingRules | None] = relationship(lazy="joined")
    rework: Mapped[Rework | None] = relationship(lazy="selectin")
    reviews: Mapped[list[CriticalReview]] = relationship(
        lazy="selectin",
        viewonly=True,
        order_by=CriticalReview.id,
        primaryjoin=lambda: Inspection.id == CriticalReview.inspection_id,
    )

    @property
    def on_lot(self) -> bool:
        """Whether it is a lot's word for a piece at which nobody looked alone."""
        return self.inspection_lot_id is not None

    @property
    def seen_at(self) -> datetime | None:
        """When somebody looked at this very piece; None where its lot spoke for it."""
        return None if self.on_lot else self.inspected_at

    @property
    def accepts(self) -> bool:
        """Whether it lets the piece through."""
        return self.decision in ACCEPTING

    @property
    def pay_effect(self) -> PayEffect | None:
        """What it pays of the agreed price; None where it does not accept."""
        return effect_of(self.reduced_bp) if self.accepts else None

    @property
    def proposed_pay_effect(self) -> PayEffect | None:
        """What the rules would pay; None where they propose no acceptance."""
        if self.proposed not in ACCEPTING or self.proposed_reduced_bp is None:
            return None
        return effect_of(self.proposed_reduced_bp)

    @property
    def rules_version(self) -> int | None:
        """The version of the grading rules that made the proposal."""
        return self.rules.version if self.rules else None

    @property
    def critical(self) -> bool:
        """Whether it found something critical."""
        return any(defect.severity == DefectClass.CRITICAL for defect in self.defects)

    @property
    def open_critical(self) -> bool:
        """Whether it found something critical at which no second person has looked."""
        return self.critical and not self.reviews

    @property
    def confirmed_at(self) -> datetime | None:
        """When a second person last confirmed what it found; one outweighs any clearing."""
        confirmed = [
            row.reviewed_at for row in self.reviews if row.verdict == ReviewVerdict.CONFIRMED
        ]
        return max(confirmed, default=None)

    @property
    def cleared(self) -> bool:
        """Whether second people looked, and none of them saw anything critical."""
        return self.critical and bool(self.reviews) and self.confirmed_at is None


def effect_of(reduced_bp: int) -> PayEffect:
    """What is paid when this much is taken off, in words."""
    if reduced_bp == 0:
        return PayEffect.FULL
    return PayEffect.NONE if reduced_bp == BASIS_POINTS else PayEffect.REDUCED


class Measurement(Fact, OfCooperative, Base):
    """A measured value beside its readings, specification, limit and verdict, each kept apart."""

    __tablename__ = "measurements"
    __table_args__ = (
        one_of("unit", Unit),
        one_of("verdict", Verdict),
        one_of("sides", Sides),
        CheckConstraint("value >= 0", name="value"),
        CheckConstraint("cardinality(readings) BETWEEN 1 AND 3", name="readings"),
    )

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    #: The mean of the readings, a half rounded up.
    value: Mapped[int]
    readings: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    spec: Mapped[int]
    minus: Mapped[int]
    plus: Mapped[int]
    sides: Mapped[str] = mapped_column(default=Sides.BOTH, server_default="both")
    verdict: Mapped[str]

    @property
    def least(self) -> int | None:
        """The smallest value that was within."""
        return Limit(self.spec, self.minus, self.plus, self.sides).least

    @property
    def most(self) -> int | None:
        """The greatest value that was within."""
        return Limit(self.spec, self.minus, self.plus, self.sides).most


class ChecklistAnswer(Fact, OfCooperative, Base):
    """The answer to one question of the design's checklist."""

    __tablename__ = "checklist_answers"
    __table_args__ = (one_of("answer", Answer),)

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str]


class CriterionScore(Fact, OfCooperative, Base):
    """How something looked, from 1 to 5, beside the least for each grade."""

    __tablename__ = "criterion_scores"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"),)

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[int]
    least_a: Mapped[int]
    least_b: Mapped[int]


class Defect(Fact, OfCooperative, Base):
    """A defect that was found, with the class it had in the catalogue on that day."""

    __tablename__ = "defects"
    __table_args__ = (
        one_of("severity", DefectClass),
        CheckConstraint("count BETWEEN 1 AND 1000", name="count"),
        CheckConstraint("size_mm IS NULL OR size_mm >= 0", name="size_mm"),
        one_of("zone", Zone),
        CheckConstraint(
            "(x_pm IS NULL) = (y_pm IS NULL)"
            " AND x_pm BETWEEN 0 AND 1000 AND y_pm BETWEEN 0 AND 1000",
            name="point",
        ),
        CheckConstraint("cardinality(photo_ids) <= 10", name="photos"),
    )

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    severity: Mapped[str]
    count: Mapped[int]
    size_mm: Mapped[int | None]
    place: Mapped[str]
    zone: Mapped[str | None]
    #: A point on the design's outline, in thousandths of its width and of its length.
    x_pm: Mapped[int | None]
    y_pm: Mapped[int | None]
    photo_ids: Mapped[list[uuid.UUID]] = photos()
    note: Mapped[str]
