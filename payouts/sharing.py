"""Sharing: how one sale is divided, to the minor unit. Arithmetic only; no session, no clock.

What Stripe settled (the gross, in settlement currency) is first divided among lines, shipping and
tax as the order was; then each line among makers, fund and programme by the policy; then the
makers' part by the weights of their contributions. Every division is by the largest remainder, so
nothing is lost.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.money import split_minor


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy as numbers: basis points that sum to 10,000, and who bears the card fee."""

    makers_bp: int
    fund_bp: int
    programme_bp: int
    fee_bearer: str

    @property
    def weights(self) -> tuple[int, int, int]:
        """Makers, fund, programme."""
        return self.makers_bp, self.fund_bp, self.programme_bp


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line: its price in the order's currency, and the weight of each maker on its piece.

    ``paid_already``: its makers were paid when it was accepted, so their part is the fund's.
    """

    line_id: uuid.UUID
    price_minor: int
    weights: Mapping[uuid.UUID, int]
    paid_already: bool = False


@dataclass(frozen=True, slots=True)
class LineShare:
    """One line divided, in settlement currency; the ``fee`` it bears itself is taken off before."""

    line_id: uuid.UUID
    makers: dict[uuid.UUID, int]
    fund: int
    programme: int
    fee: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """One sale divided; every part together is the gross.

    ``fee_on_lines`` was taken off the lines before they were divided; ``fee_on_fund`` and
    ``fee_on_programme`` are still to be taken from those accounts.
    """

    lines: list[LineShare]
    shipping: int
    tax: int
    fee_on_lines: int
    fee_on_fund: int
    fee_on_programme: int

    @property
    def total(self) -> int:
        """Everything added up again: the gross."""
        parts = sum(sum(line.makers.values()) + line.fund + line.programme for line in self.lines)
        return parts + self.shipping + self.tax + self.fee_on_lines


def allocate(
    *,
    gross_minor: int,
    fee_minor: int,
    lines: Sequence[SoldLine],
    shipping_minor: int,
    tax_minor: int,
    terms: Terms,
) -> Allocation:
    """Divide a sale. Lines' prices, shipping and tax are in order currency and serve as weights.

    Of a fee that everyone bears, the fund bears what the lines cannot.
    """
    weights = [*(line.price_minor for line in lines), shipping_minor, tax_minor]
    *settled, shipping, tax = split_minor(gross_minor, weights)
    on_lines = min(fee_minor, sum(settled)) if terms.fee_bearer == "everyone" else 0
    fees = split_minor(on_lines, settled) if on_lines else [0] * len(lines)
    elsewhere = fee_minor - on_lines
    on_programme = elsewhere if terms.fee_bearer == "programme" else 0
    return Allocation(
        lines=[
            _divide(line, amount - fee, fee, terms)
            for line, amount, fee in zip(lines, settled, fees, strict=True)
        ],
        shipping=shipping,
        tax=tax,
        fee_on_lines=on_lines,
        fee_on_fund=elsewhere - on_programme,
        fee_on_programme=on_programme,
    )


def split_by_weights(amount: int, weights: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, int]:
    """An amount divided among makers by weight, in the order of their ids."""
    makers = sorted(weights)
    parts = split_minor(amount, [weights[maker] for maker in makers])
    return dict(zip(makers, parts, strict=True))


def _divide(line: SoldLine, amount: int, fee: int, terms: Terms) -> LineShare:
    makers, fund, programme = split_minor(amount, terms.weights)
    if line.paid_already:
        return LineShare(line.line_id, {}, fund + makers, programme, fee)
    return LineShare(line.line_id, split_by_weights(makers, line.weights), fund, programme, fee)
