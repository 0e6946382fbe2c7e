"""Policies, accounts, obligations, settlements and statements on the wire."""

from marshmallow import fields, validate

from api.fields import (
    LONG,
    MOST_MINOR,
    MoneyField,
    Text,
    choice,
    currency,
    day,
    identifier,
    moment,
    several,
    web_address,
    whole,
)
from api.paging import PageQuery
from api.schemas.inventory import TAG
from api.schemas.people import ACTOR
from api.wire import Strict
from core.money import BASIS_POINTS
from inventory.models import AgreementKind
from payouts.models import AttemptOutcome, FeeBearer, ObligationStatus, PayMethod, Rail

RECEIPT = "R-2026-00001"


class NewPolicy(Strict):
    """The next version of the share policy."""

    makers_bp = whole(0, BASIS_POINTS, required=True, example=7000)
    fund_bp = whole(0, BASIS_POINTS, required=True, example=2000)
    programme_bp = whole(0, BASIS_POINTS, required=True, example=1000)
    fee_bearer = choice(FeeBearer, required=True)
    hold_days_online = whole(0, 365, required=True, example=7)
    hold_days_stall = whole(0, 365, required=True, example=0)
    reason = Text(LONG, required=True, example="decided by the assembly of 20 November")


class PolicyView(NewPolicy):
    """One version."""

    id = identifier()
    version = whole(1, MOST_MINOR)
    created_at = moment()
    actor = Text(example=ACTOR)


class AccountView(Strict):
    """A maker's account at Stripe, as Stripe last described it."""

    maker_id = identifier()
    account_id = Text(allow_none=True, example="acct_1demo")
    capability = choice(["active", "pending", "restricted", "unsupported", "unknown"])
    checked_at = moment(allow_none=True)


class OnboardingView(AccountView):
    """The account with the address of Stripe's own form."""

    onboarding_url = web_address()


class AttemptView(Strict):
    """One try to pay."""

    number = whole(1, MOST_MINOR)
    rail = choice(Rail)
    started_at = moment()
    outcome = choice(AttemptOutcome, allow_none=True)
    reason = Text(LONG, allow_none=True, example="capability is not active")
    ended_at = moment(allow_none=True)


class ReceiptView(Strict):
    """The paper of money given by hand."""

    number = Text(example=RECEIPT)
    method = choice(PayMethod)
    paid = MoneyField()
    rate = Text(allow_none=True, example="3.75")
    paid_by_id = identifier()
    witness_id = identifier()
    evidence_url = web_address(allow_none=True)
    note = Text(LONG, example="")
    paid_at = moment()


class SettlementView(Strict):
    """How an obligation was met."""

    id = identifier()
    obligation_id = identifier()
    rail = choice(Rail)
    amount = MoneyField()
    transfer_id = Text(allow_none=True, example="tr_1demo")
    receipt = fields.Nested(ReceiptView, allow_none=True)
    settled_at = moment()
    actor = Text(example=ACTOR)


class ObligationView(Strict):
    """What one maker is owed."""

    id = identifier()
    maker_id = identifier()
    piece_id = identifier()
    order_id = identifier(allow_none=True)
    agreement = choice(AgreementKind)
    amount = MoneyField()
    status = choice(ObligationStatus)
    due_at = moment(allow_none=True)
    waiting = Text(allow_none=True, example="no_stripe_account")
    rail = choice(Rail, allow_none=True)
    attempts = several(fields.Nested(AttemptView), most=1000)
    settlement = fields.Nested(SettlementView, allow_none=True)
    created_at = moment()


class ObligationQuery(PageQuery):
    """What a list of obligations is narrowed to."""

    status = choice(ObligationStatus)
    maker_id = identifier()
    order_id = identifier()


class NewManualSettlement(Strict):
    """Money given by hand; whoever asks is who gave it."""

    method = choice(PayMethod, required=True)
    witness_id = identifier(required=True)
    note = Text(LONG, least=0, example="")
    evidence_url = web_address(allow_none=True)
    paid_minor = whole(1, MOST_MINOR, allow_none=True, example=17850)
    paid_currency = currency(allow_none=True, example="PEN")
    rate = fields.String(
        allow_none=True,
        validate=validate.Regexp(r"^[0-9]{1,6}(\.[0-9]{1,8})?$"),
        metadata={"example": "3.75"},
    )


class StatementLineView(Strict):
    """One obligation on a statement."""

    obligation_id = identifier()
    tag = Text(example=TAG)
    agreement = choice(AgreementKind)
    amount = MoneyField()
    status = choice(ObligationStatus)
    waiting = Text(allow_none=True, example="hold_window")
    earned_at = moment()
    paid_at = moment(allow_none=True)
    rail = choice(Rail, allow_none=True)
    proof = Text(allow_none=True, example=RECEIPT)


class TotalView(Strict):
    """One currency added up."""

    earned = MoneyField()
    paid = MoneyField()
    owed = MoneyField()


class StatementView(Strict):
    """What a maker earned, what has reached her, and what is still owed."""

    maker_id = identifier()
    public_name = Text(example="Demo Sabina")
    month = day(allow_none=True)
    totals = several(fields.Nested(TotalView), most=20)
    lines = several(fields.Nested(StatementLineView), most=1000)


class StatementQuery(Strict):
    """One month, by any of its days; everything without."""

    month = day()
