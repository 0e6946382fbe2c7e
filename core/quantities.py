"""Quantities that carry their unit: millimetres, grams, counts, and limits around them."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a measured number counts; lengths are whole millimetres, weights whole grams."""

    MILLIMETRE = "mm"
    GRAM = "g"
    PER_10_CM = "per_10_cm"
    SCORE = "score_1_5"


class Verdict(StrEnum):
    """How a measured value stands to its limits."""

    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Limit:
    """A specified value with the tolerance below and above it, in the same whole unit."""

    spec: int
    minus: int
    plus: int

    def judge(self, value: int) -> Verdict:
        """Say whether ``value`` lies within the limit; both ends are allowed."""
        if value < self.spec - self.minus:
            return Verdict.BELOW
        return Verdict.ABOVE if value > self.spec + self.plus else Verdict.WITHIN
