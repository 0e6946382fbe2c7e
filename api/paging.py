"""Pages by keyset: as many rows as asked for, after a place, and a link to the next."""

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from flask import request
from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Text, WholeText
from core.errors import Invalid

MOST_ROWS = 100
USUAL_ROWS = 24

Row = TypeVar("Row")


class CursorInvalid(Invalid):
    """This is not a place in this list; take it from the Link header of the page before."""

    code = "cursor_invalid"


class Page(Request):
    """Which page of a list."""

    limit = WholeText(
        1, MOST_ROWS, load_default=USUAL_ROWS, metadata={"description": "rows on a page"}
    )
    after = Text(
        300,
        like="[A-Za-z0-9_-]+",
        metadata={"description": "as in the Link header of the page before"},
    )


@cache
def pages_of(view: type[View]) -> type[View]:
    """The schema of a page of such views."""
    name = view.__name__.removesuffix("View")
    members = {
        "__doc__": f"A page: {(view.__doc__ or '').strip().splitlines()[0]}",
        "EXAMPLE": {"items": [view.EXAMPLE]},
        "items": fields.List(fields.Nested(view)),
    }
    return type(f"{name}PageView", (View,), members)


def place(cursor: str | None) -> uuid.UUID | None:
    """The id after which the page begins."""
    if cursor is None:
        return None
    (found,) = opened(cursor, 1)
    return id_in(found)


def opened(cursor: str, parts: int) -> list[Any]:
    """What a cursor holds. Raises CursorInvalid."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise CursorInvalid(pointer="?after") from None
    if not isinstance(found, list) or len(found) != parts:
        raise CursorInvalid(pointer="?after")
    return found


def sealed(*parts: Any) -> str:
    """A cursor that holds these values."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


def page(
    rows: Sequence[Row], limit: int, cursor: Callable[[Row], str] | None = None
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """A page of ``rows``, of which there is one more than ``limit`` if there is a next page."""
    shown = list(rows[:limit])
    further = (cursor or _by_id)(shown[-1]) if len(rows) > limit else None
    return _linked(shown, further)


def page_up_to(
    shown: list[Any], further: uuid.UUID | None
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """A page of what was found among rows up to an id, however few; the next goes on from it."""
    return _linked(shown, None if further is None else sealed(further))


def listed(read: Callable[..., Sequence[Any]], wanted: dict[str, Any], *, by: str = "after") -> Any:
    """The page of what ``read`` lists by id; ``by`` names the argument for its place."""
    limit = wanted["limit"]
    return page(read(limit=limit + 1, **{by: place(wanted.get("after"))}), limit)


def _linked(shown: list[Any], further: str | None) -> tuple[dict[str, Any], int, dict[str, str]]:
    headers = {}
    if further is not None:
        asked = {**request.args.to_dict(), "after": further}
        headers["Link"] = f'<{request.path}?{urlencode(asked)}>; rel="next"'
    return {"items": shown}, 200, headers


def id_in(value: Any) -> uuid.UUID:
    """A cursor's part that is an id. Raises CursorInvalid."""
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise CursorInvalid(pointer="?after") from None


def _by_id(row: Any) -> str:
    return sealed(row.id)
