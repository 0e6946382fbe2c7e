"""Listings and passports on the wire, for the office and for the world."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validates_schema

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.claims import CLAIM, ClaimIn, ClaimView
from api.schemas.designs import FIBRES, FibreView
from api.schemas.fields import (
    MOST_MINOR,
    Choice,
    Id,
    Moment,
    MoneyView,
    Ready,
    Some,
    Text,
    WholeText,
    currency,
    web_address,
)
from api.schemas.money import LongWords, NewMoney, ShortWords, WordsView
from api.schemas.photos import ShownPhotoView
from api.schemas.stock import DESIGN_ID, MAKER_ID, PIECE_ID, STAFF, TAG
from inventory.design_models import Kind
from inventory.listing_models import ListingStatus

LISTING_ID = "0197f1a5-0000-7000-8000-000000000111"
SLUG = "red-table-runner-1f2e3d"
SLUG_FORM = "[a-z0-9]+(-[a-z0-9]+)*"
TITLE = {"en": "Red table runner", "es": "Camino de mesa rojo"}
DESCRIPTION = {"en": "Hand-spun sheep's wool, woven on a backstrap loom in Huilloc."}
PRICES = [{"amount_minor": 24000, "currency": "PEN"}, {"amount_minor": 6800, "currency": "USD"}]
PHOTO = {"url": "https://photos.example/runner.jpg", "alt": {"en": "A red runner on a table"}}

PHOTO_SHOWN = {**PHOTO, "sizes": None, "width": None, "height": None}


class PhotoIn(Request):
    """A picture that others keep, with words for those who cannot see it, or a photo of ours."""

    url = web_address()
    photo_id = Id(metadata={"description": "a photo that was sent here; it becomes public too"})
    alt = fields.Nested(ShortWords, metadata={"description": "a photo of ours has its own"})

    @validates_schema(skip_on_field_errors=True)
    def _from_one_place(self, data: dict[str, Any], **_options: Any) -> None:
        if ("url" in data) == ("photo_id" in data):
            raise ValidationError("Name either a url or a photo_id.", "url")
        if "url" in data and "alt" not in data:
            raise ValidationError("Say what can be seen on it.", "alt")


class _Offer(Request):
    """What a listing may say, new or changed."""

    title = fields.Nested(ShortWords)
    description = fields.Nested(LongWords)
    prices = Some(fields.Nested(NewMoney), 10)
    photos = Some(fields.Nested(PhotoIn), 20)
    claims = Some(fields.Nested(ClaimIn), 20)

    @validates_schema(skip_on_field_errors=True)
    def _one_each(self, data: dict[str, Any], **_options: Any) -> None:
        prices = data.get("prices", [])
        if len({price["currency"] for price in prices}) < len(prices):
            raise ValidationError("One price in each currency.", "prices")

    @post_load
    def _by_currency(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        if "prices" in data:
            data["prices"] = {price["currency"]: price["amount_minor"] for price in data["prices"]}
        return data


class NewListing(_Offer):
    """What is offered: words, prices, photos, and accepted pieces of one design."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "design_id": DESIGN_ID,
        "title": TITLE,
        "description": DESCRIPTION,
        "prices": PRICES,
        "piece_ids": [PIECE_ID],
        "photos": [PHOTO],
        "claims": [{"kind": "hand_spun"}, {"kind": "dyed_with", "dye": "cochineal"}],
        "status": "published",
    }

    design_id = Id(required=True)
    title = fields.Nested(ShortWords, required=True)
    description = fields.Nested(LongWords, load_default=dict)
    prices = Some(fields.Nested(NewMoney), 10, required=True)
    photos = Some(fields.Nested(PhotoIn), 20, load_default=list)
    piece_ids = Some(Id(), 200, required=True)
    status = Choice(["draft", "published"], load_default="draft")
    slug = Text(80, like=SLUG_FORM)


