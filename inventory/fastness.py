"""Fastness: an ordered scale of nine grades, tests of dye lots, limits below which we say so.

The grey scale runs from 1 (bad) to 5 (no change at all) with a half step between each two. A grade
is kept as half steps, 2 to 10, so that grades compare as they are meant to; people write ``3-4``.
Light fastness is graded on another scale (the blue one, 1 to 8) and is not kept here.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from inventory.dyestuffs import check_codes
from inventory.lots import get_lot
from inventory.yarn_models import DyestuffKind, FastnessLimit, FastnessTest, LotKind
from people.cooperatives import own

#: The grades in their order, as people write them.
GRADES = ("1", "1-2", "2", "2-3", "3", "3-4", "4", "4-5", "5")
_FIRST = 2


class TestCorrected(Conflict):
    """This test was corrected already; correct the newest one."""

    code = "test_corrected"
    __test__ = False


def half_steps(grade: str) -> int:
    """A grade as people write it, in half steps: ``1`` is 2, ``1-2`` is 3, ``5`` is 10."""
    return GRADES.index(grade) + _FIRST


def written(steps: int | None) -> str | None:
    """Half steps as people write the grade."""
    return None if steps is None else GRADES[steps - _FIRST]


def add_test(
    session: Session,
    *,
    lot_id: uuid.UUID,
    method: str,
    tested_on: date,
    tested_by: str,
    actor: Actor,
    now: datetime,
    change: str | None = None,
    staining: str | None = None,
    note: str = "",
    corrects_id: uuid.UUID | None = None,
) -> FastnessTest:
    """Write down how a dye lot did in a test; ``change`` and ``staining`` are grades, one at least.

    A wrong one is answered by a later test that ``corrects_id`` it.
    """
    lot = get_lot(session, lot_id, kind=LotKind.DYE, actor=actor, lock=True)
    if change is None and staining is None:
        raise Invalid("a test has at least one grade", pointer="/change")
    if tested_on > now.date():
        raise Invalid("a test cannot be dated ahead", pointer="/tested_on")
    _check_corrected(session, lot.id, corrects_id)
    test = FastnessTest(
        cooperative_id=lot.cooperative_id,
        lot_id=lot.id,
        method=method,
        change=half_steps(change) if change else None,
        staining=half_steps(staining) if staining else None,
        tested_on=tested_on,
        tested_by=tested_by,
        note=note,
        corrects_id=corrects_id,
        recorded_at=now,
        actor=actor.reference,
    )
    session.add(test)
    session.flush()
    return test


def standing(tests: Sequence[FastnessTest]) -> list[FastnessTest]:
    """The tests that nobody corrected, in the order they were made."""
    corrected = {test.corrects_id for test in tests}
    return [test for test in tests if test.id not in corrected]


def set_limit(
    session: Session,
    *,
    method: str,
    rating: str,
    least: str,
    valid_from: date,
    source: str,
    actor: Actor,
    now: datetime,
    dye: str | None = None,
    mordant: str | None = None,
) -> FastnessLimit:
    """From a day on, say of a dye that it bleeds or fades when a test is below ``least``."""
    cooperative_id = own(actor)
    for code, kinds, pointer in (
        (dye, {DyestuffKind.NATURAL, DyestuffKind.SYNTHETIC}, "/dye"),
        (mordant, {DyestuffKind.MORDANT}, "/mordant"),
    ):
        if code is not None:
            check_codes(
                session, [code], kinds=kinds, cooperative_id=cooperative_id, pointer=pointer
            )
    limit = FastnessLimit(
        cooperative_id=cooperative_id,
        method=method,
        rating=rating,
        dye=dye,
        mordant=mordant,
        least=half_steps(least),
        valid_from=valid_from,
        source=source,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(limit)
    session.flush()
    return limit


def list_limits(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[FastnessLimit]:
    """Up to ``limit`` limits, the newest written first, before one id."""
    statement = select(FastnessLimit).where(FastnessLimit.cooperative_id == own(actor))
    if before:
        statement = statement.where(FastnessLimit.id < before)
    return list(session.scalars(statement.order_by(FastnessLimit.id.desc()).limit(limit)))


def every_limit(session: Session, *, cooperative_id: uuid.UUID) -> list[FastnessLimit]:
    """All of a co-operative's limits: a few dozen."""
    return list(
        session.scalars(select(FastnessLimit).where(FastnessLimit.cooperative_id == cooperative_id))
    )


def below_limit(
    test: FastnessTest,
    limits: Iterable[FastnessLimit],
    *,
    dyes: Collection[str],
    mordants: Collection[str],
) -> list[Mapping[str, Any]]:
    """The grades of a test that a limit asks to disclose: {rating, grade, least}.

    Of the limits begun on the day of the test the closest fitting counts: for this dye and this
    mordant, before one for the dye, for the mordant, for any; of several the newest.
    """
    found: list[Mapping[str, Any]] = []
    begun = [
        limit
        for limit in limits
        if limit.method == test.method
        and limit.valid_from <= test.tested_on
        and (limit.dye is None or limit.dye in dyes)
        and (limit.mordant is None or limit.mordant in mordants)
    ]
    for rating, grade in (("change", test.change), ("staining", test.staining)):
        fitting = [limit for limit in begun if limit.rating == rating]
        if grade is None or not fitting:
            continue
        least = max(fitting, key=_closeness).least
        if grade < least:
            found.append({"rating": rating, "grade": written(grade), "least": written(least)})
    return found


def _closeness(limit: FastnessLimit) -> tuple[bool, bool, date, uuid.UUID]:
    return (limit.dye is not None, limit.mordant is not None, limit.valid_from, limit.id)


def _check_corrected(session: Session, lot_id: uuid.UUID, corrects_id: uuid.UUID | None) -> None:
    if corrects_id is None:
        return
    first = session.get(FastnessTest, corrects_id)
    if first is None or first.lot_id != lot_id:
        raise Invalid("this lot has no such test", pointer="/corrects_id")
    later = select(FastnessTest.id).where(FastnessTest.corrects_id == corrects_id)
    if session.scalar(later) is not None:
        raise TestCorrected()
