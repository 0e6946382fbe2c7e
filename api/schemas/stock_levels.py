"""Stock on the wire as it is looked at: how many, where, since when, worth what."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Id, Moment, Some, Text, Whole, currency
from api.schemas.stock import AT, DESIGN_ID, PIECE_ID, PLACE, STAFF, STORE_ID, TAG, WhereView

MOST_MONEY = 10**12
MOST_DAYS = 10_000


class StockWanted(Page):
    """Which stock; `at`: as it was at that moment."""

    at = Moment()
    location_id = Id()
    design_id = Id()


class WhatView(View):
    """A design by its name."""

    id = Id()
    code = fields.String()
    name = fields.Dict(keys=fields.String(), values=fields.String())


DESIGN = {"id": DESIGN_ID, "code": "runner-red", "name": {"en": "Red runner"}}


class StockRowView(View):
    """How many pieces of a design are in one location; `free` and `promised` are known of now."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": PLACE,
        "design": DESIGN,
        "pieces": 12,
        "free": 9,
        "promised": 2,
    }

    location = fields.Nested(WhereView)
    design = fields.Nested(WhatView)
    pieces = fields.Integer()
    free = fields.Integer(allow_none=True)
    promised = fields.Integer(allow_none=True)


class PieceThereView(View):
    """A piece and where it is, or was, since when."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": PIECE_ID,
        "tag": TAG,
        "design_id": DESIGN_ID,
        "location": PLACE,
        "since": AT,
    }

    id = Id()
    tag = fields.String()
    design_id = Id()
    location = fields.Nested(WhereView)
    since = Moment()


class SumView(View):
    """An amount in minor units of one currency."""

    minor = fields.Integer(data_key="amount_minor")
    currency = fields.String()


class WorthView(View):
    """What lies in a location at cost and at price, currency by currency."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": PLACE,
        "pieces": 12,
        "cost": [{"amount_minor": 180000, "currency": "PEN"}],
        "without_cost": 2,
        "price": [
            {"amount_minor": 222000, "currency": "PEN"},
            {"amount_minor": 54000, "currency": "USD"},
        ],
        "without_price": 0,
    }

    location = fields.Nested(WhereView)
    pieces = fields.Integer()
    cost = fields.List(fields.Nested(SumView))
    without_cost = fields.Integer()
    price = fields.List(fields.Nested(SumView))
    without_price = fields.Integer()


class AgeBandView(View):
    """Pieces of one age."""

    from_days = fields.Integer()
    to_days = fields.Integer(allow_none=True)
    pieces = fields.Integer()


BANDS = [
    {"from_days": 0, "to_days": 90, "pieces": 10},
    {"from_days": 90, "to_days": None, "pieces": 2},
]


class AgesView(View):
    """How long a location's pieces have been with us, and offered."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": PLACE,
        "since_received": BANDS,
        "since_listed": BANDS,
    }

    location = fields.Nested(WhereView)
    since_received = fields.List(fields.Nested(AgeBandView))
    since_listed = fields.List(fields.Nested(AgeBandView))


class LowStockView(View):
    """A location that has fewer free pieces of a design than it should."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": PLACE,
        "design": DESIGN,
        "minimum": 5,
        "here": 2,
        "coming": 1,
    }

    location = fields.Nested(WhereView)
    design = fields.Nested(WhatView)
    minimum = fields.Integer()
    here = fields.Integer()
    coming = fields.Integer()


class NewMinimum(Request):
    """How many free pieces of a design a location should have; 0 ends it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "design_id": DESIGN_ID,
        "location_id": STORE_ID,
        "minimum": 5,
        "reason": "the season begins",
    }

    design_id = Id(required=True)
    location_id = Id(required=True)
    minimum = Whole(0, 10_000, required=True)
    reason = Text(500, required=True)


class MinimumView(View):
    """A minimum that was set."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000131",
        **NewMinimum.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
    }

    id = Id()
    design_id = Id()
    location_id = Id()
    minimum = fields.Integer()
    reason = fields.String()
    created_at = Moment()
    actor = fields.String()


class NewLimit(Request):
    """An amount in minor units that may be nothing."""

    amount_minor = Whole(0, MOST_MONEY, required=True)
    currency = currency(required=True)


class NewRules(Request):
    """What may be missing without a second person, and where one age of stock ends, in days."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "approval_above": {"amount_minor": 30000, "currency": "PEN"},
        "age_steps": [30, 90, 180],
        "reason": "the assembly decided",
    }

    approval_above = fields.Nested(NewLimit, required=True)
    age_steps = Some(Whole(1, MOST_DAYS), 12, required=True)
    reason = Text(500, required=True)


class RulesView(View):
    """One version of the rules of the stock room."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000132",
        "version": 1,
        **NewRules.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
    }

    id = Id()
    version = fields.Integer()
    approval_above = Amount("approval_above_minor")
    age_steps = fields.List(fields.Integer())
    reason = fields.String()
    created_at = Moment()
    actor = fields.String()
