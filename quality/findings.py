"""Findings: what they allow an inspector to decide, and when she has to say why."""

from dataclasses import dataclass

from core.errors import Conflict, Invalid
from core.quantities import Verdict
from inventory.limits import Checklist
from quality.evidence import Evidence, Findings, collect
from quality.models import ACCEPTING, Answer, Decision, DefectClass
from quality.proposing import Proposal

__all__ = [
    "Evidence",
    "Findings",
    "Pay",
    "check_decision",
    "check_pay",
    "collect",
    "refuse_critical",
]


class CriticalDefect(Conflict):
    """A piece with a critical defect cannot be accepted."""

    code = "critical_defect"


class MeasureMissing(Conflict):
    """A required measure is missing, so the piece cannot be accepted yet."""

    code = "measure_missing"


class AnswerMissing(Conflict):
    """A required question is not answered, so the piece cannot be accepted yet."""

    code = "answer_missing"


class ScoreMissing(Conflict):
    """A required criterion is not scored, so the piece cannot be accepted yet."""

    code = "score_missing"


class ReasonMissing(Invalid):
    """This decision needs a reason in words."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True)
class Pay:
    """What an acceptance takes off the agreed price, in basis points, and why."""

    reduced_bp: int = 0
    reason: str = ""


def check_decision(
    decision: Decision,
    reason: str,
    checklist: Checklist,
    findings: Findings,
    proposal: Proposal | None,
) -> None:
    """Raise unless the findings allow the decision, and a reason is there where one is needed."""
    refuse_critical(decision, findings)
    if decision in ACCEPTING:
        _require_all(checklist, findings)
    if reason:
        return
    if decision not in ACCEPTING:
        raise ReasonMissing(pointer="/reason")
    if _is_exception(findings):
        raise ReasonMissing(
            "accepting outside a limit or against a question needs a reason", pointer="/reason"
        )
    if proposal is not None and proposal.decision is not decision:
        raise ReasonMissing(
            "deciding otherwise than proposed needs a reason",
            pointer="/reason",
            proposed=proposal.decision.value,
        )


def refuse_critical(decision: Decision, findings: Findings) -> None:
    """Raise CriticalDefect where something critical would be accepted."""
    critical = [row.code for row in findings.defects if row.severity == DefectClass.CRITICAL]
    if critical and decision in ACCEPTING:
        raise CriticalDefect(defects=critical)


def check_pay(decision: Decision, pay: Pay | None, usual_bp: int, *, by_price: bool) -> Pay:
    """What is paid: the whole price unless she says otherwise. Raises Invalid, ReasonMissing.

    ``usual_bp``: what the rules take off for this decision. Whoever pays less, or otherwise than
    the rules, says why.
    """
    if decision not in ACCEPTING:
        if pay is not None:
            raise Invalid("nothing is paid before it passes", pointer="/pay")
        return Pay()
    taken = pay or Pay()
    if taken.reduced_bp and not by_price:
        raise Invalid("this piece is paid by a share of its sale", pointer="/pay/reduced_bp")
    if (taken.reduced_bp or taken.reduced_bp != usual_bp) and not taken.reason.strip():
        raise ReasonMissing(
            "paying less, or otherwise than proposed, needs a reason",
            pointer="/pay/reason",
            proposed_reduced_bp=usual_bp,
        )
    return taken


def _require_all(checklist: Checklist, findings: Findings) -> None:
    measures = {row.name for row in checklist.measures if row.required}
    if missing := sorted(measures - {row.name for row in findings.measurements}):
        raise MeasureMissing(measures=missing)
    questions = {row.code for row in checklist.checklist if row.required}
    if missing := sorted(questions - {row.code for row in findings.answers}):
        raise AnswerMissing(questions=missing)
    criteria = {row.code for row in checklist.criteria if row.required}
    if missing := sorted(criteria - {row.code for row in findings.scores}):
        raise ScoreMissing(criteria=missing)


def _is_exception(findings: Findings) -> bool:
    outside = any(row.verdict != Verdict.WITHIN for row in findings.measurements)
    against = any(row.answer == Answer.NO for row in findings.answers)
    return outside or against
