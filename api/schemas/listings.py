"""Listings, the catalogue and the passport on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate

from api.fields import (
    LONG,
    MOST_MINOR,
    SHORT,
    MoneyField,
    Text,
    WordsField,
    choice,
    currency,
    day,
    identifier,
    several,
    web_address,
    whole,
)
from api.paging import PageQuery
from api.schemas.inventory import TAG, FibreSchema, MeasureSchema
from api.wire import Strict
from core.money import Money
from core.quantities import Unit
from inventory.design_models import Kind
from inventory.listing_models import ListingStatus
from inventory.models import Grade
from quality.models import Decision

SLUG = validate.And(validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$"), validate.Length(2, 80))
SLUG_EXAMPLE = "red-table-runner"


class PriceSchema(Strict):
    """A price."""

    amount_minor = whole(1, MOST_MINOR, required=True, example=6800)
    currency = currency(required=True)


class PhotoSchema(Strict):
    """A picture with words for those who cannot see it."""

    url = web_address(required=True)
    alt = WordsField(300, required=True, example={"en": "A red runner with white bands"})


class ListingFields(Strict):
    """What both a new listing and a change may say."""

    title = WordsField(SHORT)
    description = WordsField(LONG, example={"en": "Hand-spun wool, woven in Huilloc."})
    prices = several(fields.Nested(PriceSchema), most=10)
    photos = several(fields.Nested(PhotoSchema), most=12)

    @pre_load
    def one_price_a_currency(self, data: Any, **_: Any) -> Any:
        """Refuse two prices in one currency."""
        prices = data.get("prices") if isinstance(data, dict) else None
        if isinstance(prices, list):
            named = [one.get("currency") for one in prices if isinstance(one, dict)]
            if any(named.count(one) > 1 for one in named):
                raise ValidationError({"prices": ["One price in each currency."]})
        return data


class NewListing(ListingFields):
    """A listing."""

    design_id = identifier(required=True)
    title = WordsField(SHORT, required=True, validate=validate.Length(min=1))
    description = WordsField(LONG, required=True, example={"en": "Woven in Huilloc."})
    prices = several(fields.Nested(PriceSchema), least=1, most=10, required=True)
    piece_ids = several(identifier(), most=200, required=True)
    slug = fields.String(validate=SLUG, metadata={"example": SLUG_EXAMPLE})
    status = choice([ListingStatus.DRAFT, ListingStatus.PUBLISHED], example="published")


class ListingChange(ListingFields):
    """What changes; what is not named stays."""

    add_pieces = several(identifier(), most=200)
    remove_pieces = several(identifier(), most=200)
    status = choice(ListingStatus, example="published")


class ListingView(Strict):
    """A listing, as its co-operative sees it."""

    id = identifier()
    slug = Text(example=SLUG_EXAMPLE)
    status = choice(ListingStatus, example="published")
    version = whole(1, MOST_MINOR)
    design_id = identifier()
    title = WordsField(SHORT)
    description = WordsField(LONG)
    prices = several(fields.Nested(PriceSchema), most=10)
    photos = several(fields.Nested(PhotoSchema), most=12)
    piece_ids = several(identifier(), most=200)
    missing_words = several(Text(2, example="qu"), most=3)


class CatalogueQuery(PageQuery):
    """What buyers narrow the catalogue to."""

    kind = choice(Kind, example="runner")
    technique = Text(60, example="complementary_warp")
    maker = identifier()
    min_price = fields.Integer(validate=validate.Range(0, MOST_MINOR), metadata={"example": 1000})
    max_price = fields.Integer(validate=validate.Range(0, MOST_MINOR), metadata={"example": 10000})
    currency = currency()
    sort = choice(["newest", "price_asc", "price_desc"], load_default="newest")


class CatalogueRowView(Strict):
    """One listing on a page."""

    id = identifier()
    slug = Text(example=SLUG_EXAMPLE)
    title = Text(example="Red table runner")
    words = WordsField(SHORT)
    kind = choice(Kind, example="runner")
    technique = Text(example="complementary_warp")
    prices = several(fields.Nested(PriceSchema), most=10)
    photo = fields.Nested(PhotoSchema, allow_none=True)
    available = whole(0, 200)


class PublicMakerView(Strict):
    """A maker under her consent; null is what she does not show."""

    id = identifier(allow_none=True)
    public_name = Text(allow_none=True, example="Demo Sabina")
    story = WordsField(LONG, allow_none=True)
    photo_url = web_address(allow_none=True)


class PieceOnOfferView(Strict):
    """A piece a buyer can choose."""

    id = identifier()
    tag = Text(example=TAG)
    grade = choice(Grade)


class ListingDetailView(Strict):
    """Everything public about one listing."""

    id = identifier()
    slug = Text(example=SLUG_EXAMPLE)
    title = Text(example="Red table runner")
    description = Text(LONG, allow_none=True, example="Woven in Huilloc.")
    words = fields.Dict(metadata={"example": {"title": {"en": "Red table runner"}}})
    kind = choice(Kind, example="runner")
    technique = Text(example="complementary_warp")
    prices = several(fields.Nested(PriceSchema), most=10)
    photos = several(fields.Nested(PhotoSchema), most=12)
    available = whole(0, 200)
    pieces = several(fields.Nested(PieceOnOfferView), most=200)
    makers = several(fields.Nested(PublicMakerView), most=100)
    fibres = several(fields.Nested(FibreSchema), most=40)
    measures = several(fields.Nested(MeasureSchema), most=30)
    care = Text(500, allow_none=True, example="Hand wash cold, dry flat in the shade.")


class ShareView(Strict):
    """What was earned, and how much of it has been paid."""

    earned = MoneyField()
    paid = MoneyField()


class MakerStepView(Strict):
    """A maker's stages on the piece; her share where she lets it be shown."""

    maker = fields.Nested(PublicMakerView)
    stages = several(Text(example="weave"), most=10)
    shares = several(fields.Nested(ShareView), most=10, allow_none=True)


class MeasuredView(Strict):
    """A value measured on this piece."""

    name = Text(example="length")
    value = whole(0, MOST_MINOR, example=1512)
    unit = choice(Unit)


class PassportView(Strict):
    """A piece's public page; it stays when the piece is sold."""

    tag = Text(example=TAG)
    state = choice(["with_us", "sold", "gone"])
    cooperative = Text(example="Huilloc women's weaving co-operative")
    place = Text(example="Huilloc, Ollantaytambo, Cusco, Peru")
    name = Text(example="Table runner")
    kind = choice(Kind, example="runner")
    technique = Text(example="complementary_warp")
    fibres = several(fields.Nested(FibreSchema), most=40)
    measured = several(fields.Nested(MeasuredView), most=30)
    care = Text(500, allow_none=True, example="Hand wash cold, dry flat in the shade.")
    delivered_on = day()
    inspected_on = day(allow_none=True)
    inspection = choice(Decision, allow_none=True)
    makers = several(fields.Nested(MakerStepView), most=100)
    makers_together = several(fields.Nested(ShareView), most=10)


def share_of(row: dict[str, Any]) -> dict[str, Money]:
    """A row of the passport's sums as two amounts of money."""
    return {
        "earned": Money(row["earned_minor"], row["currency"]),
        "paid": Money(row["paid_minor"], row["currency"]),
    }
