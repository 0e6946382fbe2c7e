"""What comes back of obligations, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Id, Moment, Text, web_address
from api.schemas.orders import ORDER_ID
from api.schemas.payouts import OBLIGATION_ID
from api.schemas.stock import MAKER_ID, STAFF
from payouts.recovery_models import RecoveryStatus

AT = "2026-11-24T15:00:00Z"
RECOVERY_ID = "0197f1a5-0000-7000-8000-000000000211"
REFUND_ID = "0197f1a5-0000-7000-8000-000000000212"


class RecoveriesWanted(Page):
    """Which recoveries, and which page of them."""

    status = Choice(RecoveryStatus)
    maker_id = Id()
    order_id = Id()


class ReversalAttemptView(View):
    """One try to have Stripe bring a transfer back; no outcome yet means it may have succeeded."""

    number = fields.Integer()
    outcome = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    started_at = Moment()
    ended_at = Moment(allow_none=True)


class RecoveryView(View):
    """A part of one obligation whose sale was undone, and what is done about it.

    `attempts`: each try to have its transfer reversed, with Stripe's reason where it said no.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": RECOVERY_ID,
        "obligation_id": OBLIGATION_ID,
        "maker_id": MAKER_ID,
        "order_id": ORDER_ID,
        "refund_id": REFUND_ID,
        "dispute_id": None,
        "amount": {"amount_minor": 1709, "currency": "USD"},
        "status": "absorbed",
        "transfer_id": "tr_1",
        "reversal_id": None,
        "attempts": [
            {
                "number": 1,
                "outcome": "refused",
                "reason": "balance_insufficient",
                "started_at": AT,
                "ended_at": AT,
            }
        ],
        "decision": "she has spent it; the reserve bears it",
        "consent": None,
        "evidence_url": None,
        "decided_at": AT,
        "decided_by": STAFF,
        "created_at": AT,
    }

    id = Id()
    obligation_id = Id()
    maker_id = Id(attribute="obligation.maker_id")
    order_id = Id(attribute="obligation.order_id", allow_none=True)
    refund_id = Id(allow_none=True)
    dispute_id = Id(allow_none=True)
    amount = Amount()
    status = fields.String()
    transfer_id = fields.String(allow_none=True)
    reversal_id = fields.String(allow_none=True)
    attempts = fields.List(fields.Nested(ReversalAttemptView))
    decision = fields.String(allow_none=True)
    consent = fields.String(allow_none=True)
    evidence_url = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    decided_by = fields.String(allow_none=True)
    created_at = Moment()


class NewDecision(Request):
    """What people decided about money that was paid for a sale that was undone.

    `absorbed`: the co-operative bears it, from its reserve or its fund. `offset`: it comes off what
    she is paid later, which she has agreed to: `consent` says how, `evidence_url` shows it.
    `retry`: Stripe is asked again.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "decision": "absorbed",
        "reason": "she has spent it; the reserve bears it",
        "bearer": "reserve",
    }

    decision = Choice(("absorbed", "offset", "retry"), required=True)
    reason = Text(500, required=True)
    consent = Text(500)
    evidence_url = web_address()
    bearer = Choice(("reserve", "fund"), load_default="reserve")
