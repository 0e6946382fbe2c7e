"""The resource functions, one module for each noun."""

from api.blueprints import Blueprint
from api.routes import (
    books,
    designs,
    disputes,
    fair_pay,
    inspections,
    listings,
    makers,
    orders,
    pay_days,
    payouts,
    purchases,
    recoveries,
    refunds,
    returns,
    staff,
    stock,
    webhooks,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    listings.blueprint,
    orders.blueprint,
    refunds.blueprint,
    returns.blueprint,
    makers.blueprint,
    designs.blueprint,
    stock.blueprint,
    inspections.blueprint,
    payouts.blueprint,
    pay_days.blueprint,
    fair_pay.blueprint,
    purchases.blueprint,
    disputes.blueprint,
    recoveries.blueprint,
    books.blueprint,
    staff.blueprint,
    webhooks.blueprint,
)
