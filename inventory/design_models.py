"""The tables of what is woven: designs, their fibres, and the versions of their limits."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from core.quantities import Limit, Sides, Tolerance, Unit, allowance
from people.models import OfCooperative


class Kind(StrEnum):
    """What a piece is (words as in the trade's glossary)."""

    LLIKLLA = "lliklla"
    CHUMPI = "chumpi"
    CHUSPA = "chuspa"
    PONCHO = "poncho"
    CHULLO = "chullo"
    SCARF = "scarf"
    RUNNER = "runner"
    PHULLU = "phullu"
    UNKHUNA = "unkhuna"
    HAT_BAND = "hat_band"
    STRAP = "strap"
    BAG = "bag"
    CUSHION_COVER = "cushion_cover"
    GLOVES = "gloves"
    TOY = "toy"
    OTHER = "other"


class Fibre(StrEnum):
    """Fibres a piece may be made of."""

    SHEEP_WOOL = "sheep_wool"
    ALPACA = "alpaca"
    LLAMA = "llama"
    COTTON = "cotton"
    ACRYLIC = "acrylic"
    LEATHER = "leather"
    VICUNA = "vicuna"
    OTHER = "other"


class Design(Identified, OfCooperative, Base):
    """What is woven: kind, technique, fibres, care, and hours by stage."""

    __tablename__ = "designs"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "code"),
        one_of("kind", Kind),
        CheckConstraint("hs_code ~ '^[0-9]{4}([.][0-9]{2}){0,3}$'", name="hs_code"),
    )

    code: Mapped[str]
    kind: Mapped[str]
    technique: Mapped[str]
    name: Mapped[dict[str, str]]
    care: Mapped[dict[str, str]] = mapped_column(default=dict)
    minutes_by_stage: Mapped[dict[str, int]] = mapped_column(default=dict)
    hs_code: Mapped[str | None]
    vicuna_permit: Mapped[str | None]
    limit_set_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    fibres: Mapped[list["FibreShare"]] = relationship(
        order_by="FibreShare.part, FibreShare.share_bp.desc()", lazy="selectin"
    )
    limit_sets: Mapped[list["LimitSet"]] = relationship(
        order_by="LimitSet.version", lazy="select", back_populates="design"
    )


class FibreShare(Fact, OfCooperative, Base):
    """How much of one part of a design is one fibre, in basis points; a part sums to 10,000."""

    __tablename__ = "fibre_shares"
    __table_args__ = (
        one_of("fibre", Fibre),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_bp"),
    )

    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    fibre: Mapped[str] = mapped_column(primary_key=True)
    share_bp: Mapped[int]


class LimitSet(Fact, Identified, OfCooperative, Base):
    """One version of the measures, questions and criteria of a design, or of a whole kind.

    A change is a new version.
    """

    __tablename__ = "limit_sets"
    __table_args__ = (
        UniqueConstraint("design_id", "version"),
        UniqueConstraint(
            "cooperative_id", "kind", "version", name="uq_limit_sets_cooperative_id_kind_version"
        ),
        one_of("kind", Kind),
        CheckConstraint("(design_id IS NULL) <> (kind IS NULL)", name="owner"),
        CheckConstraint("version >= 1", name="version"),
    )

    design_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("designs.id"))
    kind: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    design: Mapped[Design | None] = relationship(back_populates="limit_sets")
    measures: Mapped[list["Measure"]] = relationship(order_by="Measure.name", lazy="selectin")
    checklist: Mapped[list["ChecklistItem"]] = relationship(
        order_by="ChecklistItem.position", lazy="selectin"
    )
    criteria: Mapped[list["Criterion"]] = relationship(
        order_by="Criterion.position", lazy="selectin"
    )


class Toleranced:
    """Mix-in for a measure with its tolerance, in whole mm, g, threads per 10 cm or a 1-5 score.

    ``minus`` and ``plus`` are in the unit, ``minus_bp`` and ``plus_bp`` in basis points of
    ``spec``; where both are given, the greater counts.
    """

    name: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    spec: Mapped[int]
    minus: Mapped[int]
    plus: Mapped[int]
    minus_bp: Mapped[int] = mapped_column(default=0, server_default="0")
    plus_bp: Mapped[int] = mapped_column(default=0, server_default="0")
    sides: Mapped[str] = mapped_column(default=Sides.BOTH, server_default="both")
    required: Mapped[bool]

    @property
    def limit(self) -> Limit:
        """The measure's limit in whole units."""
        return Limit(
            self.spec,
            allowance(self.spec, self.minus, self.minus_bp),
            allowance(self.spec, self.plus, self.plus_bp),
            self.sides,
        )

    @property
    def tolerance(self) -> Tolerance:
        """How its tolerance is said."""
        if not (self.minus_bp or self.plus_bp):
            return Tolerance.ABSOLUTE
        return Tolerance.GREATER if self.minus or self.plus else Tolerance.PERCENT


def of_tolerance() -> tuple[CheckConstraint, ...]:
    """What the database asks of every measure with its tolerance."""
    return (
        one_of("unit", Unit),
        one_of("sides", Sides),
        CheckConstraint("spec > 0 AND minus >= 0 AND plus >= 0 AND minus <= spec", name="limit"),
        CheckConstraint(
            "minus_bp BETWEEN 0 AND 10000 AND plus_bp BETWEEN 0 AND 10000", name="shares"
        ),
        CheckConstraint(
            "(sides <> 'least' OR (plus = 0 AND plus_bp = 0))"
            " AND (sides <> 'most' OR (minus = 0 AND minus_bp = 0))",
            name="one_sided",
        ),
    )


class Measure(Toleranced, Fact, OfCooperative, Base):
    """A standard measure of a version of a design's limits."""

    __tablename__ = "measures"
    __table_args__ = of_tolerance()

    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"), primary_key=True)


class ChecklistItem(Fact, OfCooperative, Base):
    """One question the quality lead answers yes, no or not applicable."""

    __tablename__ = "checklist_items"

    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    words: Mapped[dict[str, str]]
    required: Mapped[bool]


class Criterion(Fact, OfCooperative, Base):
    """What is seen and scored from 1 to 5, with the least score for each grade."""

    __tablename__ = "criteria"
    __table_args__ = (
        CheckConstraint("least_b BETWEEN 1 AND 5 AND least_a BETWEEN least_b AND 5", name="least"),
    )

    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    words: Mapped[dict[str, str]]
    least_a: Mapped[int]
    least_b: Mapped[int]
    required: Mapped[bool]
