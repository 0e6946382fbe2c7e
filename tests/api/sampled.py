"""What a world has at the bench in lots: one that waits for its verdict, one that was rejected."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.ids import new_id
from inventory.models import Piece
from people.models import Cooperative, Maker
from quality import four_point, inspection_lots, lot_verdicts
from quality.findings import Evidence
from quality.inspection_lot_models import InspectionLot
from quality.inspections import sign_inspection
from quality.models import Inspection
from quality.sampling_rules import STARTING_SAMPLING, set_sampling_rules
from tests.support.make import acting, house, make_design, make_pieces, make_staff

SIDES = [
    {"name": name, "unit": "mm", "spec": spec, "minus": 0, "plus": 0, "required": False}
    for name, spec in (("width", 1500), ("length", 2000))
]
MEASURED = [{"name": one["name"], "value": one["spec"]} for one in SIDES]
MINUTE = timedelta(minutes=1)


def make_sampled(
    session: Session, home: Cooperative, maker: Maker, now: datetime
) -> dict[str, Any]:
    """Two lots of a design that is made again and again, and a cloth that was measured."""
    lead, leaders = acting(make_staff(session, home)), house(home)
    rules = {**STARTING_SAMPLING, "least_pieces": 2, "reason": "made for a test"}
    set_sampling_rules(session, actor=leaders, now=now, **rules)
    design = make_design(session, home, kind="strap", measures=SIDES, checklist=[])
    steps = [(maker, "weave", 1)]

    def opened(count: int) -> InspectionLot:
        made = make_pieces(session, home, count, design=design, weights=steps)
        lot, _new = inspection_lots.open_lot(
            session,
            lot_id=new_id(),
            piece_ids=[piece.id for piece in made],
            seed="made for a test, 1",
            request_hash="h",
            actor=lead,
            now=now - 10 * MINUTE,
        )
        return lot

    def look(piece: Piece, decision: str = "accept_a", defects: Any = ()) -> Inspection:
        found, _new = sign_inspection(
            session,
            inspection_id=new_id(),
            piece_id=piece.id,
            decision=decision,
            reason="because",
            inspected_at=now - 5 * MINUTE,
            evidence=Evidence(MEASURED, [], defects),
            request_hash="h",
            actor=lead,
            now=now - 2 * MINUTE,
        )
        return found

    waits, rejected = opened(6), opened(3)
    looks = [look(one.piece) for one in waits.pieces if one.drawn]
    bad, *good = [one.piece for one in rejected.pieces]
    look(bad, "reject", [{"code": "M03"}])
    for piece in good:
        look(piece)
    at = now - 2 * MINUTE
    lot_verdicts.decide_lot(
        session,
        lot_id=rejected.id,
        grade="A",
        critical_checked_at=at,
        decided_at=at,
        request_hash="h",
        actor=lead,
        now=at,
    )
    four_point.sign_score(
        session,
        score_id=new_id(),
        inspection_id=looks[0].id,
        faults=[{"metre": 0, "length_mm": 100, "hole": False}],
        request_hash="h",
        actor=lead,
        now=at,
    )
    return {
        "inspection_lot": waits,
        "rejected_lot": rejected,
        "sorted_pieces": good,
        "cloth_look": looks[0],
    }
