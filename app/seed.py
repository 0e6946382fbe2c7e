"""The starting state: Huilloc's co-operative with catalogue, policy and shipping table.

Every number here is a starting value for the co-operative's assembly to change, not a rule: the
shares, the hold windows and the shipping prices are rows in tables.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor, ActorKind
from inventory.locations import open_outside
from orders.models import ShippingRate
from payouts.policies import current_policy, set_policy
from people.cooperatives import found_cooperative
from people.models import Cooperative
from people.permissions import SCOPES
from quality.catalogue import begin_catalogue

HUILLOC = "huilloc"

#: zone, countries (empty: everywhere else), up to grams -> price in minor units by currency.
SHIPPING: tuple[tuple[str, list[str], int, dict[str, int]], ...] = (
    ("Peru", ["PE"], 2000, {"PEN": 2500, "USD": 700, "EUR": 650}),
    ("Americas", ["US", "CA", "MX", "CL", "CO", "AR", "BO", "EC", "BR"], 2000,
     {"PEN": 11000, "USD": 2900, "EUR": 2700}),
    ("Rest of the world", [], 2000, {"PEN": 13500, "USD": 3600, "EUR": 3300}),
    ("Peru", ["PE"], 10000, {"PEN": 5000, "USD": 1400, "EUR": 1300}),
    ("Americas", ["US", "CA", "MX", "CL", "CO", "AR", "BO", "EC", "BR"], 10000,
     {"PEN": 30000, "USD": 8000, "EUR": 7400}),
    ("Rest of the world", [], 10000, {"PEN": 38000, "USD": 10000, "EUR": 9300}),
)  # fmt: skip


def house_of(cooperative: Cooperative) -> Actor:
    """The house acting for one co-operative from the command line."""
    return Actor(ActorKind.SYSTEM, "command-line", cooperative.id, frozenset(SCOPES))


def seed(session: Session, *, now: datetime, stall_hold_days: int = 0) -> Cooperative:
    """Write the starting state; what is there already stays as it is."""
    huilloc = found_cooperative(
        session,
        slug=HUILLOC,
        name="Huilloc women's weaving co-operative",
        tag_prefix="HUK",
        country="PE",
        place="Huilloc, Ollantaytambo, Cusco, Peru",
        currency="PEN",
        now=now,
    )
    open_outside(session, cooperative_id=huilloc.id, now=now)
    begin_catalogue(session, cooperative_id=huilloc.id)
    _begin_shipping(session, huilloc.id)
    if current_policy(session, cooperative_id=huilloc.id) is None:
        set_policy(
            session,
            makers_bp=7000,
            fund_bp=2000,
            programme_bp=1000,
            fee_bearer="fund",
            hold_days_online=7,
            hold_days_stall=stall_hold_days,
            reason="starting values, until the assembly decides",
            actor=house_of(huilloc),
            now=now,
        )
    return huilloc


def _begin_shipping(session: Session, cooperative_id: uuid.UUID) -> None:
    there = select(ShippingRate.id).where(ShippingRate.cooperative_id == cooperative_id)
    if session.scalar(there.limit(1)) is not None:
        return
    session.add_all(
        ShippingRate(
            cooperative_id=cooperative_id,
            zone=zone,
            countries=countries,
            currency=currency,
            up_to_g=up_to_g,
            amount_minor=amount,
            label=f"Shipping: {zone}, up to {up_to_g // 1000} kg",
        )
        for zone, countries, up_to_g, prices in SHIPPING
        for currency, amount in prices.items()
    )
    session.flush()
