"""Reading looks: each with what became of it, and what that means for the piece."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from inventory.models import Piece, PieceStatus
from quality.alerts import open_kinds
from quality.bench_models import BenchCard
from quality.looks import Standing, standing_of, superseded_by
from quality.models import Inspection
from quality.standing import looks_at


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, what became of it, and which one it knowingly took the place of."""

    look: Inspection
    standing: Standing
    supersedes_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Became:
    """What the looks at a piece came to: where it is in its life, and what wants a person."""

    status: str
    grade: str | None
    rounds: int
    alerts: list[str]


def seen(session: Session, piece_id: uuid.UUID, rows: Sequence[Inspection]) -> list[Seen]:
    """Looks at one piece with their standing among all of its looks."""
    looks = looks_at(session, piece_id)
    card = session.get(BenchCard, piece_id)
    counts = card.inspection_id if card else None
    stopped = card is not None and card.decided == PieceStatus.QUARANTINED
    return [
        Seen(row, standing_of(row, looks, counts, stopped=stopped), superseded_by(row, looks))
        for row in rows
    ]


def became(session: Session, piece_id: uuid.UUID) -> Became:
    """What became of a piece so far."""
    piece = session.get_one(Piece, piece_id)
    card = session.get(BenchCard, piece_id)
    rounds = card.rounds if card else 0
    return Became(piece.status, piece.grade, rounds, open_kinds(session, piece_id))
