"""The tables of what is woven: designs, their fibres, and the versions of their limits."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from core.quantities import Limit, Unit
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
    """One version of a design's measures and checklist; a change is a new version."""

    __tablename__ = "limit_sets"
    __table_args__ = (UniqueConstraint("design_id", "version"),)

    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"))
    version: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    design: Mapped[Design] = relationship(back_populates="limit_sets")
    measures: Mapped[list["Measure"]] = relationship(order_by="Measure.name", lazy="selectin")
    checklist: Mapped[list["ChecklistItem"]] = relationship(
        order_by="ChecklistItem.position", lazy="selectin"
    )


class Measure(Fact, OfCooperative, Base):
    """A standard measure with its tolerance, in whole mm, g, threads per 10 cm or a 1-5 score."""

    __tablename__ = "measures"
    __table_args__ = (
        one_of("unit", Unit),
        CheckConstraint("spec > 0 AND minus >= 0 AND plus >= 0 AND minus <= spec", name="limit"),
    )

    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    spec: Mapped[int]
    minus: Mapped[int]
    plus: Mapped[int]
    required: Mapped[bool]

    @property
    def limit(self) -> Limit:
        """The measure's limit as a value."""
        return Limit(self.spec, self.minus, self.plus)


class ChecklistItem(Fact, OfCooperative, Base):
    """One question the quality lead answers yes, no or not applicable."""

    __tablename__ = "checklist_items"

    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    words: Mapped[dict[str, str]]
    required: Mapped[bool]
