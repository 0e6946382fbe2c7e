"""`expand[]`: ids inside an answer replaced by what they name, and parts shown only on request."""

from typing import Any

from stripe_peer.books import Books, Document
from stripe_peer.refusals import BadParameter
from stripe_peer.resources import checkout_sessions
from stripe_peer.views import show_expanded

EXPANDABLE = frozenset(
    {
        "balance_transaction",
        "charge",
        "destination",
        "destination_payment",
        "latest_charge",
        "payment_intent",
        "source",
        "source_transaction",
        "source_transfer",
    }
)
SHOWN_ON_REQUEST = {("checkout.session", "line_items"): checkout_sessions.line_items_list}
DEEPEST = 4


def expand(books: Books, answer: Document, paths: list[str]) -> Document:
    """The answer with every path expanded."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise BadParameter(
                f"You cannot expand more than {DEEPEST} levels of a property ({path})."
            )
        walk(books, answer, steps, path)
    return answer


def walk(books: Books, node: Document, steps: list[str], path: str) -> None:
    """Follow one path from one object; `data` stands for every item of a list."""
    step, rest = steps[0], steps[1:]
    if step == "data" and isinstance(node.get("data"), list):
        for item in node["data"]:
            walk(books, item, rest, path)
        return
    node[step] = expanded(books, node, step, path)
    if rest and isinstance(node[step], dict):
        walk(books, node[step], rest, path)


def expanded(books: Books, node: Document, step: str, path: str) -> Any:
    """One property, expanded; refused when it is not one that can be."""
    on_request = SHOWN_ON_REQUEST.get((node.get("object", ""), step))
    if on_request:
        return on_request(books, node)
    if step not in EXPANDABLE or step not in node:
        raise BadParameter(f"This property cannot be expanded ({path}).", param="expand")
    value = node[step]
    return (show_expanded(books, value) or value) if isinstance(value, str) else value
