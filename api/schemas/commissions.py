"""Commissions on the wire: groups, colours, what is asked, what is said, how far it is."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.deliveries import LINE_ID, PHOTO_ID
from api.schemas.designs import CODE, MOST_MEASURE, MeasureIn, MeasureView
from api.schemas.fields import Amount, Choice, Day, Id, Moment, Some, Text, Whole
from api.schemas.money import NewMoney, ShortWords, WordsView
from api.schemas.stock import AT, DESIGN_ID, MAKER_ID, STAFF, AgreementIn, AgreementView, LifeView
from inventory.commission_models import AnswerKind, CommissionStatus

COMMISSION_ID = "0197f1a5-0000-7000-8000-00000000cd00"
COLOUR_ID = "0197f1a5-0000-7000-8000-00000000c010"
GROUP_ID = "0197f1a5-0000-7000-8000-0000000000ab"
PRICE = {"amount_minor": 18000, "currency": "PEN"}
ADVANCE = {"amount_minor": 5000, "currency": "PEN"}
MOST_LINES = 50


class GroupMembers(Request):
    """Who is in a group from now on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"maker_ids": [MAKER_ID]}

    maker_ids = Some(Id(), 200, required=True)


class NewGroup(GroupMembers):
    """Makers who take on work together."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"name": "Huilloc Alto", "maker_ids": [MAKER_ID]}

    name = Text(200, required=True)


class GroupView(View):
    """A group and who is in it now."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": GROUP_ID,
        "name": "Huilloc Alto",
        "maker_ids": [MAKER_ID],
        "created_at": AT,
        "created_by": STAFF,
    }

    id = Id()
    name = fields.String()
    maker_ids = fields.List(Id())
    created_at = Moment()
    created_by = fields.String()


class NewColour(Request):
    """A colour by code, with its names and its swatch."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "code": "cochineal-3",
        "name": {"en": "Deep red", "es": "Rojo", "qu": "Puka"},
        "swatch_photo_id": PHOTO_ID,
        "swatch_place": "the book of samples, page 4",
    }

    code = Text(60, like=CODE, required=True)
    name = fields.Nested(ShortWords, required=True)
    swatch_photo_id = Id()
    swatch_place = Text(200, least=0)


class ColourView(View):
    """A colour standard."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": COLOUR_ID,
        **NewColour.EXAMPLE,
        "created_at": AT,
        "created_by": STAFF,
    }

    id = Id()
    code = fields.String()
    name = fields.Nested(WordsView)
    swatch_photo_id = Id(allow_none=True)
    swatch_place = fields.String()
    created_at = Moment()
    created_by = fields.String()


class LineIn(Request):
    """So many pieces of one design.

    `limit_set_version`: the agreed version of the design's limits, the one in force if none is
    named. `measures`: this commission's own, in place of the design's of those names. `maker_id`:
    whose line it is; without one it is for any of those who are asked.
    """

    design_id = Id(required=True)
    pieces = Whole(1, 1000, required=True)
    agreement = fields.Nested(AgreementIn, required=True)
    limit_set_version = Whole(1, MOST_MEASURE)
    measures = Some(fields.Nested(MeasureIn), 30)
    colour_ids = Some(Id(), 12)
    maker_id = Id()
    note = Text(500, least=0)


