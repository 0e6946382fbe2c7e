"""Refunds: asked for, followed, and tried again."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, page, pages_of, place
from api.schemas.base import Nothing
from api.schemas.refunds import NewRefund, RefundsWanted, RefundView
from core import clock
from core.db import current_session
from core.money import Money
from orders import money_back, refunds
from orders.refund_models import Refund
from orders.refunds import RefundFilter, Wanted

blueprint = Blueprint("refunds", "Money going back to buyers.")


@blueprint.post("/orders/<uuid:order_id>/refunds")
@needs("refunds:write")
@blueprint.arguments(NewRefund)
@once(required=True)
@blueprint.response(201, RefundView)
def request_refund(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Send money of an order back.

    All that is left, lines, or an amount over everything that is left. Stripe is asked at once by a
    worker; its status says how far it is. Two requests with two keys are two refunds.
    """
    lines = [(line["line_id"], _money(line.get("amount"))) for line in wanted.pop("lines", ())]
    selected = Wanted(
        whole=wanted.pop("whole", False), lines=lines, amount=_money(wanted.pop("amount", None))
    )
    made = refunds.request_refund(
        current_session(),
        order_id=order_id,
        wanted=selected,
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return _shown(made)


@blueprint.get("/orders/<uuid:order_id>/refunds")
@needs("orders:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(RefundView))
def list_refunds_of_order(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """List the refunds of one order.

    Those of a payment the order could not keep are among them, without parts.
    """
    return _listed(RefundFilter(order_id=order_id), wanted)


@blueprint.get("/refunds")
@needs("orders:read")
@blueprint.arguments(RefundsWanted, location="query")
@blueprint.response(200, pages_of(RefundView))
def list_refunds(wanted: dict[str, Any]) -> Any:
    """List refunds.

    Of the key's co-operative, oldest first; `status=failed` are those a person must look at.
    """
    looked_for = {name: wanted[name] for name in ("status", "reason", "since") if name in wanted}
    return _listed(RefundFilter(**looked_for), wanted)


@blueprint.get("/refunds/<uuid:refund_id>")
@needs("orders:read")
@blueprint.response(200, RefundView)
def get_refund(refund_id: uuid.UUID) -> Any:
    """Read one refund.

    With its parts, and every try to have Stripe make it.
    """
    return _shown(refunds.get_refund(current_session(), refund_id, actor=actor()))


@blueprint.post("/refunds/<uuid:refund_id>/attempts")
@needs("refunds:write")
@blueprint.arguments(Nothing)
@once(required=True)
@blueprint.response(201, RefundView)
def attempt_again(_wanted: dict[str, Any], refund_id: uuid.UUID) -> Any:
    """Ask Stripe for a refund once more.

    At once, without the rest after a no. A try that may still succeed is gone on with. Refused
    once Stripe has answered (`refund_not_open`): if it failed, ask for another refund.
    """
    session = current_session()
    money_back.attempt_again(session, refund_id=refund_id, actor=actor(), now=clock.now())
    return _shown(refunds.get_refund(session, refund_id, actor=actor()))


def _listed(looked_for: RefundFilter, wanted: dict[str, Any]) -> Any:
    read = partial(refunds.list_refunds, current_session(), actor=actor(), wanted=looked_for)
    limit, after = wanted["limit"], place(wanted.get("after"))
    body, status, headers = page(read(limit=limit + 1, after=after), limit)
    return {"items": [_shown(refund) for refund in body["items"]]}, status, headers


def _money(given: dict[str, Any] | None) -> Money | None:
    return Money(given["amount_minor"], given["currency"]) if given else None


def _shown(refund: Refund) -> dict[str, Any]:
    columns = {name: getattr(refund, name) for name in COLUMNS}
    parts = [
        {
            "what": part.what,
            "line_id": part.line_id,
            "minor": part.amount_minor,
            "currency": refund.currency,
        }
        for part in refund.parts
    ]
    return columns | {"parts": parts}


#: What the view reads straight from the row.
COLUMNS = (
    "id", "order_id", "return_id", "status", "tender", "amount_minor", "currency",
    "settled_minor", "settlement_currency", "reason", "note", "charge_id", "stripe_id", "failure",
    "receipt_number", "given_by_id", "witness_id", "attempts", "requested_at", "requested_by",
    "answered_at",
)  # fmt: skip
