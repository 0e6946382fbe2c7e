"""The tables of yarn: lots as they were spun or dyed, what was drawn from them, their tests."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from inventory.design_models import Fibre
from people.models import OfCooperative


class LotKind(StrEnum):
    """Yarn as it was spun or bought; yarn of one such lot that went through one dye pot."""

    YARN = "yarn"
    DYE = "dye"


class Spun(StrEnum):
    """How a yarn was spun."""

    HAND = "hand"
    MILL = "mill"


class DyestuffKind(StrEnum):
    """What goes into a dye pot."""

    NATURAL = "natural"
    SYNTHETIC = "synthetic"
    MORDANT = "mordant"


class FastnessMethod(StrEnum):
    """How a dye was tested: by hand in the village, or in a laboratory by its standard."""

    FIELD_RUB_DRY = "field_rub_dry"
    FIELD_RUB_DAMP = "field_rub_damp"
    ISO_105_X12_DRY = "iso_105_x12_dry"
    ISO_105_X12_WET = "iso_105_x12_wet"
    ISO_105_C06 = "iso_105_c06"


class Rating(StrEnum):
    """The two things a test grades: the cloth's own colour, and what its neighbour takes on."""

    CHANGE = "change"
    STAINING = "staining"


BY_ONE = "num_nonnulls({who}, supplier) = 1"
REASONED = "version = 1 OR length(reason) > 0"


class Dyestuff(Fact, Identified, OfCooperative, Base):
    """A dye or a mordant of the co-operative's catalogue."""

    __tablename__ = "dyestuffs"
    __table_args__ = (UniqueConstraint("cooperative_id", "code"), one_of("kind", DyestuffKind))

    code: Mapped[str]
    kind: Mapped[str]
    words: Mapped[dict[str, str]]
    species: Mapped[str | None]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class MaterialLot(Identified, OfCooperative, Base):
    """A lot of yarn, dyed or not. What it is stands in its newest record; grams are its own.

    ``used_g`` is added up by a trigger from ``draws``, so that no lot can be used beyond what it
    weighs even if all the code were wrong.
    """

    __tablename__ = "material_lots"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "kind", "code"),
        one_of("kind", LotKind),
        CheckConstraint("grams BETWEEN 1 AND 1000000", name="grams"),
        CheckConstraint("used_g BETWEEN 0 AND grams", name="used_g"),
        CheckConstraint("version >= 1", name="version"),
        Index(None, "cooperative_id", "kind", "id"),
    )

    code: Mapped[str]
    kind: Mapped[str]
    grams: Mapped[int]
    used_g: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int]
    request_hash: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]

    yarn: Mapped["YarnRecord | None"] = relationship(
        primaryjoin="and_(YarnRecord.lot_id == MaterialLot.id,"
        " YarnRecord.version == MaterialLot.version)",
        viewonly=True,
        lazy="selectin",
        uselist=False,
    )
    dye: Mapped["DyeRecord | None"] = relationship(
        primaryjoin="and_(DyeRecord.lot_id == MaterialLot.id,"
        " DyeRecord.version == MaterialLot.version)",
        foreign_keys="DyeRecord.lot_id",
        viewonly=True,
        lazy="selectin",
        uselist=False,
    )
    tests: Mapped[list["FastnessTest"]] = relationship(
        order_by="FastnessTest.tested_on, FastnessTest.id", viewonly=True, lazy="selectin"
    )

    @property
    def left_g(self) -> int:
        """What is left of it, in grams."""
        return self.grams - self.used_g


class YarnRecord(Fact, Identified, OfCooperative, Base):
    """One version of what a yarn lot is; a wrong one is answered by the next, with a reason."""

    __tablename__ = "yarn_records"
    __table_args__ = (
        UniqueConstraint("lot_id", "version"),
        one_of("spun", Spun),
        CheckConstraint(BY_ONE.format(who="spinner_id"), name="spinner"),
        CheckConstraint(REASONED, name="reason"),
        CheckConstraint("ply BETWEEN 1 AND 12", name="ply"),
        CheckConstraint("grams BETWEEN 1 AND 1000000", name="grams"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material_lots.id"))
    version: Mapped[int]
    grams: Mapped[int]
    spun: Mapped[str]
    #: Who spun it: a maker of the co-operative, or a supplier by name.
    spinner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("makers.id"))
    supplier: Mapped[str | None]
    received_on: Mapped[date]
    ply: Mapped[int | None]
    #: How thick it is, as the trade writes it: Nm 2/12, or "thin".
    count_words: Mapped[str | None]
    vicuna_permit: Mapped[str | None]
    note: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]

    fibres: Mapped[list["YarnFibre"]] = relationship(
        order_by="YarnFibre.share_bp.desc(), YarnFibre.fibre", lazy="selectin"
    )


