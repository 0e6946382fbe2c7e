"""Every table of the house in one place: one that nobody imports is missing without a word.

A test compares this list with the modules that hold tables.
"""

import core.idempotency
import core.lives
import inventory.design_models
import inventory.listing_models
import inventory.models
import orders.models
import payments.models
import payouts.models
import people.models
import quality.models

MODULES = (
    core.idempotency,
    core.lives,
    inventory.design_models,
    inventory.listing_models,
    inventory.models,
    orders.models,
    payments.models,
    payouts.models,
    people.models,
    quality.models,
)
