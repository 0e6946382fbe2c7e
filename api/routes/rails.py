"""The rails money reaches makers by: what each prefers, and what was sent to their banks."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.house import gateway
from api.idempotency import once
from api.paging import Page, listed, page, pages_of, place
from api.schemas.rails import (
    NewRailChoice,
    OutboundPaymentsWanted,
    OutboundPaymentView,
    RailChoiceView,
)
from core import clock
from core.db import current_session
from payouts import outbound_reading, rail_choices

blueprint = Blueprint("rails", "The ways money reaches makers.")


@blueprint.post("/makers/<uuid:maker_id>/rail-choices")
@needs("payouts:write")
@blueprint.arguments(NewRailChoice)
@once()
@blueprint.response(201, RailChoiceView)
def prefer_rail(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """Write down how a maker wants to be paid.

    From now on; what is under way is not changed by it. It also lets a bank be tried again that
    sent money back. Without any choice the house's rule decides.
    """
    return rail_choices.prefer_rail(
        current_session(),
        maker_id=maker_id,
        banks=gateway().banks.financial_account is not None,
        actor=actor(),
        now=clock.now(),
        **wanted,
    )


@blueprint.get("/makers/<uuid:maker_id>/rail-choices")
@needs("payouts:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(RailChoiceView))
def list_rail_choices(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """List how a maker wanted to be paid.

    Newest first; the first one counts.
    """
    read = partial(rail_choices.list_choices, current_session(), maker_id, actor=actor())
    return listed(read, wanted, by="before")


@blueprint.get("/outbound-payments")
@needs("payouts:read")
@blueprint.arguments(OutboundPaymentsWanted, location="query")
@blueprint.response(200, pages_of(OutboundPaymentView))
def list_outbound_payments(wanted: dict[str, Any]) -> Any:
    """List payments to makers' banks.

    Oldest first, each with the obligations it was of, what left the financial account and what
    reached her.
    """
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    rows = outbound_reading.list_outbound_payments(
        current_session(),
        actor=actor(),
        wanted=outbound_reading.OutboundFilter(**wanted),
        limit=limit + 1,
        after=after,
    )
    return page(rows, limit)


@blueprint.get("/outbound-payments/<uuid:payment_id>")
@needs("payouts:read")
@blueprint.response(200, OutboundPaymentView)
def get_outbound_payment(payment_id: uuid.UUID) -> Any:
    """Read one payment to a maker's bank.

    As Stripe last said it stands; a refusal with its reason.
    """
    return outbound_reading.get_outbound_payment(current_session(), payment_id, actor=actor())
