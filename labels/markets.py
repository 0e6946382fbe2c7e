"""Markets: what each asks of a label, in rules with dates, each with its source and its mark."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from core.errors import Invalid


class Market(StrEnum):
    """Where goods are to be sold; ``inside``: nowhere yet, nothing is asked for."""

    INSIDE = "inside"
    PERU = "peru"
    EU = "eu"
    UK = "uk"
    US = "us"


class LabelLanguage(Invalid):
    """A label for this market is not in this language, or not in one we have words for."""

    code = "label_language"


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing a market asks for; ``verified``: the text of the source was read."""

    what: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class MarketRule:
    """What one market asks of a label, from a day on; the language named first is the usual one.

    A fibre below ``named_from_bp`` goes with the rest, unless it is always named.
    """

    market: str
    valid_from: date
    valid_to: date | None
    languages: tuple[str, ...]
    named_from_bp: int
    always_named: frozenset[str]
    animal_parts: frozenset[str]
    demands: tuple[Demand, ...]

    def asks(self, what: str) -> bool:
        """Whether a label must carry this."""
        return any(demand.what == what for demand in self.demands)

    def language(self, wanted: str | None) -> str:
        """The language of the label. Raises LabelLanguage."""
        if wanted is None:
            return self.languages[0]
        if wanted not in self.languages:
            raise LabelLanguage(pointer="/language", languages=list(self.languages))
        return wanted


@cache
def every_rule() -> tuple[MarketRule, ...]:
    """All rules of ``markets.json``, in its order."""
    text = (files("labels") / "markets.json").read_text(encoding="utf-8")
    return tuple(_rule(row) for row in json.loads(text)["rules"])


def rule_of(market: str, *, on: date) -> MarketRule:
    """The rule of a market that holds on a day: of several, the one that began last."""
    begun = [
        rule
        for rule in every_rule()
        if rule.market == market
        and rule.valid_from <= on
        and (rule.valid_to is None or on <= rule.valid_to)
    ]
    if not begun:
        raise Invalid("no rule is known for this market on this day", pointer="/market")
    return max(begun, key=lambda rule: rule.valid_from)


def rules_on(day: date) -> list[MarketRule]:
    """The rule of every market that holds on a day."""
    return [rule_of(market, on=day) for market in Market]


def _rule(row: dict[str, Any]) -> MarketRule:
    return MarketRule(
        market=Market(row["market"]).value,
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        languages=tuple(row["languages"]),
        named_from_bp=row["named_from_bp"],
        always_named=frozenset(row["always_named"]),
        animal_parts=frozenset(row["animal_parts"]),
        demands=tuple(Demand(what, **rest) for what, rest in row["asks"].items()),
    )
