"""A stored document as it leaves the house: nothing of ours in it, derived fields as of now."""

from collections.abc import Callable

from stripe_peer import balance, capabilities, deliveries, storage
from stripe_peer.books import Books, Document


def event(books: Books, document: Document) -> Document:
    """An event says how many endpoints still wait for it."""
    return {**document, "pending_webhooks": deliveries.undelivered(books, document["id"])}


VIEWS: dict[str, Callable[[Books, Document], Document]] = {
    "balance_transaction": balance.view,
    "event": event,
    storage.KIND: storage.view,
}


def show(books: Books, document: Document) -> Document:
    """The document as the API answers it."""
    view = VIEWS.get(document["object"])
    derived = view(books, document) if view else document
    return {name: value for name, value in derived.items() if name != "_peer"}


def show_expanded(books: Books, wanted: str) -> Document | None:
    """What an id inside another object expands to; accounts in v1 words."""
    document = books.look_up(wanted)
    if document is None:
        return None
    if document["object"] == "v2.core.account":
        return capabilities.v1_account(books, document)
    return show(books, document)
