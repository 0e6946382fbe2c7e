"""Designs, locations, deliveries, pieces and movements on the wire."""

from marshmallow import fields, validate

from api.fields import (
    LONG,
    MOST_MINOR,
    SHORT,
    Text,
    WordsField,
    choice,
    currency,
    day,
    identifier,
    moment,
    several,
    whole,
    yes_no,
)
from api.paging import PageQuery
from api.schemas.people import ACTOR
from api.wire import Strict
from core.money import BASIS_POINTS
from core.quantities import Unit
from inventory.design_models import Fibre, Kind
from inventory.models import AgreementKind, Grade, LocationKind, PieceStatus, Stage

CODE = {"validate": validate.Regexp(r"^[a-z0-9][a-z0-9-]{0,59}$")}
LARGEST_MEASURE = 100_000
TAG = "HUK-4F7K-29QX"


def code(example: str, **kwargs: object) -> fields.String:
    """A short word for people: small letters, digits, hyphens."""
    return fields.String(metadata={"example": example}, **CODE, **kwargs)  # type: ignore[arg-type]


class FibreSchema(Strict):
    """How much of a part is one fibre, in basis points."""

    part = Text(40, required=True, example="body")
    fibre = choice(Fibre, required=True, example="sheep_wool")
    share_bp = whole(1, BASIS_POINTS, required=True, example=10000)


class MeasureSchema(Strict):
    """A measure with its tolerance, in whole units."""

    name = Text(40, required=True, example="length")
    unit = choice(Unit, required=True, example="mm")
    spec = whole(1, LARGEST_MEASURE, required=True, example=1500)
    minus = whole(0, LARGEST_MEASURE, required=True, example=45)
    plus = whole(0, LARGEST_MEASURE, required=True, example=45)
    required = yes_no(required=True)


class ChecklistItemSchema(Strict):
    """One question of the checklist."""

    code = Text(40, required=True, example="no_metal")
    words = WordsField(300, required=True, example={"en": "No needle left in it?"})
    required = yes_no(required=True)


class NewLimits(Strict):
    """A version of a design's limits."""

    measures = several(fields.Nested(MeasureSchema), most=30, required=True)
    checklist = several(fields.Nested(ChecklistItemSchema), most=50, required=True)


class NewDesign(NewLimits):
    """A design, with version 1 of its limits."""

    code = code("runner-red", required=True)
    kind = choice(Kind, required=True, example="runner")
    technique = Text(60, required=True, example="complementary_warp")
    name = WordsField(SHORT, required=True, validate=validate.Length(min=1))
    care = WordsField(500, example={"en": "Hand wash cold, dry flat in the shade."})
    fibres = several(fields.Nested(FibreSchema), least=1, most=40, required=True)
    minutes_by_stage = fields.Dict(
        keys=choice(Stage),
        values=whole(0, LARGEST_MEASURE),
        metadata={"example": {"spin": 840, "weave": 1320}},
    )
    hs_code = fields.String(
        allow_none=True,
        validate=validate.Regexp(r"^[0-9]{4}(\.[0-9]{2}){0,3}$"),
        metadata={"example": "6304.99"},
    )
    vicuna_permit = Text(100, allow_none=True, example="PE-2026-0001")


class LimitSetView(Strict):
    """One version of the limits."""

    version = whole(1, LARGEST_MEASURE)
    measures = several(fields.Nested(MeasureSchema), most=30)
    checklist = several(fields.Nested(ChecklistItemSchema), most=50)
    created_at = moment()
    created_by = Text(example=ACTOR)


class DesignView(Strict):
    """A design with the limits in force."""

    id = identifier()
    code = code("runner-red")
    kind = choice(Kind, example="runner")
    technique = Text(example="complementary_warp")
    name = WordsField(SHORT)
    care = WordsField(500)
    fibres = several(fields.Nested(FibreSchema), most=40)
    minutes_by_stage = fields.Dict(metadata={"example": {"spin": 840, "weave": 1320}})
    hs_code = Text(allow_none=True, example="6304.99")
    vicuna_permit = Text(allow_none=True, example="PE-2026-0001")
    limits = fields.Nested(LimitSetView)
    created_at = moment()


