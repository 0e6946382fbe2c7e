"""Stock on the wire: locations, deliveries, pieces, movements."""

from typing import Any, ClassVar

from marshmallow import fields, post_load

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import MOST_MINOR, Amount, Choice, Flag, Id, Moment, Some, Text, Whole
from api.schemas.money import NewMoney
from inventory.models import AgreementKind, LocationKind, PieceStatus, Stage

PIECE_ID = "0197f1a5-0000-7000-8000-0000000000e1"
DESIGN_ID = "0197f1a5-0000-7000-8000-0000000000d1"
DELIVERY_ID = "0197f1a5-0000-7000-8000-0000000000e0"
STORE_ID = "0197f1a5-0000-7000-8000-0000000000c1"
MAKER_ID = "0197f1a5-c2d0-7a31-b2c3-d4e5f6a7b8c9"
STAFF = "staff:0197f1a5-0000-7000-8000-0000000000a1"
AT = "2026-11-23T15:00:00Z"
TAG = "HUK-4F7K-29QX"


class NewLocation(Request):
    """A room of the co-operative's own."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "code": "centre",
        "name": "Artisan centre, Huilloc",
        "kind": "store",
    }

    code = Text(60, like="[A-Za-z0-9][A-Za-z0-9_.-]*", required=True)
    name = Text(200, required=True)
    kind = Choice(LocationKind, required=True)


class LocationView(View):
    """A place where pieces are; makers, buyers and lost are places too."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": STORE_ID,
        **NewLocation.EXAMPLE,
        "status": "open",
        "version": 1,
        "created_at": AT,
    }

    id = Id()
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    status = fields.String()
    version = fields.Integer()
    created_at = Moment()


class WhereView(View):
    """Where a piece is."""

    id = Id()
    code = fields.String()
    name = fields.String()
    kind = fields.String()


PLACE = {"id": STORE_ID, **NewLocation.EXAMPLE}


class AgreementIn(Request):
    """How a piece is paid: `pay_on_acceptance` with its price, or `share_on_sale` without."""

    kind = Choice(AgreementKind, required=True)
    price = fields.Nested(NewMoney)

    @post_load
    def _flat(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        price = data.get("price")
        if price is None:
            return {"kind": data["kind"]}
        return {
            "kind": data["kind"],
            "price_minor": price["amount_minor"],
            "currency": price["currency"],
        }


class ContributionIn(Request):
    """A maker's step on a piece, with the weight that divides the share.

    `minutes`: how long it took her; `materials_minor`: what she paid herself for yarn and dyes, in
    the co-operative's own currency. Both where she says so.
    """

    maker_id = Id(required=True)
    stage = Choice(Stage, required=True)
    weight = Whole(1, 1_000_000, required=True)
    minutes = Whole(1, 1_000_000)
    materials_minor = Whole(1, MOST_MINOR)


class PieceIn(Request):
    """One piece of a delivery; its id and its tag may have been made beforehand.

    A piece of a commission is paid as that says; any other names its agreement.
    """

    id = Id()
    tag = Text(40)
    design_id = Id(required=True)
    agreement = fields.Nested(AgreementIn)
    contributions = Some(fields.Nested(ContributionIn), 20, least=1, required=True)
    commission_line_id = Id()
    surplus = Flag()
    photo_ids = Some(Id(), 10)


STEP = {
    "maker_id": MAKER_ID,
    "stage": "weave",
    "weight": 22,
    "minutes": 1320,
    "materials_minor": 1500,
}


class AgreementView(View):
    """How a piece is paid."""

    kind = fields.String()
    price = Amount("price_minor", allow_none=True)


class ContributionView(View):
    """A maker's step on a piece."""

    maker_id = Id()
    stage = fields.String()
    weight = fields.Integer()
    minutes = fields.Integer(allow_none=True)
    materials_minor = fields.Integer(allow_none=True)


class PieceView(View):
    """One woven thing with one tag."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": PIECE_ID,
        "tag": TAG,
        "status": "delivered",
        "grade": None,
        "quarantined_at": None,
        "design_id": DESIGN_ID,
        "delivery_id": DELIVERY_ID,
        "agreement": {
            "kind": "pay_on_acceptance",
            "price": {"amount_minor": 18000, "currency": "PEN"},
        },
        "contributions": [STEP],
        "location": PLACE,
        "created_at": AT,
    }

    id = Id()
    tag = fields.String()
    status = fields.String()
    grade = fields.String(allow_none=True)
    quarantined_at = Moment(allow_none=True)
    design_id = Id()
    delivery_id = Id()
    agreement = fields.Nested(AgreementView)
    contributions = fields.List(fields.Nested(ContributionView))
    location = fields.Nested(WhereView)
    created_at = Moment()


class LifeView(View):
    """One step of a life: who, when, why."""

    from_status = fields.String(allow_none=True)
    to_status = fields.String()
    at = Moment()
    actor = fields.String()
    why = fields.String()


class PieceWithLifeView(PieceView):
    """A piece with every step of its life, oldest first."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **PieceView.EXAMPLE,
        "life": [
            {
                "from_status": None,
                "to_status": "delivered",
                "at": AT,
                "actor": STAFF,
                "why": "handed in by its makers",
            }
        ],
    }

    life = fields.List(fields.Nested(LifeView))


class NewMovement(Request):
    """Where a piece goes, and why."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "destination_id": STORE_ID,
        "reason": "to the shop window",
    }

    destination_id = Id(required=True)
    reason = Text(500, required=True)


class MovementView(View):
    """A piece went from here to there."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-0000000000f1",
        "piece_id": PIECE_ID,
        "sequence": 1,
        "source": {
            "id": "0197f1a5-0000-7000-8000-0000000000c0",
            "code": "makers",
            "name": "With the makers",
            "kind": "makers",
        },
        "destination": PLACE,
        "reason": "delivery of 2026-11-20",
        "actor": STAFF,
        "at": AT,
    }

    id = Id()
    piece_id = Id()
    sequence = fields.Integer()
    source = fields.Nested(WhereView)
    destination = fields.Nested(WhereView)
    reason = fields.String()
    actor = fields.String()
    at = Moment()


class PiecesWanted(Page):
    """Which pieces."""

    status = Choice(PieceStatus)
    tag = Text(40)
    design_id = Id()
    location_id = Id()
