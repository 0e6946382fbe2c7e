"""Findings: what was measured, answered and found, judged against a design's limits."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid
from core.quantities import Verdict
from inventory.design_models import LimitSet
from quality.catalogue import kinds_by_code
from quality.models import Answer, ChecklistAnswer, Decision, Defect, DefectClass, Measurement


class CriticalDefect(Conflict):
    """A piece with a critical defect cannot be accepted."""

    code = "critical_defect"


class MeasureMissing(Conflict):
    """A required measure is missing, so the piece cannot be accepted yet."""

    code = "measure_missing"


class AnswerMissing(Conflict):
    """A required question is not answered, so the piece cannot be accepted yet."""

    code = "answer_missing"


class ReasonMissing(Invalid):
    """This decision needs a reason in words."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an inspector sends: values, answers and defects as they were written down.

    ``measurements``: {name, value} in the measure's own unit. ``answers``: {code, answer}.
    ``defects``: {code, count?, size_mm?, place?, note?}.
    """

    measurements: Sequence[Mapping[str, Any]] = ()
    answers: Sequence[Mapping[str, Any]] = ()
    defects: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """The three kinds of evidence of one inspection, not yet on a row."""

    measurements: list[Measurement]
    answers: list[ChecklistAnswer]
    defects: list[Defect]


def collect(session: Session, limits: LimitSet, evidence: Evidence) -> Findings:
    """Judge what was sent; raises Invalid for a measure, question or defect nobody knows."""
    return Findings(
        measurements=_measured(limits, evidence.measurements),
        answers=_answered(limits, evidence.answers),
        defects=_found(session, limits.cooperative_id, evidence.defects),
    )


def check_decision(decision: Decision, reason: str, limits: LimitSet, findings: Findings) -> None:
    """Raise unless the findings allow the decision."""
    if decision in {Decision.REWORK, Decision.REJECT}:
        if not reason:
            raise ReasonMissing(pointer="/reason")
        return
    critical = [row.code for row in findings.defects if row.severity == DefectClass.CRITICAL]
    if critical:
        raise CriticalDefect(defects=critical)
    _require_measures(limits, findings)
    _require_answers(limits, findings)
    if not reason and _is_exception(findings):
        raise ReasonMissing(
            "accepting outside a limit or against a question needs a reason", pointer="/reason"
        )


def _measured(limits: LimitSet, sent: Sequence[Mapping[str, Any]]) -> list[Measurement]:
    known = {measure.name: measure for measure in limits.measures}
    _refuse_repeats([row["name"] for row in sent], "/measurements")
    rows = []
    for place, row in enumerate(sent):
        measure = known.get(row["name"])
        if measure is None:
            raise Invalid("this design has no such measure", pointer=f"/measurements/{place}/name")
        rows.append(
            Measurement(
                cooperative_id=limits.cooperative_id,
                name=measure.name,
                unit=measure.unit,
                value=row["value"],
                spec=measure.spec,
                minus=measure.minus,
                plus=measure.plus,
                verdict=measure.limit.judge(row["value"]).value,
            )
        )
    return rows


def _answered(limits: LimitSet, sent: Sequence[Mapping[str, Any]]) -> list[ChecklistAnswer]:
    known = {item.code for item in limits.checklist}
    _refuse_repeats([row["code"] for row in sent], "/answers")
    for place, row in enumerate(sent):
        if row["code"] not in known:
            raise Invalid("this design has no such question", pointer=f"/answers/{place}/code")
    return [ChecklistAnswer(cooperative_id=limits.cooperative_id, **row) for row in sent]


def _found(
    session: Session, cooperative_id: uuid.UUID, sent: Sequence[Mapping[str, Any]]
) -> list[Defect]:
    kinds = kinds_by_code(session, (row["code"] for row in sent), cooperative_id=cooperative_id)
    for place, row in enumerate(sent):
        if row["code"] not in kinds:
            raise Invalid("not in the defect catalogue", pointer=f"/defects/{place}/code")
    return [
        Defect(
            cooperative_id=cooperative_id,
            position=place,
            code=row["code"],
            severity=kinds[row["code"]].severity,
            count=row.get("count", 1),
            size_mm=row.get("size_mm"),
            place=row.get("place", ""),
            note=row.get("note", ""),
        )
        for place, row in enumerate(sent)
    ]


def _require_measures(limits: LimitSet, findings: Findings) -> None:
    measured = {row.name for row in findings.measurements}
    required = {measure.name for measure in limits.measures if measure.required}
    if missing := sorted(required - measured):
        raise MeasureMissing(measures=missing)


def _require_answers(limits: LimitSet, findings: Findings) -> None:
    answered = {row.code for row in findings.answers}
    required = {item.code for item in limits.checklist if item.required}
    if missing := sorted(required - answered):
        raise AnswerMissing(questions=missing)


def _is_exception(findings: Findings) -> bool:
    outside = any(row.verdict != Verdict.WITHIN for row in findings.measurements)
    against = any(row.answer == Answer.NO for row in findings.answers)
    return outside or against


def _refuse_repeats(names: list[str], pointer: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Invalid(f"{name} is given twice", pointer=f"{pointer}/{place}")
