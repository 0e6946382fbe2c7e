"""Share policies: how a sale is divided, version by version."""

from typing import Any

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.payouts import NewPolicy, PolicyView
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from payouts import policies

blueprint = Blueprint("policies", __name__, description="How a sale is divided")


@blueprint.post("/share-policies")
@needs("policies:write")
@once()
@takes(blueprint, NewPolicy)
@gives(blueprint, 201, PolicyView)
def set_policy(wanted: dict[str, Any]) -> Any:
    """Set the next version; what was sold before keeps its own."""
    with transaction() as session:
        return policies.set_policy(session, actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/share-policies")
@needs("payouts:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, PolicyView.page())
def list_policies(wanted: dict[str, Any]) -> Any:
    """Every version, newest first."""
    session, place = current_session(), after_id(wanted.get("after"))
    return page(
        lambda limit: policies.list_policies(session, actor=actor(), limit=limit, before=place),
        wanted["limit"],
        lambda row: [row.id],
    )
