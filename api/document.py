"""The OpenAPI 3.1 document: what the routes say of themselves, with what holds for all of them."""

import re
from typing import Any

from api.errors import PROBLEM, every_code

ABOUT = """\
Follows one woven piece from the weaver's hands to the buyer's, and her share back to her.

**Keys.** `Authorization: Bearer pk_...`; each route names the scope it needs. Buyers need no key:
the answer to a placed order carries its token, sent as `Order-Token`.

**Errors** are `application/problem+json` (RFC 9457). `code` is stable; `errors` points at what is
wrong (`/items/0/quantity`, `?limit`).

**Repeating.** A POST with an `Idempotency-Key` is carried out once: the same key and body get the
same answer with `Idempotency-Replayed: true`, another body is refused (422), one still being
answered too (409). Where a route takes no such key, it can be repeated as it is.

**Pages.** `limit` and `after`; the next page is in `Link: rel="next"`. Unknown parameters and
fields are refused.

**Money** is whole minor units and a currency; times are UTC; ids are UUIDs.

**Caching.** Every read has an `ETag`; send it as `If-None-Match` and get 304 if nothing changed.
"""

SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "pk_<12 characters>_<secret>",
        "description": "An API key. It speaks for a staff member or a named application.",
    },
    "orderToken": {
        "type": "apiKey",
        "in": "header",
        "name": "Order-Token",
        "description": "The token of one order, for its buyer; or `?token=` in the address.",
    },
    "uploadSignature": {
        "type": "apiKey",
        "in": "query",
        "name": "signature",
        "description": "The signature in the address that the announcement of a photo answers.",
    },
}

UNUSED = "PaginationMetadataSchema"  # flask-smorest always adds it; our pages are links
METHODS = ("get", "put", "post", "patch", "delete")
NOT_MODIFIED = {"description": "Nothing changed since the ETag in If-None-Match"}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "An ETag from an earlier answer.",
    "schema": {"type": "string"},
}
NEXT = {
    "Link": {
        "description": 'The next page, as `</v1/...>; rel="next"`; none on the last.',
        "schema": {"type": "string"},
    }
}


def finished(drawn: dict[str, Any], *, public_url: str) -> dict[str, Any]:
    """The document drawn by the routes, with errors, security and codes written in."""
    for path, operations in drawn["paths"].items():
        for method in METHODS:
            if method in operations:
                _finish(operations[method], method, path, operations.get("parameters", []))
    drawn["info"]["description"] = ABOUT
    drawn["info"]["license"] = {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"}
    drawn["servers"] = [{"url": public_url}]
    schemas = dict(drawn["components"]["schemas"])
    schemas.pop(UNUSED, None)
    schemas["ErrorCode"] = _codes()
    schemas["Problem"]["properties"]["code"] = {"$ref": "#/components/schemas/ErrorCode"}
    drawn["components"] = {
        "schemas": schemas,
        "responses": {"Problem": _problem()},
        "securitySchemes": SECURITY,
    }
    return drawn


def _finish(
    operation: dict[str, Any], method: str, path: str, of_path: list[dict[str, Any]]
) -> None:
    operation["operationId"] = _name(method, path)
    kept = {
        status: response
        for status, response in operation["responses"].items()
        if str(status).startswith("2")
    }
    operation["responses"] = kept | {"default": {"$ref": "#/components/responses/Problem"}}
    for one in (*of_path, *operation.get("parameters", [])):
        if one["in"] == "query" and one["name"] == "after":
            kept[next(iter(kept))]["headers"] = NEXT
    if method == "get":
        operation["responses"]["304"] = NOT_MODIFIED
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)


def _name(method: str, path: str) -> str:
    """As ``post_orders_by_id_cancellation``."""
    steps = path.removeprefix("/v1/").split("/")
    named = "_".join([method, *(re.sub(r"{\w+}", "by_id", step) for step in steps)])
    return named.replace("-", "_").replace(".", "_")


def _problem() -> dict[str, Any]:
    return {
        "description": "Refused; see `code`.",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _codes() -> dict[str, Any]:
    table = "\n".join(f"- `{code}` ({n}): {words}" for code, (n, words) in every_code().items())
    return {"type": "string", "enum": list(every_code()), "description": table}
