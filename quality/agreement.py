"""Agreement and control limits: exact arithmetic of fairness. Pure; no session, no clock.

Cohen's kappa says how much more two people agree than chance would have them: 1000 thousandths is
always, 0 no more than chance. A p-chart says which deliveries differ from the rest by more than
chance: beyond p ± 3 sqrt(p (1 - p) / n).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

PERMILLE = 1000
#: Roots are taken in whole millionths of a thousandth, far below what is shown.
FINE = 10**6


def permille(part: int, whole: int) -> int | None:
    """A share in thousandths, a half rounded up; None of nothing."""
    return (2 * PERMILLE * part + whole) // (2 * whole) if whole else None


def kappa_permille(pairs: Mapping[tuple[str, str], int]) -> int | None:
    """Cohen's kappa in thousandths, a half rounded up, from counts of (her word, the other's).

    None where it is undefined: there is nothing to compare, or both said the same of everything,
    so that chance alone would have them always agree.
    """
    total = sum(pairs.values())
    agreed = sum(count for (one, other), count in pairs.items() if one == other)
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (one, other), count in pairs.items():
        first[one] += count
        second[other] += count
    by_chance = sum(first[word] * second[word] for word in first)
    if total * total == by_chance:
        return None
    kappa = Fraction(total * agreed - by_chance, total * total - by_chance)
    return (kappa * PERMILLE + Fraction(1, 2)).__floor__()


@dataclass(frozen=True, slots=True)
class Limits:
    """The control limits of one sample in thousandths, and whether it lies beyond them."""

    lower: int
    upper: int
    outside: bool


def limits_of(bad: int, size: int, *, all_bad: int, all_size: int) -> Limits:
    """p ± 3 sqrt(p (1 - p) / n), clipped to 0 and 1, for ``bad`` of ``size`` pieces.

    p is ``all_bad`` of ``all_size``, over all deliveries of the chart. Whether it lies outside is
    decided exactly, before anything is rounded.
    """
    p = Fraction(all_bad, all_size)
    squared = 9 * p * (1 - p) / size
    scaled = squared * (PERMILLE * FINE) ** 2
    reach = Fraction(isqrt(scaled.__floor__()), FINE)
    half = Fraction(1, 2)
    lower = (max(p * PERMILLE - reach, Fraction(0)) + half).__floor__()
    upper = (min(p * PERMILLE + reach, Fraction(PERMILLE)) + half).__floor__()
    return Limits(lower, upper, (Fraction(bad, size) - p) ** 2 > squared)


def chart_of(deliveries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A p-chart: each delivery {delivery_id, delivered_on, pieces, bad} with share and limits."""
    all_bad = sum(row["bad"] for row in deliveries)
    all_size = sum(row["pieces"] for row in deliveries)
    points = []
    for row in deliveries:
        limits = limits_of(row["bad"], row["pieces"], all_bad=all_bad, all_size=all_size)
        told = {"lower": limits.lower, "upper": limits.upper, "outside": limits.outside}
        points.append({**row, "share": permille(row["bad"], row["pieces"]), **told})
    return {
        "pieces": all_size,
        "bad": all_bad,
        "mean": permille(all_bad, all_size),
        "points": points,
    }
