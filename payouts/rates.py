"""Rates: what was given by hand in one currency for what is owed in another."""

import re
from decimal import ROUND_HALF_UP, Decimal

from core.errors import Invalid
from core.money import decimals_of

#: A rate as a person writes it: no exponent, no sign, and few enough digits to be exact.
RATE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,8})?")


def exactly_at(minor: int, owed: str, paid: str, rate: str) -> Decimal:
    """An amount in another currency, not rounded; ``rate``: units of it for one of the owed."""
    if not RATE.fullmatch(rate):
        raise Invalid("a rate is a decimal number", pointer="/rate")
    return Decimal(minor) * Decimal(rate) * Decimal(10) ** (decimals_of(paid) - decimals_of(owed))


def at_rate(minor: int, owed: str, paid: str, rate: str) -> int:
    """The same in whole minor units, a half rounded up."""
    return int(exactly_at(minor, owed, paid, rate).quantize(Decimal(1), ROUND_HALF_UP))
