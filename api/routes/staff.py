"""Staff, and the API keys that speak for them and for applications."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once, writes
from api.paging import Page, listed, pages_of
from api.schemas.base import Nothing
from api.schemas.people import ApiKeyView, MadeApiKeyView, NewApiKey, NewStaff, StaffView
from core import clock
from core.db import current_session
from people import keys, staff
from people.models import ApiKey

blueprint = Blueprint("staff", "The people of the co-operative, and API keys.")


@blueprint.post("/staff")
@needs("staff:write")
@blueprint.arguments(NewStaff)
@once()
@blueprint.response(201, StaffView)
def add_staff(wanted: dict[str, Any]) -> Any:
    """Add a staff member.

    Roles are `coordinator`, `quality_lead`, `treasurer` and `storekeeper`; each opens its scopes.
    """
    return staff.add_staff(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/staff")
@needs("staff:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(StaffView))
def list_staff(wanted: dict[str, Any]) -> Any:
    """List staff.

    Everybody who works for the key's co-operative, in the order they came.
    """
    return listed(partial(staff.list_staff, current_session(), actor=actor()), wanted)


@blueprint.post("/api-keys")
@needs("keys:write")
@blueprint.arguments(NewApiKey)
@once(secret=["secret"])
@blueprint.response(201, MadeApiKeyView)
def create_key(wanted: dict[str, Any]) -> Any:
    """Make an API key.

    The answer's `secret` is the key; it is stored hashed and never shown again, not even to a
    repetition of this request. A key cannot carry more than its owner, or its maker, may do.
    """
    key, secret = keys.create_key(current_session(), actor=actor(), now=clock.now(), **wanted)
    return {**_shown(key), "secret": secret}


@blueprint.get("/api-keys")
@needs("keys:write")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ApiKeyView))
def list_keys(wanted: dict[str, Any]) -> Any:
    """List API keys.

    Every key of the co-operative, oldest first, with its last use; never a secret.
    """
    read = partial(keys.list_keys, current_session(), actor=actor())
    body, status, headers = listed(read, wanted)
    return {"items": [_shown(key) for key in body["items"]]}, status, headers


@blueprint.post("/api-keys/<uuid:key_id>/revocation")
@needs("keys:write")
@blueprint.arguments(Nothing)
@writes
@blueprint.response(201, ApiKeyView)
def revoke_key(_wanted: dict[str, Any], key_id: uuid.UUID) -> Any:
    """Revoke an API key.

    It is useless from the answer on. Revoking twice gives the same answer.
    """
    return _shown(keys.revoke_key(current_session(), key_id=key_id, actor=actor(), now=clock.now()))


def _shown(key: ApiKey) -> dict[str, Any]:
    owner = key.staff or key.application
    assert owner is not None, "the database keeps one owner per key"
    kind = "staff" if key.staff else "application"
    columns = {name: getattr(key, name) for name in COLUMNS}
    return {**columns, "owner": {"kind": kind, "id": owner.id, "name": owner.name}}


COLUMNS = tuple(name for name in ApiKeyView().fields if name != "owner")
