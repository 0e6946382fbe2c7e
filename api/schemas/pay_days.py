"""Pay days, receipts and advances on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Id, Moment, Some, Text, currency, web_address
from api.schemas.money import NewMoney
from api.schemas.payouts import AT, OBLIGATION_ID, WITNESS_ID
from api.schemas.stock import MAKER_ID, STAFF, TAG
from payouts.receipt_models import PayMethod

PAY_DAY_ID = "0197f1a5-0000-7000-8000-000000000231"
RECEIPT_ID = "0197f1a5-0000-7000-8000-000000000232"
ADVANCE_ID = "0197f1a5-0000-7000-8000-000000000233"
RATE = r"[0-9]{1,6}(\.[0-9]{1,8})?"
MOST_RATES = 20


class NewRate(Request):
    """Units of the pay day's currency for one of another."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"currency": "USD", "rate": "3.75"}

    currency = currency(required=True)
    rate = Text(20, like=RATE, required=True)


class NewPayDay(Request):
    """A pay day: in which money it is given, and the rates for what is owed in another."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"currency": "PEN", "rates": [NewRate.EXAMPLE]}

    currency = currency(required=True)
    rates = Some(fields.Nested(NewRate), MOST_RATES, load_default=list)


class PayDayLineView(View):
    """One obligation: what is owed, and what is given for it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "obligation_id": OBLIGATION_ID,
        "tag": TAG,
        "owed": {"amount_minor": 1709, "currency": "USD"},
        "pay_minor": 6409,
        "advanced_minor": 0,
    }

    obligation_id = Id()
    tag = fields.String()
    owed = Amount("owed_minor", "owed_currency")
    pay_minor = fields.Integer()
    advanced_minor = fields.Integer()


class PayeeView(View):
    """One maker on a pay day: her lines, what she is given, in which coins, her receipt."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "maker_id": MAKER_ID,
        "public_name": "Rosa",
        "state": "unpaid",
        "lines": [PayDayLineView.EXAMPLE],
        "total_minor": 6409,
        "cash_minor": 6410,
        "coins": {"5000": 1, "1000": 1, "200": 2, "10": 1},
        "receipt_id": None,
    }

    maker_id = Id()
    public_name = fields.String()
    state = fields.String()
    lines = fields.List(fields.Nested(PayDayLineView))
    total_minor = fields.Integer()
    cash_minor = fields.Integer()
    coins = fields.Dict(keys=fields.String(), values=fields.Integer())
    receipt_id = Id(allow_none=True)


class PayDaySummaryView(View):
    """A pay day, without its lines."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": PAY_DAY_ID,
        "number": "P-2026-001",
        "status": "open",
        "currency": "PEN",
        "rates": {"USD": "3.75"},
        "opened_at": AT,
        "opened_by": STAFF,
        "closed_at": None,
    }

    id = Id()
    number = fields.String()
    status = fields.String()
    currency = fields.String()
    rates = fields.Dict(keys=fields.String(), values=fields.String())
    opened_at = Moment()
    opened_by = fields.String()
    closed_at = Moment(allow_none=True)


class PayDayView(PayDaySummaryView):
    """A pay day: everybody who is owed, and the notes and coins to fetch for exact change."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **PayDaySummaryView.EXAMPLE,
        "makers": [PayeeView.EXAMPLE],
        "total_minor": 6409,
        "cash_minor": 6410,
        "coins": {"5000": 1, "1000": 1, "200": 2, "10": 1},
    }

    makers = fields.List(fields.Nested(PayeeView))
    total_minor = fields.Integer()
    cash_minor = fields.Integer()
    coins = fields.Dict(keys=fields.String(), values=fields.Integer())


class NewPayment(Request):
    """One maker is given everything of hers."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "maker_id": MAKER_ID,
        "method": "cash",
        "witness_id": WITNESS_ID,
        "evidence_url": "https://example.org/receipts/17.jpg",
        "note": "at the centre",
    }

    maker_id = Id(required=True)
    method = Choice(PayMethod, required=True)
    witness_id = Id(required=True)
    evidence_url = web_address()
    note = Text(500, least=0)


class NewRelease(Request):
    """What is unpaid of one maker is put back to another day."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"maker_id": MAKER_ID, "reason": "she could not come"}

    maker_id = Id(required=True)
    reason = Text(500, required=True)


class NewCancelledDay(Request):
    """Why a pay day is not held."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"reason": "the road was closed"}

    reason = Text(500, required=True)


class PaidView(View):
    """A receipt: what was given to whom, how, by whom, who saw it, and her signature."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": RECEIPT_ID,
        "number": "R-2026-00017",
        "maker_id": MAKER_ID,
        "pay_day_id": PAY_DAY_ID,
        "method": "cash",
        "paid": {"amount_minor": 6410, "currency": "PEN"},
        "rate": "3.75",
        "paid_by_id": "0197f1a5-0000-7000-8000-0000000000a1",
        "witness_id": WITNESS_ID,
        "evidence_url": None,
        "signature_url": "https://example.org/receipts/17.jpg",
        "signed": True,
        "note": "at the centre",
        "paid_at": AT,
    }

    id = Id()
    number = fields.String()
    maker_id = Id(allow_none=True)
    pay_day_id = Id(allow_none=True)
    method = fields.String()
    paid = Amount("paid_minor", "paid_currency")
    rate = fields.String(allow_none=True)
    paid_by_id = Id()
    witness_id = Id()
    evidence_url = fields.String(allow_none=True)
    signature_url = fields.String(
        attribute="signature.evidence_url", dump_default=None, allow_none=True
    )
    signed = fields.Boolean()
    note = fields.String()
    paid_at = Moment()


class NewSignature(Request):
    """The photo of a signed receipt, or the image of a fingerprint."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "evidence_url": "https://example.org/receipts/17.jpg",
        "signed_at": AT,
    }

    evidence_url = web_address(required=True)
    signed_at = Moment(required=True)


class NewAdvance(Request):
    """Money given ahead of what she earns."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "maker_id": MAKER_ID,
        "amount": {"amount_minor": 5000, "currency": "PEN"},
        "given_for": "yarn for the ten runners of December",
        "method": "cash",
        "witness_id": WITNESS_ID,
        "note": "",
    }

    maker_id = Id(required=True)
    amount = fields.Nested(NewMoney, required=True)
    given_for = Text(500, required=True)
    method = Choice(PayMethod, required=True)
    witness_id = Id(required=True)
    delivery_id = Id()
    commission_id = Id()
    evidence_url = web_address()
    note = Text(500, least=0)


class AdvancesWanted(Page):
    """Which advances, and which page of them."""

    maker_id = Id()
    commission_id = Id()


class AdvanceView(View):
    """What a maker has had ahead, and how much of it has not come off yet."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": ADVANCE_ID,
        "maker_id": MAKER_ID,
        "kind": "advance",
        "amount": {"amount_minor": 5000, "currency": "PEN"},
        "open_minor": 3000,
        "given_for": "yarn for the ten runners of December",
        "delivery_id": None,
        "commission_id": None,
        "receipt_number": "R-2026-00016",
        "recovery_id": None,
        "given_at": AT,
        "actor": STAFF,
    }

    id = Id()
    maker_id = Id()
    kind = fields.String()
    amount = Amount()
    open_minor = fields.Integer()
    given_for = fields.String()
    delivery_id = Id(allow_none=True)
    commission_id = Id(allow_none=True)
    receipt_number = fields.String(allow_none=True)
    recovery_id = Id(allow_none=True)
    given_at = Moment()
    actor = fields.String()
