"""Designs on the wire: fibres, measures with tolerances, checklist."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Flag, Id, Moment, Some, Text, Whole
from api.schemas.money import LongWords, ShortWords, WordsView
from core.quantities import Sides, Unit
from inventory.design_models import Fibre, Kind
from inventory.models import Stage

CODE = "[A-Za-z0-9][A-Za-z0-9_.-]*"
MOST_MEASURE = 1_000_000

FIBRES = [{"part": "body", "fibre": "sheep_wool", "share_bp": 10000}]
MEASURES: list[dict[str, Any]] = [
    {"name": "length", "unit": "mm", "spec": 1500, "minus": 45, "plus": 45, "required": True},
    {"name": "weight", "unit": "g", "spec": 320, "minus": 26, "plus": 26, "required": True},
]
CHECKLIST = [
    {
        "code": "no_metal",
        "words": {"en": "No needle or pin left in it?", "es": "¿Sin aguja ni alfiler?"},
        "required": True,
    }
]
CRITERIA = [
    {
        "code": "pallay",
        "words": {"en": "Pallay clear and even", "es": "Pallay claro y parejo"},
        "least_a": 4,
        "least_b": 3,
        "required": True,
    }
]


class FibreIn(Request):
    """How much of one part is one fibre, in basis points; each part sums to 10,000."""

    part = Text(50, required=True)
    fibre = Choice(Fibre, required=True)
    share_bp = Whole(1, 10_000, required=True)


class MeasureIn(Request):
    """A measure with its tolerance, in whole mm, g, threads per 10 cm or a score of 1 to 5.

    `minus` and `plus` are in that unit, `minus_bp` and `plus_bp` in basis points of `spec`; where
    both are given the greater counts. `sides` says which end is judged.
    """

    name = Text(50, like=CODE, required=True)
    unit = Choice(Unit, required=True)
    spec = Whole(1, MOST_MEASURE, required=True)
    minus = Whole(0, MOST_MEASURE)
    plus = Whole(0, MOST_MEASURE)
    minus_bp = Whole(0, 10_000)
    plus_bp = Whole(0, 10_000)
    sides = Choice(Sides)
    required = Flag(required=True)


class QuestionIn(Request):
    """A question of the checklist, answered yes, no or not applicable."""

    code = Text(50, like=CODE, required=True)
    words = fields.Nested(ShortWords, required=True)
    required = Flag(required=True)


class CriterionIn(Request):
    """What is seen and scored from 1 to 5, with the least score for each grade."""

    code = Text(50, like=CODE, required=True)
    words = fields.Nested(ShortWords, required=True)
    least_a = Whole(1, 5, required=True)
    least_b = Whole(1, 5, required=True)
    required = Flag(required=True)


class NewLimits(Request):
    """The next version of a design's measures, questions and criteria."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "measures": MEASURES,
        "checklist": CHECKLIST,
        "criteria": CRITERIA,
    }

    measures = Some(fields.Nested(MeasureIn), 30, required=True)
    checklist = Some(fields.Nested(QuestionIn), 60, required=True)
    criteria = Some(fields.Nested(CriterionIn), 30)


class NewKindLimits(NewLimits):
    """The next version of what every design of a kind inherits."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"kind": "runner", **NewLimits.EXAMPLE}

    kind = Choice(Kind, required=True)


#: Working minutes by stage.
Minutes = Request.from_dict({stage.value: Whole(1, 1_000_000) for stage in Stage}, name="Minutes")


class NewDesign(NewLimits):
    """What is woven, with version 1 of its limits."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "code": "runner-red-150",
        "kind": "runner",
        "technique": "complementary_warp",
        "name": {"en": "Table runner, red", "es": "Camino de mesa, rojo"},
        "care": {"en": "Hand wash cold. Dry flat in the shade."},
        "fibres": FIBRES,
        "minutes_by_stage": {"spin": 840, "weave": 1320},
        "hs_code": "6304.99",
        "measures": MEASURES,
        "checklist": CHECKLIST,
        "criteria": CRITERIA,
    }

    code = Text(60, like=CODE, required=True)
    kind = Choice(Kind, required=True)
    technique = Text(60, like=CODE, required=True)
    name = fields.Nested(ShortWords, required=True)
    care = fields.Nested(LongWords)
    fibres = Some(fields.Nested(FibreIn), 40, least=1, required=True)
    minutes_by_stage = fields.Nested(Minutes)
    hs_code = Text(13, least=4, like=r"[0-9]{4}(\.[0-9]{2}){0,3}")
    vicuna_permit = Text(100)


