"""Every table of the house in one place: one that nobody imports is missing without a word.

A test compares this list with the modules that hold tables.
"""

import core.audit
import core.idempotency
import core.lives
import core.repetitions
import inventory.batch_models
import inventory.claim_models
import inventory.colour_models
import inventory.commission_models
import inventory.delivery_models
import inventory.design_models
import inventory.incident_models
import inventory.journey_models
import inventory.listing_models
import inventory.models
import inventory.place_models
import inventory.stock_rule_models
import inventory.stocktake_models
import inventory.yarn_models
import labels.models
import orders.dispute_models
import orders.message_models
import orders.models
import orders.refund_models
import orders.return_models
import payments.models
import payouts.advance_models
import payouts.book_models
import payouts.models
import payouts.outbound_models
import payouts.pay_day_models
import payouts.purchase_models
import payouts.receipt_models
import payouts.recovery_models
import payouts.reduction_models
import payouts.wage_models
import people.group_models
import people.models
import people.paper_models
import photos.models
import quality.bench_models
import quality.inspection_lot_models
import quality.models

MODULES = (
    core.audit,
    core.idempotency,
    core.lives,
    core.repetitions,
    inventory.claim_models,
    inventory.batch_models,
    inventory.colour_models,
    inventory.commission_models,
    inventory.delivery_models,
    inventory.design_models,
    inventory.incident_models,
    inventory.journey_models,
    inventory.listing_models,
    inventory.models,
    inventory.place_models,
    inventory.stock_rule_models,
    inventory.stocktake_models,
    inventory.yarn_models,
    labels.models,
    orders.message_models,
    orders.models,
    orders.dispute_models,
    orders.refund_models,
    orders.return_models,
    payments.models,
    payouts.models,
    payouts.advance_models,
    payouts.book_models,
    payouts.outbound_models,
    payouts.pay_day_models,
    payouts.receipt_models,
    payouts.purchase_models,
    payouts.recovery_models,
    payouts.reduction_models,
    payouts.wage_models,
    people.group_models,
    people.models,
    people.paper_models,
    photos.models,
    quality.bench_models,
    quality.inspection_lot_models,
    quality.models,
)
