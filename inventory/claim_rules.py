"""What may be claimed: each co-operative's own policy and phrases, each from a day on.

The starting values are recommendations for the co-operative to change: they are rows, not rules.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from inventory.claim_models import ClaimKind, ClaimPolicy, Verdict, WordingRule
from inventory.wording import plain
from people.cooperatives import own

SOURCE = "recommended start; the co-operative decides"
BEGAN = date(2026, 1, 1)

#: Holds where a co-operative has set nothing: every claim may be made, and needs its lots; the
#: composition on the label needs none. 3 % is what makers' tolerances are said to be in the trade.
STARTING_POLICY: dict[str, Any] = {
    "allowed": [kind.value for kind in ClaimKind],
    "fibre_tolerance_bp": 300,
    "composition_needs_lots": False,
    "natural_needs_swatch": False,
}

CERTIFIED = "nothing here is certified by anybody"
FAIR_TRADE = "the co-operative is not itself a member of a fair-trade body"
ANTIQUE = "what is offered is new"
NATURAL = "say it as a claim, which rests on the dye lots"
SPUN = "say it as a claim, which rests on the yarn lots"
PURE = "say the share as a claim, which rests on the yarn lots"
FIBRE = "the design is not said to hold this fibre"
F, C, B = Verdict.FORBIDDEN, Verdict.NEEDS_CLAIM, Verdict.NEEDS_FIBRE

#: phrase, language, verdict, claim, fibre, reason. A star stands for any ending.
STARTING_PHRASES: tuple[tuple[str, str, Verdict, str | None, str | None, str], ...] = (
    ("certif*", "en", F, None, None, CERTIFIED),
    ("antique*", "en", F, None, None, ANTIQUE),
    ("antigüedad*", "es", F, None, None, ANTIQUE),
    ("pieza antigua", "es", F, None, None, ANTIQUE),
    ("fair trade", "en", F, None, None, FAIR_TRADE),
    ("fairtrade", "en", F, None, None, FAIR_TRADE),
    ("comercio justo", "es", F, None, None, FAIR_TRADE),
    ("natural dye*", "en", C, "natural_dyes", None, NATURAL),
    ("naturally dyed", "en", C, "natural_dyes", None, NATURAL),
    ("plant dye*", "en", C, "natural_dyes", None, NATURAL),
    ("tinte* natural*", "es", C, "natural_dyes", None, NATURAL),
    ("teñid* natural*", "es", C, "natural_dyes", None, NATURAL),
    ("hand spun", "en", C, "hand_spun", None, SPUN),
    ("handspun", "en", C, "hand_spun", None, SPUN),
    ("hilad* a mano", "es", C, "hand_spun", None, SPUN),
    ("undyed", "en", C, "undyed", None, NATURAL),
    ("sin teñir", "es", C, "undyed", None, NATURAL),
    ("100% alpaca", "en", C, "fibre", "alpaca", PURE),
    ("pure alpaca", "en", C, "fibre", "alpaca", PURE),
    ("pura alpaca", "es", C, "fibre", "alpaca", PURE),
    ("baby alpaca", "en", C, "fibre", "alpaca", PURE),
    ("100% wool", "en", C, "fibre", "sheep_wool", PURE),
    ("pure wool", "en", C, "fibre", "sheep_wool", PURE),
    ("pura lana", "es", C, "fibre", "sheep_wool", PURE),
    ("vicuña", "es", C, "fibre", "vicuna", PURE),
    ("alpaca", "en", B, None, "alpaca", FIBRE),
    ("llama wool", "en", B, None, "llama", FIBRE),
    ("cotton", "en", B, None, "cotton", FIBRE),
    ("algodón", "es", B, None, "cotton", FIBRE),
)  # fmt: skip


def set_claim_policy(
    session: Session,
    *,
    allowed: Sequence[str],
    fibre_tolerance_bp: int,
    composition_needs_lots: bool,
    natural_needs_swatch: bool,
    valid_from: date,
    source: str,
    actor: Actor,
    now: datetime,
) -> ClaimPolicy:
    """Say which claims the co-operative makes, from a day on, and what each needs.

    ``fibre_tolerance_bp``: how far a claimed share may be from the lots', except for 100 %, which
    is of one fibre only. What is published stays until it is published or changed again.
    """
    if len(set(allowed)) < len(allowed):
        raise Invalid("a claim is named twice", pointer="/allowed")
    policy = ClaimPolicy(
        cooperative_id=own(actor),
        allowed=list(allowed),
        fibre_tolerance_bp=fibre_tolerance_bp,
        composition_needs_lots=composition_needs_lots,
        natural_needs_swatch=natural_needs_swatch,
        valid_from=valid_from,
        source=source,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(policy)
    session.flush()
    return policy


def policy_on(session: Session, *, cooperative_id: uuid.UUID, day: date) -> ClaimPolicy:
    """The policy that holds on a day: what began last, or the starting one where nothing did."""
    found = session.scalar(
        select(ClaimPolicy)
        .where(ClaimPolicy.cooperative_id == cooperative_id, ClaimPolicy.valid_from <= day)
        .order_by(ClaimPolicy.valid_from.desc(), ClaimPolicy.id.desc())
        .limit(1)
    )
    return found or ClaimPolicy(**STARTING_POLICY)


def list_claim_policies(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[ClaimPolicy]:
    """Up to ``limit`` versions of the policy, the newest written first, before one id."""
    statement = select(ClaimPolicy).where(ClaimPolicy.cooperative_id == own(actor))
    if before:
        statement = statement.where(ClaimPolicy.id < before)
    return list(session.scalars(statement.order_by(ClaimPolicy.id.desc()).limit(limit)))


def set_wording_rule(
    session: Session,
    *,
    phrase: str,
    language: str,
    verdict: str,
    reason: str,
    valid_from: date,
    source: str,
    actor: Actor,
    now: datetime,
    claim: str | None = None,
    fibre: str | None = None,
) -> WordingRule:
    """Say what a page may do with a phrase, from a day on; ``allowed`` ends an earlier rule.

    The newest rule for a phrase holds. ``phrase`` is looked for in every language's text, without
    regard to accents, capitals and hyphens; a star at the end of a word stands for any ending.
    """
    if not plain(phrase).replace("*", "").strip():
        raise Invalid("the phrase has no letters", pointer="/phrase")
    if (verdict == Verdict.NEEDS_CLAIM) != (claim is not None):
        raise Invalid("needs_claim names its claim, and only that", pointer="/claim")
    if verdict == Verdict.NEEDS_FIBRE and fibre is None:
        raise Invalid("needs_fibre names its fibre", pointer="/fibre")
    rule = WordingRule(
        cooperative_id=own(actor),
        phrase=plain(phrase),
        language=language,
        verdict=verdict,
        claim=claim,
        fibre=fibre,
        reason=reason,
        valid_from=valid_from,
        source=source,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(rule)
    session.flush()
    return rule


def rules_on(session: Session, *, cooperative_id: uuid.UUID, day: date) -> list[WordingRule]:
    """The rule that holds for each phrase on a day; none for a phrase that is allowed again."""
    rows = session.scalars(
        select(WordingRule)
        .ext(distinct_on(WordingRule.phrase))
        .where(WordingRule.cooperative_id == cooperative_id, WordingRule.valid_from <= day)
        .order_by(WordingRule.phrase, WordingRule.valid_from.desc(), WordingRule.id.desc())
    )
    return [rule for rule in rows if rule.verdict != Verdict.ALLOWED]


def list_wording_rules(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[WordingRule]:
    """Up to ``limit`` rules, the newest written first, before one id."""
    statement = select(WordingRule).where(WordingRule.cooperative_id == own(actor))
    if before:
        statement = statement.where(WordingRule.id < before)
    return list(session.scalars(statement.order_by(WordingRule.id.desc()).limit(limit)))


def begin_wording(session: Session, *, actor: Actor, now: datetime) -> None:
    """Give a co-operative the starting phrases, unless it has any of its own."""
    there = select(WordingRule.id).where(WordingRule.cooperative_id == own(actor)).limit(1)
    if session.scalar(there) is not None:
        return
    for phrase, language, verdict, claim, fibre, reason in STARTING_PHRASES:
        set_wording_rule(
            session,
            phrase=phrase,
            language=language,
            verdict=verdict,
            claim=claim,
            fibre=fibre,
            reason=reason,
            valid_from=BEGAN,
            source=SOURCE,
            actor=actor,
            now=now,
        )
