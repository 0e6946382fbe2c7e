"""Inspections: a quality lead looks at a piece, decides, and signs; a later look supersedes."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Forbidden, Invalid
from core.jobs import defer
from inventory import fulfilling
from inventory.design_models import Design, LimitSet
from inventory.models import Grade, Piece, PieceStatus
from inventory.pieces import get_piece
from people.cooperatives import own
from people.models import Staff
from quality.findings import Evidence, check_decision, collect
from quality.models import Decision, Inspection

INSPECTABLE = frozenset(
    {
        PieceStatus.DELIVERED,
        PieceStatus.INSPECTING,
        PieceStatus.REWORK,
        PieceStatus.RETURNED,
        PieceStatus.REJECTED,
        PieceStatus.ACCEPTED,
    }
)
WAITING = (
    PieceStatus.DELIVERED,
    PieceStatus.INSPECTING,
    PieceStatus.REWORK,
    PieceStatus.RETURNED,
)
OUTCOME = {
    Decision.ACCEPT_A: (PieceStatus.ACCEPTED, Grade.A),
    Decision.ACCEPT_B: (PieceStatus.ACCEPTED, Grade.B),
    Decision.REWORK: (PieceStatus.REWORK, None),
    Decision.REJECT: (PieceStatus.REJECTED, None),
}


class InspectionSigned(Conflict):
    """Another inspection was signed under this id; what is signed is not changed."""

    code = "inspection_signed"


class InspectorIsMaker(Forbidden):
    """Nobody inspects a piece she worked on."""

    code = "inspector_is_maker"


class PersonNeeded(Forbidden):
    """An inspection is signed by a person of the co-operative."""

    code = "person_needed"


class PieceNotInspectable(Conflict):
    """A piece that is listed, held, sold or gone is not inspected."""

    code = "piece_not_inspectable"


def sign_inspection(
    session: Session,
    *,
    inspection_id: uuid.UUID,
    piece_id: uuid.UUID,
    decision: str,
    inspected_at: datetime,
    evidence: Evidence,
    request_hash: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    limit_set_version: int | None = None,
) -> tuple[Inspection, bool]:
    """Sign an inspection: the row, and whether it is new.

    The same id with the same ``request_hash`` answers with the first, so a phone may send it
    twice; with another hash it raises InspectionSigned.
    """
    piece = get_piece(session, piece_id, actor=actor, lock=True)
    first = session.get(Inspection, inspection_id)
    if first is not None:
        if first.piece_id != piece.id or first.request_hash != request_hash:
            raise InspectionSigned()
        return first, False
    inspector = _inspector(session, piece, actor)
    _refuse_odd_moment(piece, inspected_at, now)
    limits = _limits(session, piece, limit_set_version)
    findings = collect(session, limits, evidence)
    check_decision(Decision(decision), reason, limits, findings)
    last = newest(session, piece.id)
    inspection = Inspection(
        id=inspection_id,
        cooperative_id=piece.cooperative_id,
        piece_id=piece.id,
        sequence=last.sequence + 1 if last else 1,
        supersedes_id=last.id if last else None,
        inspector_id=inspector.id,
        limit_set_id=limits.id,
        limit_set_version=limits.version,
        decision=decision,
        reason=reason,
        request_hash=request_hash,
        inspected_at=inspected_at,
        recorded_at=now,
        actor=actor.reference,
        measurements=findings.measurements,
        answers=findings.answers,
        defects=findings.defects,
    )
    session.add(inspection)
    session.flush()
    _carry_out(session, piece, inspection, actor, now)
    return inspection, True


def newest(session: Session, piece_id: uuid.UUID) -> Inspection | None:
    """The inspection that counts: the newest one of a piece."""
    return session.scalar(
        select(Inspection)
        .where(Inspection.piece_id == piece_id)
        .order_by(Inspection.sequence.desc())
        .limit(1)
    )


def inspections_of(
    session: Session,
    *,
    piece_id: uuid.UUID,
    actor: Actor,
    limit: int = 100,
    after: uuid.UUID | None = None,
) -> list[Inspection]:
    """Up to ``limit`` inspections of a piece, oldest first, after one; superseded ones stay."""
    get_piece(session, piece_id, actor=actor)
    statement = select(Inspection).where(Inspection.piece_id == piece_id)
    if after:
        before = select(Inspection.sequence).where(Inspection.id == after).scalar_subquery()
        statement = statement.where(Inspection.sequence > before)
    return list(session.scalars(statement.order_by(Inspection.sequence).limit(limit)))


def waiting_pieces(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Piece]:
    """Pieces that wait for an inspection, the longest-waiting first."""
    statement = (
        select(Piece)
        .where(Piece.cooperative_id == own(actor), Piece.status.in_(WAITING))
        .order_by(Piece.id)
        .limit(limit)
    )
    return list(session.scalars(statement.where(Piece.id > after) if after else statement))


def _inspector(session: Session, piece: Piece, actor: Actor) -> Staff:
    person = session.get(Staff, actor.staff_id) if actor.staff_id else None
    if person is None:
        raise PersonNeeded()
    if person.maker_id in {step.maker_id for step in piece.contributions}:
        raise InspectorIsMaker()
    return person


def _refuse_odd_moment(piece: Piece, inspected_at: datetime, now: datetime) -> None:
    if piece.status not in INSPECTABLE:
        raise PieceNotInspectable(status=piece.status)
    if inspected_at > now:
        raise Invalid("an inspection cannot be dated ahead", pointer="/inspected_at")


def _limits(session: Session, piece: Piece, version: int | None) -> LimitSet:
    """The limits used: the current ones, or the older ones a phone without signal still had."""
    design = session.get_one(Design, piece.design_id)
    wanted = version or design.limit_set_version
    limits = session.scalar(
        select(LimitSet).where(LimitSet.design_id == design.id, LimitSet.version == wanted)
    )
    if limits is None:
        raise Invalid("this design has no such version", pointer="/limit_set_version")
    return limits


def _carry_out(
    session: Session, piece: Piece, inspection: Inspection, actor: Actor, now: datetime
) -> None:
    """Move the piece where the decision sends it, and leave word for those who pay."""
    was_accepted = piece.status == PieceStatus.ACCEPTED
    why = f"inspection {inspection.id}"
    if piece.status != PieceStatus.INSPECTING:
        piece.become(PieceStatus.INSPECTING, actor=actor, why=why, at=now)
    status, grade = OUTCOME[Decision(inspection.decision)]
    piece.grade = grade.value if grade else None
    piece.become(status, actor=actor, why=why, at=now)
    session.flush()
    fulfilling.recount_for(session, piece, actor=actor, now=now)
    if status is PieceStatus.ACCEPTED:
        defer(session, "piece.accepted", piece_id=piece.id)
    elif was_accepted:
        defer(session, "piece.acceptance_withdrawn", piece_id=piece.id)
