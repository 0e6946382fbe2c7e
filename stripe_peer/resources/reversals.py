"""Reversals: money of a transfer back from the account it went to, if it still has it."""

from typing import Any

from stripe_peer import balance
from stripe_peer.books import Books, Document, new_id
from stripe_peer.events import emit
from stripe_peer.listing import field_filters, page
from stripe_peer.metadata import merged
from stripe_peer.refusals import BadParameter, Refusal
from stripe_peer.resources import transfers

Params = dict[str, Any]
KIND = "transfer_reversal"


def create(books: Books, params: Params, transfer: str) -> Document:
    """Bring a transfer back, whole or in part; refused above what is left of it or of hers."""
    sent = books.find(transfers.KIND, transfer, param="transfer")
    left = sent["amount"] - sent["amount_reversed"]
    amount = params.get("amount", left)
    if not left:
        raise Refusal(f"Transfer {transfer} is already fully reversed.", param="id")
    if amount <= 0:
        raise BadParameter(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount"
        )
    if amount > left:
        raise Refusal(
            f"The amount you are trying to reverse ({amount}) is greater than the amount left on "
            f"the transfer ({left}).",
            param="amount",
        )
    # What a transfer brings is hers to give back from the day it was sent, settled or not.
    held = sum(balance.totals(books, sent["destination"]).get(sent["currency"], (0, 0)))
    if held < amount:
        raise Refusal(
            "The connected account has insufficient funds for this reversal.",
            code="balance_insufficient",
        )
    return book(books, params, sent, amount)


def book(books: Books, params: Params, sent: Document, amount: int) -> Document:
    """Write the reversal and both sides of its money."""
    reversal_id, currency = new_id("trr"), sent["currency"]
    credit = balance.write(
        books,
        kind="transfer_refund",
        category="transfer_reversal",
        amount=amount,
        currency=currency,
        source=reversal_id,
    )
    balance.write(
        books,
        kind="payment_refund",
        category="refund",
        amount=-amount,
        currency=currency,
        source=reversal_id,
        account=sent["destination"],
    )
    reversal = {
        "id": reversal_id,
        "object": KIND,
        "amount": amount,
        "balance_transaction": credit["id"],
        "created": books.now,
        "currency": currency,
        "destination_payment_refund": None,
        "metadata": merged({}, params.get("metadata")),
        "source_refund": None,
        "transfer": sent["id"],
    }
    books.add(reversal)
    sent["amount_reversed"] += amount
    sent["reversed"] = sent["amount_reversed"] == sent["amount"]
    sent["reversals"]["data"] = [reversal, *sent["reversals"]["data"]][:10]
    books.save(sent)
    emit(books, "transfer.reversed", sent)
    return reversal


def retrieve(books: Books, params: Params, transfer: str, reversal: str) -> Document:
    """One reversal of a transfer."""
    found = books.find(KIND, reversal)
    if found["transfer"] != transfer:
        raise Refusal(f"No such reversal: '{reversal}'", status=404, code="resource_missing")
    return found


def index(books: Books, params: Params, transfer: str) -> Document:
    """The reversals of a transfer, newest first."""
    books.find(transfers.KIND, transfer, param="transfer")
    where = {**field_filters(params), "transfer": transfer}
    return page(books, KIND, params, url=f"/v1/transfers/{transfer}/reversals", where=where)


def update(books: Books, params: Params, transfer: str, reversal: str) -> Document:
    """Change metadata."""
    found = retrieve(books, params, transfer, reversal)
    found["metadata"] = merged(found["metadata"], params.get("metadata"))
    return books.save(found)
