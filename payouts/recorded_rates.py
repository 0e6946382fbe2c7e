"""Rates that were recorded: what one currency was worth in another when money really moved."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.money import in_major
from orders.models import OrderPayment
from payouts.models import Obligation, Settlement, SettlementUndone
from payouts.outbound_models import OutboundPayment
from payouts.pay_day_models import PayDay
from payouts.rates import RATE
from payouts.receipt_models import Receipt

EIGHTH_DECIMAL = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class RecordedRate:
    """Units of one currency for one of another, as text; where it was written down, and when."""

    currency: str
    into: str
    rate: str
    source: str
    at: datetime


def rates_of(
    session: Session, obligation_ids: Collection[uuid.UUID], *, into: str
) -> dict[uuid.UUID, RecordedRate]:
    """The rate of each obligation's own: at which she was paid, or else at which it was sold.

    Of obligations in another currency than ``into``; one without such a rate is not there.
    """
    if not obligation_ids:
        return {}
    found = _sold_at(session, obligation_ids, into)
    paid = session.execute(
        select(
            Settlement.obligation_id,
            Settlement.currency,
            Settlement.settled_at,
            Receipt.number,
            Receipt.paid_currency,
            Receipt.paid_at,
            func.coalesce(PayDay.rates[Settlement.currency].astext, Receipt.rate).label("rate"),
            OutboundPayment.stripe_id,
            OutboundPayment.amount_minor,
            OutboundPayment.credited_minor,
            OutboundPayment.credited_currency,
        )
        .outerjoin(Receipt, Receipt.id == Settlement.receipt_id)
        .outerjoin(PayDay, PayDay.id == Receipt.pay_day_id)
        .outerjoin(OutboundPayment, OutboundPayment.id == Settlement.outbound_payment_id)
        .outerjoin(SettlementUndone, SettlementUndone.settlement_id == Settlement.id)
        .where(
            Settlement.obligation_id.in_(obligation_ids),
            Settlement.currency != into,
            SettlementUndone.settlement_id.is_(None),
        )
        .order_by(Settlement.round)
    )
    for row in paid:
        if (rate := _paid_at(row, into)) is not None:
            found[row.obligation_id] = rate
    return found


def newest_rates(
    session: Session, *, cooperative_id: uuid.UUID, into: str
) -> dict[str, RecordedRate]:
    """By currency, the rate a co-operative wrote down last: on a pay day, or on a receipt."""
    rates = func.jsonb_each_text(PayDay.rates).table_valued("key", "value").lateral()
    of_days = session.execute(
        select(rates.c.key, rates.c.value, PayDay.number, PayDay.opened_at)
        .ext(distinct_on(rates.c.key))
        .select_from(PayDay)
        .join(rates, rates.c.key != into)
        .where(PayDay.cooperative_id == cooperative_id, PayDay.currency == into)
        .order_by(rates.c.key, PayDay.opened_at.desc())
    ).all()
    by_hand = session.execute(
        select(Settlement.currency, Receipt.rate, Receipt.number, Receipt.paid_at)
        .ext(distinct_on(Settlement.currency))
        .join(Receipt, Receipt.id == Settlement.receipt_id)
        .where(
            Settlement.cooperative_id == cooperative_id,
            Settlement.currency != into,
            Receipt.paid_currency == into,
            Receipt.rate.is_not(None),
        )
        .order_by(Settlement.currency, Receipt.paid_at.desc())
    ).all()
    found: dict[str, RecordedRate] = {}
    for currency, rate, source, at in sorted((*of_days, *by_hand), key=lambda row: row[3]):
        if _usable(rate):
            found[currency] = RecordedRate(currency, into, rate, source, at)
    return found


def _paid_at(row: Any, into: str) -> RecordedRate | None:
    if row.paid_currency == into and row.rate is not None:
        return RecordedRate(row.currency, into, row.rate, row.number, row.paid_at)
    if row.credited_currency == into and row.credited_minor:
        return _between(
            (row.amount_minor, row.currency),
            (row.credited_minor, into),
            row.stripe_id or "",
            row.settled_at,
        )
    return None


def _sold_at(
    session: Session, obligation_ids: Collection[uuid.UUID], into: str
) -> dict[uuid.UUID, RecordedRate]:
    """Of sales whose buyer paid in that currency, and which Stripe settled in another."""
    rows = session.execute(
        select(
            Obligation.id,
            OrderPayment.gross_minor,
            OrderPayment.settlement_currency,
            OrderPayment.charged_minor,
            OrderPayment.charge_id,
            OrderPayment.paid_at,
        )
        .join(OrderPayment, OrderPayment.order_id == Obligation.order_id)
        .where(
            Obligation.id.in_(obligation_ids),
            Obligation.currency != into,
            OrderPayment.charged_currency == into,
        )
    )
    found = {}
    for row in rows:
        rate = _between(
            (row.gross_minor, row.settlement_currency),
            (row.charged_minor, into),
            row.charge_id or "",
            row.paid_at,
        )
        if rate is not None:
            found[row.id] = rate
    return found


def _between(
    owed: tuple[int, str], given: tuple[int, str], source: str, at: datetime
) -> RecordedRate | None:
    """The rate that two amounts of the same worth tell; to eight decimals, as rates are written."""
    exact = in_major(*given) / in_major(*owed)
    rate = format(exact.quantize(EIGHTH_DECIMAL, ROUND_HALF_UP), "f")
    return RecordedRate(owed[1], given[1], rate, source, at) if _usable(rate) else None


def _usable(rate: str) -> bool:
    """Whether it can be reckoned with: a rate of a currency nobody was paid in may be anything."""
    return RATE.fullmatch(rate) is not None and Decimal(rate) > 0
