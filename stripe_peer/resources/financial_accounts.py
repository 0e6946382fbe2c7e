"""Financial accounts, as read: there is one."""

from typing import Any

from stripe_peer import storage
from stripe_peer.books import Books, Document
from stripe_peer.paging import page_of
from stripe_peer.typed_parameters import values_of
from stripe_peer.unserved import refuse_unserved

Params = dict[str, Any]
PATH = "/v2/money_management/financial_accounts"


def retrieve(books: Books, params: Params, wanted: str) -> Document:
    """The account with its balance."""
    return books.find(storage.KIND, wanted)


def index(books: Books, params: Params) -> Document:
    """Those that are open, unless told otherwise."""
    refuse_unserved(params, ("limit", "page", "statuses"))
    wanted = values_of(params.get("statuses", ["open", "pending"]))
    marks = ", ".join("?" * len(wanted))
    also = f" AND json_extract(body, '$.status') IN ({marks})"
    return page_of(books, storage.KIND, params, path=PATH, also=also, also_values=tuple(wanted))