class NewLocation(Strict):
    """A room of the co-operative."""

    code = code("centre", required=True)
    name = Text(100, required=True, example="Artisan centre, Huilloc")
    kind = choice([LocationKind.WORKSHOP, LocationKind.STORE, LocationKind.TRANSIT], required=True)


class LocationView(Strict):
    """A room, or one of the three ends outside."""

    id = identifier()
    code = code("centre")
    name = Text(example="Artisan centre, Huilloc")
    kind = choice(LocationKind)


class AgreementSchema(Strict):
    """How a piece is paid; a price only with pay_on_acceptance."""

    kind = choice(AgreementKind, required=True)
    price_minor = whole(1, MOST_MINOR, allow_none=True, example=18000)
    currency = currency(allow_none=True, example="PEN")


class ContributionSchema(Strict):
    """A maker's step on a piece, with its weight."""

    maker_id = identifier(required=True)
    stage = choice(Stage, required=True, example="weave")
    weight = whole(1, 1_000_000, required=True, example=22)


class NewPiece(Strict):
    """A piece of a delivery; id and tag may be given where they were made beforehand."""

    id = identifier(allow_none=True)
    tag = Text(20, allow_none=True, example=TAG)
    design_id = identifier(required=True)
    agreement = fields.Nested(AgreementSchema, required=True)
    contributions = several(fields.Nested(ContributionSchema), least=1, most=20, required=True)


class NewDelivery(Strict):
    """A whole delivery under an id made by whoever records it."""

    id = identifier(required=True)
    delivered_on = day(required=True)
    location_id = identifier(required=True)
    note = Text(LONG, least=0, example="after the rain")
    pieces = several(fields.Nested(NewPiece), least=1, most=200, required=True)


class PieceView(Strict):
    """A piece, as its co-operative sees it."""

    id = identifier()
    tag = Text(example=TAG)
    status = choice(PieceStatus)
    grade = choice(Grade, allow_none=True)
    design_id = identifier()
    delivery_id = identifier()
    agreement = fields.Nested(AgreementSchema)
    contributions = several(fields.Nested(ContributionSchema), most=20)
    created_at = moment()


class LocatedPieceView(PieceView):
    """A piece with where it is."""

    location = fields.Nested(LocationView)


class LifeMoveView(Strict):
    """One step of a life."""

    from_status = Text(allow_none=True, example="delivered")
    to_status = Text(example="inspecting")
    actor = Text(example=ACTOR)
    why = Text(example="inspection 0199a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b")
    at = moment()


class PieceDetailView(LocatedPieceView):
    """A piece with its whole life."""

    life = several(fields.Nested(LifeMoveView), most=1000)


class DeliveryView(Strict):
    """A delivery with its pieces."""

    id = identifier()
    delivered_on = day()
    location_id = identifier()
    note = Text(LONG, example="after the rain")
    recorded_at = moment()
    actor = Text(example=ACTOR)
    pieces = several(fields.Nested(PieceView), most=200)


class NewMovement(Strict):
    """Where a piece is taken, and why."""

    destination_id = identifier(required=True)
    reason = Text(300, required=True, example="to the shop")


class MovementView(Strict):
    """A piece went from here to there."""

    id = identifier()
    sequence = whole(1, LARGEST_MEASURE)
    source = fields.Nested(LocationView)
    destination = fields.Nested(LocationView)
    reason = Text(example="to the shop")
    actor = Text(example=ACTOR)
    at = moment()


class PieceQuery(PageQuery):
    """What a list of pieces is narrowed to."""

    status = choice(PieceStatus)
    tag = Text(20, example=TAG)
    design_id = identifier()
    location_id = identifier()
