"""The tables of batches: a spreadsheet that was sent, how far it is, and what is wrong with it."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.lives import Living, Transitions, one_of
from core.sheet_files import SheetFormat
from people.models import OfCooperative


class BatchKind(StrEnum):
    """What each row of a batch is."""

    DESIGNS = "designs"
    MAKERS = "makers"
    PIECES = "pieces"


class BatchStatus(StrEnum):
    """How far a batch is."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"


S = BatchStatus
BATCH_MOVES = Transitions(
    {
        S.UPLOADED: {S.CHECKING, S.REFUSED},
        S.CHECKING: {S.CHECKED, S.REFUSED},
        S.CHECKED: {S.APPLYING, S.REFUSED},
        S.APPLYING: {S.APPLIED, S.REFUSED},
    }
)
#: What nobody is at any more; its file is forgotten.
ENDED = frozenset({S.APPLIED, S.REFUSED})


class Batch(OfCooperative, Living[BatchStatus], Base):
    """One spreadsheet of things to add, under an id made by whoever sent it."""

    __tablename__ = "batches"
    __table_args__ = (
        one_of("kind", BatchKind),
        one_of("format", SheetFormat),
        one_of("status", BatchStatus),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("byte_length > 0 AND most_rows > 0", name="limits"),
        CheckConstraint(
            "rows_checked >= 0 AND rows_applied >= 0 AND problem_count >= 0", name="counts"
        ),
        CheckConstraint("refusal IS NULL OR status = 'refused'", name="refusal"),
        CheckConstraint(f"created_by ~ '{ACTOR_PATTERN}'", name="created_by"),
        CheckConstraint(f"applied_by ~ '{ACTOR_PATTERN}'", name="applied_by"),
        Index(None, "cooperative_id", "id"),
        Index(
            "ix_batches_open", "id", postgresql_where=text("status NOT IN ('applied', 'refused')")
        ),
    )
    MOVES: ClassVar = BATCH_MOVES
    NOUN: ClassVar[str] = "batch"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    format: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    byte_length: Mapped[int]
    #: The longest sheet that was taken in when this one was sent.
    most_rows: Mapped[int]
    row_count: Mapped[int | None]
    rows_checked: Mapped[int] = mapped_column(server_default="0", default=0)
    rows_applied: Mapped[int] = mapped_column(server_default="0", default=0)
    problem_count: Mapped[int] = mapped_column(server_default="0", default=0)
    refusal: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    checked_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[str | None]


class BatchFile(OfCooperative, Base):
    """The bytes as they were sent; forgotten once the batch has ended."""

    __tablename__ = "batch_files"

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    content: Mapped[bytes]


class BatchProblem(Identified, OfCooperative, Base):
    """One thing wrong with a batch, by id in the order of its rows."""

    __tablename__ = "batch_problems"
    __table_args__ = (Index(None, "batch_id", "id"),)

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batches.id"))
    row: Mapped[int]
    cell: Mapped[str]
    column: Mapped[str]
    code: Mapped[str]
    words: Mapped[str]
