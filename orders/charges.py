"""What comes on top of the pieces: shipping from the table of rates, tax where a rule says so."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.errors import Conflict
from core.money import BASIS_POINTS
from core.quantities import Unit
from inventory.limits import measures_in_force
from orders.models import ShippingRate, TaxRule

#: Grams of a piece whose design has no measure called weight: a table runner's.
USUAL_WEIGHT_G = 500
WEIGHT = "weight"


class ShippingUnavailable(Conflict):
    """We have no shipping price for this country, weight and currency."""

    code = "shipping_unavailable"


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount in minor units on top of the pieces, with its words; empty words mean none."""

    minor: int = 0
    label: str = ""


NOTHING = Charge()


def shipping_to(
    session: Session, *, cooperative_id: uuid.UUID, country: str, currency: str, weight_g: int
) -> Charge:
    """The price of sending ``weight_g`` grams to a country; a zone without countries is the rest.

    Raises ShippingUnavailable.
    """
    rates = session.scalars(
        select(ShippingRate)
        .where(ShippingRate.cooperative_id == cooperative_id)
        .order_by(ShippingRate.up_to_g)
    ).all()
    named = [rate for rate in rates if country in rate.countries]
    fitting = [
        rate
        for rate in named or [rate for rate in rates if not rate.countries]
        if rate.currency == currency and rate.up_to_g >= weight_g
    ]
    if not fitting:
        raise ShippingUnavailable(country=country, currency=currency, weight_g=weight_g)
    return Charge(fitting[0].amount_minor, fitting[0].label)


def weight_of(session: Session, design_ids: Sequence[uuid.UUID]) -> int:
    """Grams of one piece of each design named, by its own measure or its kind's.

    What is named twice is weighed twice.
    """
    grams = {
        design_id: measure.spec
        for design_id, measures in measures_in_force(session, design_ids).items()
        for measure in measures
        if measure.name == WEIGHT and measure.unit == Unit.GRAM
    }
    return sum(grams.get(design_id, USUAL_WEIGHT_G) for design_id in design_ids)


def tax_on(
    session: Session, *, cooperative_id: uuid.UUID, fulfilment: str, subtotal_minor: int, on: date
) -> Charge:
    """The tax on the pieces by the rule in force that day; none where no rule is."""
    rule = session.scalar(
        select(TaxRule)
        .where(
            TaxRule.cooperative_id == cooperative_id,
            TaxRule.fulfilment == fulfilment,
            TaxRule.valid_from <= on,
            or_(TaxRule.valid_to.is_(None), TaxRule.valid_to >= on),
        )
        .order_by(TaxRule.valid_from.desc(), TaxRule.id)
        .limit(1)
    )
    if rule is None or rule.rate_bp == 0:
        return NOTHING
    return Charge(basis_points_of(subtotal_minor, rule.rate_bp), rule.label)


def basis_points_of(minor: int, rate_bp: int) -> int:
    """``rate_bp`` ten-thousandths of an amount, in whole minor units, a half rounded up."""
    return (minor * rate_bp + BASIS_POINTS // 2) // BASIS_POINTS
