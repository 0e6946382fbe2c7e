"""Goods coming back, on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Choice, Id, Moment, Some, Text
from api.schemas.orders import AT, ORDER_ID
from api.schemas.refunds import LINE_ID
from api.schemas.stock import PIECE_ID
from orders.choosing import MOST_PIECES
from orders.return_models import Disposition, ReturnReason, ReturnStatus


class NewReturn(Request):
    """Lines of an order that the buyer may send back."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "line_ids": [LINE_ID],
        "reason": "changed_mind",
        "note": "too red for her table",
    }

    line_ids = Some(Id(), MOST_PIECES, least=1, required=True)
    reason = Choice(ReturnReason, required=True)
    note = Text(1000, least=0)


class NewReceipt(Request):
    """Pieces of a return that have come, and the room they wait in; all of them unless named."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location_id": "0197f1a5-0000-7000-8000-000000000021",
        "piece_ids": [PIECE_ID],
    }

    location_id = Id(required=True)
    piece_ids = Some(Id(), MOST_PIECES, least=1)


class DecidedIn(Request):
    """What becomes of one piece; `why` is needed where it is written off."""

    piece_id = Id(required=True)
    disposition = Choice(Disposition, required=True)
    why = Text(500, least=0)


class NewClosure(Request):
    """What becomes of pieces that came back, as their new inspection says."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "pieces": [{"piece_id": PIECE_ID, "disposition": "restocked"}]
    }

    pieces = Some(fields.Nested(DecidedIn), MOST_PIECES, least=1, required=True)


class ReturnsWanted(Page):
    """Which returns."""

    status = Choice(ReturnStatus)
    order_id = Id()


class ReturnPieceView(View):
    """One piece of a return, and what became of it."""

    line_id = Id()
    piece_id = Id()
    received_at = Moment(allow_none=True)
    disposition = fields.String(allow_none=True)
    why = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    decided_by = fields.String(allow_none=True)


class ReturnView(View):
    """Pieces of one order coming back."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000151",
        "order_id": ORDER_ID,
        "status": "closed",
        "reason": "changed_mind",
        "note": "too red for her table",
        "pieces": [
            {
                "line_id": LINE_ID,
                "piece_id": PIECE_ID,
                "received_at": AT,
                "disposition": "restocked",
                "why": "",
                "decided_at": AT,
                "decided_by": "staff:0197f1a5-0000-7000-8000-000000000011",
            }
        ],
        "authorised_at": AT,
        "authorised_by": "staff:0197f1a5-0000-7000-8000-000000000011",
        "received_at": AT,
        "closed_at": AT,
    }

    id = Id()
    order_id = Id()
    status = fields.String()
    reason = fields.String()
    note = fields.String()
    pieces = fields.List(fields.Nested(ReturnPieceView))
    authorised_at = Moment()
    authorised_by = fields.String()
    received_at = Moment(allow_none=True)
    closed_at = Moment(allow_none=True)
