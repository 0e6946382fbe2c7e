"""API keys: made, listed without their secrets, revoked."""

import uuid
from typing import Any

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.orders import Nothing
from api.schemas.people import KeyView, NewKey, NewKeyView
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from people import keys
from people.models import ApiKey

blueprint = Blueprint("keys", __name__, description="API keys")


@blueprint.post("/api-keys")
@needs("keys:write")
@once(hide=("key",))
@takes(blueprint, NewKey)
@gives(blueprint, 201, NewKeyView)
def create_key(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make a key for a staff member or a named application; its secret is shown this once."""
    with transaction() as session:
        row, key = keys.create_key(session, actor=actor(), now=clock.now(), **wanted)
        return shown(row) | {"key": key}


@blueprint.get("/api-keys")
@needs("keys:write")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, KeyView.page())
def list_keys(wanted: dict[str, Any]) -> Any:
    """Every key of the co-operative, oldest first."""
    session, place = current_session(), after_id(wanted.get("after"))

    def read(limit: int) -> list[dict[str, Any]]:
        rows = keys.list_keys(session, actor=actor(), limit=limit, after=place)
        return [shown(row) for row in rows]

    return page(read, wanted["limit"], lambda row: [row["id"]])


@blueprint.post("/api-keys/<uuid:key_id>/revocation")
@needs("keys:write")
@takes(blueprint, Nothing)
@gives(blueprint, 201, KeyView)
def revoke_key(_wanted: dict[str, Any], key_id: uuid.UUID) -> dict[str, Any]:
    """Make a key useless from now on; a second time changes nothing."""
    with transaction() as session:
        return shown(keys.revoke_key(session, key_id=key_id, actor=actor(), now=clock.now()))


def shown(key: ApiKey) -> dict[str, Any]:
    """A key without its secret."""
    names = set(KeyView().fields) - {"application"}
    name = key.application.name if key.application else None
    return {one: getattr(key, one) for one in names} | {"application": name}
