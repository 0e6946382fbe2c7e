"""Four-point scores: faults of cloth by the metre, in points per 100 m2 (ASTM D5430, option A).

For single articles it says nothing: one small fault on a runner would be 167 points per 100 m2. So
nothing below 3 m2 is scored; there one point weighs no more than 33.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.quantities import Unit
from inventory.pieces import get_piece
from quality.inspection_lot_models import FourPointScore
from quality.models import Inspection
from quality.reviews import get_inspection, person_for

LEAST_MM2 = 3_000_000
#: Up to so many mm a fault has one, two, three points; beyond, four.
STEPS_MM = (75, 150, 230)
MOST_A_METRE = 4
#: 100 m2 in mm2, and hundredths of a point.
HUNDREDTHS_IN_100_M2 = 100 * 1_000_000 * 100


class TooSmallForPoints(Conflict):
    """Cloth of less than 3 m2 is judged by its defects, not by points."""

    code = "too_small_for_points"


class AreaUnknown(Conflict):
    """This inspection measured no length and width in mm, so there is no area."""

    code = "area_unknown"


class ScoreSigned(Conflict):
    """Another score was signed under this id."""

    code = "score_signed"


def points_of(faults: Iterable[Mapping[str, Any]]) -> int:
    """The points of {metre, length_mm, hole}, at most four in each metre of the cloth."""
    metres: dict[int, int] = defaultdict(int)
    for fault in faults:
        longer = sum(fault["length_mm"] > step for step in STEPS_MM)
        metres[fault["metre"]] += MOST_A_METRE if fault["hole"] else 1 + longer
    return sum(min(points, MOST_A_METRE) for points in metres.values())


def per_100_m2_hundredths(points: int, *, width_mm: int, length_mm: int) -> int:
    """Hundredths of a point in 100 m2: 10^10 x points / mm2, a half rounded up."""
    area = width_mm * length_mm
    return (2 * points * HUNDREDTHS_IN_100_M2 + area) // (2 * area)


def sign_score(
    session: Session,
    *,
    score_id: uuid.UUID,
    inspection_id: uuid.UUID,
    faults: Sequence[Mapping[str, Any]],
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[FourPointScore, bool]:
    """Write down the points of a cloth that was measured: the row, and whether it is new.

    ``faults``: {metre, length_mm, hole}; metre 0 is the first of the length. Raises NotFound,
    AreaUnknown, TooSmallForPoints, ScoreSigned, PersonNeeded, InspectorIsMaker, Invalid.
    """
    look = get_inspection(session, inspection_id, actor=actor)
    piece = get_piece(session, look.piece_id, actor=actor, lock=True)
    first = session.get(FourPointScore, score_id)
    if first is not None:
        if first.inspection_id != look.id or first.request_hash != request_hash:
            raise ScoreSigned()
        return first, False
    person = person_for(session, piece, actor)
    width, length = _sides(look)
    if width * length < LEAST_MM2:
        raise TooSmallForPoints(area_mm2=width * length, least_mm2=LEAST_MM2)
    for place, fault in enumerate(faults):
        if fault["metre"] * 1000 >= length:
            raise Invalid("the cloth is not so long", pointer=f"/faults/{place}/metre")
    points = points_of(faults)
    score = FourPointScore(
        id=score_id,
        cooperative_id=piece.cooperative_id,
        inspection_id=look.id,
        inspector_id=person.id,
        width_mm=width,
        length_mm=length,
        faults=[dict(fault) for fault in faults],
        points=points,
        per_100_m2_hundredths=per_100_m2_hundredths(points, width_mm=width, length_mm=length),
        request_hash=request_hash,
        recorded_at=now,
        actor=actor.reference,
    )
    session.add(score)
    session.flush()
    return score, True


def list_scores(
    session: Session,
    inspection_id: uuid.UUID,
    *,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[FourPointScore]:
    """Up to ``limit`` scores of one inspection's cloth, by id, after one id. Raises NotFound."""
    look = get_inspection(session, inspection_id, actor=actor)
    statement = select(FourPointScore).where(FourPointScore.inspection_id == look.id)
    if after:
        statement = statement.where(FourPointScore.id > after)
    return list(session.scalars(statement.order_by(FourPointScore.id).limit(limit)))


def _sides(look: Inspection) -> tuple[int, int]:
    sides = {row.name: row.value for row in look.measurements if row.unit == Unit.MILLIMETRE}
    if not (sides.get("width") and sides.get("length")):
        raise AreaUnknown()
    return sides["width"], sides["length"]
