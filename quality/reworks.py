"""Rework: what is put right on a piece, by whom, until when; and what is overdue."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from inventory.models import Piece, PieceStatus
from people.cooperatives import own, zone_of
from people.makers import makers_by_id
from people.models import Cooperative
from quality.bench_models import BenchCard, GradingRules, Rework
from quality.models import Decision, Inspection


@dataclass(frozen=True, slots=True)
class Task:
    """What an inspector asks for; what she leaves out is filled in from the piece and the rules."""

    maker_id: uuid.UUID | None = None
    what: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class OpenRework:
    """A piece that is with its maker to be put right, and for which time that is."""

    id: uuid.UUID
    piece_id: uuid.UUID
    tag: str
    maker_id: uuid.UUID
    what: str
    due_on: date | None
    round: int
    overdue: bool


def task_for(
    session: Session,
    piece: Piece,
    look: Inspection,
    wanted: Task | None,
    rules: GradingRules | None,
) -> Rework | None:
    """The rework that belongs to a decision; None for any other decision. Raises Invalid.

    Usually whoever did most on the piece, what the inspector's reason says, in the days of the
    rules.
    """
    if look.decision != Decision.REWORK:
        if wanted is not None:
            raise Invalid("this decision sends nothing to rework", pointer="/rework")
        return None
    asked = wanted or Task()
    day = look.inspected_at.astimezone(
        zone_of(session.get_one(Cooperative, piece.cooperative_id))
    ).date()
    if asked.due_on is not None and asked.due_on < day:
        raise Invalid("it is due after it was asked for", pointer="/rework/due_on")
    if asked.maker_id is not None:
        makers_by_id(session, [asked.maker_id], cooperative_id=piece.cooperative_id)
    usual = day + timedelta(days=rules.rework_days) if rules else None
    return Rework(
        cooperative_id=piece.cooperative_id,
        piece_id=piece.id,
        maker_id=asked.maker_id or _usually(piece),
        what=asked.what or look.reason,
        due_on=asked.due_on or usual,
    )


def open_reworks(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
    overdue: bool = False,
    maker_id: uuid.UUID | None = None,
    after: uuid.UUID | None = None,
) -> list[OpenRework]:
    """Up to ``limit`` pieces that are out to be put right, oldest first; those overdue only, by the
    days of the co-operative's country, or one maker's only."""
    home = session.get_one(Cooperative, own(actor))
    today = now.astimezone(zone_of(home)).date()
    statement = (
        select(Rework, Piece.tag, BenchCard.rounds)
        .join(BenchCard, BenchCard.inspection_id == Rework.inspection_id)
        .join(Piece, Piece.id == Rework.piece_id)
        .where(Rework.cooperative_id == home.id, Piece.status == PieceStatus.REWORK)
        .order_by(Rework.inspection_id)
        .limit(limit)
    )
    if overdue:
        statement = statement.where(Rework.due_on < today)
    if maker_id:
        statement = statement.where(Rework.maker_id == maker_id)
    if after:
        statement = statement.where(Rework.inspection_id > after)
    return [_shown(*row, today) for row in session.execute(statement)]


def _shown(row: Rework, tag: str, rounds: int, today: date) -> OpenRework:
    return OpenRework(
        id=row.inspection_id,
        piece_id=row.piece_id,
        tag=tag,
        maker_id=row.maker_id,
        what=row.what,
        due_on=row.due_on,
        round=rounds,
        overdue=row.due_on is not None and row.due_on < today,
    )


def _usually(piece: Piece) -> uuid.UUID:
    """Whoever did most on it; of equals the one with the lower id."""
    weights: Counter[uuid.UUID] = Counter()
    for step in piece.contributions:
        weights[step.maker_id] += step.weight
    return min(weights, key=lambda maker: (-weights[maker], maker))
