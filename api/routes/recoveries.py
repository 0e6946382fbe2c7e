"""What comes back of obligations when a sale is undone, and what people decide about it."""

import uuid
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import page, pages_of, place
from api.schemas.base import Nothing
from api.schemas.recoveries import NewDecision, RecoveriesWanted, RecoveryView
from core import clock
from core.db import current_session
from payouts import decisions

blueprint = Blueprint("recoveries", "What comes back of what makers were owed or paid.")


@blueprint.get("/recoveries")
@needs("payouts:read")
@blueprint.arguments(RecoveriesWanted, location="query")
@blueprint.response(200, pages_of(RecoveryView))
def list_recoveries(wanted: dict[str, Any]) -> Any:
    """List recoveries.

    Oldest first; those that are `undecided` wait for people.
    """
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    rows = decisions.list_recoveries(
        current_session(),
        actor=actor(),
        wanted=decisions.RecoveryFilter(**wanted),
        limit=limit + 1,
        after=after,
    )
    return page(rows, limit)


@blueprint.get("/recoveries/<uuid:recovery_id>")
@needs("payouts:read")
@blueprint.response(200, RecoveryView)
def get_recovery(recovery_id: uuid.UUID) -> Any:
    """Read one recovery.

    What is done about it, and who decided so.
    """
    return decisions.get_recovery(current_session(), recovery_id, actor=actor())


@blueprint.post("/recoveries/<uuid:recovery_id>/decision")
@needs("payouts:write")
@blueprint.arguments(NewDecision)
@once(required=True)
@blueprint.response(201, RecoveryView)
def decide(wanted: dict[str, Any], recovery_id: uuid.UUID) -> Any:
    """Decide about a recovery.

    Money that reached a maker does not come back by itself: the reserve or the fund bears it, or
    she has agreed that it comes off later payments, or Stripe is asked once more.
    """
    return decisions.decide(
        current_session(), recovery_id=recovery_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.post("/recoveries/<uuid:recovery_id>/attempts")
@needs("payouts:write")
@blueprint.arguments(Nothing)
@once(required=True)
@blueprint.response(201, RecoveryView)
def attempt_again(_wanted: dict[str, Any], recovery_id: uuid.UUID) -> Any:
    """Ask Stripe for a reversal once more.

    After a no, when she may have money in her account again. A try that may still succeed is gone
    on with. Refused where no transfer has so much left (`nothing_to_reverse`).
    """
    return decisions.attempt_again(
        current_session(), recovery_id=recovery_id, actor=actor(), now=clock.now()
    )
