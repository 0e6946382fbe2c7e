"""Round the bench on the wire: rules of grading, second looks, rework, alerts."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Choice, Day, Id, Moment, Text, Whole
from api.schemas.quality import INSPECTION_ID, PIECE_BECAME, BecameView, ReviewView
from api.schemas.stock import AT, MAKER_ID, PIECE_ID, STAFF, TAG
from quality.bench_models import ReviewVerdict

ALERT_ID = "0197f1a5-0000-7000-8000-00000000010a"


class NewReview(Request):
    """What a second person says of something critical, and why."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "verdict": "confirmed",
        "reason": "a pin in the seam, found again with the magnet",
        "reviewed_at": "2026-11-23T14:55:00Z",
    }

    verdict = Choice(ReviewVerdict, required=True)
    reason = Text(2000, required=True)
    reviewed_at = Moment(required=True)


class SignedReviewView(ReviewView):
    """A second look that was sent, and what became of the piece."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **ReviewView.EXAMPLE,
        "piece": {**PIECE_BECAME, "status": "rejected", "grade": None},
    }

    piece = fields.Nested(BecameView)


class InspectionsWanted(Page):
    """What waits: for an inspection, or for a second person."""

    state = Choice(["waiting", "quarantined"], required=True)


class NewGradingRules(Request):
    """The most of each kind that a grade allows; what B takes off the price; how rework goes."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "minor_a": 2,
        "major_a": 0,
        "outside_a": 0,
        "against_a": 0,
        "minor_b": 5,
        "major_b": 1,
        "outside_b": 1,
        "against_b": 0,
        "b_reduced_bp": 2000,
        "rework_rounds": 2,
        "rework_days": 14,
        "reason": "assembly of 20 November 2026",
    }

    minor_a = Whole(0, 1000, required=True)
    major_a = Whole(0, 1000, required=True)
    outside_a = Whole(0, 1000, required=True)
    against_a = Whole(0, 1000, required=True)
    minor_b = Whole(0, 1000, required=True)
    major_b = Whole(0, 1000, required=True)
    outside_b = Whole(0, 1000, required=True)
    against_b = Whole(0, 1000, required=True)
    b_reduced_bp = Whole(0, 10_000, required=True)
    rework_rounds = Whole(0, 20, required=True)
    rework_days = Whole(0, 365, required=True)
    reason = Text(500, required=True)


class GradingRulesView(View):
    """One version of how findings become a proposal."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-00000000010b",
        "version": 2,
        **NewGradingRules.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
    }

    id = Id()
    version = fields.Integer()
    minor_a = fields.Integer()
    major_a = fields.Integer()
    outside_a = fields.Integer()
    against_a = fields.Integer()
    minor_b = fields.Integer()
    major_b = fields.Integer()
    outside_b = fields.Integer()
    against_b = fields.Integer()
    b_reduced_bp = fields.Integer()
    rework_rounds = fields.Integer()
    rework_days = fields.Integer()
    reason = fields.String()
    created_at = Moment()
    actor = fields.String()


class ReworkView(View):
    """A piece that is with its maker to be put right, for the how-manieth time; its id is that of
    its inspection."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": INSPECTION_ID,
        "piece_id": PIECE_ID,
        "tag": TAG,
        "maker_id": MAKER_ID,
        "what": "even out the tassels",
        "due_on": "2026-12-07",
        "round": 1,
        "overdue": False,
    }

    id = Id()
    piece_id = Id()
    tag = fields.String()
    maker_id = Id()
    what = fields.String()
    due_on = Day(allow_none=True)
    round = fields.Integer()
    overdue = fields.Boolean()


class ReworksWanted(Page):
    """Which rework."""

    state = Choice(["open", "overdue"])
    maker_id = Id()


class AlertView(View):
    """A piece at which a person must look: two looks in `conflict`, one that came `late`,
    `rework_spent`, or something `critical_out` of the house."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": ALERT_ID,
        "piece_id": PIECE_ID,
        "tag": TAG,
        "inspection_id": INSPECTION_ID,
        "kind": "conflict",
        "raised_at": AT,
        "answered_at": None,
        "answered_by": None,
        "answer": None,
    }

    id = Id()
    piece_id = Id()
    tag = fields.String(attribute="piece.tag")
    inspection_id = Id()
    kind = fields.String()
    raised_at = Moment()
    answered_at = Moment(allow_none=True)
    answered_by = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)


class AlertsWanted(Page):
    """Which alerts."""

    state = Choice(["open", "answered"])


class NewAlertAnswer(Request):
    """What a person found who looked."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"answer": "looked at together: the later one is right"}

    answer = Text(2000, required=True)
