"""Money going back, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Flag, Id, Moment, Some, Text
from api.schemas.money import NewMoney
from api.schemas.orders import AT, ORDER_ID
from orders.choosing import MOST_PIECES
from orders.refund_models import RefundReason, RefundStatus
from orders.refunds import PEOPLES_REASONS

REFUND_ID = "0197f1a5-0000-7000-8000-000000000141"
LINE_ID = "0197f1a5-0000-7000-8000-000000000122"


class LineBack(Request):
    """One line: an amount of it, or all that is left of it."""

    line_id = Id(required=True)
    amount = fields.Nested(NewMoney)


class NewRefund(Request):
    """Money to send back: `whole` (all that is left), `lines`, or an `amount` over what is left.

    One of the three; with a `return_id` none of them means the lines of the return. What was paid
    by hand goes back by hand: `witness_id` saw it.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "lines": [{"line_id": LINE_ID, "amount": {"amount_minor": 1200, "currency": "USD"}}],
        "reason": "goodwill",
        "note": "a loose thread, she keeps it",
    }

    whole = Flag()
    lines = Some(fields.Nested(LineBack), MOST_PIECES, least=1)
    amount = fields.Nested(NewMoney)
    reason = Choice(PEOPLES_REASONS, required=True)
    note = Text(1000, least=0)
    return_id = Id()
    witness_id = Id()


class RefundsWanted(Page):
    """Which refunds."""

    status = Choice(RefundStatus)
    reason = Choice(RefundReason)
    since = Moment(metadata={"description": "asked for at or after"})


class PartView(View):
    """What of a refund is for one line, or (`what`) for shipping or tax."""

    what = fields.String()
    line_id = Id(allow_none=True)
    amount = Amount("minor")


class RefundAttemptView(View):
    """One try to have Stripe send money back; no outcome yet means it may have succeeded."""

    number = fields.Integer()
    outcome = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    started_at = Moment()
    ended_at = Moment(allow_none=True)


class RefundView(View):
    """Money going back for one order, and its parts; a stray payment's refund has none.

    `asking`: Stripe has not booked it yet. `settled`: what it took from our balance.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": REFUND_ID,
        "order_id": ORDER_ID,
        "return_id": None,
        "status": "succeeded",
        "tender": "stripe",
        "amount": {"amount_minor": 1200, "currency": "USD"},
        "settled": {"amount_minor": 1200, "currency": "USD"},
        "reason": "goodwill",
        "note": "a loose thread, she keeps it",
        "parts": [
            {
                "what": "line",
                "line_id": LINE_ID,
                "amount": {"amount_minor": 1200, "currency": "USD"},
            }
        ],
        "charge_id": "ch_1",
        "stripe_id": "re_1",
        "failure": None,
        "receipt_number": None,
        "given_by_id": None,
        "witness_id": None,
        "attempts": [
            {"number": 1, "outcome": "done", "reason": None, "started_at": AT, "ended_at": AT}
        ],
        "requested_at": AT,
        "requested_by": "staff:0197f1a5-0000-7000-8000-000000000011",
        "answered_at": AT,
    }

    id = Id()
    order_id = Id()
    return_id = Id(allow_none=True)
    status = fields.String()
    tender = fields.String()
    amount = Amount()
    settled = Amount("settled_minor", "settlement_currency", allow_none=True)
    reason = fields.String()
    note = fields.String()
    parts = fields.List(fields.Nested(PartView))
    charge_id = fields.String(allow_none=True)
    stripe_id = fields.String(allow_none=True)
    failure = fields.String(allow_none=True)
    receipt_number = fields.String(allow_none=True)
    given_by_id = Id(allow_none=True)
    witness_id = Id(allow_none=True)
    attempts = fields.List(fields.Nested(RefundAttemptView))
    requested_at = Moment()
    requested_by = fields.String()
    answered_at = Moment(allow_none=True)
