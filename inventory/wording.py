"""Wording: phrases found in what a page says, however they are spelt."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from inventory.claim_models import Verdict

APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc`\u00b4", "'"))  # curly ones too
GAPS = re.compile(r"[\s\-\u2010-\u2015_]+")


class Rule(Protocol):
    """What a rule about a phrase says."""

    @property
    def phrase(self) -> Any:
        """The phrase in plain form."""

    @property
    def verdict(self) -> Any:
        """Whether it may be used."""

    @property
    def claim(self) -> Any:
        """The claim it needs."""

    @property
    def fibre(self) -> Any:
        """The fibre it needs."""

    @property
    def reason(self) -> Any:
        """Why, in words."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that may not be said: where, and why; of which piece, where it is about one."""

    pointer: str
    message: str
    piece_id: Any = None


def plain(words: str) -> str:
    """Words without capitals, accents, hyphens, hidden characters and the space before a %."""
    taken_apart = unicodedata.normalize("NFKD", words.translate(APOSTROPHES)).casefold()
    seen = "".join(
        one
        for one in taken_apart
        if not unicodedata.combining(one) and unicodedata.category(one) != "Cf"
    )
    return GAPS.sub(" ", seen).replace(" %", "%").strip()


def find_problems(
    rules: Iterable[Rule],
    texts: Mapping[str, str],
    *,
    claims: Collection[tuple[str, str | None]],
    fibres: Collection[str],
) -> list[Problem]:
    """Every phrase in ``texts`` (by JSON pointer) that a rule does not allow there.

    ``claims``: (kind, fibre) that it makes; ``fibres``: those of the design, and claimed ones.
    """
    standing = [rule for rule in rules if not _is_met(rule, claims, fibres)]
    return [
        Problem(pointer, f"\u201c{rule.phrase}\u201d: {rule.reason}")
        for pointer, words in texts.items()
        for said in [plain(words)]
        for rule in standing
        if _pattern(rule.phrase).search(said)
    ]


def _is_met(
    rule: Rule, claims: Collection[tuple[str, str | None]], fibres: Collection[str]
) -> bool:
    if rule.verdict == Verdict.NEEDS_CLAIM:
        return any(kind == rule.claim and rule.fibre in {None, fibre} for kind, fibre in claims)
    if rule.verdict == Verdict.NEEDS_FIBRE:
        return rule.fibre in fibres
    return False


@lru_cache(maxsize=2000)
def _pattern(phrase: str) -> re.Pattern[str]:
    """A phrase as whole words; a star in it stands for any ending of its word."""
    body = re.escape(phrase).replace(r"\*", r"\w*")
    return re.compile(rf"(?<!\w){body}(?!\w)")
