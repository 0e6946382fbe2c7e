"""Counting cash: the notes and coins that make an amount exactly, fewest first. Arithmetic only."""

from collections.abc import Mapping, Sequence

#: What there is in Peru (Banco Central de Reserva del Perú: S/ 200 to S/ 10 notes, S/ 5 to S/ 0.10
#: coins), in céntimos. What is below the smallest coin is rounded up when money is given.
DENOMINATIONS: Mapping[str, Sequence[int]] = {
    "PEN": (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10),
    "USD": (10_000, 5_000, 2_000, 1_000, 500, 100, 25, 10, 5, 1),
}


def in_coins(minor: int, currency: str) -> int:
    """The least that can be given in coins and is not below the amount."""
    smallest = min(DENOMINATIONS.get(currency, (1,)))
    return -(-minor // smallest) * smallest


def count(minor: int, currency: str) -> dict[int, int]:
    """How many of each note and coin, largest first, for an amount that coins can make."""
    left, found = minor, {}
    for value in DENOMINATIONS.get(currency, (1,)):
        pieces, left = divmod(left, value)
        if pieces:
            found[value] = pieces
    if left:
        raise ValueError(f"{minor} cannot be given in coins of {currency}")
    return found


def together(counts: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """The notes and coins of several people, so that each can be given exactly hers."""
    summed: dict[int, int] = {}
    for one in counts:
        for value, pieces in one.items():
            summed[value] = summed.get(value, 0) + pieces
    return dict(sorted(summed.items(), reverse=True))