class NewCommission(Request):
    """What makers, or all of a group, are asked to weave.

    `advance`: what each who accepts is to have ahead. `client`: who asked the co-op; private.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "due_on": "2099-12-20",
        "group_id": GROUP_ID,
        "maker_ids": [MAKER_ID],
        "advance": ADVANCE,
        "client": "The museum shop in Lima",
        "note": "for Christmas",
        "lines": [
            {
                "design_id": DESIGN_ID,
                "pieces": 10,
                "agreement": {"kind": "pay_on_acceptance", "price": PRICE},
                "colour_ids": [COLOUR_ID],
            }
        ],
    }

    due_on = Day(required=True)
    lines = Some(fields.Nested(LineIn), MOST_LINES, least=1, required=True)
    maker_ids = Some(Id(), 200)
    group_id = Id()
    advance = fields.Nested(NewMoney)
    client = Text(200)
    note = Text(2000, least=0)
    replaces_id = Id()


class CommissionAnswerView(View):
    """What a maker said, on her word; null where she has not said anything yet."""

    maker_id = Id()
    public_name = fields.String()
    answer = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    answered_on = Day(allow_none=True)


class CommissionLineView(View):
    """A line, and how much of it is here: pieces that count, surplus beside them."""

    id = Id()
    design_id = Id()
    maker_id = Id(allow_none=True)
    pieces = fields.Integer()
    delivered = fields.Integer()
    missing = fields.Integer()
    surplus = fields.Integer()
    agreement = fields.Nested(AgreementView)
    limit_set_version = fields.Integer()
    measures = fields.List(fields.Nested(MeasureView))
    colours = fields.List(fields.Nested(ColourView))
    note = fields.String()


class CommissionView(View):
    """A commission, what was said to it, and how far it is."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": COMMISSION_ID,
        "number": "C-2026-00017",
        "status": "accepted",
        "due_on": "2026-12-20",
        "days_late": 0,
        "expected_on": None,
        "client": "The museum shop in Lima",
        "note": "for Christmas",
        "group_id": None,
        "advance": ADVANCE,
        "replaces_id": None,
        "makers": [
            {
                "maker_id": MAKER_ID,
                "public_name": "Sabina",
                "answer": "accepted",
                "reason": "",
                "answered_on": "2026-11-23",
            }
        ],
        "lines": [
            {
                "id": LINE_ID,
                "design_id": DESIGN_ID,
                "maker_id": MAKER_ID,
                "pieces": 10,
                "delivered": 4,
                "missing": 6,
                "surplus": 0,
                "agreement": {"kind": "pay_on_acceptance", "price": PRICE},
                "limit_set_version": 1,
                "measures": [],
                "colours": [ColourView.EXAMPLE],
                "note": "",
            }
        ],
        "created_at": AT,
        "created_by": STAFF,
    }

    id = Id()
    number = fields.String()
    status = fields.String()
    due_on = Day()
    days_late = fields.Integer()
    expected_on = Day(allow_none=True)
    client = fields.String(allow_none=True)
    note = fields.String()
    group_id = Id(allow_none=True)
    advance = Amount("advance_minor", "advance_currency", allow_none=True)
    replaces_id = Id(allow_none=True)
    makers = fields.List(fields.Nested(CommissionAnswerView))
    lines = fields.List(fields.Nested(CommissionLineView))
    created_at = Moment()
    created_by = fields.String()


class FulfilmentView(View):
    """A piece that was handed in for a line: in which of its places, or as a surplus (null).

    In the stead of a rejected piece it takes its place for another turn.
    """

    piece_id = Id()
    line_id = Id()
    place = fields.Integer(allow_none=True)
    turn = fields.Integer()
    at = Moment()


class CommissionWithLifeView(CommissionView):
    """A commission with its pieces, and every step of its life, oldest first."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **CommissionView.EXAMPLE,
        "pieces": [
            {
                "piece_id": "0197f1a5-0000-7000-8000-0000000000e1",
                "line_id": LINE_ID,
                "place": 1,
                "turn": 1,
                "at": AT,
            }
        ],
        "life": [
            {
                "from_status": None,
                "to_status": "asked",
                "at": AT,
                "actor": STAFF,
                "why": "asked of makers",
            }
        ],
    }

    pieces = fields.List(fields.Nested(FulfilmentView))
    life = fields.List(fields.Nested(LifeView))


class CommissionsWanted(Page):
    """Which commissions."""

    state = Choice(["open", "late"])
    status = Choice(CommissionStatus)
    maker_id = Id()
    group_id = Id()


class NewAnswer(Request):
    """A maker's yes or no; a no has its reason."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "maker_id": MAKER_ID,
        "answer": "declined",
        "reason": "she is at the harvest until May",
        "answered_on": "2026-11-23",
    }

    maker_id = Id(required=True)
    answer = Choice(AnswerKind, required=True)
    reason = Text(500, least=0)
    answered_on = Day()


class NewProgress(Request):
    """How far it is, and the day it is expected now."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "note": "four are on the loom",
        "maker_id": MAKER_ID,
        "expected_on": "2026-12-28",
        "photo_ids": [PHOTO_ID],
    }

    note = Text(2000, required=True)
    maker_id = Id()
    expected_on = Day()
    photo_ids = Some(Id(), 10)


class ProgressView(View):
    """A report on a commission."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-00000000cd10",
        "commission_id": COMMISSION_ID,
        **NewProgress.EXAMPLE,
        "at": AT,
        "actor": STAFF,
    }

    id = Id()
    commission_id = Id()
    maker_id = Id(allow_none=True)
    note = fields.String()
    expected_on = Day(allow_none=True)
    photo_ids = fields.List(Id())
    at = Moment()
    actor = fields.String()


class NewCommissionCancellation(Request):
    """Why a commission ends before it is complete."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"reason": "the client withdrew"}

    reason = Text(500, required=True)
