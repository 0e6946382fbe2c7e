"""Inspections: a quality lead looks at a piece, decides, and signs. What is signed is kept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from inventory.design_models import Design
from inventory.fulfilling import agreed_for
from inventory.limits import Checklist, checklist_of
from inventory.models import AgreementKind, Piece, PieceStatus
from inventory.pieces import get_piece
from people.cooperatives import own
from people.permissions import require
from quality import reworks
from quality.alerts import raise_alert
from quality.bench_models import AlertKind, BenchCard, GradingRules
from quality.findings import (
    Evidence,
    Findings,
    Pay,
    ReasonMissing,
    check_decision,
    check_pay,
    collect,
    refuse_critical,
)
from quality.looks import in_conflict
from quality.models import Decision, Inspection
from quality.proposing import Proposal, propose, usual_reduction
from quality.reviews import InspectorIsMaker, PersonNeeded, person_for
from quality.rules import rules_of
from quality.standing import INSPECTABLE, looks_at, settle, turn_began

__all__ = ["InspectionSigned", "InspectorIsMaker", "Particulars", "PersonNeeded", "sign_inspection"]

OVERRULE = "quality:overrule"
#: What a list of pieces at the bench may be asked for.
AT_THE_BENCH = {
    "waiting": (
        PieceStatus.DELIVERED,
        PieceStatus.INSPECTING,
        PieceStatus.REWORK,
        PieceStatus.RETURNED,
    ),
    "quarantined": (PieceStatus.QUARANTINED,),
}


class InspectionSigned(Conflict):
    """Another inspection was signed under this id; what is signed is not changed."""

    code = "inspection_signed"


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an inspection may say beyond its decision.

    The versions that the phone went by; when the look began; what it takes the place of, knowingly
    (``supersedes_id``) or by a coordinator's word (``overrules_id``); what is paid; what is to be
    put right, by whom and until when.
    """

    started_at: datetime | None = None
    limit_set_version: int | None = None
    kind_limit_set_version: int | None = None
    rules_version: int | None = None
    supersedes_id: uuid.UUID | None = None
    overrules_id: uuid.UUID | None = None
    pay: Pay | None = None
    rework: reworks.Task | None = None