class ListingChange(_Offer):
    """What is to change; everything left out stays as it is."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "prices": [{"amount_minor": 7200, "currency": "USD"}],
        "status": "published",
    }

    add_pieces = Some(Id(), 200)
    remove_pieces = Some(Id(), 200)
    status = Choice(ListingStatus)


class ListingPhotoView(ShownPhotoView):
    """A picture of a listing; `url` is null while our photo is not to be seen."""

    url = fields.String(allow_none=True)
    photo_id = Id(allow_none=True)


class ListingView(View):
    """A listing as the office sees it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": LISTING_ID,
        "slug": SLUG,
        "status": "published",
        "version": 1,
        "design_id": DESIGN_ID,
        "title": TITLE,
        "description": DESCRIPTION,
        "prices": PRICES,
        "photos": [{**PHOTO_SHOWN, "photo_id": None}],
        "claims": [CLAIM],
        "piece_ids": [PIECE_ID],
        "created_at": "2026-11-23T15:00:00Z",
        "created_by": STAFF,
    }

    id = Id()
    slug = fields.String()
    status = fields.String()
    version = fields.Integer()
    design_id = Id()
    title = fields.Nested(WordsView)
    description = fields.Nested(WordsView)
    prices = fields.List(fields.Nested(MoneyView))
    photos = fields.List(fields.Nested(ListingPhotoView))
    claims = fields.List(fields.Nested(ClaimView))
    piece_ids = fields.List(Id())
    created_at = Moment()
    created_by = fields.String()


class ListingsWanted(Page):
    """What a buyer looks for."""

    kind = Choice(Kind)
    technique = Text(60)
    maker = Id(metadata={"description": "pieces of one maker who lets herself be known"})
    min_price = WholeText(0, MOST_MINOR, metadata={"description": "in minor units of `currency`"})
    max_price = WholeText(0, MOST_MINOR, metadata={"description": "in minor units of `currency`"})
    currency = currency()
    sort = Choice(["newest", "price_asc", "price_desc"], load_default="newest")


class OfferedView(View):
    """A listing on a page of the catalogue."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": LISTING_ID,
        "slug": SLUG,
        "name": "Red table runner",
        "title": TITLE,
        "kind": "runner",
        "technique": "complementary_warp",
        "prices": PRICES,
        "photo": PHOTO_SHOWN,
        "available": 1,
    }

    id = Id()
    slug = fields.String()
    name = fields.String(metadata={"description": "the title in the reader's language"})
    title = Ready(WordsView)
    kind = fields.String()
    technique = fields.String()
    prices = Ready(MoneyView, many=True)
    photo = Ready(ShownPhotoView, allow_none=True)
    available = fields.Integer(metadata={"description": "pieces that can be had now"})


class PieceOnOfferView(View):
    """A piece a buyer can choose."""

    id = Id()
    tag = fields.String()
    grade = fields.String()


class PublicMakerView(View):
    """A maker as she lets herself be shown; null where she did not consent."""

    id = Id(allow_none=True)
    public_name = fields.String(allow_none=True)
    story = fields.Nested(WordsView, allow_none=True)
    photo_url = fields.String(allow_none=True)


class MeasureOfferedView(View):
    """A standard measure with its tolerance."""

    name = fields.String()
    unit = fields.String()
    spec = fields.Integer()
    minus = fields.Integer(attribute="limit.minus")
    plus = fields.Integer(attribute="limit.plus")


MAKER = {
    "id": MAKER_ID,
    "public_name": "Sabina",
    "story": {"es": "Teje pallay desde niña."},
    "photo_url": None,
}
MEASURE = {"name": "length", "unit": "mm", "spec": 1500, "minus": 45, "plus": 45}
CARE = {"en": "Hand wash cold. Dry flat in the shade."}


class OfferedInFullView(View):
    """Everything public about one listing."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": LISTING_ID,
        "slug": SLUG,
        "name": "Red table runner",
        "title": TITLE,
        "description": DESCRIPTION,
        "kind": "runner",
        "technique": "complementary_warp",
        "prices": PRICES,
        "photos": [PHOTO_SHOWN],
        "available": 1,
        "pieces": [{"id": PIECE_ID, "tag": TAG, "grade": "A"}],
        "makers": [MAKER],
        "claims": [CLAIM],
        "fibres": FIBRES,
        "measures": [MEASURE],
        "care": CARE,
    }

    id = Id()
    slug = fields.String()
    name = fields.String(metadata={"description": "the title in the reader's language"})
    title = fields.Nested(WordsView)
    description = fields.Nested(WordsView)
    kind = fields.String()
    technique = fields.String()
    prices = fields.List(fields.Nested(MoneyView))
    photos = fields.List(fields.Nested(ShownPhotoView))
    available = fields.Integer(metadata={"description": "pieces that can be had now"})
    pieces = fields.List(fields.Nested(PieceOnOfferView))
    makers = fields.List(fields.Nested(PublicMakerView))
    claims = fields.List(fields.Nested(ClaimView))
    fibres = fields.List(fields.Nested(FibreView))
    measures = fields.List(fields.Nested(MeasureOfferedView))
    care = fields.Nested(WordsView)
