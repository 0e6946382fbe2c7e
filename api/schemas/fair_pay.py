"""Reference wages, and what an hour of work brought, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Day, Id, Moment, MoneyView, Text, Whole
from api.schemas.money import NewMoney
from api.schemas.payouts import MakerNamedView
from api.schemas.stock import DESIGN_ID, MAKER_ID, PIECE_ID, STAFF, TAG
from payouts.wage_models import WageKind

AT = "2026-11-23T15:00:00Z"
#: A year of minutes, and then some.
MOST_MINUTES = 1_000_000
PEN = {"currency": "PEN"}


class NewReferenceWage(Request):
    """What so many minutes of work are worth by one measure, from a day on, and who says so."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "kind": "living",
        "wage": {"amount_minor": 199700, **PEN},
        "minutes": 12480,
        "valid_from": "2024-01-01",
        "source": "Anker Research Institute, rural Peru, 2024: a month of 48-hour weeks (208 h)",
    }

    kind = Choice(WageKind, required=True)
    wage = fields.Nested(NewMoney, required=True)
    minutes = Whole(1, MOST_MINUTES, required=True)
    valid_from = Day(required=True)
    source = Text(500, required=True)


class ReferenceWageView(View):
    """One version of a measure; the newest for a day holds."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000211",
        "version": 1,
        **NewReferenceWage.EXAMPLE,
        "recorded_at": AT,
        "recorded_by": STAFF,
    }

    id = Id()
    kind = fields.String()
    version = fields.Integer()
    wage = Amount()
    minutes = fields.Integer()
    valid_from = Day()
    source = fields.String()
    recorded_at = Moment()
    recorded_by = fields.String()


class AgainstView(View):
    """How pay stands to one measure: in hundredths of a per cent of it, and what is enough."""

    kind = fields.String()
    hourly_minor = fields.Integer()
    share_bp = fields.Integer()
    enough_minor = fields.Integer()
    below = fields.Boolean()


class MakerPayView(View):
    """What one maker gets for her time; `minor` and what follows in the co-operative's currency."""

    maker = fields.Nested(MakerNamedView)
    stages = fields.List(fields.String())
    minutes = fields.Integer(allow_none=True)
    minutes_from = fields.String()
    gets = fields.List(fields.Nested(MoneyView))
    earned = fields.List(fields.Nested(MoneyView))
    paid = fields.List(fields.Nested(MoneyView))
    materials_minor = fields.Integer()
    minor = fields.Integer(allow_none=True)
    hourly_minor = fields.Integer(allow_none=True)
    against = fields.List(fields.Nested(AgainstView))


class TogetherView(View):
    """All makers of a piece together; null where something of it is not known."""

    minutes = fields.Integer(allow_none=True)
    minor = fields.Integer(allow_none=True)
    hourly_minor = fields.Integer(allow_none=True)
    against = fields.List(fields.Nested(AgainstView))


class RateUsedView(View):
    """A rate that was written down when money moved, and where."""

    currency = fields.String()
    into = fields.String()
    rate = fields.String()
    source = fields.String()
    at = Moment()


AGAINST = [
    {
        "kind": "living",
        "hourly_minor": 960,
        "share_bp": 4065,
        "enough_minor": 39844,
        "below": True,
    },
    {
        "kind": "minimum",
        "hourly_minor": 543,
        "share_bp": 7185,
        "enough_minor": 22546,
        "below": True,
    },
]


class FairPayView(View):
    """One piece: what an hour of each maker's work brought her; `below` only warns."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "piece_id": PIECE_ID,
        "tag": TAG,
        "design_id": DESIGN_ID,
        "delivered_on": "2026-11-20",
        "currency": "PEN",
        "rests_on": "agreed",
        "makers": [
            {
                "maker": {"id": MAKER_ID, "public_name": "Sabina"},
                "stages": ["spin", "weave"],
                "minutes": 2490,
                "minutes_from": "estimated",
                "gets": [{"amount_minor": 16200, **PEN}],
                "earned": [{"amount_minor": 16200, **PEN}],
                "paid": [{"amount_minor": 0, **PEN}],
                "materials_minor": 0,
                "minor": 16200,
                "hourly_minor": 390,
                "against": AGAINST,
            }
        ],
        "together": {
            "minutes": 2490,
            "minor": 16200,
            "hourly_minor": 390,
            "against": AGAINST,
        },
        "below": ["living", "minimum"],
        "missing": [],
        "references": [ReferenceWageView.EXAMPLE],
        "rates": [
            {
                "currency": "USD",
                "into": "PEN",
                "rate": "3.75",
                "source": "P-2026-00003",
                "at": AT,
            }
        ],
    }

    piece_id = Id()
    tag = fields.String()
    design_id = Id()
    delivered_on = Day()
    currency = fields.String()
    rests_on = fields.String()
    makers = fields.List(fields.Nested(MakerPayView))
    together = fields.Nested(TogetherView)
    below = fields.List(fields.String())
    missing = fields.List(fields.String())
    references = fields.List(fields.Nested(ReferenceWageView))
    rates = fields.List(fields.Nested(RateUsedView))


class FairPayWanted(Page):
    """Which pieces; `below`: some maker's hour did not reach that measure."""

    below = Choice(WageKind)
    design_id = Id()
    delivery_id = Id()
    maker_id = Id()


class BelowView(View):
    """Of how many pieces some maker's hour did not reach a measure."""

    kind = fields.String()
    pieces = fields.Integer()


class DesignFairPayView(View):
    """The newest 1,000 pieces of a design together."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "design_id": DESIGN_ID,
        "currency": "PEN",
        "pieces": 12,
        "known": 11,
        "minutes": 27390,
        "minor": 178200,
        "hourly_minor": 390,
        "lowest_minor": 388,
        "below": [{"kind": "living", "pieces": 11}, {"kind": "minimum", "pieces": 11}],
    }

    design_id = Id()
    currency = fields.String()
    pieces = fields.Integer()
    known = fields.Integer()
    minutes = fields.Integer()
    minor = fields.Integer()
    hourly_minor = fields.Integer(allow_none=True)
    lowest_minor = fields.Integer(allow_none=True)
    below = fields.List(fields.Nested(BelowView))
