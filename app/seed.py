"""The starting state: Huilloc's co-operative with catalogue, policy and shipping table.

Every number here is a starting value for the co-operative's assembly to change, not a rule: the
shares, the hold windows, the shipping prices, the reference wages and the rates of withholding are
rows in tables. Of the rates none is marked as confirmed: that is for the accountant.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor, ActorKind
from inventory.claim_rules import begin_wording
from inventory.dyestuffs import begin_dyestuffs
from inventory.fastness import set_limit
from inventory.locations import open_outside
from inventory.stock_rule_models import StockRules
from inventory.stock_rules import set_rules
from inventory.yarn_models import FastnessLimit
from orders.models import ShippingRate
from payouts.policies import current_policy, set_policy
from payouts.purchase_models import WithholdingRule
from payouts.wage_models import ReferenceWage
from payouts.wages import set_reference_wage
from payouts.withholding import set_withholding_rule
from people.cooperatives import found_cooperative
from people.models import Cooperative
from people.permissions import SCOPES
from quality.catalogue import begin_catalogue
from quality.rules import begin_rules
from quality.sampling_rules import begin_sampling

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

#: A month of 48-hour weeks: 48 x 52 / 12 hours, in minutes.
MONTH = 12_480
#: measure, soles a month in céntimos, from, whose figure.
WAGES: tuple[tuple[str, int, date, str], ...] = (
    ("living", 199_700, date(2024, 1, 1),
     "Living wage, one worker, rural Peru, 2024: Anker Research Institute, in ALIGN's source map"),
    ("minimum", 113_000, date(2025, 1, 1),
     "National minimum wage (remuneración mínima vital), 2025, in ALIGN's source map"),
)  # fmt: skip

#: The sales tax is 18 % together; each year half a point goes from the one part to the other.
SALES_TAX = "Ley del IGV, art. 17; Ley 32387, whose yearly steps are derived"
#: kind, basis points, first and last day, whose figure.
WITHHELD: tuple[tuple[str, int, date, date | None, str], ...] = (
    *(
        rule
        for year, igv, ipm in ((2026, 1550, 250), (2027, 1500, 300), (2028, 1450, 350))
        for rule in (
            ("igv", igv, date(year, 1, 1), date(year, 12, 31), SALES_TAX),
            ("ipm", ipm, date(year, 1, 1), date(year, 12, 31), SALES_TAX),
        )
    ),
    ("igv", 1400, date(2029, 1, 1), None, SALES_TAX),
    ("ipm", 400, date(2029, 1, 1), None, SALES_TAX),
    ("income_tax", 150, date(2026, 1, 1), None, "Said in the trade; found in no law that was read"),
)


#: method, grade below which the staining of the neighbouring cloth is disclosed.
DISCLOSED: tuple[tuple[str, str], ...] = (
    ("field_rub_dry", "3"),
    ("field_rub_damp", "2-3"),
)


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
    begin_rules(session, cooperative_id=huilloc.id, now=now)
    begin_dyestuffs(session, cooperative_id=huilloc.id, by=house_of(huilloc).reference, now=now)
    begin_wording(session, actor=house_of(huilloc), now=now)
    _begin_fastness(session, huilloc, now)
    begin_sampling(session, cooperative_id=huilloc.id, now=now)
    _begin_shipping(session, huilloc.id)
    _begin_stock_rules(session, huilloc, now)
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
    _begin_wages(session, huilloc, now)
    _begin_withholding(session, huilloc, now)
    return huilloc


def _begin_wages(session: Session, huilloc: Cooperative, now: datetime) -> None:
    if _has_any(session, ReferenceWage, huilloc.id):
        return
    for kind, monthly, valid_from, source in WAGES:
        set_reference_wage(
            session,
            kind=kind,
            amount_minor=monthly,
            currency="PEN",
            minutes=MONTH,
            valid_from=valid_from,
            source=source,
            actor=house_of(huilloc),
            now=now,
        )


def _begin_withholding(session: Session, huilloc: Cooperative, now: datetime) -> None:
    if _has_any(session, WithholdingRule, huilloc.id):
        return
    for kind, rate_bp, valid_from, valid_to, source in WITHHELD:
        set_withholding_rule(
            session,
            kind=kind,
            rate_bp=rate_bp,
            valid_from=valid_from,
            valid_to=valid_to,
            verified=False,
            source=source,
            actor=house_of(huilloc),
            now=now,
        )


def _begin_fastness(session: Session, huilloc: Cooperative, now: datetime) -> None:
    if _has_any(session, FastnessLimit, huilloc.id):
        return
    for method, least in DISCLOSED:
        set_limit(
            session,
            method=method,
            rating="staining",
            least=least,
            valid_from=date(2026, 1, 1),
            source="recommended start for goods worn on the skin; the co-operative decides",
            actor=house_of(huilloc),
            now=now,
        )


def _has_any(session: Session, table: Any, cooperative_id: uuid.UUID) -> bool:
    there = select(table.id).where(table.cooperative_id == cooperative_id)
    return session.scalar(there.limit(1)) is not None


def _begin_stock_rules(session: Session, huilloc: Cooperative, now: datetime) -> None:
    if _has_any(session, StockRules, huilloc.id):
        return
    set_rules(
        session,
        approval_above_minor=30000,
        currency=huilloc.currency,
        age_steps=[30, 90, 180, 365],
        reason="starting values, until the assembly decides",
        actor=house_of(huilloc),
        now=now,
    )


def _begin_shipping(session: Session, cooperative_id: uuid.UUID) -> None:
    if _has_any(session, ShippingRate, cooperative_id):
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
