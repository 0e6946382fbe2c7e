"""Passports on the wire: a piece's public page."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import View
from api.schemas.claims import PASSPORT_CLAIM, PassportClaimView
from api.schemas.designs import FIBRES, FibreView
from api.schemas.fields import Amount, Day
from api.schemas.listings import CARE, MAKER, MEASURE, MeasureOfferedView, PublicMakerView
from api.schemas.money import WordsView
from api.schemas.photos import SHOWN, ShownPhotoView
from api.schemas.stock import TAG


class ShareView(View):
    """What was earned by the piece, and how much of it has been paid."""

    earned = Amount("earned_minor")
    paid = Amount("paid_minor")


class MakerStepView(View):
    """A maker's stages on the piece; `shares` is null unless she lets them be shown."""

    maker = fields.Nested(PublicMakerView)
    stages = fields.List(fields.String())
    shares = fields.List(fields.Nested(ShareView), allow_none=True)


class MeasuredView(View):
    """What was measured at the inspection."""

    name = fields.String()
    value = fields.Integer()
    unit = fields.String()


SHARE = {
    "earned": {"amount_minor": 2400, "currency": "USD"},
    "paid": {"amount_minor": 2400, "currency": "USD"},
}


class PriceSplitView(View):
    """How the price was divided, in basis points, and by which version of the policy."""

    version = fields.Integer()
    makers_bp = fields.Integer()
    fund_bp = fields.Integer()
    programme_bp = fields.Integer()


class PassportView(View):
    """A piece's public page; it stays when the piece is sold (`sold`) or gone (`gone`)."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tag": TAG,
        "state": "with_us",
        "name": "Table runner, red",
        "title": {"en": "Table runner, red"},
        "cooperative": "Huilloc women's weaving co-operative",
        "place": "Huilloc, Ollantaytambo, Cusco, Peru",
        "kind": "runner",
        "technique": "complementary_warp",
        "fibres": FIBRES,
        "claims": [PASSPORT_CLAIM],
        "measures": [MEASURE],
        "care": CARE,
        "delivered_on": "2026-11-20",
        "inspected_on": "2026-11-23",
        "inspection": "accept_a",
        "measured": [{"name": "length", "value": 1512, "unit": "mm"}],
        "makers": [{"maker": MAKER, "stages": ["weave"], "shares": [SHARE]}],
        "makers_together": [SHARE],
        "price_split": {"version": 1, "makers_bp": 7000, "fund_bp": 2000, "programme_bp": 1000},
        "photos": [SHOWN],
    }

    tag = fields.String()
    state = fields.String()
    name = fields.String(metadata={"description": "the design's name in the reader's language"})
    title = fields.Nested(WordsView)
    cooperative = fields.String()
    place = fields.String()
    kind = fields.String()
    technique = fields.String()
    fibres = fields.List(fields.Nested(FibreView))
    claims = fields.List(fields.Nested(PassportClaimView))
    measures = fields.List(fields.Nested(MeasureOfferedView))
    care = fields.Nested(WordsView)
    delivered_on = Day()
    inspected_on = Day(allow_none=True)
    inspection = fields.String(allow_none=True)
    measured = fields.List(fields.Nested(MeasuredView))
    makers = fields.List(fields.Nested(MakerStepView))
    makers_together = fields.List(fields.Nested(ShareView))
    price_split = fields.Nested(PriceSplitView, allow_none=True)
    photos = fields.List(fields.Nested(ShownPhotoView))