NOTHING_MORE = Particulars()


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a look was judged by, and what came of it."""

    checklist: Checklist
    rules: GradingRules | None
    findings: Findings
    proposal: Proposal | None
    pay: Pay


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
    particulars: Particulars = NOTHING_MORE,
) -> tuple[Inspection, bool]:
    """Sign an inspection: the row, and whether it is new.

    The same id with the same ``request_hash`` answers with the first, so a phone may send it
    twice; with another hash it raises InspectionSigned. A look that comes late, or in conflict
    with another, is kept: ``quality.looks`` says which counts.
    """
    piece = get_piece(session, piece_id, actor=actor, lock=True)
    first = session.get(Inspection, inspection_id)
    if first is not None:
        if first.piece_id != piece.id or first.request_hash != request_hash:
            raise InspectionSigned()
        return first, False
    inspector = person_for(session, piece, actor)
    _refuse_odd_moment(particulars.started_at, inspected_at, now)
    wanted = Decision(decision)
    judged = _judge(
        session,
        piece,
        wanted,
        reason=reason,
        evidence=evidence,
        said=particulars,
        inspected_at=inspected_at,
        actor=actor,
    )
    looks = looks_at(session, piece.id)
    look = _row(piece, judged, particulars)
    look.id, look.inspector_id = inspection_id, inspector.id
    look.sequence = len(looks) + 1
    look.decision, look.reason = wanted.value, reason
    look.inspected_at, look.recorded_at = inspected_at, now
    look.late = _is_late(session, piece, inspected_at)
    look.photo_ids = list(evidence.photo_ids)
    look.request_hash, look.actor = request_hash, actor.reference
    look.rework = reworks.task_for(session, piece, look, particulars.rework, judged.rules)
    session.add(look)
    session.flush()
    _tell(session, look, looks, now)
    settle(session, piece, because=look, why=f"inspection {look.id}", actor=actor, now=now)
    return look, True


def newest(session: Session, piece_id: uuid.UUID) -> Inspection | None:
    """The inspection that counts; None while a critical finding waits for a second person."""
    return session.scalar(
        select(Inspection)
        .join(BenchCard, BenchCard.inspection_id == Inspection.id)
        .where(BenchCard.piece_id == piece_id, BenchCard.decided != PieceStatus.QUARANTINED)
    )


def inspections_of(
    session: Session,
    *,
    piece_id: uuid.UUID,
    actor: Actor,
    limit: int = 100,
    after: uuid.UUID | None = None,
) -> list[Inspection]:
    """Up to ``limit`` inspections of a piece, in the order they came, after one."""
    get_piece(session, piece_id, actor=actor)
    statement = select(Inspection).where(Inspection.piece_id == piece_id)
    if after:
        before = select(Inspection.sequence).where(Inspection.id == after).scalar_subquery()
        statement = statement.where(Inspection.sequence > before)
    return list(session.scalars(statement.order_by(Inspection.sequence).limit(limit)))


def waiting_pieces(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
    state: str = "waiting",
) -> list[Piece]:
    """Pieces that wait for an inspection, or ``quarantined`` for a second person; the
    longest-waiting first."""
    statement = (
        select(Piece)
        .where(Piece.cooperative_id == own(actor), Piece.status.in_(AT_THE_BENCH[state]))
        .order_by(Piece.id)
        .limit(limit)
    )
    return list(session.scalars(statement.where(Piece.id > after) if after else statement))


def _refuse_odd_moment(started_at: datetime | None, inspected_at: datetime, now: datetime) -> None:
    if inspected_at > now:
        raise Invalid("an inspection cannot be dated ahead", pointer="/inspected_at")
    if started_at is not None and started_at > inspected_at:
        raise Invalid("an inspection begins before it ends", pointer="/started_at")


def _judge(
    session: Session,
    piece: Piece,
    decision: Decision,
    *,
    reason: str,
    evidence: Evidence,
    said: Particulars,
    inspected_at: datetime,
    actor: Actor,
) -> _Judged:
    design = session.get_one(Design, piece.design_id)
    home = piece.cooperative_id
    line = agreed_for(session, piece)
    checklist = checklist_of(
        session,
        design,
        version=said.limit_set_version or (line.limit_set_version if line else None),
        kind_version=said.kind_limit_set_version,
        agreed=line.measures if line else (),
    )
    rules = rules_of(session, cooperative_id=home, version=said.rules_version, at=inspected_at)
    findings = collect(session, home, checklist, evidence)
    by_price = piece.agreement.kind == AgreementKind.PAY_ON_ACCEPTANCE
    proposal = None
    if said.overrules_id is not None:
        _check_overruling(session, piece, said.overrules_id, reason, actor)
        refuse_critical(decision, findings)
    else:
        proposal = propose(findings, rules, by_price=by_price) if rules else None
        check_decision(decision, reason, checklist, findings, proposal)
    usual = usual_reduction(decision, rules, by_price=by_price)
    pay = check_pay(decision, said.pay, usual, by_price=by_price)
    return _Judged(checklist, rules, findings, proposal, pay)


def _check_overruling(
    session: Session, piece: Piece, overrules_id: uuid.UUID, reason: str, actor: Actor
) -> None:
    """A coordinator's word over an inspection of this piece; it needs no measuring of its own."""
    require(actor, OVERRULE)
    overruled = session.get(Inspection, overrules_id)
    if overruled is None or overruled.piece_id != piece.id:
        raise Invalid("this piece has no such inspection", pointer="/overrules_id")
    if not reason.strip():
        raise ReasonMissing("overruling needs a reason", pointer="/reason")


def _row(piece: Piece, judged: _Judged, said: Particulars) -> Inspection:
    checklist, proposal = judged.checklist, judged.proposal
    return Inspection(
        cooperative_id=piece.cooperative_id,
        piece_id=piece.id,
        supersedes_id=said.supersedes_id,
        overrules_id=said.overrules_id,
        started_at=said.started_at,
        limit_set_id=checklist.design.id,
        limit_set_version=checklist.design.version,
        kind_limit_set_id=checklist.kind.id if checklist.kind else None,
        kind_limit_set_version=checklist.kind_limit_set_version,
        rules=judged.rules if proposal else None,
        proposed=proposal.decision.value if proposal else None,
        proposed_reduced_bp=proposal.reduced_bp if proposal else None,
        reduced_bp=judged.pay.reduced_bp,
        pay_reason=judged.pay.reason,
        measurements=judged.findings.measurements,
        answers=judged.findings.answers,
        scores=judged.findings.scores,
        defects=judged.findings.defects,
        reviews=[],
    )


def _is_late(session: Session, piece: Piece, inspected_at: datetime) -> bool:
    """Whether the piece was past being inspected, or was looked at before it came back."""
    if piece.status not in INSPECTABLE:
        return True
    began = turn_began(session, piece.id)
    return began is not None and inspected_at < began


def _tell(session: Session, look: Inspection, others: Sequence[Inspection], now: datetime) -> None:
    """Say it to a person when this look does not fit with what was there."""
    if look.late:
        raise_alert(session, look, AlertKind.LATE, now)
    elif any(in_conflict(look, one) for one in others if not one.late):
        raise_alert(session, look, AlertKind.CONFLICT, now)
