"""The tables of inspection lots: rules of sampling, lots, plans, pieces, verdicts, points."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from inventory.models import Piece
from people.models import OfCooperative
from quality.models import DefectClass
from quality.sampling_tables import Level

LISTED_AQLS = "(10, 15, 25, 40, 65)"


class SamplingRules(Fact, Identified, OfCooperative, Base):
    """One version of what may be inspected as a lot, and by which plans."""

    __tablename__ = "sampling_rules"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "version"),
        one_of("level", Level),
        CheckConstraint(f"major_aql IN {LISTED_AQLS}", name="major_aql"),
        CheckConstraint(f"minor_aql IN {LISTED_AQLS}", name="minor_aql"),
        CheckConstraint("least_pieces BETWEEN 2 AND 200", name="least_pieces"),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
    )

    version: Mapped[int]
    level: Mapped[str]
    #: In tenths: 25 is AQL 2.5.
    major_aql: Mapped[int]
    minor_aql: Mapped[int]
    #: Fewer are not a lot: each is inspected.
    least_pieces: Mapped[int]
    #: Kinds of which each piece is one of its own; never a lot.
    one_off_kinds: Mapped[list[str]]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    actor: Mapped[str]


class InspectionLotStatus(StrEnum):
    """Whether a lot waits for its verdict, and what that was."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


L = InspectionLotStatus


class InspectionLot(OfCooperative, Living[InspectionLotStatus], Base):
    """Pieces of one design that are judged together; its id is made on a phone."""

    __tablename__ = "inspection_lots"
    __table_args__ = (
        one_of("status", InspectionLotStatus),
        one_of("level", Level),
        CheckConstraint("size BETWEEN 2 AND 200", name="size"),
        CheckConstraint("length(seed) BETWEEN 16 AND 64", name="seed"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        Index(None, "cooperative_id", "id"),
        Index(None, "design_id"),
    )
    MOVES: ClassVar = Transitions({L.OPEN: {L.ACCEPTED, L.REJECTED, L.CANCELLED}})
    NOUN: ClassVar[str] = "inspection lot"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"))
    rules_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sampling_rules.id"))
    #: The rejected lot whose pieces were sorted, and are presented again.
    resubmits_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("inspection_lots.id"))
    level: Mapped[str]
    size: Mapped[int]
    seed: Mapped[str]
    #: How the sample was drawn from the seed (``quality.sampling.DRAWN_BY``).
    drawn_by: Mapped[str]
    note: Mapped[str]
    request_hash: Mapped[str]
    opened_at: Mapped[datetime]
    actor: Mapped[str]

    rules: Mapped[SamplingRules] = relationship(lazy="joined")
    plans: Mapped[list["InspectionLotPlan"]] = relationship(
        order_by="InspectionLotPlan.severity", lazy="selectin"
    )
    pieces: Mapped[list["InspectionLotPiece"]] = relationship(
        order_by="InspectionLotPiece.position", lazy="selectin"
    )
    verdict: Mapped["InspectionLotVerdict | None"] = relationship(lazy="selectin")


class InspectionLotPlan(Fact, OfCooperative, Base):
    """How many pieces of a lot are looked at for one class of defect, and how many may be bad."""

    __tablename__ = "inspection_lot_plans"
    __table_args__ = (
        one_of("severity", DefectClass),
        CheckConstraint("(severity = 'critical') = (aql IS NULL)", name="critical"),
        CheckConstraint("(aql IS NULL) = (letter IS NULL)", name="letter"),
        CheckConstraint("accept >= 0 AND sample_size >= 1", name="numbers"),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspection_lots.id"), primary_key=True)
    severity: Mapped[str] = mapped_column(primary_key=True)
    #: In tenths; none for what is critical: all pieces, and none may be bad.
    aql: Mapped[int | None]
    start_letter: Mapped[str | None]
    letter: Mapped[str | None]
    sample_size: Mapped[int]
    accept: Mapped[int]

    @property
    def reject(self) -> int:
        """From how many bad pieces on the lot is rejected."""
        return self.accept + 1


class InspectionLotPiece(Fact, OfCooperative, Base):
    """A piece of a lot, at its place in the drawing order."""

    __tablename__ = "inspection_lot_pieces"
    __table_args__ = (
        UniqueConstraint("lot_id", "position"),
        CheckConstraint("position >= 1", name="position"),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspection_lots.id"), primary_key=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("pieces.id"), primary_key=True, index=True
    )
    position: Mapped[int]
    #: Whether it is of the sample.
    drawn: Mapped[bool]

    piece: Mapped[Piece] = relationship(lazy="joined")


class InspectionLotClaim(OfCooperative, Base):
    """A piece is in one open lot at a time: its key is the piece. Gone when the lot is decided."""

    __tablename__ = "inspection_lot_claims"

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspection_lots.id"), index=True)


class InspectionLotVerdict(Fact, OfCooperative, Base):
    """What a lot's sample said, and who signed that every piece was looked at for the critical."""

    __tablename__ = "inspection_lot_verdicts"
    __table_args__ = (
        CheckConstraint("verdict IN ('accepted', 'rejected')", name="verdict"),
        CheckConstraint("grade IN ('A', 'B')", name="grade"),
        CheckConstraint(
            "critical_units >= 0 AND major_units >= 0 AND minor_units >= 0", name="units"
        ),
        CheckConstraint("verdict = 'rejected' OR critical_units = 0", name="nothing_critical"),
        CheckConstraint("accepted_unseen >= 0", name="accepted_unseen"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
    )

    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspection_lots.id"), primary_key=True)
    verdict: Mapped[str]
    #: Of the pieces that pass on the lot's evidence.
    grade: Mapped[str]
    critical_units: Mapped[int]
    major_units: Mapped[int]
    minor_units: Mapped[int]
    #: How many pieces passed without having been drawn.
    accepted_unseen: Mapped[int]
    #: When every piece had been looked at for what is critical.
    critical_checked_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    inspector_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    request_hash: Mapped[str]
    actor: Mapped[str]


class FourPointScore(Fact, OfCooperative, Base):
    """Points of a cloth of 3 m2 and more; its id is made on a phone.

    ``per_100_m2_hundredths`` = 10^10 x points / (width x length in mm), a half rounded up.
    """

    __tablename__ = "four_point_scores"
    __table_args__ = (
        CheckConstraint("width_mm * length_mm >= 3000000", name="area"),
        CheckConstraint("points >= 0 AND per_100_m2_hundredths >= 0", name="points"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        Index(None, "inspection_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"))
    inspector_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    width_mm: Mapped[int]
    length_mm: Mapped[int]
    #: As they were written down: {metre, length_mm, hole}.
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    points: Mapped[int]
    per_100_m2_hundredths: Mapped[int]
    request_hash: Mapped[str]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
