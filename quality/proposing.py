"""Proposing: what the rules make of findings. Arithmetic only; no session, no clock.

The proposal looks at what was found and at nothing that came before, so that a phone without
signal comes to the same one.
"""

from collections import Counter
from dataclasses import dataclass

from core.money import BASIS_POINTS
from core.quantities import Verdict
from quality.bench_models import GradingRules
from quality.evidence import Findings
from quality.models import ACCEPTING, Answer, Decision, DefectClass


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules would decide, and take off the agreed price, in basis points."""

    decision: Decision
    reduced_bp: int


def propose(findings: Findings, rules: GradingRules, *, by_price: bool) -> Proposal:
    """Grade, disposition and pay. ``by_price``: the piece is paid an agreed price.

    Something critical: reject. Within A: accept. Something major that a maker usually puts right:
    rework. Within B: accept. Anything else that can be put right: rework. The rest: reject.
    """
    decision = _decide(findings, rules)
    return Proposal(decision, usual_reduction(decision, rules, by_price=by_price))


def usual_reduction(decision: Decision, rules: GradingRules | None, *, by_price: bool) -> int:
    """What the rules take off the agreed price for a decision; all of it for what is not bought.

    A piece paid by a share of its sale is not reduced: its price is.
    """
    if decision not in ACCEPTING:
        return BASIS_POINTS
    graded_b = decision is Decision.ACCEPT_B and by_price and rules is not None
    return rules.b_reduced_bp if graded_b and rules else 0


def _decide(findings: Findings, rules: GradingRules) -> Decision:
    found = _counted(findings)
    mendable = {defect.severity for defect in findings.defects if defect.code in findings.mendable}
    if found["critical"]:
        return Decision.REJECT
    if _within(found, rules, "a"):
        return Decision.ACCEPT_A
    if DefectClass.MAJOR in mendable:
        return Decision.REWORK
    if _within(found, rules, "b"):
        return Decision.ACCEPT_B
    return Decision.REWORK if mendable else Decision.REJECT


def _counted(findings: Findings) -> Counter[str]:
    found: Counter[str] = Counter()
    for defect in findings.defects:
        found[defect.severity] += defect.count
    found["outside"] = sum(row.verdict != Verdict.WITHIN for row in findings.measurements)
    found["against"] = sum(row.answer == Answer.NO for row in findings.answers)
    found["low_a"] = sum(row.score < row.least_a for row in findings.scores)
    found["low_b"] = sum(row.score < row.least_b for row in findings.scores)
    return found


def _within(found: Counter[str], rules: GradingRules, grade: str) -> bool:
    allowed: dict[str, int] = {
        kind: getattr(rules, f"{kind}_{grade}") for kind in ("minor", "major", "outside", "against")
    }
    enough = found[f"low_{grade}"] == 0
    return enough and all(found[kind] <= most for kind, most in allowed.items())
