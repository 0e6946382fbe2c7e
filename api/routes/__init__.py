"""Routes: one module for each noun; a route loads, opens the transaction, calls, and answers."""

from api.routes import (
    catalogue,
    deliveries,
    designs,
    inspections,
    keys,
    listings,
    makers,
    obligations,
    orders,
    pieces,
    policies,
    staff,
    webhooks,
)

BLUEPRINTS = (
    catalogue.blueprint,
    orders.blueprint,
    webhooks.blueprint,
    makers.blueprint,
    designs.blueprint,
    deliveries.blueprint,
    pieces.blueprint,
    inspections.blueprint,
    listings.blueprint,
    policies.blueprint,
    obligations.blueprint,
    keys.blueprint,
    staff.blueprint,
)
