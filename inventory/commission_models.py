"""The tables of commissions: what makers are asked to weave, what they said, what came of it."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from inventory.colour_models import ColourStandard
from inventory.design_models import Design, Toleranced, of_tolerance
from inventory.models import AgreementKind
from people.models import Maker, OfCooperative


class CommissionStatus(StrEnum):
    """Where a commission is in its life. Late is no status: it is told from the day."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PART_DELIVERED = "part_delivered"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


C = CommissionStatus
#: Pieces brought before anybody wrote down her yes are a yes; a piece that is rejected later opens
#: a complete commission again.
COMMISSION_MOVES = Transitions(
    {
        C.ASKED: {C.ACCEPTED, C.DECLINED, C.PART_DELIVERED, C.COMPLETE, C.CANCELLED},
        C.DECLINED: {C.ACCEPTED, C.CANCELLED},
        C.ACCEPTED: {C.PART_DELIVERED, C.COMPLETE, C.DECLINED, C.CANCELLED},
        C.PART_DELIVERED: {C.COMPLETE, C.ACCEPTED, C.CANCELLED},
        C.COMPLETE: {C.PART_DELIVERED, C.ACCEPTED},
    }
)
OPEN = frozenset({C.ASKED, C.ACCEPTED, C.PART_DELIVERED})


class AnswerKind(StrEnum):
    """What a maker says when she is asked."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class Commission(Identified, OfCooperative, Living[CommissionStatus], Base):
    """What makers are asked to weave. A trigger lets nothing of the row change but its status."""

    __tablename__ = "commissions"
    __table_args__ = (
        one_of("status", CommissionStatus),
        CheckConstraint(
            "(advance_minor IS NULL) = (advance_currency IS NULL) AND advance_minor > 0",
            name="advance",
        ),
        CheckConstraint(f"created_by ~ '{ACTOR_PATTERN}'", name="created_by"),
        UniqueConstraint("cooperative_id", "number"),
        Index(None, "cooperative_id", "status", "id"),
    )
    MOVES: ClassVar = COMMISSION_MOVES
    NOUN: ClassVar[str] = "commission"

    number: Mapped[str]
    due_on: Mapped[date]
    #: Who asked the co-op for it; private.
    client: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("maker_groups.id"), index=True)
    #: What each maker who accepts is to have ahead; what she has had is payouts' to say.
    advance_minor: Mapped[int | None]
    advance_currency: Mapped[str | None]
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("commissions.id"), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    lines: Mapped[list["CommissionLine"]] = relationship(
        order_by="CommissionLine.position", lazy="selectin"
    )
    asked: Mapped[list["AskedMaker"]] = relationship(
        order_by="AskedMaker.maker_id", lazy="selectin"
    )
    answers: Mapped[list["CommissionAnswer"]] = relationship(
        order_by="CommissionAnswer.id", lazy="selectin"
    )


class CommissionLine(Fact, Identified, OfCooperative, Base):
    """So many pieces of one design, in these measures and colours, paid like this."""

    __tablename__ = "commission_lines"
    __table_args__ = (
        one_of("agreement", AgreementKind),
        CheckConstraint("pieces BETWEEN 1 AND 1000", name="pieces"),
        CheckConstraint(
            "(agreement = 'pay_on_acceptance') = (price_minor IS NOT NULL)"
            " AND (price_minor IS NULL) = (currency IS NULL) AND price_minor > 0",
            name="price",
        ),
        UniqueConstraint("commission_id", "position"),
        UniqueConstraint("id", "pieces"),
    )

    commission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commissions.id"))
    position: Mapped[int]
    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"), index=True)
    #: The version of the design's limits that was agreed.
    limit_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("limit_sets.id"))
    limit_set_version: Mapped[int]
    #: Whose line it is; None when it is for any of those asked.
    maker_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("makers.id"), index=True)
    pieces: Mapped[int]
    agreement: Mapped[str]
    price_minor: Mapped[int | None]
    currency: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")

    design: Mapped[Design] = relationship(lazy="joined", innerjoin=True)
    measures: Mapped[list["CommissionMeasure"]] = relationship(
        order_by="CommissionMeasure.name", lazy="selectin"
    )
    colours: Mapped[list["CommissionColour"]] = relationship(
        order_by="CommissionColour.position", lazy="selectin"
    )


class CommissionMeasure(Toleranced, Fact, OfCooperative, Base):
    """A measure of this commission's own, in place of the design's of that name."""

    __tablename__ = "commission_measures"
    __table_args__ = of_tolerance()

    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commission_lines.id"), primary_key=True)


class CommissionColour(Fact, OfCooperative, Base):
    """One of a line's colours."""

    __tablename__ = "commission_colours"

    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commission_lines.id"), primary_key=True)
    colour_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("colour_standards.id"), primary_key=True
    )
    position: Mapped[int]

    colour: Mapped[ColourStandard] = relationship(lazy="joined", innerjoin=True)


class AskedMaker(Fact, OfCooperative, Base):
    """A maker who is asked, by her name or because she was in the group on that day."""

    __tablename__ = "asked_makers"

    commission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commissions.id"), primary_key=True)
    maker_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("makers.id"), primary_key=True, index=True
    )

    maker: Mapped[Maker] = relationship(lazy="joined", innerjoin=True)


class CommissionAnswer(Fact, Identified, OfCooperative, Base):
    """A maker's yes or no, written down on her word; her last one counts."""

    __tablename__ = "commission_answers"
    __table_args__ = (
        one_of("answer", AnswerKind),
        CheckConstraint("answer = 'accepted' OR length(reason) > 0", name="reason"),
        ForeignKeyConstraint(
            ["commission_id", "maker_id"],
            ["asked_makers.commission_id", "asked_makers.maker_id"],
        ),
        Index(None, "commission_id", "maker_id", "id"),
    )

    commission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commissions.id"))
    maker_id: Mapped[uuid.UUID]
    answer: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    answered_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]


class CommissionProgress(Fact, Identified, OfCooperative, Base):
    """How far it is, as somebody heard or saw; the day it is expected may be another by now."""

    __tablename__ = "commission_progress"
    __table_args__ = (Index(None, "commission_id", "id"),)

    commission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commissions.id"))
    maker_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("makers.id"))
    note: Mapped[str]
    expected_on: Mapped[date | None]
    photo_ids: Mapped[list[str]]
    at: Mapped[datetime]
    actor: Mapped[str]


class Fulfilment(Fact, OfCooperative, Base):
    """A piece that was handed in for a line.

    It takes one of the line's places, 1 to the number ordered; a piece in the stead of a rejected
    one takes its place for another turn. One too many has no place: somebody said it is a surplus.
    """

    __tablename__ = "fulfilments"
    __table_args__ = (
        CheckConstraint("place BETWEEN 1 AND ordered", name="place"),
        CheckConstraint("turn >= 1 AND (place IS NOT NULL OR turn = 1)", name="turn"),
        UniqueConstraint("line_id", "place", "turn"),
        ForeignKeyConstraint(
            ["line_id", "ordered"], ["commission_lines.id", "commission_lines.pieces"]
        ),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commission_lines.id"))
    ordered: Mapped[int]
    place: Mapped[int | None]
    turn: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]

    line: Mapped[CommissionLine] = relationship(foreign_keys=[line_id], lazy="select")
