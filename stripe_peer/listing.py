"""Pages of documents, newest first, with Stripe's cursors."""

import json
from collections.abc import Mapping
from typing import Any

from stripe_peer.books import Books, Document, equalities
from stripe_peer.refusals import BadParameter, no_such

ABOUT_THE_PAGE = {"limit", "starting_after", "ending_before", "created", "expand"}
COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(
    books: Books,
    kind: str,
    params: Mapping[str, Any],
    *,
    url: str,
    where: Mapping[str, Any] | None = None,
    also: str = "",
    also_values: tuple[Any, ...] = (),
) -> Document:
    """One page: `limit`, `starting_after`, `ending_before` and `created`, plus field filters."""
    limit = page_size(params)
    text, values = equalities(where or {})
    text, values = text + also, [*values, *also_values]
    for sign, moment in created_bounds(params.get("created")):
        text += f" AND created {sign} ?"
        values.append(moment)
    backwards = params.get("ending_before")
    order = "DESC"
    if backwards:
        text, order = text + " AND seq > ?", "ASC"
        values.append(place(books, kind, backwards, "ending_before"))
    elif params.get("starting_after"):
        text += " AND seq < ?"
        values.append(place(books, kind, params["starting_after"], "starting_after"))
    rows = books.connection.execute(
        f"SELECT body FROM documents WHERE kind = ? AND account = ?{text} "  # noqa: S608 our own SQL
        f"ORDER BY seq {order} LIMIT ?",
        (kind, books.account, *values, limit + 1),
    ).fetchall()
    found = [json.loads(body) for (body,) in rows[:limit]]
    if backwards:
        found.reverse()
    return {"object": "list", "data": found, "has_more": len(rows) > limit, "url": url}


def field_filters(params: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Every parameter that is not about the page, as the field it has to equal."""
    found: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, dict) and name != "created":
            found |= field_filters(value, f"{before}{name}.")
        elif before or name not in ABOUT_THE_PAGE:
            found[f"{before}{name}"] = value
    return found


def page_size(params: Mapping[str, Any]) -> int:
    """10 unless told, 1 to 100."""
    limit = int(params.get("limit", 10))
    if not 1 <= limit <= 100:
        edge = "less than or equal to 100" if limit > 100 else "greater than or equal to 1"
        raise BadParameter(
            f"This value must be {edge} (it currently is '{limit}').",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def created_bounds(created: Any) -> list[tuple[str, int]]:
    """`created=…` or `created[gte]=…` as comparisons."""
    if created is None:
        return []
    if isinstance(created, dict):
        return [(COMPARE[name], moment) for name, moment in created.items()]
    return [("=", int(created))]


def place(books: Books, kind: str, cursor: str, param: str) -> int:
    """Where a cursor's object stands in the order of writing."""
    row = books.connection.execute(
        "SELECT seq FROM documents WHERE id = ? AND kind = ? AND account = ?",
        (cursor, kind, books.account),
    ).fetchone()
    if row is None:
        raise no_such(kind, cursor, param=param)
    return int(row[0])
