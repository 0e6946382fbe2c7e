"""What the quality bench says of one piece: every look, and what people made of them."""

import uuid
from typing import Any

from sqlalchemy import Select, Text, case, cast, func

from core.timelines import Source, told
from quality.bench_models import BenchAlert, BenchCard, CriticalReview, Rework
from quality.inspection_lot_models import (
    FourPointScore,
    InspectionLot,
    InspectionLotPiece,
    InspectionLotVerdict,
)
from quality.models import Inspection

SCOPE = "quality:read"


def _inspections(piece_id: uuid.UUID) -> Select[Any]:
    """Each look as it was signed; whether it counts is what the piece's card says now."""
    counts = case(
        (BenchCard.inspection_id == Inspection.id, "it counts"),
        (Inspection.late, "it came late"),
        else_="another counts, or none",
    )
    columns = told(
        Inspection.id,
        Inspection.recorded_at,
        Inspection.actor,
        happened_at=Inspection.inspected_at,
        why=Inspection.reason,
        refs={
            "inspection_id": Inspection.id,
            "supersedes_id": Inspection.supersedes_id,
            "overrules_id": Inspection.overrules_id,
            "inspection_lot_id": Inspection.inspection_lot_id,
        },
        facts={"number": Inspection.sequence, "decision": Inspection.decision, "counts": counts},
    )
    card = columns.outerjoin(BenchCard, BenchCard.piece_id == Inspection.piece_id)
    return card.where(Inspection.piece_id == piece_id)


def _reviews(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        CriticalReview.id,
        CriticalReview.recorded_at,
        CriticalReview.actor,
        happened_at=CriticalReview.reviewed_at,
        why=CriticalReview.reason,
        refs={"inspection_id": Inspection.id, "review_id": CriticalReview.id},
        facts={"verdict": CriticalReview.verdict, "number": Inspection.sequence},
    )
    of = columns.join(Inspection, Inspection.id == CriticalReview.inspection_id)
    return of.where(Inspection.piece_id == piece_id)


def _reworks(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Inspection.id,
        Inspection.recorded_at,
        Inspection.actor,
        why=Rework.what,
        refs={"inspection_id": Inspection.id, "maker_id": Rework.maker_id},
        facts={"day": func.coalesce(cast(Rework.due_on, Text), "no day in particular")},
    )
    of = columns.join(Rework, Rework.inspection_id == Inspection.id)
    return of.where(Rework.piece_id == piece_id)


def _alerts(piece_id: uuid.UUID) -> Select[Any]:
    return _alerted(piece_id, BenchAlert.raised_at)


def _answers(piece_id: uuid.UUID) -> Select[Any]:
    columns = _alerted(piece_id, BenchAlert.answered_at, BenchAlert.answered_by, BenchAlert.answer)
    return columns.where(BenchAlert.answered_at.is_not(None))


def _alerted(piece_id: uuid.UUID, at: Any, actor: Any = None, why: Any = None) -> Select[Any]:
    return told(
        BenchAlert.id,
        at,
        actor,
        why=why,
        refs={"inspection_id": BenchAlert.inspection_id, "alert_id": BenchAlert.id},
        facts={"kind": BenchAlert.kind},
    ).where(BenchAlert.piece_id == piece_id)


def _lots(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        InspectionLot.id,
        InspectionLot.opened_at,
        InspectionLot.actor,
        why=InspectionLot.note,
        refs={"inspection_lot_id": InspectionLot.id},
        facts={
            "size": InspectionLot.size,
            "drawn": case((InspectionLotPiece.drawn, "drawn"), else_="not drawn"),
        },
    )
    of = columns.join(InspectionLotPiece, InspectionLotPiece.lot_id == InspectionLot.id)
    return of.where(InspectionLotPiece.piece_id == piece_id)


def _verdicts(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        InspectionLotVerdict.lot_id,
        InspectionLotVerdict.recorded_at,
        InspectionLotVerdict.actor,
        happened_at=InspectionLotVerdict.decided_at,
        refs={"inspection_lot_id": InspectionLotVerdict.lot_id},
        facts={"verdict": InspectionLotVerdict.verdict},
    )
    of = columns.join(InspectionLotPiece, InspectionLotPiece.lot_id == InspectionLotVerdict.lot_id)
    return of.where(InspectionLotPiece.piece_id == piece_id)


def _scores(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        FourPointScore.id,
        FourPointScore.recorded_at,
        FourPointScore.actor,
        refs={"inspection_id": Inspection.id, "score_id": FourPointScore.id},
        facts={"points": FourPointScore.points},
    )
    of = columns.join(Inspection, Inspection.id == FourPointScore.inspection_id)
    return of.where(Inspection.piece_id == piece_id)


SOURCES = (
    Source("inspected", "Inspection {number}: {decision}; {counts}.", _inspections, SCOPE),
    Source(
        "looked_again", "A second person looked at inspection {number}: {verdict}.", _reviews, SCOPE
    ),
    Source("sent_to_rework", "Sent to be mended by {day}.", _reworks, SCOPE),
    Source("put_in_lot", "Put in a lot of {size} to be sampled: {drawn}.", _lots, SCOPE),
    Source("lot_decided", "Its lot was {verdict}.", _verdicts, SCOPE),
    Source("scored", "Scored by four points: {points}.", _scores, SCOPE),
    Source("alerted", "A person must look: {kind}.", _alerts, SCOPE),
    Source("alert_answered", "A person looked: {kind}.", _answers, SCOPE),
)
