"""Commissions: what makers are asked to weave, on terms that are never edited, only replaced."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from inventory.colours import known_colours
from inventory.commission_models import (
    AskedMaker,
    Commission,
    CommissionColour,
    CommissionLine,
    CommissionMeasure,
    CommissionStatus,
)
from inventory.design_models import Design, LimitSet
from inventory.limits import check_measures
from inventory.models import AgreementKind
from people.cooperatives import day_of, own
from people.groups import get_group
from people.makers import makers_by_id
from people.numbering import number_alone

MOST_ASKED = 200


class CommissionUnderWay(Conflict):
    """Somebody has accepted this commission; what was agreed is not replaced."""

    code = "commission_under_way"


@dataclass(frozen=True, slots=True)
class Advance:
    """What each maker who accepts is to have ahead, in minor units."""

    amount_minor: int
    currency: str


def ask(
    session: Session,
    *,
    due_on: date,
    lines: Sequence[Mapping[str, Any]],
    actor: Actor,
    now: datetime,
    maker_ids: Sequence[uuid.UUID] = (),
    group_id: uuid.UUID | None = None,
    advance: Advance | None = None,
    client: str | None = None,
    note: str = "",
    replaces_id: uuid.UUID | None = None,
) -> Commission:
    """Ask makers, or all of a group, to weave; the terms stand as they are asked.

    ``lines``: {design_id, pieces, agreement: {kind, price_minor?, currency?}, limit_set_version?,
    measures?, colour_ids?, maker_id?, note?}. Other terms are another commission with
    ``replaces_id``, which cancels the first; CommissionUnderWay once somebody has accepted that.
    """
    cooperative_id = own(actor)
    if due_on < day_of(session, cooperative_id, now):
        raise Invalid("it would be late already", pointer="/due_on")
    replaced = _cancel_replaced(session, replaces_id, actor, now) if replaces_id else None
    asked = _asked(session, maker_ids, group_id, lines, actor)
    written = _lines(session, lines, asked, cooperative_id)
    commission = Commission(
        id=new_id(),
        cooperative_id=cooperative_id,
        number=_next_number(session, cooperative_id, now),
        due_on=due_on,
        client=client,
        note=note,
        group_id=group_id,
        advance_minor=advance.amount_minor if advance else None,
        advance_currency=advance.currency if advance else None,
        replaces_id=replaced.id if replaced else None,
        created_at=now,
        created_by=actor.reference,
        lines=written,
        asked=[AskedMaker(cooperative_id=cooperative_id, maker_id=one) for one in sorted(asked)],
    )
    begun = commission.begin(CommissionStatus.ASKED, actor=actor, why="asked of makers", at=now)
    session.add_all([commission, begun])
    session.flush()
    return commission


def get_commission(
    session: Session, commission_id: uuid.UUID, *, actor: Actor, lock: bool = False
) -> Commission:
    """One commission of the actor's co-operative."""
    found = session.get(Commission, commission_id)
    if found is None or found.cooperative_id != actor.cooperative_id:
        raise NotFound("no such commission")
    return lock_rows(session, Commission, [commission_id])[0] if lock else found


def _cancel_replaced(
    session: Session, replaces_id: uuid.UUID, actor: Actor, now: datetime
) -> Commission:
    found = session.get(Commission, replaces_id)
    if found is None or found.cooperative_id != actor.cooperative_id:
        raise Invalid("no such commission", pointer="/replaces_id")
    (first,) = lock_rows(session, Commission, [replaces_id])
    if first.status not in {CommissionStatus.ASKED, CommissionStatus.DECLINED}:
        raise CommissionUnderWay(status=first.status)
    first.become(CommissionStatus.CANCELLED, actor=actor, why="asked on other terms", at=now)
    return first


def _asked(
    session: Session,
    maker_ids: Sequence[uuid.UUID],
    group_id: uuid.UUID | None,
    lines: Sequence[Mapping[str, Any]],
    actor: Actor,
) -> set[uuid.UUID]:
    """Everybody who is asked: by name, as one of the group, or for a line of her own."""
    wanted = {*maker_ids, *(line["maker_id"] for line in lines if line.get("maker_id"))}
    asked = set(makers_by_id(session, wanted, cooperative_id=own(actor), pointer="/maker_ids"))
    if group_id is not None:
        try:
            asked |= set(get_group(session, group_id, actor=actor).maker_ids)
        except NotFound as absent:
            raise Invalid(absent.message, pointer="/group_id") from absent
    if not 1 <= len(asked) <= MOST_ASKED:
        raise Invalid(f"ask at least one maker, and at most {MOST_ASKED}", pointer="/maker_ids")
    return asked


