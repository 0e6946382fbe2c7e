"""Verdicts of inspection lots: what the sample says, and what becomes of the pieces beside it.

A unit is a piece. It is nonconforming in a class when the look that counts, or one that sent it to
be put right since the lot was opened, found a defect of that class there; a measure outside its
limit, or a refusal without a defect, is major. What was put right was still found. Something
critical counts wherever in the lot it was found, unless a second person cleared it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid
from core.ids import new_id
from core.quantities import Verdict
from inventory.design_models import Design
from inventory.limits import Checklist, checklist_of
from inventory.models import Grade, Piece, PieceStatus
from quality.bench_models import BenchCard
from quality.inspection_lot_models import (
    InspectionLot,
    InspectionLotStatus,
    InspectionLotVerdict,
)
from quality.inspection_lots import get_lot, let_go, person_for_all
from quality.models import Decision, DefectClass, Inspection
from quality.standing import settle_first

L = InspectionLotStatus
DECISIONS = {Grade.A: Decision.ACCEPT_A, Grade.B: Decision.ACCEPT_B}


class LotDecided(Conflict):
    """Another verdict was signed for this lot; what is signed is not changed."""

    code = "lot_decided"


class SampleIncomplete(Conflict):
    """Every drawn piece needs an inspection of its own before the lot has a verdict."""

    code = "sample_incomplete"


class CriticalOpen(Conflict):
    """Something critical waits for a second person, and the lot with it."""

    code = "critical_open"


@dataclass(slots=True)
class Looked:
    """The looks at a lot's pieces since it was opened, and the one that counts for each."""

    looks: dict[uuid.UUID, list[Inspection]] = field(default_factory=dict)
    ever: set[uuid.UUID] = field(default_factory=set)
    counting: dict[uuid.UUID, Inspection] = field(default_factory=dict)


