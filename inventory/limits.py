"""Limits: what is measured, asked and scored: a kind's template, and what a design makes of it.

A design inherits everything of its kind's template; what it names itself stands over it, and what
the template does not know is added.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from core.actors import Actor
from core.errors import Invalid
from core.quantities import Sides
from inventory.design_models import (
    ChecklistItem,
    Criterion,
    Design,
    LimitSet,
    Measure,
    Toleranced,
)
from people.cooperatives import own
from people.numbering import number_alone

Row = TypeVar("Row")
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Checklist:
    """What an inspector goes by: one version of a design's limits over one of its kind's.

    ``agreed``: measures of the commission that the piece was woven for.
    """

    design: LimitSet
    kind: LimitSet | None
    agreed: Sequence[Toleranced] = ()

    @property
    def measures(self) -> list[Toleranced]:
        """By name: the commission's over the design's own, and those over its kind's."""
        of_kind: Sequence[Toleranced] = self.kind.measures if self.kind else ()
        return _over(_over(of_kind, self.design.measures, "name"), self.agreed, "name")

    @property
    def checklist(self) -> list[ChecklistItem]:
        """The questions, its kind's first."""
        return _over(self.kind.checklist if self.kind else (), self.design.checklist, "code")

    @property
    def criteria(self) -> list[Criterion]:
        """What is scored, its kind's first."""
        return _over(self.kind.criteria if self.kind else (), self.design.criteria, "code")

    @property
    def kind_limit_set_version(self) -> int:
        """The version of the kind's template; 0 when there is none."""
        return self.kind.version if self.kind else 0


def checklist_of(
    session: Session,
    design: Design,
    *,
    version: int | None = None,
    kind_version: int | None = None,
    agreed: Sequence[Toleranced] = (),
) -> Checklist:
    """The versions in force, or older ones that a phone without signal still had.

    ``kind_version`` 0: there was no template then. ``agreed``: measures of a commission's own.
    Raises Invalid for a version there never was.
    """
    wanted = version or design.limit_set_version
    limits = session.scalar(
        select(LimitSet).where(LimitSet.design_id == design.id, LimitSet.version == wanted)
    )
    if limits is None:
        raise Invalid("this design has no such version", pointer="/limit_set_version")
    if kind_version is None:
        return Checklist(limits, _in_force(session, design.cooperative_id, design.kind), agreed)
    if kind_version == 0:
        return Checklist(limits, None, agreed)
    template = session.scalar(
        _of_kind(design.cooperative_id, design.kind).where(LimitSet.version == kind_version)
    )
    if template is None:
        raise Invalid("this kind has no such version", pointer="/kind_limit_set_version")
    return Checklist(limits, template, agreed)


def measures_in_force(
    session: Session, design_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[Measure]]:
    """By design, the measures in force, inherited ones too, by name; in one query."""
    other = aliased(LimitSet)
    newest = (
        select(func.max(other.version))
        .where(other.cooperative_id == Design.cooperative_id, other.kind == Design.kind)
        .scalar_subquery()
    )
    own_limits = (LimitSet.design_id == Design.id) & (LimitSet.version == Design.limit_set_version)
    of_kind = (
        (LimitSet.cooperative_id == Design.cooperative_id)
        & (LimitSet.kind == Design.kind)
        & (LimitSet.version == newest)
    )
    rows = session.execute(
        select(Design.id, Measure)
        .select_from(Design)
        .join(LimitSet, own_limits | of_kind)
        .join(Measure, Measure.limit_set_id == LimitSet.id)
        .where(Design.id.in_(set(design_ids)))
        .order_by(LimitSet.design_id.is_not(None), Measure.name)
    )
    found: dict[uuid.UUID, dict[str, Measure]] = {}
    for design_id, measure in rows:
        found.setdefault(design_id, {})[measure.name] = measure
    return {
        design_id: sorted(by_name.values(), key=lambda measure: measure.name)
        for design_id, by_name in found.items()
    }


def change_kind_limits(
    session: Session,
    *,
    kind: str,
    measures: Rows,
    checklist: Rows,
    actor: Actor,
    now: datetime,
    criteria: Rows = (),
) -> LimitSet:
    """Give a kind the next version of its template; inspections keep the version they used."""
    cooperative_id = own(actor)
    number_alone(session, cooperative_id)
    last = session.scalar(
        select(func.max(LimitSet.version)).where(
            LimitSet.cooperative_id == cooperative_id, LimitSet.kind == kind
        )
    )
    written = {"measures": measures, "checklist": checklist, "criteria": criteria}
    limits = limit_set(written, version=(last or 0) + 1, kind=kind, actor=actor, now=now)
    session.add(limits)
    session.flush()
    return limits


