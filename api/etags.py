"""ETags: unchanged is not sent again (304), and nobody overwrites what she has not seen (412)."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, g, request

from api.blueprints import document
from core.errors import Conflict, Invalid
from inventory.listings import ListingChanged

View = TypeVar("View", bound=Callable[..., Any])
ETAG = re.compile(r'(?:W/)?"v(\d{1,15})-[0-9a-f]{16}"')


class PreconditionRequired(Invalid):
    """Name in If-Match the ETag you read, so that nobody's change is lost."""

    code = "precondition_required"


def of_version(version: int) -> None:
    """Say which version of the thing this answer shows; for views that are ``versioned``."""
    g.version = version


def versioned(view: View) -> View:
    """The answer's ETag carries the version of what it shows."""

    @wraps(view)
    def tagging(*args: Any, **kwargs: Any) -> Any:
        response = view(*args, **kwargs)
        response.set_etag(f"v{g.version}-{_digest(response)}")
        return response

    return cast("View", tagging)


def if_match(view: View) -> View:
    """Document that the view edits only the version named in If-Match."""
    parameter = {
        "in": "header",
        "name": "If-Match",
        "required": True,
        "description": "The ETag of the version you read; 428 without one, 412 with a stale one.",
        "schema": {"type": "string"},
        "example": '"v1-5f2b1c9a7d3e8f04"',
    }
    return document(view, parameters=[parameter])


def version_wanted(changed: type[Conflict] = ListingChanged) -> int:
    """The version that ``If-Match`` names. Raises PreconditionRequired, or ``changed``."""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        raise PreconditionRequired()
    found = ETAG.fullmatch(given)
    if found is None:
        raise changed("If-Match names no version of this; read it again")
    return int(found.group(1))


def conditional(response: Response) -> Response:
    """After a read: its ETag, and 304 for whoever has it already."""
    if request.method not in {"GET", "HEAD"} or response.status_code != 200:
        return response
    if response.is_streamed:
        return response
    if "ETag" not in response.headers:
        response.set_etag(_digest(response))
    asked = request.environ
    if "HTTP_IF_MATCH" in asked:
        # It guards edits. werkzeug would answer a read with 412 and the whole body under it.
        asked = {name: value for name, value in asked.items() if name != "HTTP_IF_MATCH"}
    response.make_conditional(asked)
    return response


def _digest(response: Response) -> str:
    return hashlib.sha256(response.get_data()).hexdigest()[:16]
