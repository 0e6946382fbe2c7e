"""Inspections on the wire."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Day, Id, Moment, Some, Text, Whole
from api.schemas.stock import AT, PIECE_ID, STAFF
from core.money import BASIS_POINTS
from quality.findings import Pay
from quality.models import Answer, Decision, PayEffect, Zone
from quality.reworks import Task

NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*"
INSPECTION_ID = "0197f1a5-0000-7000-8000-000000000101"
LEAD_ID = "0197f1a5-0000-7000-8000-0000000000a2"
PHOTO_ID = "0197f1a5-0000-7000-8000-000000000107"


class MeasurementIn(Request):
    """A measured value in the measure's own whole unit, or up to three readings of it."""

    name = Text(50, like=NAME, required=True)
    value = Whole(0, 1_000_000)
    readings = Some(Whole(0, 1_000_000), 3, least=1)


class AnswerIn(Request):
    """The answer to one question of the checklist."""

    code = Text(50, like=NAME, required=True)
    answer = Choice(Answer, required=True)


class ScoreIn(Request):
    """How something looked: 1 is bad, 5 is as good as it gets."""

    code = Text(50, like=NAME, required=True)
    score = Whole(1, 5, required=True)


class DefectIn(Request):
    """A defect of the co-operative's catalogue that was found, and where on the piece.

    `x_pm` and `y_pm` are a point on the design's outline, in thousandths of its width and length.
    The photos under `photo_ids` may be sent later.
    """

    code = Text(20, like=NAME, required=True)
    count = Whole(1, 1000)
    size_mm = Whole(0, 100_000)
    place = Text(200, least=0)
    zone = Choice(Zone)
    x_pm = Whole(0, 1000)
    y_pm = Whole(0, 1000)
    photo_ids = Some(Id(), 10)
    note = Text(1000, least=0)


class PayIn(Request):
    """What an acceptance pays of the agreed price; less than all of it needs a reason."""

    effect = Choice(PayEffect, required=True)
    reduced_bp = Whole(1, BASIS_POINTS - 1)
    reason = Text(2000, least=0)

    @post_load
    def _as_reduction(self, data: dict[str, Any], **_options: Any) -> Pay:
        taken = {PayEffect.FULL: 0, PayEffect.NONE: BASIS_POINTS}
        named, reason = data.get("reduced_bp"), data.get("reason", "")
        if (data["effect"] == PayEffect.REDUCED) != (named is not None):
            raise ValidationError("Only reduced has a reduced_bp, and needs one.", "reduced_bp")
        return Pay(taken[PayEffect(data["effect"])] if named is None else named, reason)


class ReworkIn(Request):
    """What is to be put right, by whom and until when; what is left out is as usual."""

    maker_id = Id()
    what = Text(2000)
    due_on = Day()

    @post_load
    def _as_task(self, data: dict[str, Any], **_options: Any) -> Task:
        return Task(**data)


class NewInspection(Request):
    """What an inspector saw and decided."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "decision": "accept_a",
        "started_at": "2026-11-23T14:36:30Z",
        "inspected_at": "2026-11-23T14:40:00Z",
        "limit_set_version": 1,
        "kind_limit_set_version": 1,
        "rules_version": 1,
        "measurements": [
            {"name": "length", "readings": [1510, 1512, 1515]},
            {"name": "weight", "value": 325},
        ],
        "answers": [{"code": "no_metal", "answer": "yes"}],
        "scores": [{"code": "pallay", "score": 5}],
        "defects": [
            {
                "code": "N04",
                "count": 1,
                "zone": "fringe",
                "x_pm": 40,
                "y_pm": 980,
                "place": "one corner",
                "note": "trimmed",
                "photo_ids": [PHOTO_ID],
            }
        ],
        "pay": {"effect": "full"},
    }

    decision = Choice(Decision, required=True)
    reason = Text(2000, least=0)
    started_at = Moment()
    inspected_at = Moment(required=True)
    limit_set_version = Whole(1, 1_000_000)
    kind_limit_set_version = Whole(0, 1_000_000)
    rules_version = Whole(1, 1_000_000)
    supersedes_id = Id()
    overrules_id = Id()
    measurements = Some(fields.Nested(MeasurementIn), 30)
    answers = Some(fields.Nested(AnswerIn), 60)
    scores = Some(fields.Nested(ScoreIn), 30)
    defects = Some(fields.Nested(DefectIn), 60)
    photo_ids = Some(Id(), 20)
    pay = fields.Nested(PayIn)
    rework = fields.Nested(ReworkIn)


class MeasurementView(View):
    """A measured value, the mean of its readings, beside its limit and verdict.

    `least` and `most` are null for an end that was not judged.
    """

    name = fields.String()
    unit = fields.String()
    value = fields.Integer()
    readings = fields.List(fields.Integer())
    spec = fields.Integer()
    minus = fields.Integer()
    plus = fields.Integer()
    sides = fields.String()
    least = fields.Integer(allow_none=True)
    most = fields.Integer(allow_none=True)
    verdict = fields.String()


class AnswerView(View):
    """The answer to one question."""

    code = fields.String()
    answer = fields.String()


class ScoreView(View):
    """How something looked, beside the least for each grade."""

    code = fields.String()
    score = fields.Integer()
    least_a = fields.Integer()
    least_b = fields.Integer()


class DefectView(View):
    """A defect that was found, with its class on that day."""

    code = fields.String()
    severity = fields.String()
    count = fields.Integer()
    size_mm = fields.Integer(allow_none=True)
    place = fields.String()
    zone = fields.String(allow_none=True)
    x_pm = fields.Integer(allow_none=True)
    y_pm = fields.Integer(allow_none=True)
    photo_ids = fields.List(Id())
    note = fields.String()


class ReworkAskedView(View):
    """What is to be put right, by whom and until when."""

    maker_id = Id()
    what = fields.String()
    due_on = Day(allow_none=True)


class ReviewView(View):
    """A second person's look at what was critical."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000109",
        "inspection_id": INSPECTION_ID,
        "inspector_id": LEAD_ID,
        "reviewer_id": "0197f1a5-0000-7000-8000-0000000000a4",
        "verdict": "confirmed",
        "reason": "a pin in the seam, found again with the magnet",
        "reviewed_at": "2026-11-23T14:55:00Z",
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    inspection_id = Id()
    inspector_id = Id()
    reviewer_id = Id()
    verdict = fields.String()
    reason = fields.String()
    reviewed_at = Moment()
    recorded_at = Moment()
    actor = fields.String()


