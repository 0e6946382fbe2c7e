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
from inventory.design_models import Design, Fibre, FibreShare, LimitSet
from inventory.limits import limit_set
from people.cooperatives import own


class DesignExists(Conflict):
    """There is already a design with this code."""

    code = "design_exists"


class VicunaWithoutPermit(Invalid):
    """Vicuña is refused without the number of its permit (CITES; Ley 26496)."""

    code = "vicuna_without_permit"


def add_design(  # noqa: PLR0913 - what a design is
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
    criteria: Sequence[Mapping[str, Any]] = (),
    hs_code: str | None = None,
    vicuna_permit: str | None = None,
) -> Design:
    """Add a design with version 1 of its limits, which stand over those of its kind.

    ``fibres``: {part, fibre, share_bp}, each part summing to 10,000. ``measures``, ``checklist``
    and ``criteria`` as in :func:`inventory.limits.limit_set`.
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
    written = {"measures": measures, "checklist": checklist, "criteria": criteria}
    session.add(limit_set(written, version=1, design=design, actor=actor, now=now))
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
    criteria: Sequence[Mapping[str, Any]] = (),
) -> Design:
    """Give a design a new version of its limits; inspections keep the version they used."""
    get_design(session, design_id, actor=actor)
    design = lock_rows(session, Design, [design_id])[0]
    version = design.limit_set_version + 1
    written = {"measures": measures, "checklist": checklist, "criteria": criteria}
    session.add(limit_set(written, version=version, design=design, actor=actor, now=now))
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


def current_limits(session: Session, design: Design) -> LimitSet:
    """The version of a design's own limits that is in force, without those of its kind."""
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
