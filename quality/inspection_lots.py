"""Inspection lots: equal pieces of which a sample is looked at. Opened, read, given up.

What a lot's sample says of it is in ``quality.lot_verdicts``.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from inventory.design_models import Design
from inventory.models import Contribution, Piece, PieceStatus
from people.cooperatives import own
from people.models import Staff
from people.numbering import number_alone
from quality.inspection_lot_models import (
    InspectionLot,
    InspectionLotClaim,
    InspectionLotPiece,
    InspectionLotPlan,
    InspectionLotStatus,
    SamplingRules,
)
from quality.models import DefectClass, Inspection
from quality.reviews import InspectorIsMaker, PersonNeeded
from quality.sampling import DRAWN_BY, drawing_order, plans_for
from quality.sampling_rules import sampling_rules_now
from quality.sampling_tables import Level

L = InspectionLotStatus


class NotALot(Conflict):
    """These pieces are inspected one by one, and not by a sample."""

    code = "not_a_lot"


class PieceNotForLot(Conflict):
    """Pieces of a lot have just come in: nobody has looked at them, or they were sorted."""

    code = "piece_not_for_lot"


class PieceInLot(Conflict):
    """A piece is in one inspection lot at a time."""

    code = "piece_in_lot"


class LotNotSorted(Conflict):
    """After a rejection every piece is looked at before they are a lot again."""

    code = "lot_not_sorted"


class LotOpened(Conflict):
    """Another inspection lot was opened under this id."""

    code = "lot_opened"


def open_lot(
    session: Session,
    *,
    lot_id: uuid.UUID,
    piece_ids: Sequence[uuid.UUID],
    seed: str,
    request_hash: str,
    actor: Actor,
    now: datetime,
    resubmits_id: uuid.UUID | None = None,
    note: str = "",
) -> tuple[InspectionLot, bool]:
    """Open a lot and draw its sample: the row, and whether it is new.

    ``seed``: 16 to 64 characters nobody could foresee; kept, so that the draw can be repeated.
    Raises NotFound, NotALot, PieceNotForLot, PieceInLot, LotNotSorted, LotOpened.
    """
    if len(set(piece_ids)) < len(piece_ids):
        raise Invalid("a piece is named twice", pointer="/piece_ids")
    pieces = lock_rows(session, Piece, piece_ids)
    if len(pieces) < len(piece_ids) or {one.cooperative_id for one in pieces} != {own(actor)}:
        raise NotFound("no such piece")
    number_alone(session, own(actor))
    first = session.get(InspectionLot, lot_id)
    if first is not None:
        if first.cooperative_id != own(actor):
            raise NotFound("no such inspection lot")
        if first.request_hash != request_hash:
            raise LotOpened()
        return first, False
    person_for_all(session, piece_ids, actor)
    rules = _check_lot(session, pieces)
    _check_free(session, piece_ids)
    _check_history(session, pieces, resubmits_id)
    lot = _row(rules, pieces, seed)
    lot.id, lot.resubmits_id, lot.note = lot_id, resubmits_id, note
    lot.request_hash, lot.opened_at, lot.actor = request_hash, now, actor.reference
    step = lot.begin(L.OPEN, actor=actor, why="opened", at=now)
    session.add_all([lot, step])
    session.flush()
    home = lot.cooperative_id
    session.add_all(
        InspectionLotClaim(piece_id=one, lot_id=lot.id, cooperative_id=home) for one in piece_ids
    )
    session.flush()
    return lot, True


def cancel_lot(
    session: Session, *, lot_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> InspectionLot:
    """Give up an open lot; what was inspected stays, the rest is inspected one by one."""
    lot = get_lot(session, lot_id, actor=actor, lock=True)
    lot.become(L.CANCELLED, actor=actor, why=reason, at=now)
    let_go(session, lot)
    session.flush()
    return lot


def get_lot(
    session: Session, lot_id: uuid.UUID, *, actor: Actor, lock: bool = False
) -> InspectionLot:
    """One inspection lot of the actor's co-operative."""
    if lock:
        lock_rows(session, InspectionLot, [lot_id])
    lot = session.get(InspectionLot, lot_id)
    if lot is None or lot.cooperative_id != own(actor):
        raise NotFound("no such inspection lot")
    return lot


def list_lots(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    status: str | None = None,
    after: uuid.UUID | None = None,
) -> list[InspectionLot]:
    """Up to ``limit`` inspection lots of the actor's co-operative, by id, after one."""
    statement = select(InspectionLot).where(InspectionLot.cooperative_id == own(actor))
    if status is not None:
        statement = statement.where(InspectionLot.status == status)
    if after:
        statement = statement.where(InspectionLot.id > after)
    return list(session.scalars(statement.order_by(InspectionLot.id).limit(limit)))


def let_go(session: Session, lot: InspectionLot) -> None:
    """A lot that is decided or given up claims its pieces no longer."""
    session.execute(delete(InspectionLotClaim).where(InspectionLotClaim.lot_id == lot.id))


def person_for_all(session: Session, piece_ids: Collection[uuid.UUID], actor: Actor) -> Staff:
    """The person who answers for a lot: never an application, never a maker of any piece of it."""
    person = session.get(Staff, actor.staff_id) if actor.staff_id else None
    if person is None:
        raise PersonNeeded()
    hers = exists().where(
        Contribution.piece_id.in_(piece_ids), Contribution.maker_id == person.maker_id
    )
    if person.maker_id is not None and session.scalar(select(hers)):
        raise InspectorIsMaker()
    return person


