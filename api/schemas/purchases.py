"""Purchases, the rules of withholding, and makers' identity papers, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Day, Flag, Id, Moment, Text, Whole
from api.schemas.stock import MAKER_ID, STAFF
from payouts.purchase_models import WithholdingKind
from people.paper_models import PaperKind

AT = "2026-11-23T15:00:00Z"


class PeriodWanted(Request):
    """Which days, both of them too; by the clocks of the co-operative's country."""

    first = Day(data_key="from")
    last = Day(data_key="to")


class NewWithholdingRule(Request):
    """A rate in basis points, its days, whose figure it is, and whether it was confirmed."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "kind": "igv",
        "rate_bp": 1550,
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "verified": True,
        "source": "Ley 32387; confirmed by the accountant on 20 November 2026",
    }

    kind = Choice(WithholdingKind, required=True)
    rate_bp = Whole(0, 10_000, required=True)
    valid_from = Day(required=True)
    valid_to = Day()
    verified = Flag(required=True)
    source = Text(500, required=True)


class WithholdingRuleView(View):
    """One version of a rate; the newest for the latest beginning holds."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000221",
        "version": 1,
        **NewWithholdingRule.EXAMPLE,
        "recorded_at": AT,
        "recorded_by": STAFF,
    }

    id = Id()
    kind = fields.String()
    version = fields.Integer()
    rate_bp = fields.Integer()
    valid_from = Day()
    valid_to = Day(allow_none=True)
    verified = fields.Boolean()
    source = fields.String()
    recorded_at = Moment()
    recorded_by = fields.String()


class NewPaper(Request):
    """What a maker identifies herself with, from a day on; without `ruc` she has no tax number."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "kind": "dni",
        "number": "01234567",
        "valid_from": "2026-01-01",
    }

    kind = Choice(PaperKind, required=True)
    number = Text(20, least=4, like="[0-9A-Z-]{4,20}", required=True)
    ruc = Text(11, least=11, like="[0-9]{11}")
    valid_from = Day(required=True)


class PaperView(View):
    """A maker's identity paper; only for keys with `makers:private`."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000231",
        "maker_id": MAKER_ID,
        **NewPaper.EXAMPLE,
        "ruc": None,
        "recorded_at": AT,
        "recorded_by": STAFF,
    }

    id = Id()
    maker_id = Id()
    kind = fields.String()
    number = fields.String()
    ruc = fields.String(allow_none=True)
    valid_from = Day()
    recorded_at = Moment()
    recorded_by = fields.String()
