"""Labels on the wire: numbers of GS1, care symbols, who answers, sheets and what they lack."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Day, Flag, Id, Moment, Some, Text, Whole
from api.schemas.stock import AT, DESIGN_ID, PIECE_ID, STAFF, TAG
from core.words import LANGUAGES
from labels.care_words import Bleach, Dry, Iron, Professional, Wash
from labels.geometries import GEOMETRIES, Paper
from labels.markets import Market

MOST_LABELS = 500
MOST_PER_PAGE = max(one.per_page for one in GEOMETRIES.values())


class NewGtin(Request):
    """A number of GS1 that the co-operative owns for a design; `evidence`: what shows that."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "design_id": DESIGN_ID,
        "gtin": "07750001234562",
        "evidence": "Certificate of GS1 Peru of 12 March 2026",
    }

    design_id = Id(required=True)
    gtin = Text(20, required=True)
    evidence = Text(500, required=True)


class GtinEndingView(View):
    """Why and when a number went out of use."""

    reason = fields.String()
    ended_at = Moment()
    actor = fields.String()


class GtinView(View):
    """A number of GS1, padded to 14 digits; `ending` once it is printed no longer."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000151",
        **NewGtin.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
        "ending": None,
    }

    id = Id()
    design_id = Id()
    gtin = fields.String()
    evidence = fields.String()
    created_at = Moment()
    actor = fields.String()
    ending = fields.Nested(GtinEndingView, allow_none=True)


class NewGtinEnding(Request):
    """Why a number is printed no longer."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"reason": "the contract with GS1 ended"}

    reason = Text(500, required=True)


class NewCareSymbols(Request):
    """The five care symbols of a design; `basis`: on what they rest."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "wash": "hand",
        "bleach": "no",
        "dry": "flat_shade",
        "iron": "low",
        "professional": "no",
        "basis": "custom of the trade; a wash test of the lot is still to come",
    }

    wash = Choice(Wash, required=True)
    bleach = Choice(Bleach, required=True)
    dry = Choice(Dry, required=True)
    iron = Choice(Iron, required=True)
    professional = Choice(Professional, required=True)
    basis = Text(500, required=True)


class CareSymbolsView(View):
    """The care symbols of a design as they were said."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000152",
        "design_id": DESIGN_ID,
        **NewCareSymbols.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
    }

    id = Id()
    design_id = Id()
    wash = fields.String()
    bleach = fields.String()
    dry = fields.String()
    iron = fields.String()
    professional = fields.String()
    basis = fields.String()
    created_at = Moment()
    actor = fields.String()


class NewLabelParty(Request):
    """Who answers for the goods in a market, from a day on.

    `registration`: a number by which it is known there, as the RN of the United States.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "market": "eu",
        "name": "Textiles del Valle GmbH",
        "address": "Beispielweg 1, 10115 Berlin",
        "contact": "goods@example.org",
        "registration": "",
        "valid_from": "2026-01-01",
    }

    market = Choice(Market, required=True)
    name = Text(120, required=True)
    address = Text(200, required=True)
    contact = Text(120, least=0)
    registration = Text(60, least=0)
    valid_from = Day(required=True)


class LabelPartyView(View):
    """Who answers for the goods in a market."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000153",
        **NewLabelParty.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
    }

    id = Id()
    market = fields.String()
    name = fields.String()
    address = fields.String()
    contact = fields.String(allow_none=True)
    registration = fields.String(allow_none=True)
    valid_from = Day()
    created_at = Moment()
    actor = fields.String()


class WantedLabels(Request):
    """Which labels: exactly one of `piece_ids`, `delivery_id`, `tags`; tags need no piece yet.

    `start`: the first free label of a sheet that was begun, counted row by row from 1.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "piece_ids": [PIECE_ID],
        "market": "peru",
        "language": "es",
        "paper": "a4_24",
        "start": 1,
    }

    piece_ids = Some(Id(), MOST_LABELS, least=1)
    delivery_id = Id()
    tags = Some(Text(40), MOST_LABELS, least=1)
    market = Choice(Market, required=True)
    language = Choice(LANGUAGES)
    paper = Choice(Paper, required=True)
    start = Whole(1, MOST_PER_PAGE, load_default=1)


class NewLabelSheet(WantedLabels):
    """A sheet of labels; `mark_incomplete`: print what lacks something, and say so on it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {**WantedLabels.EXAMPLE, "mark_incomplete": False}

    mark_incomplete = Flag(load_default=False)


class LabelLackView(View):
    """One thing that one label lacks."""

    tag = fields.String()
    piece_id = Id(allow_none=True)
    code = fields.String()
    message = fields.String()


class LabelCheckView(View):
    """What a look before printing found; without problems the sheet is printed."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "market": "peru",
        "language": "es",
        "labels": 1,
        "pages": 1,
        "problems": [
            {
                "tag": TAG,
                "piece_id": PIECE_ID,
                "code": "care_missing",
                "message": "the design has no care symbols",
            }
        ],
    }

    market = fields.String()
    language = fields.String()
    labels = fields.Integer()
    pages = fields.Integer()
    problems = fields.List(fields.Nested(LabelLackView))


class LabelDemandView(View):
    """One thing a market asks for; `verified`: the text of the source was read."""

    what = fields.String()
    source = fields.String()
    verified = fields.Boolean()


class LabelMarketView(View):
    """What a market asks of a label; the language named first is the usual one."""

    market = fields.String()
    valid_from = Day()
    valid_to = Day(allow_none=True)
    languages = fields.List(fields.String())
    demands = fields.List(fields.Nested(LabelDemandView))


class LabelPaperView(View):
    """A label paper."""

    name = fields.String()
    words = fields.String()
    per_page = fields.Integer()


class LabelRulesView(View):
    """What holds today: markets and papers."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "markets": [
            {
                "market": "peru",
                "valid_from": "2015-01-01",
                "valid_to": None,
                "languages": ["es"],
                "demands": [
                    {
                        "what": "origin",
                        "source": "NTP 231.400:2015, textile labels; its contents were not read",
                        "verified": False,
                    }
                ],
            }
        ],
        "papers": [
            {
                "name": "a4_24",
                "words": "A4, 3 x 8 labels of 70 x 37 mm without gaps",
                "per_page": 24,
            }
        ],
    }

    markets = fields.List(fields.Nested(LabelMarketView))
    papers = fields.List(fields.Nested(LabelPaperView))
