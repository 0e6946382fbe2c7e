"""A maker's statement on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Amount, Day, Id, Moment, MoneyView, Text
from api.schemas.payouts import AT, OBLIGATION_ID, MakerNamedView, SettlementView
from api.schemas.stock import MAKER_ID, TAG


class MonthWanted(Request):
    """Which month, by when it was earned; all time without."""

    month = Text(7, least=7, like=r"20[0-9]{2}-(0[1-9]|1[0-2])")


class StatementLineView(View):
    """One piece, what it earned her, and what became of it."""

    obligation_id = Id(attribute="obligation.id")
    tag = fields.String()
    agreement = fields.String(attribute="obligation.agreement")
    amount = Amount("obligation.amount_minor", "obligation.currency")
    earned = Amount("earned", "obligation.currency")
    paid = Amount("paid", "obligation.currency")
    owed = Amount("owed", "obligation.currency")
    fund = Amount("fund", "obligation.currency", allow_none=True)
    status = fields.String(attribute="obligation.status")
    waiting = fields.String(allow_none=True)
    earned_at = Moment(attribute="obligation.created_at")
    settlement = fields.Nested(SettlementView, attribute="obligation.settlement", allow_none=True)


class TotalView(View):
    """What she earned in one currency, and how much of it has reached her."""

    earned = Amount("earned")
    paid = Amount("paid")
    owed = Amount("owed")


class DeductionView(View):
    """A part of an advance that came off what she was owed for one piece."""

    obligation_id = Id()
    tag = fields.String()
    amount_minor = fields.Integer()
    at = Moment()


class AdvanceLineView(View):
    """One advance: given, what it came off, and what is left of it today."""

    id = Id(attribute="advance.id")
    given = Amount("advance.amount_minor", "advance.currency")
    given_at = Moment(attribute="advance.given_at")
    given_for = fields.String(attribute="advance.given_for")
    receipt_number = fields.String(
        attribute="advance.receipt.number", dump_default=None, allow_none=True
    )
    deductions = fields.List(fields.Nested(DeductionView))
    left = Amount("left_minor", "advance.currency")


class AdvanceTotalView(View):
    """Advances in one currency together."""

    given = Amount("given_minor")
    deducted = Amount("deducted_minor")
    left = Amount("left_minor")
    count = fields.Integer()


class ReductionView(View):
    """A piece that paid her less than agreed, or nothing, and why."""

    inspection_id = Id(attribute="reduction.inspection_id")
    tag = fields.String()
    agreed = Amount("reduction.agreed_minor", "reduction.currency")
    amount = Amount("reduction.amount_minor", "reduction.currency")
    reduced_bp = fields.Integer(attribute="reduction.reduced_bp")
    reason = fields.String(attribute="reduction.reason")
    at = Moment(attribute="reduction.at")


class StatementView(View):
    """Everything a maker earned, piece by piece."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "maker": {"id": MAKER_ID, "public_name": "Sabina"},
        "month": "2026-11-01",
        "lines": [
            {
                "obligation_id": OBLIGATION_ID,
                "tag": TAG,
                "agreement": "share_on_sale",
                "amount": {"amount_minor": 1587, "currency": "USD"},
                "earned": {"amount_minor": 1587, "currency": "USD"},
                "paid": {"amount_minor": 0, "currency": "USD"},
                "owed": {"amount_minor": 1587, "currency": "USD"},
                "fund": {"amount_minor": 900, "currency": "USD"},
                "status": "due",
                "waiting": "no_stripe_account",
                "earned_at": AT,
                "settlement": None,
            }
        ],
        "totals": [
            {
                "earned": {"amount_minor": 1587, "currency": "USD"},
                "paid": {"amount_minor": 0, "currency": "USD"},
                "owed": {"amount_minor": 1587, "currency": "USD"},
            }
        ],
        "funds": [{"amount_minor": 900, "currency": "USD"}],
        "advances": [
            {
                "id": "0197f1a5-0000-7000-8000-000000000171",
                "given": {"amount_minor": 5000, "currency": "PEN"},
                "given_at": AT,
                "given_for": "yarn",
                "receipt_number": "R-2026-00016",
                "deductions": [
                    {
                        "obligation_id": OBLIGATION_ID,
                        "tag": TAG,
                        "amount_minor": 3000,
                        "at": AT,
                    }
                ],
                "left": {"amount_minor": 2000, "currency": "PEN"},
            }
        ],
        "advance_totals": [
            {
                "given": {"amount_minor": 5000, "currency": "PEN"},
                "deducted": {"amount_minor": 3000, "currency": "PEN"},
                "left": {"amount_minor": 2000, "currency": "PEN"},
                "count": 1,
            }
        ],
        "reductions": [
            {
                "inspection_id": "0197f1a5-0000-7000-8000-000000000101",
                "tag": TAG,
                "agreed": {"amount_minor": 18000, "currency": "PEN"},
                "amount": {"amount_minor": 14400, "currency": "PEN"},
                "reduced_bp": 2000,
                "reason": "agreed with her: one band is mirrored",
                "at": AT,
            }
        ],
    }

    maker = fields.Nested(MakerNamedView)
    month = Day(allow_none=True)
    lines = fields.List(fields.Nested(StatementLineView))
    totals = fields.List(fields.Nested(TotalView))
    funds = fields.List(fields.Nested(MoneyView))
    advances = fields.List(fields.Nested(AdvanceLineView))
    advance_totals = fields.List(fields.Nested(AdvanceTotalView))
    reductions = fields.List(fields.Nested(ReductionView))
