"""Evidence: what an inspector writes down, judged against the limits she went by."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.errors import Invalid
from core.quantities import mean_of
from inventory.limits import Checklist
from quality.catalogue import kinds_by_code
from quality.models import ChecklistAnswer, CriterionScore, Defect, Measurement


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an inspector sends: values, answers, scores, defects and photos as written down.

    ``measurements``: {name, value} or {name, readings} with one to three, in the measure's own
    unit. ``answers``: {code, answer}. ``defects``: {code, count?, size_mm?, place?, zone?, x_pm?
    and y_pm?, photo_ids?, note?}. ``scores``: {code, score}, 1 to 5. ``photo_ids``: made on the
    phone; the photos may come later.
    """

    measurements: Sequence[Mapping[str, Any]] = ()
    answers: Sequence[Mapping[str, Any]] = ()
    defects: Sequence[Mapping[str, Any]] = ()
    scores: Sequence[Mapping[str, Any]] = ()
    photo_ids: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """The evidence of one inspection as rows, not yet in a session; ``mendable``: codes of
    defects that a maker usually puts right."""

    measurements: list[Measurement]
    answers: list[ChecklistAnswer]
    defects: list[Defect]
    scores: list[CriterionScore]
    mendable: frozenset[str] = frozenset()


def collect(
    session: Session, cooperative_id: uuid.UUID, checklist: Checklist, evidence: Evidence
) -> Findings:
    """Judge what was sent; raises Invalid for a measure, question or defect nobody knows."""
    _refuse_repeats([str(photo) for photo in evidence.photo_ids], "/photo_ids")
    defects, mendable = _found(session, cooperative_id, evidence.defects)
    findings = Findings(
        measurements=_measured(checklist, evidence.measurements),
        answers=_answered(checklist, evidence.answers),
        defects=defects,
        scores=_scored(checklist, evidence.scores),
        mendable=mendable,
    )
    rows: list[Measurement | ChecklistAnswer | Defect | CriterionScore] = [
        *findings.measurements,
        *findings.answers,
        *findings.defects,
        *findings.scores,
    ]
    for row in rows:
        row.cooperative_id = cooperative_id
    return findings


def _measured(checklist: Checklist, sent: Sequence[Mapping[str, Any]]) -> list[Measurement]:
    known = {measure.name: measure for measure in checklist.measures}
    _refuse_repeats([row["name"] for row in sent], "/measurements")
    rows = []
    for place, row in enumerate(sent):
        measure = known.get(row["name"])
        if measure is None:
            raise Invalid("this design has no such measure", pointer=f"/measurements/{place}/name")
        readings = _readings(row, f"/measurements/{place}")
        limit, value = measure.limit, mean_of(readings)
        rows.append(
            Measurement(
                name=measure.name,
                unit=measure.unit,
                value=value,
                readings=readings,
                spec=limit.spec,
                minus=limit.minus,
                plus=limit.plus,
                sides=limit.sides,
                verdict=limit.judge(value).value,
            )
        )
    return rows


def _readings(row: Mapping[str, Any], pointer: str) -> list[int]:
    """One value is one reading."""
    if ("value" in row) == ("readings" in row):
        raise Invalid("give either a value or up to three readings", pointer=pointer)
    return list(row["readings"]) if "readings" in row else [row["value"]]


def _answered(checklist: Checklist, sent: Sequence[Mapping[str, Any]]) -> list[ChecklistAnswer]:
    known = {item.code for item in checklist.checklist}
    _refuse_repeats([row["code"] for row in sent], "/answers")
    for place, row in enumerate(sent):
        if row["code"] not in known:
            raise Invalid("this design has no such question", pointer=f"/answers/{place}/code")
    return [ChecklistAnswer(**row) for row in sent]


def _scored(checklist: Checklist, sent: Sequence[Mapping[str, Any]]) -> list[CriterionScore]:
    known = {criterion.code: criterion for criterion in checklist.criteria}
    _refuse_repeats([row["code"] for row in sent], "/scores")
    rows = []
    for place, row in enumerate(sent):
        criterion = known.get(row["code"])
        if criterion is None:
            raise Invalid("this design has no such criterion", pointer=f"/scores/{place}/code")
        least = {"least_a": criterion.least_a, "least_b": criterion.least_b}
        rows.append(CriterionScore(code=criterion.code, score=row["score"], **least))
    return rows


def _found(
    session: Session, cooperative_id: uuid.UUID, sent: Sequence[Mapping[str, Any]]
) -> tuple[list[Defect], frozenset[str]]:
    kinds = kinds_by_code(session, (row["code"] for row in sent), cooperative_id=cooperative_id)
    rows = []
    for place, row in enumerate(sent):
        if row["code"] not in kinds:
            raise Invalid("not in the defect catalogue", pointer=f"/defects/{place}/code")
        if ("x_pm" in row) != ("y_pm" in row):
            raise Invalid("a point has two numbers", pointer=f"/defects/{place}/x_pm")
        ids = list(row.get("photo_ids", ()))
        _refuse_repeats([str(photo) for photo in ids], f"/defects/{place}/photo_ids")
        severity = kinds[row["code"]].severity
        told = {"count": 1, "place": "", "note": "", **row, "photo_ids": ids}
        rows.append(Defect(position=place, severity=severity, **told))
    return rows, frozenset(kind.code for kind in kinds.values() if kind.mendable)


def _refuse_repeats(names: list[str], pointer: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Invalid(f"{name} is given twice", pointer=f"{pointer}/{place}")
