"""The rails money reaches makers by, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Id, Moment, Text
from api.schemas.payouts import AT, OBLIGATION_ID
from api.schemas.stock import MAKER_ID, STAFF
from payouts.models import Rail
from payouts.outbound_models import OutboundStatus

PREFERABLE = (Rail.STRIPE_TRANSFER.value, Rail.STRIPE_OUTBOUND.value, Rail.MANUAL.value)
OUTBOUND_PAYMENT_ID = "0197f1a5-0000-7000-8000-000000000171"


class NewRailChoice(Request):
    """How a maker wants to be paid from now on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "rail": "stripe_outbound",
        "reason": "she has opened an account at the Banco de la Nación",
    }

    rail = Choice(PREFERABLE, required=True)
    reason = Text(500, required=True)


class RailChoiceView(View):
    """The rail a maker prefers, since when, and who wrote it down."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000172",
        "maker_id": MAKER_ID,
        **NewRailChoice.EXAMPLE,
        "at": AT,
        "actor": STAFF,
    }

    id = Id()
    maker_id = Id()
    rail = fields.String()
    reason = fields.String()
    at = Moment()
    actor = fields.String()


class OutboundPartView(View):
    """One obligation in a payment to a bank; released when that payment did not hold."""

    obligation_id = Id()
    amount_minor = fields.Integer()
    released_at = Moment(allow_none=True)


class OutboundPaymentView(View):
    """One payment to one maker's bank: what left our account, and what reached her."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": OUTBOUND_PAYMENT_ID,
        "maker_id": MAKER_ID,
        "number": 1,
        "status": "posted",
        "amount": {"amount_minor": 18000, "currency": "PEN"},
        "debited": {"amount_minor": 4860, "currency": "USD"},
        "credited": {"amount_minor": 18000, "currency": "PEN"},
        "stripe_id": "obp_1",
        "reason": None,
        "parts": [{"obligation_id": OBLIGATION_ID, "amount_minor": 18000, "released_at": None}],
        "started_at": AT,
        "posted_at": AT,
    }

    id = Id()
    maker_id = Id()
    number = fields.Integer()
    status = fields.String()
    amount = Amount()
    debited = Amount("debited_minor", "debited_currency", allow_none=True)
    credited = Amount("credited_minor", "credited_currency", allow_none=True)
    stripe_id = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    parts = fields.List(fields.Nested(OutboundPartView))
    started_at = Moment()
    posted_at = Moment(allow_none=True)


class OutboundPaymentsWanted(Page):
    """Which payments to banks, and which page of them."""

    status = Choice(OutboundStatus)
    maker_id = Id()
