"""Fairness of inspection on the wire: numbers that teach, by inspector and by design."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Day, Id

INSPECTOR_ID = "0197f1a5-0000-7000-8000-000000000143"
SECOND_ID = "0197f1a5-0000-7000-8000-000000000145"
DESIGN_ID = "0197f1a5-0000-7000-8000-000000000141"


class DaysWanted(Request):
    """Which days, both of them too; a year at most."""

    first = Day(data_key="from", required=True)
    last = Day(data_key="to", required=True)


class ChartWanted(DaysWanted):
    """Which days, of which design; of all of them without one."""

    design_id = Id()


class DefectsByClassView(View):
    """How many defects of each class were found."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"critical": 0, "major": 2, "minor": 7}

    critical = fields.Integer()
    major = fields.Integer()
    minor = fields.Integer()


class LooksView(View):
    """Looks and how many passed, the share in thousandths; the median time where it was written."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "looks": 40,
        "passed": 36,
        "pass_share": 900,
        "defects": DefectsByClassView.EXAMPLE,
        "timed": 38,
        "median_seconds": 190,
    }

    looks = fields.Integer()
    passed = fields.Integer()
    pass_share = fields.Integer()
    defects = fields.Nested(DefectsByClassView)
    timed = fields.Integer()
    median_seconds = fields.Integer(allow_none=True)


class InspectorLooksView(LooksView):
    """The looks of one inspector."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"inspector_id": INSPECTOR_ID, **LooksView.EXAMPLE}

    inspector_id = Id()


class DesignLooksView(LooksView):
    """The looks at one design."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"design_id": DESIGN_ID, **LooksView.EXAMPLE}

    design_id = Id()


class InspectorAgreementView(View):
    """How two inspectors decided about the same pieces, each at her first look; `kappa` in
    thousandths, null where it is `undefined` because both said the same of every piece."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "inspector_ids": [INSPECTOR_ID, SECOND_ID],
        "pieces": 50,
        "agreed": 35,
        "kappa": 400,
        "undefined": False,
    }

    inspector_ids = fields.List(Id())
    pieces = fields.Integer()
    agreed = fields.Integer()
    kappa = fields.Integer(allow_none=True)
    undefined = fields.Boolean()


class FairnessView(View):
    """How inspection fares, by inspector and by design. By maker there is nothing."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "from": "2026-10-01",
        "to": "2026-11-23",
        "inspectors": [InspectorLooksView.EXAMPLE],
        "designs": [DesignLooksView.EXAMPLE],
        "agreements": [InspectorAgreementView.EXAMPLE],
    }

    first = Day(data_key="from")
    last = Day(data_key="to")
    inspectors = fields.List(fields.Nested(InspectorLooksView))
    designs = fields.List(fields.Nested(DesignLooksView))
    agreements = fields.List(fields.Nested(InspectorAgreementView))


class PointView(View):
    """One delivery: its pieces, how many did not pass at their first look, and in thousandths the
    share and its control limits; `outside` them, it differs by more than chance."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "delivery_id": "0197f1a5-0000-7000-8000-000000000146",
        "delivered_on": "2026-11-20",
        "pieces": 20,
        "bad": 2,
        "share": 100,
        "lower": 0,
        "upper": 301,
        "outside": False,
    }

    delivery_id = Id()
    delivered_on = Day()
    pieces = fields.Integer()
    bad = fields.Integer()
    share = fields.Integer()
    lower = fields.Integer()
    upper = fields.Integer()
    outside = fields.Boolean()


class ChartView(View):
    """A p-chart over the newest 100 deliveries of some days, oldest first."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "from": "2026-10-01",
        "to": "2026-11-23",
        "design_id": None,
        "pieces": 20,
        "bad": 2,
        "mean": 100,
        "points": [PointView.EXAMPLE],
    }

    first = Day(data_key="from")
    last = Day(data_key="to")
    design_id = Id(allow_none=True)
    pieces = fields.Integer()
    bad = fields.Integer()
    mean = fields.Integer(allow_none=True)
    points = fields.List(fields.Nested(PointView))