def _lines(
    session: Session,
    lines: Sequence[Mapping[str, Any]],
    asked: set[uuid.UUID],
    cooperative_id: uuid.UUID,
) -> list[CommissionLine]:
    limits = _limits(session, lines, cooperative_id)
    named = {colour for line in lines for colour in line.get("colour_ids", ())}
    colours = known_colours(session, named, cooperative_id=cooperative_id)
    for place, line in enumerate(lines):
        _check_line(place, line, colours)
    return [
        _line(place, line, limits[place], cooperative_id, alone=asked)
        for place, line in enumerate(lines)
    ]


def _limits(
    session: Session, lines: Sequence[Mapping[str, Any]], cooperative_id: uuid.UUID
) -> list[tuple[uuid.UUID, int]]:
    """For each line, the id and the version of its design's limits: those named, or in force."""
    rows = session.execute(
        select(LimitSet.id, LimitSet.design_id, LimitSet.version, Design.limit_set_version)
        .join(Design, Design.id == LimitSet.design_id)
        .where(
            Design.id.in_({line["design_id"] for line in lines}),
            Design.cooperative_id == cooperative_id,
        )
    ).all()
    sets = {(design_id, version): set_id for set_id, design_id, version, _ in rows}
    in_force = {design_id: current for _, design_id, _, current in rows}
    found = []
    for place, line in enumerate(lines):
        design_id = line["design_id"]
        if design_id not in in_force:
            raise Invalid("no such design", pointer=f"/lines/{place}/design_id")
        version = line.get("limit_set_version") or in_force[design_id]
        if (design_id, version) not in sets:
            pointer = f"/lines/{place}/limit_set_version"
            raise Invalid("this design has no such version", pointer=pointer)
        found.append((sets[design_id, version], version))
    return found


def _check_line(place: int, line: Mapping[str, Any], colours: set[uuid.UUID]) -> None:
    at = f"/lines/{place}"
    agreed = line["agreement"]
    priced = agreed.get("price_minor") is not None
    if (AgreementKind(agreed["kind"]) is AgreementKind.PAY_ON_ACCEPTANCE) != priced:
        raise Invalid(
            "pay_on_acceptance needs a price, share_on_sale has none", pointer=f"{at}/agreement"
        )
    check_measures(line.get("measures", ()), f"{at}/measures")
    for nth, colour_id in enumerate(line.get("colour_ids", ())):
        if colour_id not in colours:
            raise Invalid("no such colour", pointer=f"{at}/colour_ids/{nth}")
    if len(set(line.get("colour_ids", ()))) < len(line.get("colour_ids", ())):
        raise Invalid("a colour is named twice", pointer=f"{at}/colour_ids")


def _line(
    place: int,
    line: Mapping[str, Any],
    limits: tuple[uuid.UUID, int],
    cooperative_id: uuid.UUID,
    *,
    alone: set[uuid.UUID],
) -> CommissionLine:
    agreed = line["agreement"]
    return CommissionLine(
        id=new_id(),
        cooperative_id=cooperative_id,
        position=place,
        design_id=line["design_id"],
        limit_set_id=limits[0],
        limit_set_version=limits[1],
        # One who is asked alone has every line.
        maker_id=line.get("maker_id") or (next(iter(alone)) if len(alone) == 1 else None),
        pieces=line["pieces"],
        agreement=agreed["kind"],
        price_minor=agreed.get("price_minor"),
        currency=agreed.get("currency"),
        note=line.get("note", ""),
        measures=[
            CommissionMeasure(cooperative_id=cooperative_id, **{"minus": 0, "plus": 0, **measure})
            for measure in line.get("measures", ())
        ],
        colours=[
            CommissionColour(cooperative_id=cooperative_id, colour_id=colour_id, position=nth)
            for nth, colour_id in enumerate(line.get("colour_ids", ()))
        ],
    )


def _next_number(session: Session, cooperative_id: uuid.UUID, now: datetime) -> str:
    """The next number of the year, as ``C-2026-00017``; one at a time a co-operative."""
    number_alone(session, cooperative_id)
    stem = f"C-{now:%Y}-"
    written = select(func.count()).where(
        Commission.cooperative_id == cooperative_id, Commission.number.startswith(stem)
    )
    return f"{stem}{(session.scalar(written) or 0) + 1:05d}"
