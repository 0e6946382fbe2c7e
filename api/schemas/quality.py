"""Inspections on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Choice, Id, Moment, Some, Text, Whole
from quality.models import Answer, Decision

NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*"


class MeasurementIn(Request):
    """A measured value in the measure's own whole unit."""

    name = Text(50, like=NAME, required=True)
    value = Whole(0, 1_000_000, required=True)


class AnswerIn(Request):
    """The answer to one question of the checklist."""

    code = Text(50, like=NAME, required=True)
    answer = Choice(Answer, required=True)


class DefectIn(Request):
    """A defect of the co-operative's catalogue that was found."""

    code = Text(20, like=NAME, required=True)
    count = Whole(1, 1000)
    size_mm = Whole(0, 100_000)
    place = Text(200, least=0)
    note = Text(1000, least=0)


class NewInspection(Request):
    """What an inspector saw and decided."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "decision": "accept_a",
        "inspected_at": "2026-11-23T14:40:00Z",
        "limit_set_version": 1,
        "measurements": [{"name": "length", "value": 1512}, {"name": "weight", "value": 325}],
        "answers": [{"code": "no_metal", "answer": "yes"}],
        "defects": [{"code": "N04", "count": 1, "place": "one corner", "note": "trimmed"}],
    }

    decision = Choice(Decision, required=True)
    reason = Text(2000, least=0)
    inspected_at = Moment(required=True)
    limit_set_version = Whole(1, 1_000_000)
    measurements = Some(fields.Nested(MeasurementIn), 30)
    answers = Some(fields.Nested(AnswerIn), 60)
    defects = Some(fields.Nested(DefectIn), 60)


class MeasurementView(View):
    """A measured value beside its specification, tolerance and verdict."""

    name = fields.String()
    unit = fields.String()
    value = fields.Integer()
    spec = fields.Integer()
    minus = fields.Integer()
    plus = fields.Integer()
    verdict = fields.String()


class AnswerView(View):
    """The answer to one question."""

    code = fields.String()
    answer = fields.String()


class DefectView(View):
    """A defect that was found, with its class on that day."""

    code = fields.String()
    severity = fields.String()
    count = fields.Integer()
    size_mm = fields.Integer(allow_none=True)
    place = fields.String()
    note = fields.String()


class InspectionView(View):
    """A signed inspection; it is never edited, a later one supersedes it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000101",
        "piece_id": "0197f1a5-0000-7000-8000-0000000000e1",
        "sequence": 1,
        "supersedes_id": None,
        "inspector_id": "0197f1a5-0000-7000-8000-0000000000a2",
        "limit_set_version": 1,
        "decision": "accept_a",
        "reason": "",
        "inspected_at": "2026-11-23T14:40:00Z",
        "recorded_at": "2026-11-23T15:00:00Z",
        "actor": "staff:0197f1a5-0000-7000-8000-0000000000a2",
        "measurements": [
            {
                "name": "length",
                "unit": "mm",
                "value": 1512,
                "spec": 1500,
                "minus": 45,
                "plus": 45,
                "verdict": "within",
            }
        ],
        "answers": [{"code": "no_metal", "answer": "yes"}],
        "defects": [
            {
                "code": "N04",
                "severity": "minor",
                "count": 1,
                "size_mm": None,
                "place": "one corner",
                "note": "trimmed",
            }
        ],
    }

    id = Id()
    piece_id = Id()
    sequence = fields.Integer()
    supersedes_id = Id(allow_none=True)
    inspector_id = Id()
    limit_set_version = fields.Integer()
    decision = fields.String()
    reason = fields.String()
    inspected_at = Moment()
    recorded_at = Moment()
    actor = fields.String()
    measurements = fields.List(fields.Nested(MeasurementView))
    answers = fields.List(fields.Nested(AnswerView))
    defects = fields.List(fields.Nested(DefectView))


class InspectionsWanted(Page):
    """What waits for an inspection."""

    state = Choice(["waiting"], required=True)
