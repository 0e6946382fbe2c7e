"""What of a refund goes to which line, to shipping and to tax: arithmetic, without a session."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.errors import Conflict, Invalid
from core.money import split_minor
from orders.models import Order
from orders.refund_models import RefundPart


class RefundTooLarge(Conflict):
    """More than what is left to send back; ``left`` says how much that is."""

    code = "refund_too_large"


@dataclass(frozen=True, slots=True)
class Share:
    """An amount of one line, or (without a line) of shipping or of tax."""

    what: str
    line_id: uuid.UUID | None
    minor: int


def shares_left(order: Order, gone: Iterable[RefundPart]) -> list[Share]:
    """What is left of an order's lines, shipping and tax once these parts went back."""
    shares = [Share("line", line.id, line.price_minor) for line in order.lines]
    shares += [
        Share("shipping", None, order.shipping_minor),
        Share("tax", None, order.tax_minor),
    ]
    back: dict[tuple[str, uuid.UUID | None], int] = {}
    for part in gone:
        place = (part.what, part.line_id)
        back[place] = back.get(place, 0) + part.amount_minor
    return [
        replace(share, minor=max(share.minor - back.get((share.what, share.line_id), 0), 0))
        for share in shares
    ]


def divided(left: Sequence[Share], minor: int) -> list[Share]:
    """An amount over what is left, in proportion, by largest remainder; nothing is unallocated.

    No share is more than what is left of it. Raises RefundTooLarge.
    """
    whole = sum(share.minor for share in left)
    if minor > whole:
        raise RefundTooLarge(left_minor=whole)
    parts = split_minor(minor, [share.minor for share in left]) if minor else []
    return [
        replace(share, minor=part) for share, part in zip(left, parts, strict=False) if part > 0
    ]


def of_lines(left: Sequence[Share], wanted: Sequence[tuple[uuid.UUID, int | None]]) -> list[Share]:
    """Of each line named its amount, or all that is left of it. Raises RefundTooLarge, Invalid."""
    by_line = {share.line_id: share for share in left if share.line_id is not None}
    shares: list[Share] = []
    for place, (line_id, minor) in enumerate(wanted):
        share = by_line.get(line_id)
        pointer = f"/lines/{place}/line_id"
        if share is None:
            raise Invalid("this line is not of the order", pointer=pointer)
        if any(known.line_id == line_id for known in shares):
            raise Invalid("a line is named once", pointer=pointer)
        asked = share.minor if minor is None else minor
        if asked > share.minor or share.minor == 0:
            raise RefundTooLarge(line_id=str(line_id), left_minor=share.minor)
        shares.append(replace(share, minor=asked))
    return shares
