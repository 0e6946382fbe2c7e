"""Standing: the piece is where its looks send it. Computed anew whenever a look comes."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.jobs import defer
from core.lives import LifeMove
from inventory import fulfilling
from inventory.models import Piece, PieceStatus
from quality.alerts import raise_alert, take_back
from quality.bench_models import AlertKind, BenchCard
from quality.looks import Outcome, outcome_of
from quality.models import Inspection

S = PieceStatus
#: On the bench, or near it: a look decides about it.
INSPECTABLE = frozenset(
    {S.DELIVERED, S.INSPECTING, S.QUARANTINED, S.REWORK, S.RETURNED, S.REJECTED, S.ACCEPTED}
)
#: Ours to take back from the shelf, for something critical only.
ON_THE_SHELF = frozenset({S.LISTED, S.WITHDRAWN})
#: Not ours to move, but it must not leave while something critical stands.
MARKED_ONLY = frozenset({S.HELD, S.SOLD, S.LOST, S.DAMAGED})


def looks_at(session: Session, piece_id: uuid.UUID) -> Sequence[Inspection]:
    """Every look at a piece, in the order they came."""
    statement = select(Inspection).where(Inspection.piece_id == piece_id)
    return session.scalars(statement.order_by(Inspection.sequence)).all()


def turn_began(session: Session, piece_id: uuid.UUID) -> datetime | None:
    """When the piece last came back to be looked at: from a buyer, or found again."""
    found = LifeMove.from_status.in_([S.LOST, S.DAMAGED]) & (LifeMove.to_status == S.INSPECTING)
    came_back = or_(LifeMove.to_status == S.RETURNED, found)
    return session.scalar(
        select(func.max(LifeMove.at)).where(LifeMove.subject_id == piece_id, came_back)
    )


def settle(
    session: Session, piece: Piece, *, because: Inspection, why: str, actor: Actor, now: datetime
) -> None:
    """Send a piece where its looks send it. It must be locked. What stands already is left.

    ``because``: the look that has come, or at which somebody has looked.
    """
    outcome = outcome_of(looks_at(session, piece.id), since=turn_began(session, piece.id))
    if outcome is None:
        return
    card = session.get(BenchCard, piece.id)
    counts_id = outcome.counts.id if outcome.counts else None
    before = (card.inspection_id, card.decided) if card else None
    if card is None:
        card = BenchCard(piece_id=piece.id, cooperative_id=piece.cooperative_id)
        session.add(card)
    card.inspection_id, card.decided = counts_id, outcome.status.value
    card.rounds = outcome.rounds
    if before == (counts_id, outcome.status):
        return
    _send(session, piece, outcome, why=why, actor=actor, now=now)
    out = outcome.stopped and piece.status not in INSPECTABLE
    for kind, wanted in ((AlertKind.REWORK_SPENT, outcome.spent), (AlertKind.CRITICAL_OUT, out)):
        if wanted:
            raise_alert(session, because, kind, now)
        else:
            take_back(session, piece.id, kind, because=why, actor=actor, now=now)
    session.flush()


def settle_first(
    session: Session, piece: Piece, look: Inspection, *, why: str, actor: Actor, now: datetime
) -> None:
    """Send a piece that has just come in where its only look sends it. It must be locked."""
    outcome = outcome_of([look], since=None)
    assert outcome is not None, "a look that may count says something"
    card = BenchCard(piece_id=piece.id, cooperative_id=piece.cooperative_id)
    card.inspection_id, card.decided, card.rounds = look.id, outcome.status.value, outcome.rounds
    session.add(card)
    _send(session, piece, outcome, why=why, actor=actor, now=now)


def _send(
    session: Session, piece: Piece, outcome: Outcome, *, why: str, actor: Actor, now: datetime
) -> None:
    if piece.status in MARKED_ONLY:
        _mark(session, piece, stopped=outcome.stopped, now=now)
        return
    stood = _acceptance_stood(piece)
    if piece.status in ON_THE_SHELF and outcome.stopped:
        piece.become(S.ACCEPTED, actor=actor, why=why, at=now)
    if piece.status not in INSPECTABLE:
        return
    if piece.status != S.INSPECTING:
        piece.become(S.INSPECTING, actor=actor, why=why, at=now)
    piece.grade = outcome.grade.value if outcome.grade else None
    piece.quarantined_at = now if outcome.status is S.QUARANTINED else None
    if outcome.status is not S.INSPECTING:
        piece.become(outcome.status, actor=actor, why=why, at=now)
    session.flush()
    fulfilling.recount_for(session, piece, actor=actor, now=now)
    if outcome.status is S.ACCEPTED:
        defer(session, "piece.accepted", piece_id=piece.id)
    elif stood:
        defer(session, "piece.acceptance_withdrawn", piece_id=piece.id)


def _mark(session: Session, piece: Piece, *, stopped: bool, now: datetime) -> None:
    """Keep it from leaving, or let it go; whoever waited to be owed for it is owed then."""
    if piece.quarantined_at and not stopped and piece.grade:
        defer(session, "piece.accepted", piece_id=piece.id)
    piece.quarantined_at = (piece.quarantined_at or now) if stopped else None


def _acceptance_stood(piece: Piece) -> bool:
    """Whether somebody may be owed for it; from a sale undone it comes here with its grade."""
    undone = piece.status == S.QUARANTINED and piece.grade is not None
    return undone or piece.status in {S.ACCEPTED, *ON_THE_SHELF}
