"""Materials on the wire: what a piece was made of, and which claims that supports."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.claims import CLAIM, ClaimView
from api.schemas.fields import Day, Id, Some, Text, Whole
from api.schemas.stock import PIECE_ID
from api.schemas.yarn import DYE_LOT_ID, MOST_GRAMS, YARN_FIBRES, TakenDownView, YarnFibreView


class MadeOfIn(Request):
    """So many grams of one lot, dyed or not."""

    lot_id = Id(required=True)
    grams = Whole(1, MOST_GRAMS, required=True)


class MaterialsSet(Request):
    """Everything a piece was made of; what is left out is given back to its lot."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "materials": [{"lot_id": DYE_LOT_ID, "grams": 310}],
        "why": "weighed after weaving",
    }

    materials = Some(fields.Nested(MadeOfIn), 30, required=True)
    why = Text(500, least=0)


class MadeOfView(View):
    """So many grams of one lot, and what that lot is."""

    lot_id = Id()
    kind = fields.String()
    code = fields.String()
    grams = fields.Integer()
    fibres = fields.List(fields.Nested(YarnFibreView))
    spun = fields.String()
    on = Day()
    dyes = fields.List(fields.String())
    mordants = fields.List(fields.String())


class MaterialsView(View):
    """What a piece was made of, and the claims that this supports."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "piece_id": PIECE_ID,
        "grams": 310,
        "materials": [
            {
                "lot_id": DYE_LOT_ID,
                "kind": "dye",
                "code": "D-26-031",
                "grams": 310,
                "fibres": YARN_FIBRES,
                "spun": "hand",
                "on": "2026-09-20",
                "dyes": ["cochineal"],
                "mordants": ["alum"],
            }
        ],
        "supports": [CLAIM],
    }

    piece_id = Id()
    grams = fields.Integer()
    materials = fields.List(fields.Nested(MadeOfView))
    supports = fields.List(fields.Nested(ClaimView))


class MaterialsWrittenView(MaterialsView):
    """What a piece was made of, and the listings that were taken down for it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {**MaterialsView.EXAMPLE, "taken_down": []}

    taken_down = fields.List(fields.Nested(TakenDownView))
