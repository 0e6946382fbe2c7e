"""Pages of the v2 API: newest first, followed by the address of the next one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from stripe_peer.books import Books, Document
from stripe_peer.listing import page, page_size
from stripe_peer.refusals import BadParameter


def page_of(
    books: Books,
    kind: str,
    params: Mapping[str, Any],
    *,
    path: str,
    where: Mapping[str, Any] | None = None,
    also: str = "",
    also_values: tuple[Any, ...] = (),
) -> Document:
    """One page; `where` and `also` as of `listing.page`. The next address asks the same."""
    query: dict[str, Any] = {"limit": page_size(params)}
    if "page" in params:
        query["starting_after"] = params["page"]
    if "created" in params:
        query["created"] = seconds_of(params["created"])
    found = page(books, kind, query, url="", where=where, also=also, also_values=also_values)
    following = None
    if found["has_more"]:
        asked = {**flat({**params, "limit": query["limit"]}), "page": found["data"][-1]["id"]}
        following = f"{path}?{urlencode(asked)}"
    return {"data": found["data"], "next_page_url": following, "previous_page_url": None}


def seconds_of(created: Mapping[str, str]) -> dict[str, int]:
    """RFC 3339 bounds as Unix seconds."""
    try:
        return {
            sign: int(datetime.fromisoformat(moment).timestamp())
            for sign, moment in created.items()
        }
    except ValueError:
        raise BadParameter("Invalid timestamp; RFC 3339 is wanted.", param="created") from None


def flat(given: Any, name: str = "") -> dict[str, str]:
    """Nested parameters as a query spells them: a[b]=…, c[0]=…."""
    if isinstance(given, list):
        given = dict(enumerate(given))
    if not isinstance(given, Mapping):
        return {name: str(given)}
    parts: dict[str, str] = {}
    for key, inner in given.items():
        parts |= flat(inner, f"{name}[{key}]" if name else str(key))
    return parts
