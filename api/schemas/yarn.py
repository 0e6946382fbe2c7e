"""Lots of yarn and dye on the wire, and what goes into a pot."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.designs import CODE
from api.schemas.fastness import FastnessTestView
from api.schemas.fields import Choice, Day, Id, Moment, Some, Text, Whole
from api.schemas.money import ShortWords, WordsView
from api.schemas.stock import AT, MAKER_ID, STAFF, TAG
from inventory.design_models import Fibre
from inventory.yarn_models import DyestuffKind, Spun

YARN_LOT_ID = "0197f1a5-0000-7000-8000-000000000701"
DYE_LOT_ID = "0197f1a5-0000-7000-8000-000000000702"
PHOTO_ID = "0197f1a5-0000-7000-8000-000000000704"
LISTING_ID = "0197f1a5-0000-7000-8000-000000000111"
MOST_GRAMS = 1_000_000
YARN_FIBRES = [{"fibre": "sheep_wool", "share_bp": 10000}]
LOT_CODE = Text(40, like="[A-Za-z0-9][A-Za-z0-9 _./-]*", required=True)


class NewDyestuff(Request):
    """A dye or a mordant for the co-operative's catalogue."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "code": "cochineal",
        "kind": "natural",
        "words": {"en": "cochineal", "es": "cochinilla"},
        "species": "Dactylopius coccus",
        "source": "what our dyers use",
    }

    code = Text(60, like=CODE, required=True)
    kind = Choice(DyestuffKind, required=True)
    words = fields.Nested(ShortWords, required=True)
    species = Text(200)
    source = Text(500, required=True)


class DyestuffView(View):
    """A dye or a mordant of the catalogue."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000700",
        **NewDyestuff.EXAMPLE,
        "recorded_at": AT,
        "recorded_by": STAFF,
    }

    id = Id()
    code = fields.String()
    kind = fields.String()
    words = fields.Nested(WordsView)
    species = fields.String(allow_none=True)
    source = fields.String()
    recorded_at = Moment()
    recorded_by = fields.String()


class YarnFibreIn(Request):
    """How much of a yarn is one fibre, in basis points of its weight; a yarn sums to 10,000."""

    fibre = Choice(Fibre, required=True)
    share_bp = Whole(1, 10_000, required=True)


class _Yarn(Request):
    """What a lot of yarn is. It was spun by a maker (`spinner_id`) or bought from a `supplier`."""

    FACTS: ClassVar[dict[str, Any]] = {
        "grams": 1200,
        "fibres": YARN_FIBRES,
        "spun": "hand",
        "received_on": "2026-09-14",
        "spinner_id": MAKER_ID,
        "ply": 2,
        "count_words": "Nm 2/12",
        "note": "",
    }

    grams = Whole(1, MOST_GRAMS, required=True)
    fibres = Some(fields.Nested(YarnFibreIn), 8, least=1, required=True)
    spun = Choice(Spun, required=True)
    received_on = Day(required=True)
    spinner_id = Id()
    supplier = Text(200)
    ply = Whole(1, 12)
    count_words = Text(60)
    vicuna_permit = Text(100)
    note = Text(2000, least=0)


class NewYarnLot(_Yarn):
    """A lot of yarn that came in; the id is made on the phone, the code stands on its label."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"id": YARN_LOT_ID, "code": "Y-26-014", **_Yarn.FACTS}

    id = Id(required=True)
    code = LOT_CODE


class YarnCorrection(_Yarn):
    """What the lot of yarn really is, whole, and why it is written again."""

    EXAMPLE: ClassVar[dict[str, Any]] = {**_Yarn.FACTS, "reason": "weighed again"}

    reason = Text(500, required=True)


