"""What is owed and how it was met, on the wire."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import (
    Amount,
    Choice,
    Id,
    Moment,
    MoneyView,
    Some,
    Text,
    Whole,
    web_address,
)
from api.schemas.money import NewMoney
from api.schemas.orders import ORDER_ID
from api.schemas.stock import MAKER_ID, PIECE_ID, STAFF
from payouts.models import FeeBearer, ObligationStatus, Rail
from payouts.receipt_models import PayMethod

AT = "2026-11-23T15:00:00Z"
OBLIGATION_ID = "0197f1a5-0000-7000-8000-000000000141"
MOST_CURRENCIES = 20
WITNESS_ID = "0197f1a5-0000-7000-8000-0000000000a3"


class NewSharePolicy(Request):
    """How a sale is divided from now on, in basis points that sum to 10,000."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "makers_bp": 7000,
        "fund_bp": 2000,
        "programme_bp": 1000,
        "fee_bearer": "fund",
        "hold_days_online": 7,
        "hold_days_stall": 0,
        "refund_fee_bearer": "fund",
        "minimum_payout": [{"amount_minor": 2000, "currency": "PEN"}],
        "reason": "assembly of 20 November 2026",
    }

    makers_bp = Whole(0, 10_000, required=True)
    fund_bp = Whole(0, 10_000, required=True)
    programme_bp = Whole(0, 10_000, required=True)
    fee_bearer = Choice(FeeBearer, required=True)
    hold_days_online = Whole(0, 365, required=True)
    hold_days_stall = Whole(0, 365, required=True)
    refund_fee_bearer = Choice(("fund", "programme"), load_default="fund")
    minimum_payout = Some(fields.Nested(NewMoney), MOST_CURRENCIES, load_default=list)
    reason = Text(500, required=True)

    @validates_schema(skip_on_field_errors=True)
    def _each_currency_once(self, data: dict[str, Any], **_options: Any) -> None:
        least = [one["currency"] for one in data["minimum_payout"]]
        if len(set(least)) < len(least):
            raise ValidationError("Each currency once.", "minimum_payout")


class SharePolicyView(View):
    """One version of how a sale is divided."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000151",
        "version": 1,
        **NewSharePolicy.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
    }

    id = Id()
    version = fields.Integer()
    makers_bp = fields.Integer()
    fund_bp = fields.Integer()
    programme_bp = fields.Integer()
    fee_bearer = fields.String()
    hold_days_online = fields.Integer()
    hold_days_stall = fields.Integer()
    refund_fee_bearer = fields.String()
    minimum_payout = fields.List(fields.Nested(MoneyView), attribute="least_payouts")
    reason = fields.String()
    created_at = Moment()
    actor = fields.String()


class MakerNamedView(View):
    """Whose it is, by her public name."""

    id = Id()
    public_name = fields.String()


class ReceiptView(View):
    """The paper of a settlement by hand."""

    number = fields.String()
    method = fields.String()
    paid = Amount("paid_minor", "paid_currency")
    rate = fields.String(allow_none=True)
    paid_by_id = Id()
    witness_id = Id()
    evidence_url = fields.String(allow_none=True)
    note = fields.String()
    paid_at = Moment()


class SettlementView(View):
    """How an obligation was met, with its proof."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000161",
        "obligation_id": OBLIGATION_ID,
        "rail": "manual",
        "amount": {"amount_minor": 1587, "currency": "USD"},
        "transfer_id": None,
        "outbound_payment_id": None,
        "receipt": {
            "number": "R-2026-00001",
            "method": "cash",
            "paid": {"amount_minor": 5951, "currency": "PEN"},
            "rate": "3.75",
            "paid_by_id": "0197f1a5-0000-7000-8000-0000000000a1",
            "witness_id": WITNESS_ID,
            "evidence_url": None,
            "note": "at the centre",
            "paid_at": AT,
        },
        "settled_at": AT,
        "actor": STAFF,
    }

    id = Id()
    obligation_id = Id()
    rail = fields.String()
    amount = Amount()
    transfer_id = fields.String(allow_none=True)
    outbound_payment_id = Id(allow_none=True)
    receipt = fields.Nested(ReceiptView, allow_none=True)
    settled_at = Moment()
    actor = fields.String()


class ObligationView(View):
    """What one maker is owed for one piece or one sold line; `waiting` says why it still is.

    `rail`: the way it went, goes, or would go now.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": OBLIGATION_ID,
        "maker": {"id": MAKER_ID, "public_name": "Sabina"},
        "piece_id": PIECE_ID,
        "order_id": ORDER_ID,
        "agreement": "share_on_sale",
        "amount": {"amount_minor": 1587, "currency": "USD"},
        "status": "due",
        "waiting": "no_stripe_account",
        "due_at": AT,
        "created_at": AT,
        "rail": "manual",
        "settlement": None,
    }

    id = Id()
    maker = fields.Nested(MakerNamedView)
    piece_id = Id()
    order_id = Id(allow_none=True)
    agreement = fields.String()
    amount = Amount()
    status = fields.String()
    waiting = fields.String(allow_none=True)
    due_at = Moment(allow_none=True)
    created_at = Moment()
    rail = fields.String(allow_none=True)
    settlement = fields.Nested(SettlementView, allow_none=True)


class ObligationsWanted(Page):
    """Which obligations."""

    status = Choice(ObligationStatus)
    maker_id = Id()
    order_id = Id()


class NewSettlement(Request):
    """A payment by hand. `paid` and `rate` only when another currency was given than is owed."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "method": "cash",
        "witness_id": WITNESS_ID,
        "paid": {"amount_minor": 5951, "currency": "PEN"},
        "rate": "3.75",
        "note": "at the centre",
    }

    method = Choice(PayMethod, required=True)
    witness_id = Id(required=True)
    note = Text(500, least=0)
    evidence_url = web_address()
    paid = fields.Nested(NewMoney)
    rate = Text(20, like=r"[0-9]{1,9}(\.[0-9]{1,9})?")


class NewAccount(Request):
    """What a maker's account is for: transfers into it, or payments on to her bank."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"rail": "stripe_outbound"}

    rail = Choice(
        (Rail.STRIPE_TRANSFER.value, Rail.STRIPE_OUTBOUND.value),
        load_default=Rail.STRIPE_TRANSFER.value,
    )


class AccountView(View):
    """A maker's account at Stripe: whether it may receive transfers, and whether her bank may.

    `payout_method`: Stripe's name for the bank account she gave there; nothing more of it is here.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "maker_id": MAKER_ID,
        "account_id": "acct_1",
        "capability": "pending",
        "bank_capability": "active",
        "payout_method": "usba_1",
        "checked_at": AT,
        "created_at": AT,
        "created_by": STAFF,
    }

    maker_id = Id()
    account_id = fields.String(allow_none=True)
    capability = fields.String()
    bank_capability = fields.String()
    payout_method = fields.String(allow_none=True)
    checked_at = Moment(allow_none=True)
    created_at = Moment()
    created_by = fields.String()


class OnboardingView(AccountView):
    """A maker's account, and the address of Stripe's own form; it works once, for minutes."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **AccountView.EXAMPLE,
        "onboarding_url": "https://connect.stripe.com/setup/s/1",
    }

    onboarding_url = fields.String()


class ReceivedView(View):
    """The news is kept."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"received": True}

    received = fields.Boolean()
