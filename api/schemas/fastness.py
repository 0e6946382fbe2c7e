"""Fastness on the wire: how dye lots did in tests, and below which grade that is disclosed."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.designs import CODE
from api.schemas.fields import Choice, Day, Id, Moment, Text
from api.schemas.stock import AT, STAFF
from inventory.fastness import GRADES
from inventory.yarn_models import FastnessMethod, Rating

TEST_ID = "0197f1a5-0000-7000-8000-000000000703"


class NewFastnessTest(Request):
    """How a dye lot did in a test: change of its own colour, staining of the cloth beside it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "method": "iso_105_c06",
        "change": "3-4",
        "staining": "1-2",
        "tested_on": "2026-10-02",
        "tested_by": "Textile laboratory, Abancay",
        "note": "",
    }

    method = Choice(FastnessMethod, required=True)
    change = Choice(GRADES)
    staining = Choice(GRADES)
    tested_on = Day(required=True)
    tested_by = Text(200, required=True)
    note = Text(2000, least=0)
    corrects_id = Id(metadata={"description": "the test that this one answers"})


class GradeBelowView(View):
    """A grade below the limit that the co-operative set; it is disclosed, never refused."""

    rating = fields.String()
    grade = fields.String()
    least = fields.String()


class FastnessTestView(View):
    """How a dye lot did in a test; grades from 1 (bad) to 5 (no change)."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": TEST_ID,
        **NewFastnessTest.EXAMPLE,
        "corrects_id": None,
        "below": [{"rating": "staining", "grade": "1-2", "least": "2-3"}],
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    method = fields.String()
    change = fields.String(allow_none=True)
    staining = fields.String(allow_none=True)
    tested_on = Day()
    tested_by = fields.String()
    note = fields.String()
    corrects_id = Id(allow_none=True)
    below = fields.List(fields.Nested(GradeBelowView))
    recorded_at = Moment()
    actor = fields.String()


class NewFastnessLimit(Request):
    """Below which grade a test is disclosed, from a day on; for one dye or mordant, or for all."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "method": "field_rub_damp",
        "rating": "staining",
        "dye": "cochineal",
        "least": "2-3",
        "valid_from": "2026-01-01",
        "source": "the quality leads, January meeting",
    }

    method = Choice(FastnessMethod, required=True)
    rating = Choice(Rating, required=True)
    dye = Text(60, like=CODE)
    mordant = Text(60, like=CODE)
    least = Choice(GRADES, required=True)
    valid_from = Day(required=True)
    source = Text(500, required=True)


class FastnessLimitView(View):
    """Below which grade a test is disclosed, from a day on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000705",
        **NewFastnessLimit.EXAMPLE,
        "mordant": None,
        "recorded_at": AT,
        "recorded_by": STAFF,
    }

    id = Id()
    method = fields.String()
    rating = fields.String()
    dye = fields.String(allow_none=True)
    mordant = fields.String(allow_none=True)
    least = fields.String()
    valid_from = Day()
    source = fields.String()
    recorded_at = Moment()
    recorded_by = fields.String()
