"""Designs: what is woven, of which fibres, within which limits; limits change by a new version."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.money import BASIS_POINTS
from core.words import Words
from inventory.design_models import ChecklistItem, Design, Fibre, FibreShare, LimitSet, Measure
from people.cooperatives import own


class DesignExists(Conflict):
    """There is already a design with this code."""

    code = "design_exists"


class VicunaWithoutPermit(Invalid):
    """Vicuña is refused without the number of its permit (CITES; Ley 26496)."""

    code = "vicuna_without_permit"


def add_design(
    session: Session,
    *,
    code: str,
    kind: str,
    technique: str,
    name: Words,
    fibres: Sequence[Mapping[str, Any]],
    measures: Sequence[Mapping[str, Any]],
    checklist: Sequence[Mapping[str, Any]],
    actor: Actor,
    now: datetime,
    care: Words | None = None,
    minutes_by_stage: dict[str, int] | None = None,
    hs_code: str | None = None,
    vicuna_permit: str | None = None,
) -> Design:
    """Add a design with version 1 of its limits.

    ``fibres``: {part, fibre, share_bp}, each part summing to 10,000. ``measures``: {name, unit,
    spec, minus, plus, required} in whole units. ``checklist``: {code, words, required}.
    """
    check_fibres(fibres, vicuna_permit)
    cooperative_id = own(actor)
    taken = select(Design).where(Design.cooperative_id == cooperative_id, Design.code == code)
    if session.scalar(taken) is not None:
        raise DesignExists()
    design = Design(
        cooperative_id=cooperative_id,
        code=code,
        kind=kind,
        technique=technique,
        name=name,
        care=care or {},
        minutes_by_stage=minutes_by_stage or {},
        hs_code=hs_code,
        vicuna_permit=vicuna_permit,
        created_at=now,
        created_by=actor.reference,
        fibres=[FibreShare(cooperative_id=cooperative_id, **fibre) for fibre in fibres],
    )
    session.add(design)
    session.flush()
    session.add(_limit_set(design, 1, measures, checklist, actor=actor, now=now))
    session.flush()
    return design


def change_limits(
    session: Session,
    *,
    design_id: uuid.UUID,
    measures: Sequence[Mapping[str, Any]],
    checklist: Sequence[Mapping[str, Any]],
    actor: Actor,
    now: datetime,
) -> Design:
    """Give a design a new version of its limits; inspections keep the version they used."""
    get_design(session, design_id, actor=actor)
    design = lock_rows(session, Design, [design_id])[0]
    version = design.limit_set_version + 1
    session.add(_limit_set(design, version, measures, checklist, actor=actor, now=now))
    design.limit_set_version = version
    session.flush()
    return design


def get_design(session: Session, design_id: uuid.UUID, *, actor: Actor) -> Design:
    """One design of the actor's co-operative."""
    design = session.get(Design, design_id)
    if design is None or design.cooperative_id != actor.cooperative_id:
        raise NotFound("no such design")
    return design


def list_designs(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Design]:
    """Up to ``limit`` designs of the actor's co-operative, oldest first, after one id."""
    statement = select(Design).where(Design.cooperative_id == own(actor)).order_by(Design.id)
    if after:
        statement = statement.where(Design.id > after)
    return list(session.scalars(statement.limit(limit)))


def limits_in_force(session: Session, designs: Sequence[Design]) -> dict[uuid.UUID, LimitSet]:
    """The version in force of each of these designs."""
    rows = session.scalars(
        select(LimitSet)
        .join(Design, Design.id == LimitSet.design_id)
        .where(
            LimitSet.version == Design.limit_set_version,
            Design.id.in_([design.id for design in designs]),
        )
    )
    return {limits.design_id: limits for limits in rows}


def current_limits(session: Session, design: Design) -> LimitSet:
    """The version of a design's limits that is in force."""
    return session.scalars(
        select(LimitSet).where(
            LimitSet.design_id == design.id, LimitSet.version == design.limit_set_version
        )
    ).one()


def check_fibres(fibres: Sequence[Mapping[str, Any]], vicuna_permit: str | None) -> None:
    """Raise unless each part sums to 100 % without repeats, and vicuña has its permit."""
    sums: dict[str, int] = defaultdict(int)
    seen: set[tuple[str, str]] = set()
    for place, fibre in enumerate(fibres):
        if (pair := (fibre["part"], fibre["fibre"])) in seen:
            raise Invalid("this fibre is named twice", pointer=f"/fibres/{place}")
        seen.add(pair)
        sums[fibre["part"]] += fibre["share_bp"]
    for part, total in sums.items():
        if total != BASIS_POINTS:
            raise Invalid(f"the fibres of {part} sum to {total} of 10,000", pointer="/fibres")
    if any(fibre["fibre"] == Fibre.VICUNA for fibre in fibres) and not vicuna_permit:
        raise VicunaWithoutPermit(pointer="/vicuna_permit")


def _limit_set(
    design: Design,
    version: int,
    measures: Sequence[Mapping[str, Any]],
    checklist: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> LimitSet:
    _refuse_repeats(measures, "name", "/measures")
    _refuse_repeats(checklist, "code", "/checklist")
    for place, measure in enumerate(measures):
        if measure["minus"] > measure["spec"]:
            raise Invalid("the tolerance is wider than the value", pointer=f"/measures/{place}")
    return LimitSet(
        cooperative_id=design.cooperative_id,
        design_id=design.id,
        version=version,
        created_at=now,
        created_by=actor.reference,
        measures=[Measure(cooperative_id=design.cooperative_id, **row) for row in measures],
        checklist=[
            ChecklistItem(cooperative_id=design.cooperative_id, position=place, **row)
            for place, row in enumerate(checklist)
        ],
    )


def _refuse_repeats(rows: Sequence[Mapping[str, Any]], key: str, pointer: str) -> None:
    names = [row[key] for row in rows]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Invalid(f"{name} is named twice", pointer=f"{pointer}/{place}")
