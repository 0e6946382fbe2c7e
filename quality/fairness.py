"""Fairness of inspection: how each inspector and each design fares. For teaching, never by maker.

Counted are looks at the piece alone: not a lot's word for it, and not a coordinator's overruling.
There is no grouping by maker here, and none is to be added.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, extract, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from core.actors import Actor
from core.errors import Invalid
from inventory.models import Delivery, Piece
from people.cooperatives import own, zone_of
from people.models import Cooperative
from quality.agreement import chart_of, kappa_permille, permille
from quality.models import ACCEPTING, Defect, DefectClass, Inspection
from quality.reviews import PersonNeeded

LONGEST = timedelta(days=366)
MOST_ROWS = 100
MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment, up to but not including another."""

    since: datetime
    until: datetime


def read_fairness(session: Session, *, first: date, last: date, actor: Actor) -> dict[str, Any]:
    """Looks by inspector and by design, and how far two inspectors agree on the same pieces.

    Both days too, by the clocks of the co-operative's country. Shares and kappa in thousandths,
    times in whole seconds; up to 100 rows of each. Raises PersonNeeded for an application.
    """
    home = _reader(actor)
    _refuse_odd_days(first, last)
    zone = zone_of(session.get_one(Cooperative, home))
    begins, ends = (
        datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1))
    )
    period = Period(begins, ends)
    return {
        "first": first,
        "last": last,
        "inspectors": _grouped(session, home, period, Inspection.inspector_id, "inspector_id"),
        "designs": _grouped(session, home, period, Piece.design_id, "design_id"),
        "agreements": _agreements(session, home, period),
    }


def read_chart(
    session: Session,
    *,
    first: date,
    last: date,
    actor: Actor,
    design_id: uuid.UUID | None = None,
) -> dict[str, Any]:
    """A p-chart of what did not pass at its first look, over the newest deliveries of some days.

    Up to 100 points, oldest first. Raises PersonNeeded for an application.
    """
    home = _reader(actor)
    _refuse_odd_days(first, last)
    rows = session.execute(deliveries_seen(home, first, last, design_id)).mappings().all()
    chart = chart_of([dict(row) for row in reversed(rows)])
    return {"first": first, "last": last, "design_id": design_id, **chart}


def _refuse_odd_days(first: date, last: date) -> None:
    if not timedelta() <= last - first < LONGEST:
        raise Invalid("a year of days at most, the last one not before the first", pointer="?to")


def deliveries_seen(
    home: uuid.UUID, first_day: date, last_day: date, design_id: uuid.UUID | None
) -> Select[uuid.UUID, date, int, int]:
    """Deliveries with how many pieces were looked at, and how many did not pass at first."""
    first = (
        select(Inspection.piece_id, Inspection.decision)
        .join(Piece, Piece.id == Inspection.piece_id)
        .join(Delivery, Delivery.id == Piece.delivery_id)
        .where(
            Delivery.cooperative_id == home,
            Delivery.delivered_on.between(first_day, last_day),
            *_alone(),
        )
        .ext(distinct_on(Inspection.piece_id))
        .order_by(Inspection.piece_id, Inspection.inspected_at, Inspection.id)
    )
    if design_id is not None:
        first = first.where(Piece.design_id == design_id)
    looks = first.subquery()
    bad = func.count().filter(looks.c.decision.not_in(ACCEPTING))
    return (
        select(
            Delivery.id.label("delivery_id"),
            Delivery.delivered_on,
            func.count().label("pieces"),
            bad.label("bad"),
        )
        .select_from(looks)
        .join(Piece, Piece.id == looks.c.piece_id)
        .join(Delivery, Delivery.id == Piece.delivery_id)
        .group_by(Delivery.id)
        .order_by(Delivery.delivered_on.desc(), Delivery.id.desc())
        .limit(MOST_POINTS)
    )


def looks_within(home: uuid.UUID, period: Period) -> tuple[ColumnElement[bool], ...]:
    """Looks of a co-operative at pieces alone, made in a period."""
    return (
        Inspection.cooperative_id == home,
        Inspection.inspected_at >= period.since,
        Inspection.inspected_at < period.until,
        *_alone(),
    )


