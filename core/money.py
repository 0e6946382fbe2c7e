"""Money: whole minor units and a currency, and the one place that rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BASIS_POINTS = 10_000
#: ISO 4217: currencies whose smallest unit is not a hundredth.
DECIMALS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND"), 0
    ),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents, céntimos) of one ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not a currency: {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Divide by weights, losing nothing; see :func:`split_minor`."""
        return [Money(part, self.currency) for part in split_minor(self.minor, weights)]

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add")


def split_minor(total: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total`` minor units by ``weights`` with the largest remainder.

    The parts add up to ``total`` exactly; ties go to the earlier weight, so callers sort by id.
    Raises ValueError for a negative total, a negative weight, or weights that sum to zero.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("split needs a total >= 0 and weights >= 0 with a sum > 0")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place)
    )
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def decimals_of(currency: str) -> int:
    """How many decimals a currency is written with."""
    return DECIMALS.get(currency, 2)


def in_major(minor: int, currency: str) -> Decimal:
    """An amount as people write it: 4500 cents as 45.00; exact."""
    return Decimal(minor).scaleb(-decimals_of(currency))
