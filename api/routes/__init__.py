"""The resource functions, one module for each noun."""

from api.blueprints import Blueprint
from api.routes import (
    designs,
    inspections,
    listings,
    makers,
    orders,
    payouts,
    staff,
    stock,
    webhooks,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    listings.blueprint,
    orders.blueprint,
    makers.blueprint,
    designs.blueprint,
    stock.blueprint,
    inspections.blueprint,
    payouts.blueprint,
    staff.blueprint,
    webhooks.blueprint,
)
