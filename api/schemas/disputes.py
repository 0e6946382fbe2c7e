"""Disputes on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import View
from api.schemas.fields import Amount, Choice, Id, Moment
from api.schemas.orders import ORDER_ID

AT = "2026-11-24T15:00:00Z"
DISPUTE_ID = "0197f1a5-0000-7000-8000-000000000221"


class DisputesWanted(Page):
    """Which disputes, and which page of them."""

    state = Choice(("open", "closed"))
    order_id = Id()


class DisputeMoveView(View):
    """What a bank took from our balance (below zero) or put back, as Stripe booked it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "balance_transaction_id": "txn_1Q2w3E4r5T",
        "amount": {"amount_minor": -6800, "currency": "USD"},
        "fee_minor": 1500,
        "at": AT,
    }

    balance_transaction_id = fields.String()
    amount = Amount()
    fee_minor = fields.Integer()
    at = Moment()


class DisputeView(View):
    """A payment that a buyer's bank calls back, or asks about; `status` is Stripe's word."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": DISPUTE_ID,
        "order_id": ORDER_ID,
        "stripe_id": "du_1Q2w3E4r5T",
        "amount": {"amount_minor": 6800, "currency": "USD"},
        "reason": "product_not_received",
        "status": "needs_response",
        "inquiry": False,
        "due_by": AT,
        "opened_at": AT,
        "closed_at": None,
        "moves": [DisputeMoveView.EXAMPLE],
    }

    id = Id()
    order_id = Id()
    stripe_id = fields.String()
    amount = Amount()
    reason = fields.String()
    status = fields.String()
    inquiry = fields.Boolean()
    due_by = Moment(allow_none=True)
    opened_at = Moment()
    closed_at = Moment(allow_none=True)
    moves = fields.List(fields.Nested(DisputeMoveView))