def _alone() -> tuple[ColumnElement[bool], ...]:
    return Inspection.inspection_lot_id.is_(None), Inspection.overrules_id.is_(None)


def _reader(actor: Actor) -> uuid.UUID:
    """A person's own co-operative: what teaches people is not read by programs."""
    if actor.staff_id is None:
        raise PersonNeeded()
    return own(actor)


def _grouped(
    session: Session, home: uuid.UUID, period: Period, by: Any, name: str
) -> list[dict[str, Any]]:
    defects = (
        select(
            Defect.inspection_id,
            *(
                func.sum(case((Defect.severity == one, Defect.count), else_=0)).label(one.value)
                for one in DefectClass
            ),
        )
        .where(Defect.cooperative_id == home)
        .where(Defect.inspection_id.in_(select(Inspection.id).where(*looks_within(home, period))))
        .group_by(Defect.inspection_id)
        .subquery()
    )
    seconds = extract("epoch", Inspection.inspected_at - Inspection.started_at)
    rows = session.execute(
        select(
            by.label(name),
            func.count().label("looks"),
            func.count().filter(Inspection.decision.in_(ACCEPTING)).label("passed"),
            *(
                func.coalesce(func.sum(defects.c[one.value]), 0).label(one.value)
                for one in DefectClass
            ),
            func.count(Inspection.started_at).label("timed"),
            func.percentile_disc(0.5).within_group(seconds).label("median"),
        )
        .select_from(Inspection)
        .join(Piece, Piece.id == Inspection.piece_id)
        .outerjoin(defects, defects.c.inspection_id == Inspection.id)
        .where(*looks_within(home, period))
        .group_by(by)
        .order_by(func.count().desc(), by)
        .limit(MOST_ROWS)
    )
    return [_row(row._mapping, name) for row in rows]


def _row(row: Any, name: str) -> dict[str, Any]:
    return {
        name: row[name],
        "looks": row["looks"],
        "passed": row["passed"],
        "pass_share": permille(row["passed"], row["looks"]),
        "defects": {one.value: int(row[one.value]) for one in DefectClass},
        "timed": row["timed"],
        "median_seconds": None if row["median"] is None else int(row["median"]),
    }


def _agreements(session: Session, home: uuid.UUID, period: Period) -> list[dict[str, Any]]:
    """Each inspector's first look at a piece beside another's, counted by what they decided."""
    first = (
        select(Inspection.piece_id, Inspection.inspector_id, Inspection.decision)
        .where(*looks_within(home, period))
        .ext(distinct_on(Inspection.piece_id, Inspection.inspector_id))
        .order_by(
            Inspection.piece_id, Inspection.inspector_id, Inspection.inspected_at, Inspection.id
        )
        .cte("first_looks")
    )
    one, other = aliased(first), aliased(first)
    rows = session.execute(
        select(
            one.c.inspector_id,
            other.c.inspector_id,
            one.c.decision,
            other.c.decision,
            func.count(),
        )
        .join(other, one.c.piece_id == other.c.piece_id)
        .where(one.c.inspector_id < other.c.inspector_id)
        .group_by(one.c.inspector_id, other.c.inspector_id, one.c.decision, other.c.decision)
        .order_by(one.c.inspector_id, other.c.inspector_id)
        .limit(MOST_ROWS * 16)
    )
    tables: dict[tuple[Any, Any], dict[tuple[str, str], int]] = defaultdict(dict)
    for first_id, second_id, hers, theirs, count in rows:
        tables[first_id, second_id][hers, theirs] = count
    return [_agreement(people, table) for people, table in list(tables.items())[:MOST_ROWS]]


def _agreement(people: tuple[Any, Any], table: dict[tuple[str, str], int]) -> dict[str, Any]:
    kappa = kappa_permille(table)
    return {
        "inspector_ids": list(people),
        "pieces": sum(table.values()),
        "agreed": sum(count for (one, other), count in table.items() if one == other),
        "kappa": kappa,
        "undefined": kappa is None,
    }
