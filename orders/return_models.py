"""The tables of goods coming back."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.lives import Living, Transitions, one_of
from people.models import OfCooperative


class ReturnStatus(StrEnum):
    """Where a return is in its life."""

    AUTHORISED = "authorised"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


S = ReturnStatus
RETURN_MOVES = Transitions(
    {S.AUTHORISED: {S.RECEIVED, S.CANCELLED}, S.RECEIVED: {S.CLOSED}},
)


class Disposition(StrEnum):
    """What became of a piece that came back, after it was inspected again."""

    RESTOCKED = "restocked"
    SOLD_AS_B = "sold_as_b"
    WRITTEN_OFF = "written_off"


class ReturnReason(StrEnum):
    """Why a buyer sends something back."""

    CHANGED_MIND = "changed_mind"
    DAMAGED = "damaged"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_PIECE = "wrong_piece"
    OTHER = "other"


class Return(Identified, OfCooperative, Living[ReturnStatus], Base):
    """Pieces of one order coming back: authorised, received, inspected again, decided."""

    __tablename__ = "returns"
    __table_args__ = (
        one_of("status", ReturnStatus),
        one_of("reason", ReturnReason),
        Index(None, "order_id"),
        Index(None, "cooperative_id", "id"),
    )
    MOVES: ClassVar = RETURN_MOVES
    NOUN: ClassVar[str] = "return"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    reason: Mapped[str]
    note: Mapped[str]
    authorised_at: Mapped[datetime]
    authorised_by: Mapped[str]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    pieces: Mapped[list["ReturnPiece"]] = relationship(
        order_by="ReturnPiece.line_id", lazy="selectin"
    )


class ReturnPiece(Identified, OfCooperative, Base):
    """One piece of a return, and what became of it."""

    __tablename__ = "return_pieces"
    __table_args__ = (
        UniqueConstraint("return_id", "line_id"),
        one_of("disposition", Disposition),
    )

    return_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("returns.id"))
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), index=True)
    received_at: Mapped[datetime | None]
    disposition: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    why: Mapped[str | None]