def _check_lot(session: Session, pieces: Sequence[Piece]) -> SamplingRules:
    """The rules by which these pieces are a lot. Raises NotALot with the reason."""
    rules = sampling_rules_now(session, cooperative_id=pieces[0].cooperative_id)
    if rules is None:
        raise NotALot("the co-operative has set no rules of sampling", reason="no_rules")
    if len({piece.design_id for piece in pieces}) > 1:
        raise NotALot("a lot is of one design", reason="several_designs")
    design = session.get_one(Design, pieces[0].design_id)
    if design.kind in rules.one_off_kinds:
        raise NotALot(
            f"each {design.kind} is one of its own, so each is inspected",
            reason="one_off_kind",
            kind=design.kind,
        )
    if len(pieces) < rules.least_pieces:
        raise NotALot(
            f"fewer than {rules.least_pieces} are inspected one by one",
            reason="too_few",
            least_pieces=rules.least_pieces,
        )
    return rules


def _check_free(session: Session, piece_ids: Collection[uuid.UUID]) -> None:
    claimed = InspectionLotClaim.piece_id
    taken = session.scalars(select(claimed).where(claimed.in_(piece_ids)).order_by(claimed)).all()
    if taken:
        raise PieceInLot(pieces=[str(one) for one in taken])


def _check_history(
    session: Session, pieces: Sequence[Piece], resubmits_id: uuid.UUID | None
) -> None:
    """Nobody has looked at a piece before; or its lot was rejected, and it was sorted."""
    if resubmits_id is not None:
        _check_sorted(session, pieces, resubmits_id)
        return
    ids = [piece.id for piece in pieces]
    member = InspectionLotPiece
    seen = set(session.scalars(select(Inspection.piece_id).where(Inspection.piece_id.in_(ids))))
    rejected = set(
        session.scalars(
            select(member.piece_id)
            .join(InspectionLot, InspectionLot.id == member.lot_id)
            .where(member.piece_id.in_(ids), InspectionLot.status == L.REJECTED)
        )
    )
    if rejected - seen:
        raise LotNotSorted(pieces=sorted(map(str, rejected - seen)))
    unfit = [one for one in pieces if one.status != PieceStatus.DELIVERED or one.id in seen]
    if unfit:
        raise PieceNotForLot(pieces=[str(one.id) for one in unfit])


def _check_sorted(session: Session, pieces: Sequence[Piece], resubmits_id: uuid.UUID) -> None:
    before = session.get(InspectionLot, resubmits_id)
    if before is None or before.cooperative_id != pieces[0].cooperative_id:
        raise Invalid("there is no such inspection lot", pointer="/resubmits_id")
    if before.status != L.REJECTED or before.verdict is None:
        raise Invalid("only a rejected lot is presented again", pointer="/resubmits_id")
    ids = {piece.id for piece in pieces}
    if ids - {one.piece_id for one in before.pieces}:
        raise Invalid("a piece was not in that lot", pointer="/piece_ids")
    looked = (
        select(Inspection.piece_id)
        .where(Inspection.piece_id.in_(ids))
        .group_by(Inspection.piece_id)
    )
    last = func.max(Inspection.recorded_at)
    sorted_since = set(session.scalars(looked.having(last >= before.opened_at)))
    if unsorted := ids - sorted_since:
        raise LotNotSorted(pieces=sorted(map(str, unsorted)))
    unfit = [str(piece.id) for piece in pieces if piece.status != PieceStatus.ACCEPTED]
    if unfit:
        raise PieceNotForLot("what is presented again has passed its own inspection", pieces=unfit)


def _row(rules: SamplingRules, pieces: Sequence[Piece], seed: str) -> InspectionLot:
    """A lot of these pieces with its plans and its draw, not yet in a session."""
    lot = InspectionLot(
        cooperative_id=rules.cooperative_id,
        design_id=pieces[0].design_id,
        rules=rules,
        level=rules.level,
        size=len(pieces),
        seed=seed,
        drawn_by=DRAWN_BY,
        plans=_plans(rules, pieces),
        verdict=None,
    )
    lot.pieces = _draw(lot, [piece.id for piece in pieces])
    return lot


def _plans(rules: SamplingRules, pieces: Sequence[Piece]) -> list[InspectionLotPlan]:
    home, size = rules.cooperative_id, len(pieces)
    aqls = {DefectClass.MAJOR.value: rules.major_aql, DefectClass.MINOR.value: rules.minor_aql}
    rows = [
        InspectionLotPlan(
            cooperative_id=home,
            severity=severity,
            aql=aqls[severity],
            start_letter=plan.start,
            letter=plan.letter,
            sample_size=plan.size,
            accept=plan.accept,
        )
        for severity, plan in plans_for(size, Level(rules.level), aqls).items()
    ]
    critical = DefectClass.CRITICAL.value
    everything = InspectionLotPlan(
        cooperative_id=home, severity=critical, sample_size=size, accept=0
    )
    return [everything, *rows]


def _draw(lot: InspectionLot, piece_ids: Sequence[uuid.UUID]) -> list[InspectionLotPiece]:
    """All pieces in drawing order; as many are drawn as the larger plan asks for."""
    sizes = [plan.sample_size for plan in lot.plans if plan.severity != DefectClass.CRITICAL]
    return [
        InspectionLotPiece(
            cooperative_id=lot.cooperative_id,
            piece_id=piece_id,
            position=place,
            drawn=place <= max(sizes),
        )
        for place, piece_id in enumerate(drawing_order(piece_ids, lot.seed), start=1)
    ]
