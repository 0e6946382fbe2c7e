"""Undoing a share: what goes back of each part when money of a sale goes back. Arithmetic only.

What was divided by the largest remainder is taken back from what is left of each part, by the
largest remainder too. So any number of refunds takes from nobody more than she got, and together
they take exactly what was divided.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from core.money import split_minor


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one line (or of shipping, of tax): its price, and what each bearer holds.

    ``price_minor`` in the order's currency, ``held`` in settlement currency.
    """

    price_minor: int
    held: Mapping[Hashable, int]

    @property
    def value(self) -> int:
        """All that is held, together."""
        return sum(self.held.values())


def taken_of(left: Left, price_minor: int) -> dict[Hashable, int]:
    """What each bearer gives back when ``price_minor`` of the price goes back; none gives nothing.

    Raises ValueError for more than is left.
    """
    if not 0 < price_minor <= left.price_minor:
        raise ValueError("more than is left")
    rest = left.price_minor - price_minor
    value, _stays = split_minor(left.value, [price_minor, rest])
    if value == 0:
        return {}
    bearers = list(left.held)
    parts = split_minor(value, [left.held[bearer] for bearer in bearers])
    return {bearer: minor for bearer, minor in zip(bearers, parts, strict=True) if minor}
