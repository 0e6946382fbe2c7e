"""Inspections on the wire."""

from marshmallow import fields

from api.fields import LONG, Text, choice, identifier, moment, several, whole
from api.paging import PageQuery
from api.schemas.inventory import LARGEST_MEASURE
from api.schemas.people import ACTOR
from api.wire import Strict
from core.quantities import Unit, Verdict
from quality.models import Answer, Decision, DefectClass


class MeasurementSchema(Strict):
    """A measured value, in the measure's own unit."""

    name = Text(40, required=True, example="length")
    value = whole(0, LARGEST_MEASURE, required=True, example=1512)


class AnswerSchema(Strict):
    """The answer to one question."""

    code = Text(40, required=True, example="no_metal")
    answer = choice(Answer, required=True)


class DefectSchema(Strict):
    """A defect of the catalogue, as found."""

    code = Text(10, required=True, example="N04")
    count = whole(1, 1000, example=1)
    size_mm = whole(0, LARGEST_MEASURE, allow_none=True, example=12)
    place = Text(200, least=0, example="one corner")
    note = Text(LONG, least=0, example="trimmed")


class NewInspection(Strict):
    """What a quality lead saw, and decided."""

    decision = choice(Decision, required=True)
    reason = Text(LONG, least=0, example="")
    inspected_at = moment(required=True)
    limit_set_version = whole(1, LARGEST_MEASURE, allow_none=True, example=1)
    measurements = several(fields.Nested(MeasurementSchema), most=30)
    answers = several(fields.Nested(AnswerSchema), most=50)
    defects = several(fields.Nested(DefectSchema), most=50)


class MeasurementView(MeasurementSchema):
    """A value beside its limit and verdict."""

    unit = choice(Unit)
    spec = whole(1, LARGEST_MEASURE, example=1500)
    minus = whole(0, LARGEST_MEASURE, example=45)
    plus = whole(0, LARGEST_MEASURE, example=45)
    verdict = choice(Verdict)


class DefectView(DefectSchema):
    """A defect with the class it had that day."""

    severity = choice(DefectClass, example="minor")


class InspectionView(Strict):
    """A signed inspection."""

    id = identifier()
    piece_id = identifier()
    sequence = whole(1, LARGEST_MEASURE)
    supersedes_id = identifier(allow_none=True)
    inspector_id = identifier()
    limit_set_version = whole(1, LARGEST_MEASURE)
    decision = choice(Decision)
    reason = Text(LONG, example="")
    inspected_at = moment()
    recorded_at = moment()
    actor = Text(example=ACTOR)
    measurements = several(fields.Nested(MeasurementView), most=30)
    answers = several(fields.Nested(AnswerSchema), most=50)
    defects = several(fields.Nested(DefectView), most=50)


class WaitingQuery(PageQuery):
    """Inspections by state; only what waits for one can be listed yet."""

    state = choice(["waiting"], required=True)