class YarnFibre(Fact, OfCooperative, Base):
    """How much of a yarn is one fibre, in basis points of its weight; a yarn sums to 10,000."""

    __tablename__ = "yarn_fibres"
    __table_args__ = (
        one_of("fibre", Fibre),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_bp"),
    )

    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("yarn_records.id"), primary_key=True)
    fibre: Mapped[str] = mapped_column(primary_key=True)
    share_bp: Mapped[int]


class DyeRecord(Fact, Identified, OfCooperative, Base):
    """One version of what a dye lot is; a wrong one is answered by the next, with a reason."""

    __tablename__ = "dye_records"
    __table_args__ = (
        UniqueConstraint("lot_id", "version"),
        CheckConstraint(BY_ONE.format(who="dyer_id"), name="dyer"),
        CheckConstraint(REASONED, name="reason"),
        CheckConstraint("grams BETWEEN 1 AND 1000000", name="grams"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material_lots.id"))
    version: Mapped[int]
    yarn_lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material_lots.id"), index=True)
    grams: Mapped[int]
    dyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("makers.id"))
    supplier: Mapped[str | None]
    dyed_on: Mapped[date]
    #: The photo of its swatch; the id is made on the phone, and the photo may come later.
    swatch_photo_id: Mapped[uuid.UUID | None]
    note: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]

    used: Mapped[list["DyeUsed"]] = relationship(
        order_by="DyeUsed.position", lazy="selectin", viewonly=False
    )


class DyeUsed(Fact, OfCooperative, Base):
    """A dye or mordant that went into the pot, in the order it did."""

    __tablename__ = "dyes_used"

    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dye_records.id"), primary_key=True)
    dyestuff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dyestuffs.id"), primary_key=True)
    position: Mapped[int]

    dyestuff: Mapped[Dyestuff] = relationship(lazy="joined", innerjoin=True)


class Draw(Fact, Identified, OfCooperative, Base):
    """Grams taken from a lot for a piece or a dye lot; what is given back has a minus."""

    __tablename__ = "draws"
    __table_args__ = (
        CheckConstraint("num_nonnulls(piece_id, dye_lot_id) = 1", name="one_use"),
        CheckConstraint("grams <> 0", name="grams"),
        CheckConstraint("dye_lot_id <> lot_id", name="two_lots"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material_lots.id"), index=True)
    piece_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pieces.id"), index=True)
    dye_lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("material_lots.id"), index=True)
    grams: Mapped[int]
    why: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


class FastnessTest(Fact, Identified, OfCooperative, Base):
    """How a dye lot did in one test, in half steps of the grey scale; answered by a later one."""

    __tablename__ = "fastness_tests"
    __table_args__ = (
        one_of("method", FastnessMethod),
        CheckConstraint("change BETWEEN 2 AND 10", name="change"),
        CheckConstraint("staining BETWEEN 2 AND 10", name="staining"),
        CheckConstraint("num_nonnulls(change, staining) >= 1", name="graded"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material_lots.id"), index=True)
    method: Mapped[str]
    change: Mapped[int | None]
    staining: Mapped[int | None]
    tested_on: Mapped[date]
    tested_by: Mapped[str]
    note: Mapped[str]
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("fastness_tests.id"), unique=True
    )
    recorded_at: Mapped[datetime]
    actor: Mapped[str]


class FastnessLimit(Fact, Identified, OfCooperative, Base):
    """Below which grade a dye's bleeding is disclosed, from a day on; never a refusal.

    With a dye or a mordant it is for that one only, and goes before a general one.
    """

    __tablename__ = "fastness_limits"
    __table_args__ = (
        one_of("method", FastnessMethod),
        one_of("rating", Rating),
        CheckConstraint("least BETWEEN 2 AND 10", name="least"),
        ForeignKeyConstraint(
            ["cooperative_id", "dye"], ["dyestuffs.cooperative_id", "dyestuffs.code"]
        ),
        ForeignKeyConstraint(
            ["cooperative_id", "mordant"], ["dyestuffs.cooperative_id", "dyestuffs.code"]
        ),
    )

    method: Mapped[str]
    rating: Mapped[str]
    dye: Mapped[str | None]
    mordant: Mapped[str | None]
    least: Mapped[int]
    valid_from: Mapped[date]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
