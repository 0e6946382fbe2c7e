"""Order numbers: short enough to say at the stall, with a check character like a tag's."""

import secrets

from core.errors import Invalid
from inventory.tags import ALPHABET, is_valid, with_check

FIRST = "P"  # for pedido; a tag is longer, so the two are never taken for each other
DRAWN = 7


class OrderNumberInvalid(Invalid):
    """This is not an order number; check each character."""

    code = "order_number_invalid"


def draw() -> str:
    """A fresh number, as ``P7K-X4F-2MQ``."""
    return spell(with_check(FIRST + "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))))


def spell(code: str) -> str:
    """Group a number for the eye, by threes."""
    return f"{code[:3]}-{code[3:6]}-{code[6:]}"


def read(written: str) -> str:
    """The number somebody typed, in its one spelling. Raises OrderNumberInvalid."""
    code = "".join(written.upper().split()).replace("-", "")
    if len(code) != len(FIRST) + DRAWN + 1 or code[0] != FIRST or not is_valid(code):
        raise OrderNumberInvalid()
    return spell(code)