class _Dyed(Request):
    """What a dye lot is: grams of one yarn lot, dyed by a maker (`dyer_id`) or a `supplier`."""

    FACTS: ClassVar[dict[str, Any]] = {
        "grams": 400,
        "yarn_lot_id": YARN_LOT_ID,
        "dyes": ["cochineal"],
        "mordants": ["alum"],
        "dyed_on": "2026-09-20",
        "dyer_id": MAKER_ID,
        "swatch_photo_id": PHOTO_ID,
        "note": "",
    }

    grams = Whole(1, MOST_GRAMS, required=True)
    yarn_lot_id = Id(required=True)
    dyes = Some(Text(60, like=CODE), 5, least=1, required=True)
    mordants = Some(Text(60, like=CODE), 5, required=True)
    dyed_on = Day(required=True)
    dyer_id = Id()
    supplier = Text(200)
    swatch_photo_id = Id(metadata={"description": "made on the phone; the photo may come later"})
    note = Text(2000, least=0)


class NewDyeLot(_Dyed):
    """Yarn that went through one dye pot; the id is made on the phone."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"id": DYE_LOT_ID, "code": "D-26-031", **_Dyed.FACTS}

    id = Id(required=True)
    code = LOT_CODE


class DyeCorrection(_Dyed):
    """What the dye lot really is, whole, and why it is written again."""

    EXAMPLE: ClassVar[dict[str, Any]] = {**_Dyed.FACTS, "reason": "it was the other pot"}

    reason = Text(500, required=True)


class YarnFibreView(View):
    """How much of it is one fibre, in basis points of its weight."""

    fibre = fields.String()
    share_bp = fields.Integer()


class _LotView(View):
    """What every lot has; `version` and `reason` are of its newest record."""

    id = Id()
    code = fields.String()
    version = fields.Integer()
    grams = fields.Integer()
    used_g = fields.Integer()
    left_g = fields.Integer()
    supplier = fields.String(allow_none=True)
    note = fields.String()
    reason = fields.String()
    recorded_at = Moment()
    actor = fields.String()


OF_LOT = {"version": 1, "supplier": None, "reason": "", "recorded_at": AT, "actor": STAFF}


class YarnLotView(_LotView):
    """A lot of yarn, as its newest record says, and what is left of it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **NewYarnLot.EXAMPLE,
        **OF_LOT,
        "used_g": 400,
        "left_g": 800,
        "vicuna_permit": None,
    }

    fibres = fields.List(fields.Nested(YarnFibreView))
    spun = fields.String()
    received_on = Day()
    spinner_id = Id(allow_none=True)
    ply = fields.Integer(allow_none=True)
    count_words = fields.String(allow_none=True)
    vicuna_permit = fields.String(allow_none=True)


class DyeLotView(_LotView):
    """A dye lot, as its newest record says, its tests that stand, and what is left of it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **NewDyeLot.EXAMPLE,
        **OF_LOT,
        "used_g": 150,
        "left_g": 250,
        "tests": [FastnessTestView.EXAMPLE],
    }

    yarn_lot_id = Id()
    dyes = fields.List(fields.String())
    mordants = fields.List(fields.String())
    dyed_on = Day()
    dyer_id = Id(allow_none=True)
    swatch_photo_id = Id(allow_none=True)
    tests = fields.List(fields.Nested(FastnessTestView))


class TakenDownView(View):
    """A listing that buyers see no longer, because its claims fell."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": LISTING_ID,
        "slug": "red-table-runner-1f2e3d",
        "why": f"not supported any more: {TAG}: D-26-031 was not dyed with natural dyes only",
    }

    id = Id()
    slug = fields.String()
    why = fields.String()


class YarnCorrectedView(View):
    """The lot as it is now, and the listings that were taken down for it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "lot": YarnLotView.EXAMPLE,
        "taken_down": [TakenDownView.EXAMPLE],
    }

    lot = fields.Nested(YarnLotView)
    taken_down = fields.List(fields.Nested(TakenDownView))


class DyeCorrectedView(View):
    """The lot as it is now, and the listings that were taken down for it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "lot": DyeLotView.EXAMPLE,
        "taken_down": [TakenDownView.EXAMPLE],
    }

    lot = fields.Nested(DyeLotView)
    taken_down = fields.List(fields.Nested(TakenDownView))
