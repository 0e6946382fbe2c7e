"""Events, as read: for thirty days."""

from typing import Any

from stripe_peer import deliveries
from stripe_peer.books import Books, Document
from stripe_peer.clock import DAY
from stripe_peer.listing import page, page_size
from stripe_peer.refusals import no_such
from stripe_peer.typed_parameters import values_of
from stripe_peer.unserved import refuse_unserved

KEPT_FOR = 30 * DAY
WAITING = f"SELECT event FROM ({deliveries.NOT_TAKEN})"  # noqa: S608 our own SQL


def retrieve(books: Books, params: dict[str, Any], wanted: str) -> Document:
    """One snapshot event."""
    event = books.find("event", wanted)
    if event["created"] < books.now - KEPT_FOR:
        raise no_such("event", wanted, param="id", status=404)
    return event


def index(books: Books, params: dict[str, Any]) -> Document:
    """Snapshot events, newest first; by type, types, and whether every endpoint took them."""
    also, values = " AND created >= ?", [books.now - KEPT_FOR]
    types = [params["type"]] if "type" in params else params.get("types", [])
    if types:
        marks = " OR ".join("json_extract(body, '$.type') GLOB ?" for _ in types)
        also += f" AND ({marks})"
        values += types
    if "delivery_success" in params:
        sign = "NOT IN" if params["delivery_success"] else "IN"
        also += f" AND id {sign} ({WAITING})"
    return page(books, "event", params, url="/v1/events", also=also, also_values=tuple(values))


def retrieve_thin(books: Books, params: dict[str, Any], wanted: str) -> Document:
    """One v2 event, with its data."""
    return books.find("v2.core.event", wanted)


def index_thin(books: Books, params: dict[str, Any]) -> Document:
    """v2 events, newest first."""
    refuse_unserved(params, ("object_id", "limit", "types"))
    types = values_of(params.get("types", []))
    marks = ", ".join("?" * len(types))
    found = page(
        books,
        "v2.core.event",
        {"limit": page_size(params)},
        url="",
        where={"related_object.id": params.get("object_id")},
        also=f" AND json_extract(body, '$.type') IN ({marks})" if types else "",
        also_values=tuple(types),
    )
    return {"data": found["data"], "next_page_url": None, "previous_page_url": None}