class FibreView(View):
    """How much of one part is one fibre, in basis points."""

    part = fields.String()
    fibre = fields.String()
    share_bp = fields.Integer()


class MeasureView(View):
    """A measure with its tolerance, and the least and the most that it allows."""

    name = fields.String()
    unit = fields.String()
    spec = fields.Integer()
    minus = fields.Integer()
    plus = fields.Integer()
    minus_bp = fields.Integer()
    plus_bp = fields.Integer()
    tolerance = fields.String()
    sides = fields.String()
    least = fields.Integer(attribute="limit.least", allow_none=True)
    most = fields.Integer(attribute="limit.most", allow_none=True)
    required = fields.Boolean()


class QuestionView(View):
    """A question of the checklist."""

    code = fields.String()
    words = fields.Nested(WordsView)
    required = fields.Boolean()


class CriterionView(View):
    """What is scored from 1 to 5, with the least score for each grade."""

    code = fields.String()
    words = fields.Nested(WordsView)
    least_a = fields.Integer()
    least_b = fields.Integer()
    required = fields.Boolean()


MEASURES_SHOWN = [
    {
        **measure,
        "minus_bp": 0,
        "plus_bp": 0,
        "tolerance": "absolute",
        "sides": "both",
        "least": measure["spec"] - measure["minus"],
        "most": measure["spec"] + measure["plus"],
    }
    for measure in MEASURES
]


class KindLimitsView(View):
    """What every design of a kind inherits."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-0000000000d7",
        "kind": "runner",
        "version": 1,
        "created_at": "2026-11-23T15:00:00Z",
        "created_by": "staff:0197f1a5-0000-7000-8000-0000000000a1",
        "measures": MEASURES_SHOWN,
        "checklist": CHECKLIST,
        "criteria": CRITERIA,
    }

    id = Id()
    kind = fields.String()
    version = fields.Integer()
    created_at = Moment()
    created_by = fields.String()
    measures = fields.List(fields.Nested(MeasureView))
    checklist = fields.List(fields.Nested(QuestionView))
    criteria = fields.List(fields.Nested(CriterionView))


class DesignSummaryView(View):
    """A design in a list."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-0000000000d1",
        **{name: NewDesign.EXAMPLE[name] for name in ("code", "kind", "technique", "name")},
        "care": {"en": "Hand wash cold. Dry flat in the shade."},
        "fibres": FIBRES,
        "minutes_by_stage": {"spin": 840, "weave": 1320},
        "hs_code": "6304.99",
        "vicuna_permit": None,
        "limit_set_version": 1,
        "created_at": "2026-11-23T15:00:00Z",
        "created_by": "staff:0197f1a5-0000-7000-8000-0000000000a1",
    }

    id = Id()
    code = fields.String()
    kind = fields.String()
    technique = fields.String()
    name = fields.Nested(WordsView)
    care = fields.Nested(WordsView)
    fibres = fields.List(fields.Nested(FibreView))
    minutes_by_stage = fields.Dict(keys=fields.String(), values=fields.Integer())
    hs_code = fields.String(allow_none=True)
    vicuna_permit = fields.String(allow_none=True)
    limit_set_version = fields.Integer()
    created_at = Moment()
    created_by = fields.String()


class InForceView(View):
    """What an inspector of a design goes by: its own limits over those of its kind."""

    measures = fields.List(fields.Nested(MeasureView))
    checklist = fields.List(fields.Nested(QuestionView))
    criteria = fields.List(fields.Nested(CriterionView))


class DesignView(DesignSummaryView):
    """A design with its own limits, and with what is in force together with those of its kind.

    `kind_limit_set_version` is 0 as long as the kind has no template.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **DesignSummaryView.EXAMPLE,
        "kind_limit_set_version": 1,
        "measures": MEASURES_SHOWN,
        "checklist": CHECKLIST,
        "criteria": [],
        "in_force": {
            "measures": MEASURES_SHOWN,
            "checklist": CHECKLIST,
            "criteria": CRITERIA,
        },
    }

    kind_limit_set_version = fields.Integer()
    measures = fields.List(fields.Nested(MeasureView))
    checklist = fields.List(fields.Nested(QuestionView))
    criteria = fields.List(fields.Nested(CriterionView))
    in_force = fields.Nested(InForceView)
