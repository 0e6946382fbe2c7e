"""Fibre content as a market wants it written: part by part, by name, in percent, descending."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Protocol

from inventory.design_models import Fibre
from labels.markets import MarketRule
from labels.wording import FIBRES, PARTS, REST

MAIN_PART = "body"


class Share(Protocol):
    """How much of one part is one fibre, in basis points."""

    @property
    def part(self) -> str:
        """The part."""

    @property
    def fibre(self) -> str:
        """The fibre."""

    @property
    def share_bp(self) -> int:
        """Its share of the part by weight."""


def fibre_lines(shares: Sequence[Share], rule: MarketRule, language: str) -> list[str]:
    """One line a part, the body first; its name only where there are several parts."""
    parts = [(part, list(rows)) for part, rows in groupby(sorted(shares, key=_by_part), _part)]
    alone = len(parts) == 1
    return [
        ("" if alone else f"{part_words(part, language)}: ") + _content(rows, rule, language)
        for part, rows in parts
    ]


def unnamed_fibres(shares: Iterable[Share], rule: MarketRule) -> list[str]:
    """The parts with a fibre that has to be named and has no name."""
    return sorted(
        {
            one.part
            for one in shares
            if one.fibre not in FIBRES and one.share_bp >= max(rule.named_from_bp, 1)
        }
    )


def part_words(part: str, language: str) -> str:
    """A part's name in a language, or as it was written."""
    return PARTS.get(part, {}).get(language) or part.replace("_", " ").capitalize()


def percent(share_bp: int, language: str) -> str:
    """Basis points as percent: 50%, 33.3%; in Spanish and Quechua 33,3 %, which does not part."""
    whole, rest = divmod(share_bp, 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"{text}%" if language == "en" else f"{text.replace('.', ',')}\u00a0%"


def _content(rows: Sequence[Share], rule: MarketRule, language: str) -> str:
    named = [row for row in rows if row.share_bp >= rule.named_from_bp or _always(row, rule)]
    named = [row for row in named if row.fibre != Fibre.OTHER]
    rest_bp = sum(row.share_bp for row in rows) - sum(row.share_bp for row in named)
    named.sort(key=lambda row: (-row.share_bp, row.fibre))
    words = [f"{percent(row.share_bp, language)} {FIBRES[row.fibre][language]}" for row in named]
    if rest_bp:
        words.append(f"{percent(rest_bp, language)} {REST[language]}")
    return ", ".join(words)


def _always(row: Share, rule: MarketRule) -> bool:
    return row.fibre in rule.always_named


def _part(row: Share) -> str:
    return row.part


def _by_part(row: Share) -> tuple[bool, str]:
    return row.part != MAIN_PART, row.part