def decide_lot(
    session: Session,
    *,
    lot_id: uuid.UUID,
    grade: str,
    critical_checked_at: datetime,
    decided_at: datetime,
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[InspectionLot, bool]:
    """Sign a lot's verdict as its sample gives it: the lot, and whether the verdict is new.

    Accepted, the pieces at which nobody looked pass with ``grade``, each by a look of its own that
    names the lot. Rejected, each is to be inspected. Raises NotFound, LotDecided, IllegalMove,
    SampleIncomplete, CriticalOpen, PersonNeeded, InspectorIsMaker.
    """
    lot = get_lot(session, lot_id, actor=actor, lock=True)
    if lot.verdict is not None:
        if lot.verdict.request_hash != request_hash:
            raise LotDecided()
        return lot, False
    ids = [one.piece_id for one in lot.pieces]
    pieces = {piece.id: piece for piece in lock_rows(session, Piece, ids)}
    person = person_for_all(session, ids, actor)
    _refuse_odd_moments(lot, critical_checked_at, decided_at, now)
    looked = _looked(session, lot, ids)
    _require_sample(lot, looked)
    bad = bad_units(lot, looked)
    accepted = all(bad[plan.severity] <= plan.accept for plan in lot.plans)
    rest = [pieces[one.piece_id] for one in lot.pieces if not one.drawn] if accepted else []
    unseen = [
        one for one in rest if one.status == PieceStatus.DELIVERED and one.id not in looked.ever
    ]
    status = L.ACCEPTED if accepted else L.REJECTED
    lot.become(status, actor=actor, why="verdict of its sample", at=now)
    lot.verdict = InspectionLotVerdict(
        cooperative_id=lot.cooperative_id,
        verdict=status.value,
        grade=grade,
        **{f"{severity}_units": count for severity, count in bad.items()},
        accepted_unseen=len(unseen),
        critical_checked_at=critical_checked_at,
        decided_at=decided_at,
        recorded_at=now,
        inspector_id=person.id,
        request_hash=request_hash,
        actor=actor.reference,
    )
    session.flush()
    let_go(session, lot)
    _accept_unseen(session, lot, unseen, actor=actor, now=now)
    return lot, True


def bad_units(lot: InspectionLot, looked: Looked) -> dict[str, int]:
    """How many pieces are nonconforming in each class, each among as many as its plan looks at."""
    found = {one.piece_id: _faults(looked, one.piece_id) for one in lot.pieces}
    counts = {}
    for plan in lot.plans:
        sample = [one for one in lot.pieces if one.position <= plan.sample_size]
        counts[plan.severity] = sum(plan.severity in found[one.piece_id] for one in sample)
    return counts


def waiting_for(session: Session, lot: InspectionLot) -> set[uuid.UUID]:
    """The drawn pieces of an open lot at which somebody has still to look."""
    if lot.status != L.OPEN:
        return set()
    looked = _looked(session, lot, [one.piece_id for one in lot.pieces if one.drawn])
    return {one.piece_id for one in lot.pieces if one.drawn} - looked.counting.keys()


def _refuse_odd_moments(
    lot: InspectionLot, checked_at: datetime, decided_at: datetime, now: datetime
) -> None:
    if not lot.opened_at <= decided_at <= now:
        raise Invalid(
            "a verdict is given after the lot is opened and before now", pointer="/decided_at"
        )
    if not lot.opened_at <= checked_at <= decided_at:
        raise Invalid(
            "all pieces are looked at for the critical before the verdict",
            pointer="/critical_checked_at",
        )


def _looked(session: Session, lot: InspectionLot, ids: Sequence[uuid.UUID]) -> Looked:
    found = Looked()
    by_id: dict[uuid.UUID, Inspection] = {}
    rows = select(Inspection).where(Inspection.piece_id.in_(ids)).order_by(Inspection.sequence)
    for look in session.scalars(rows):
        found.ever.add(look.piece_id)
        if look.inspected_at >= lot.opened_at and not look.late:
            found.looks.setdefault(look.piece_id, []).append(look)
            by_id[look.id] = look
    for card in session.scalars(select(BenchCard).where(BenchCard.piece_id.in_(ids))):
        if card.inspection_id in by_id:
            found.counting[card.piece_id] = by_id[card.inspection_id]
    return found


def _require_sample(lot: InspectionLot, looked: Looked) -> None:
    open_ones = [
        look.piece_id for looks in looked.looks.values() for look in looks if look.open_critical
    ]
    if open_ones:
        raise CriticalOpen(pieces=sorted({str(one) for one in open_ones}))
    missing = [
        str(one.piece_id) for one in lot.pieces if one.drawn and one.piece_id not in looked.counting
    ]
    if missing:
        raise SampleIncomplete(pieces=missing)


def _faults(looked: Looked, piece_id: uuid.UUID) -> set[str]:
    looks = looked.looks.get(piece_id, [])
    overruled = {look.overrules_id for look in looks}
    counts = looked.counting.get(piece_id)
    faults: set[str] = set()
    for look in looks:
        if look.critical and not look.cleared:
            faults.add(DefectClass.CRITICAL)
        mended = look.decision == Decision.REWORK and not look.cleared
        if look is counts or (mended and look.id not in overruled):
            faults |= faults_of(look)
    return faults


def faults_of(look: Inspection) -> set[str]:
    """The classes in which a piece is nonconforming by one look at it."""
    faults = {row.severity for row in look.defects}
    outside = any(row.verdict != Verdict.WITHIN for row in look.measurements)
    if outside or not (faults or look.accepts):
        faults.add(DefectClass.MAJOR)
    return faults


def _accept_unseen(
    session: Session, lot: InspectionLot, pieces: Sequence[Piece], *, actor: Actor, now: datetime
) -> None:
    if not pieces:
        return
    checklist = checklist_of(session, session.get_one(Design, lot.design_id))
    looks = {piece.id: _look(lot, piece, checklist, actor, now) for piece in pieces}
    session.add_all(looks.values())
    session.flush()
    why = f"inspection lot {lot.id}"
    for piece in pieces:
        settle_first(session, piece, looks[piece.id], why=why, actor=actor, now=now)


def _look(
    lot: InspectionLot, piece: Piece, checklist: Checklist, actor: Actor, now: datetime
) -> Inspection:
    """A lot's word for a piece: nothing measured, nothing answered, and it says so."""
    verdict = lot.verdict
    assert verdict is not None
    drawn = sum(one.drawn for one in lot.pieces)
    return Inspection(
        id=new_id(),
        cooperative_id=lot.cooperative_id,
        piece_id=piece.id,
        sequence=1,
        inspection_lot_id=lot.id,
        inspector_id=verdict.inspector_id,
        limit_set_id=checklist.design.id,
        limit_set_version=checklist.design.version,
        kind_limit_set_id=checklist.kind.id if checklist.kind else None,
        kind_limit_set_version=checklist.kind_limit_set_version,
        decision=DECISIONS[Grade(verdict.grade)].value,
        reason=f"passed with its lot, of which {drawn} of {lot.size} were drawn and inspected",
        request_hash=verdict.request_hash,
        inspected_at=verdict.decided_at,
        recorded_at=now,
        late=False,
        photo_ids=[],
        reduced_bp=0,
        pay_reason="",
        measurements=[],
        answers=[],
        scores=[],
        defects=[],
        reviews=[],
        rework=None,
        rules=None,
        actor=actor.reference,
    )
