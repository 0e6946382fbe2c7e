"""Staff and their roles."""

from typing import Any

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.people import NewStaff, StaffView
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from people import staff

blueprint = Blueprint("staff", __name__, description="The people who work for a co-operative")


@blueprint.post("/staff")
@needs("staff:write")
@once()
@takes(blueprint, NewStaff)
@gives(blueprint, 201, StaffView)
def add_staff(wanted: dict[str, Any]) -> Any:
    """Add a person with her roles."""
    with transaction() as session:
        return staff.add_staff(session, actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/staff")
@needs("staff:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, StaffView.page())
def list_staff(wanted: dict[str, Any]) -> Any:
    """Everybody who works for the co-operative, in the order they came."""
    session, place = current_session(), after_id(wanted.get("after"))
    return page(
        lambda limit: staff.list_staff(session, actor=actor(), limit=limit, after=place),
        wanted["limit"],
        lambda row: [row.id],
    )
