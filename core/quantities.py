"""Quantities that carry their unit: millimetres, grams, counts, and limits around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.money import BASIS_POINTS


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


class Sides(StrEnum):
    """Which ends of a limit are judged."""

    BOTH = "both"
    LEAST = "least"
    MOST = "most"


class Tolerance(StrEnum):
    """How a tolerance is said: in the unit itself, in basis points, or the greater of the two."""

    ABSOLUTE = "absolute"
    PERCENT = "percent"
    GREATER = "greater"


@dataclass(frozen=True, slots=True)
class Limit:
    """A specified value with the tolerance below and above it, in the same whole unit."""

    spec: int
    minus: int
    plus: int
    sides: str = Sides.BOTH

    @property
    def least(self) -> int | None:
        """The smallest value that is within; None when small ones are not judged."""
        return None if self.sides == Sides.MOST else self.spec - self.minus

    @property
    def most(self) -> int | None:
        """The greatest value that is within; None when great ones are not judged."""
        return None if self.sides == Sides.LEAST else self.spec + self.plus

    def judge(self, value: int) -> Verdict:
        """Say whether ``value`` lies within the limit; both ends are allowed."""
        if self.least is not None and value < self.least:
            return Verdict.BELOW
        above = self.most is not None and value > self.most
        return Verdict.ABOVE if above else Verdict.WITHIN


def allowance(spec: int, whole: int, share_bp: int) -> int:
    """A tolerance in whole units: the greater of ``whole`` and a share of ``spec``.

    The share, in basis points, is rounded to the whole unit, a half up.
    """
    return max(whole, rounded(spec * share_bp, BASIS_POINTS))


def mean_of(readings: Sequence[int]) -> int:
    """The mean of one or more readings, rounded to the whole unit, a half up.

    What is shown is what is judged, so that no verdict contradicts the numbers beside it.
    """
    return rounded(sum(readings), len(readings))


def rounded(dividend: int, divisor: int) -> int:
    """A division of whole numbers, rounded to the nearest, a half up; exact, without fractions."""
    return (2 * dividend + divisor) // (2 * divisor)
