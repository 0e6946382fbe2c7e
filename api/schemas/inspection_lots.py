"""Inspection lots on the wire: rules of sampling, lots, verdicts, four-point scores."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Choice, Flag, Id, Moment, Some, Text, Whole
from api.schemas.quality import INSPECTION_ID
from api.schemas.stock import AT, PIECE_ID, STAFF, TAG
from inventory.design_models import Kind
from inventory.models import Grade
from quality.inspection_lot_models import InspectionLotStatus
from quality.sampling_tables import AQLS, Level

LOT_ID = "0197f1a5-0000-7000-8000-000000000140"
DESIGN_ID = "0197f1a5-0000-7000-8000-000000000141"
MOST_IN_A_LOT = 200


class Aql(Whole):
    """An acceptable quality limit of the standard, in tenths: 25 is AQL 2.5."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(AQLS[0], AQLS[-1], **kwargs)
        self.validators.append(validate.OneOf(AQLS))


class NewSamplingRules(Request):
    """What may be inspected as a lot, and by which plans; AQLs in tenths (25 is AQL 2.5)."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "level": "II",
        "major_aql": 25,
        "minor_aql": 40,
        "least_pieces": 16,
        "one_off_kinds": ["lliklla", "poncho", "runner"],
        "reason": "assembly of 20 November 2026",
    }

    level = Choice(Level, required=True)
    major_aql = Aql(required=True)
    minor_aql = Aql(required=True)
    least_pieces = Whole(2, MOST_IN_A_LOT, required=True)
    one_off_kinds = Some(Choice(Kind), len(Kind), required=True)
    reason = Text(500, required=True)


class SamplingRulesView(View):
    """One version of the rules of sampling."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000142",
        "version": 1,
        **NewSamplingRules.EXAMPLE,
        "created_at": AT,
        "actor": STAFF,
    }

    id = Id()
    version = fields.Integer()
    level = fields.String()
    major_aql = fields.Integer()
    minor_aql = fields.Integer()
    least_pieces = fields.Integer()
    one_off_kinds = fields.List(fields.String())
    reason = fields.String()
    created_at = Moment()
    actor = fields.String()


class NewInspectionLot(Request):
    """Equal pieces to be judged by a sample; `resubmits_id`: the rejected lot they were in."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "piece_ids": [PIECE_ID, INSPECTION_ID],
        "note": "straps for the wholesale order",
    }

    piece_ids = Some(Id(), MOST_IN_A_LOT, least=1, required=True)
    resubmits_id = Id()
    note = Text(500, least=0)


class PlanView(View):
    """How many pieces are looked at for one class of defect, and how many of them may be bad."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "severity": "major",
        "aql": 25,
        "start_letter": "D",
        "letter": "C",
        "sample_size": 5,
        "accept": 0,
        "reject": 1,
    }

    severity = fields.String()
    aql = fields.Integer(allow_none=True)
    start_letter = fields.String(allow_none=True)
    letter = fields.String(allow_none=True)
    sample_size = fields.Integer()
    accept = fields.Integer()
    reject = fields.Integer()


class LotPieceView(View):
    """A piece of a lot, at its place in the drawing order."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "piece_id": PIECE_ID,
        "tag": TAG,
        "position": 1,
        "drawn": True,
        "status": "delivered",
    }

    piece_id = Id()
    tag = fields.String(attribute="piece.tag")
    position = fields.Integer()
    drawn = fields.Boolean()
    status = fields.String(attribute="piece.status")


class VerdictView(View):
    """What the sample said: bad pieces in each class, and how many passed without being drawn."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "verdict": "accepted",
        "grade": "A",
        "critical_units": 0,
        "major_units": 0,
        "minor_units": 1,
        "accepted_unseen": 27,
        "critical_checked_at": AT,
        "decided_at": AT,
        "recorded_at": AT,
        "inspector_id": "0197f1a5-0000-7000-8000-000000000143",
        "actor": STAFF,
    }

    verdict = fields.String()
    grade = fields.String()
    critical_units = fields.Integer()
    major_units = fields.Integer()
    minor_units = fields.Integer()
    accepted_unseen = fields.Integer()
    critical_checked_at = Moment()
    decided_at = Moment()
    recorded_at = Moment()
    inspector_id = Id()
    actor = fields.String()


class InspectionLotView(View):
    """An inspection lot: how it is sampled, by which seed it was drawn, what was said of it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": LOT_ID,
        "design_id": DESIGN_ID,
        "status": "open",
        "size": 40,
        "level": "II",
        "rules_version": 1,
        "resubmits_id": None,
        "seed": "b1946ac92492d2347c6235b4d2611184",
        "drawn_by": "sha256-order-1",
        "note": "straps for the wholesale order",
        "plans": [PlanView.EXAMPLE],
        "verdict": None,
        "opened_at": AT,
        "actor": STAFF,
    }

    id = Id()
    design_id = Id()
    status = fields.String()
    size = fields.Integer()
    level = fields.String()
    rules_version = fields.Integer(attribute="rules.version")
    resubmits_id = Id(allow_none=True)
    seed = fields.String()
    drawn_by = fields.String()
    note = fields.String()
    plans = fields.List(fields.Nested(PlanView))
    verdict = fields.Nested(VerdictView, allow_none=True)
    opened_at = Moment()
    actor = fields.String()


class InspectionLotInFullView(InspectionLotView):
    """An inspection lot with its pieces in drawing order."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **InspectionLotView.EXAMPLE,
        "pieces": [LotPieceView.EXAMPLE],
    }

    pieces = fields.List(fields.Nested(LotPieceView))


class InspectionLotsWanted(Page):
    """Which inspection lots."""

    status = Choice(InspectionLotStatus)


class NewLotVerdict(Request):
    """The signature under what the sample says. `critical_checked_at`: by when she had looked at
    every piece of the lot for what is critical; `grade`: of pieces that pass undrawn."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "grade": "A",
        "critical_checked_at": AT,
        "decided_at": AT,
    }

    grade = Choice(Grade, required=True)
    critical_checked_at = Moment(required=True)
    decided_at = Moment(required=True)


class NewLotCancellation(Request):
    """Why a lot is given up."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"reason": "two pieces belong to another order"}

    reason = Text(500, required=True)


class Fault(Request):
    """A fault of a cloth: in which metre (0 is the first), how long, whether it is a hole."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"metre": 0, "length_mm": 80, "hole": False}

    metre = Whole(0, 1000, required=True)
    length_mm = Whole(0, 1_000_000, required=True)
    hole = Flag(load_default=False)


class NewFourPointScore(Request):
    """The faults of a cloth by the metre. A long one is written down in each metre it runs."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"faults": [Fault.EXAMPLE]}

    faults = Some(fields.Nested(Fault), 500, required=True)


class FourPointScoreView(View):
    """Points of a cloth; `per_100_m2_hundredths` is rounded, a half upwards."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000144",
        "inspection_id": INSPECTION_ID,
        "inspector_id": VerdictView.EXAMPLE["inspector_id"],
        "width_mm": 1500,
        "length_mm": 2000,
        "faults": [Fault.EXAMPLE],
        "points": 2,
        "per_100_m2_hundredths": 6667,
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    inspection_id = Id()
    inspector_id = Id()
    width_mm = fields.Integer()
    length_mm = fields.Integer()
    faults = fields.List(fields.Nested(Fault))
    points = fields.Integer()
    per_100_m2_hundredths = fields.Integer()
    recorded_at = Moment()
    actor = fields.String()