def list_kind_limits(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[LimitSet]:
    """Up to ``limit`` templates in force of the actor's co-operative, one a kind, by id."""
    in_force = (
        select(LimitSet.id)
        .where(LimitSet.cooperative_id == own(actor), LimitSet.kind.is_not(None))
        .ext(distinct_on(LimitSet.kind))
        .order_by(LimitSet.kind, LimitSet.version.desc())
    )
    statement = select(LimitSet).where(LimitSet.id.in_(in_force))
    if after:
        statement = statement.where(LimitSet.id > after)
    return list(session.scalars(statement.order_by(LimitSet.id).limit(limit)))


def limit_set(
    written: Mapping[str, Rows],
    *,
    version: int,
    actor: Actor,
    now: datetime,
    design: Design | None = None,
    kind: str | None = None,
) -> LimitSet:
    """A version of the limits of a design or of a kind, not yet in a session.

    ``measures``: {name, unit, spec, required, minus?, plus?, minus_bp?, plus_bp?, sides?} in whole
    units and basis points of spec. ``checklist``: {code, words, required}. ``criteria``: {code,
    words, least_a, least_b, required}.
    """
    check_limits(written)
    cooperative_id = own(actor)
    return LimitSet(
        cooperative_id=cooperative_id,
        design_id=design.id if design else None,
        kind=kind,
        version=version,
        created_at=now,
        created_by=actor.reference,
        measures=[
            Measure(cooperative_id=cooperative_id, **{"minus": 0, "plus": 0, **row})
            for row in written["measures"]
        ],
        checklist=[
            ChecklistItem(cooperative_id=cooperative_id, position=place, **row)
            for place, row in enumerate(written["checklist"])
        ],
        criteria=[
            Criterion(cooperative_id=cooperative_id, position=place, **row)
            for place, row in enumerate(written["criteria"])
        ],
    )


def check_limits(written: Mapping[str, Rows]) -> None:
    """Raise Invalid unless all is named once, and no tolerance or score contradicts itself."""
    check_measures(written["measures"], "/measures")
    _refuse_repeats(written["checklist"], "code", "/checklist")
    _check_criteria(written["criteria"])


def _in_force(session: Session, cooperative_id: uuid.UUID, kind: str) -> LimitSet | None:
    newest = _of_kind(cooperative_id, kind).order_by(LimitSet.version.desc()).limit(1)
    return session.scalar(newest)


def _of_kind(cooperative_id: uuid.UUID, kind: str) -> Select[LimitSet]:
    return select(LimitSet).where(LimitSet.cooperative_id == cooperative_id, LimitSet.kind == kind)


def _over(below: Iterable[Row], above: Iterable[Row], key: str) -> list[Row]:
    """What is above takes the place of what is below under the same name."""
    merged = {getattr(row, key): row for row in below}
    merged.update({getattr(row, key): row for row in above})
    return list(merged.values())


def check_measures(measures: Rows, at: str) -> None:
    """Raise Invalid for a measure named twice, or with a tolerance that cannot be; ``at``: where
    they stand in what was sent."""
    _refuse_repeats(measures, "name", at)
    for place, measure in enumerate(measures):
        if measure.get("minus", 0) > measure["spec"]:
            raise Invalid("the tolerance is wider than the value", pointer=f"{at}/{place}")
        sides = measure.get("sides", Sides.BOTH)
        unjudged = {Sides.LEAST: ("plus", "plus_bp"), Sides.MOST: ("minus", "minus_bp")}
        if any(measure.get(name) for name in unjudged.get(sides, ())):
            raise Invalid("that side is not judged", pointer=f"{at}/{place}/sides")


def _check_criteria(criteria: Rows) -> None:
    _refuse_repeats(criteria, "code", "/criteria")
    for place, row in enumerate(criteria):
        if row["least_b"] > row["least_a"]:
            raise Invalid("grade B asks no more than A", pointer=f"/criteria/{place}/least_b")


def _refuse_repeats(rows: Rows, key: str, pointer: str) -> None:
    names = [row[key] for row in rows]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Invalid(f"{name} is named twice", pointer=f"{pointer}/{place}")
