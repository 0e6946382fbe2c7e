"""Pages: by keyset, so that rows that come in between neither repeat nor hide others."""

import base64
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from flask import request
from marshmallow import RAISE, Schema, fields, validate

from core.errors import Invalid

Row = TypeVar("Row")

USUAL, MOST = 24, 100
LARGEST = 2**62


class CursorInvalid(Invalid):
    """This is not a cursor of ours; take it from `next` or from the Link header."""

    code = "cursor_invalid"


class PageQuery(Schema):
    """How many rows, and after which."""

    class Meta:
        unknown = RAISE

    limit = fields.Integer(
        load_default=USUAL,
        validate=validate.Range(1, MOST),
        metadata={"example": USUAL, "description": "rows on a page, 1 to 100"},
    )
    after = fields.String(
        validate=validate.Length(1, 200),
        metadata={"example": "WyIwMTk5Il0", "description": "`next` of the page before"},
    )


def page(
    read: Callable[[int], Sequence[Row]], limit: int, place: Callable[[Row], Sequence[Any]]
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Read one row more than asked for: the page, with a link to the next one if there is more."""
    rows = list(read(limit + 1))
    shown, more = rows[:limit], len(rows) > limit
    cursor = encode(place(shown[-1])) if more else None
    headers = {}
    if cursor:
        query = urlencode([*_others(), ("after", cursor)])
        headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return {"items": shown, "next": cursor}, 200, headers


def encode(place: Sequence[Any]) -> str:
    """A place in a list, as one opaque word."""
    words = [str(part) if isinstance(part, uuid.UUID) else part for part in place]
    return base64.urlsafe_b64encode(orjson.dumps(words)).rstrip(b"=").decode()


def after_id(cursor: str | None) -> uuid.UUID | None:
    """The id a cursor names. Raises CursorInvalid."""
    return None if cursor is None else decode(cursor, 1)[-1]


def decode(cursor: str, parts: int) -> tuple[Any, ...]:
    """The place a cursor names; its last part is an id. Raises CursorInvalid."""
    try:
        *before, last = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = (*before, uuid.UUID(last))
    except (ValueError, TypeError, AttributeError):
        raise CursorInvalid(pointer="?after") from None
    whole = all(part is None or (type(part) is int and 0 <= part < LARGEST) for part in before)
    if len(place) != parts or not whole:
        raise CursorInvalid(pointer="?after")
    return place


def _others() -> list[tuple[str, str]]:
    """The query of this request without its cursor, and without a buyer's token."""
    return [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in {"after", "token"}
    ]