class InspectionView(View):
    """A signed inspection; it is never edited. `standing` says what became of it.

    It `counts`, or `waits` for a second person; it was `superseded` by a later one, or is
    `conflicting` with one that did not know of it; it is `barred` by a confirmed critical finding,
    `cleared` of one, or came `late`, when the piece was past being inspected. With an
    `inspection_lot_id` nobody looked at this piece alone: its lot spoke for it.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": INSPECTION_ID,
        "piece_id": PIECE_ID,
        "sequence": 1,
        "standing": "counts",
        "supersedes_id": None,
        "overrules_id": None,
        "inspection_lot_id": None,
        "inspector_id": LEAD_ID,
        "limit_set_version": 1,
        "kind_limit_set_version": 1,
        "rules_version": 1,
        "proposed": "accept_a",
        "proposed_pay_effect": "full",
        "proposed_reduced_bp": 0,
        "decision": "accept_a",
        "reason": "",
        "pay_effect": "full",
        "reduced_bp": 0,
        "pay_reason": "",
        "rework": None,
        "started_at": "2026-11-23T14:36:30Z",
        "inspected_at": "2026-11-23T14:40:00Z",
        "recorded_at": "2026-11-23T15:00:00Z",
        "actor": "staff:0197f1a5-0000-7000-8000-0000000000a2",
        "photo_ids": [],
        "measurements": [
            {
                "name": "length",
                "unit": "mm",
                "value": 1512,
                "readings": [1510, 1512, 1515],
                "spec": 1500,
                "minus": 45,
                "plus": 45,
                "sides": "both",
                "least": 1455,
                "most": 1545,
                "verdict": "within",
            }
        ],
        "answers": [{"code": "no_metal", "answer": "yes"}],
        "scores": [{"code": "pallay", "score": 5, "least_a": 4, "least_b": 3}],
        "defects": [
            {
                "code": "N04",
                "severity": "minor",
                "count": 1,
                "size_mm": None,
                "place": "one corner",
                "zone": "fringe",
                "x_pm": 40,
                "y_pm": 980,
                "photo_ids": [PHOTO_ID],
                "note": "trimmed",
            }
        ],
        "reviews": [],
    }

    id = Id()
    piece_id = Id()
    sequence = fields.Integer()
    standing = fields.String()
    supersedes_id = Id(allow_none=True)
    overrules_id = Id(allow_none=True)
    inspection_lot_id = Id(allow_none=True)
    inspector_id = Id()
    limit_set_version = fields.Integer()
    kind_limit_set_version = fields.Integer()
    rules_version = fields.Integer(allow_none=True)
    proposed = fields.String(allow_none=True)
    proposed_pay_effect = fields.String(allow_none=True)
    proposed_reduced_bp = fields.Integer(allow_none=True)
    decision = fields.String()
    reason = fields.String()
    pay_effect = fields.String(allow_none=True)
    reduced_bp = fields.Integer()
    pay_reason = fields.String()
    rework = fields.Nested(ReworkAskedView, allow_none=True)
    started_at = Moment(allow_none=True)
    inspected_at = Moment()
    recorded_at = Moment()
    actor = fields.String()
    photo_ids = fields.List(Id())
    measurements = fields.List(fields.Nested(MeasurementView))
    answers = fields.List(fields.Nested(AnswerView))
    scores = fields.List(fields.Nested(ScoreView))
    defects = fields.List(fields.Nested(DefectView))
    reviews = fields.List(fields.Nested(ReviewView))


class BecameView(View):
    """Where the looks at it have sent the piece; `alerts` say why a person must look."""

    status = fields.String()
    grade = fields.String(allow_none=True)
    rounds = fields.Integer()
    alerts = fields.List(fields.String())


PIECE_BECAME = {"status": "accepted", "grade": "A", "rounds": 0, "alerts": []}


class SignedInspectionView(InspectionView):
    """An inspection that was sent, and what became of the piece."""

    EXAMPLE: ClassVar[dict[str, Any]] = {**InspectionView.EXAMPLE, "piece": PIECE_BECAME}

    piece = fields.Nested(BecameView)
