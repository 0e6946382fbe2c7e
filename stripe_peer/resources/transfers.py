"""Transfers to connected accounts, with everything Stripe refuses about them."""

from typing import Any

from stripe_peer import balance, capabilities
from stripe_peer.books import Books, Document, new_id
from stripe_peer.events import emit
from stripe_peer.listing import field_filters, page
from stripe_peer.metadata import merged
from stripe_peer.refusals import BadParameter, Refusal, missing, no_such
from stripe_peer.resources import charges

Params = dict[str, Any]
KIND = "transfer"


def create(books: Books, params: Params) -> Document:
    """Move money to a connected account, or refuse as Stripe does."""
    if "amount" not in params:
        raise missing("amount")
    if params["amount"] <= 0:
        raise BadParameter(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount"
        )
    payee = destination(books, params["destination"])
    charge = source(books, params)
    if charge is None:
        require_funds(books, params)
    available_on = books.now
    if charge is not None:
        booked = books.find("balance_transaction", charge["balance_transaction"])
        available_on = max(books.now, booked["available_on"])
    return book(books, params, payee, charge, available_on)


def destination(books: Books, wanted: str) -> Document:
    """The account paid, which must exist and be allowed to receive transfers."""
    payee = books.get("v2.core.account", wanted)
    if payee is None:
        raise no_such("destination", wanted, param="destination")
    if not capabilities.may(payee, capabilities.TRANSFERS):
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities "
            "enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
            param="destination",
        )
    return payee


def source(books: Books, params: Params) -> Document | None:
    """The charge whose money this is: succeeded, booked in this currency, with enough left."""
    wanted = params.get("source_transaction")
    if wanted is None:
        return None
    charge = books.get(charges.KIND, wanted)
    if charge is None:
        raise no_such("charge", wanted, param="source_transaction")
    if charge["status"] != "succeeded" or not charge["paid"]:
        raise Refusal(
            f"The source transaction {wanted} cannot be used: the charge has not succeeded "
            f"(it is {charge['status']}).",
            param="source_transaction",
        )
    booked = books.find("balance_transaction", charge["balance_transaction"])
    if params["currency"] != booked["currency"]:
        raise Refusal(
            "The currency of source_transaction's balance transaction "
            f"({booked['currency']}) must be the same as the transfer currency "
            f"({params['currency']})",
            param="currency",
        )
    sent = sum(
        earlier["amount"] - earlier["amount_reversed"]
        for earlier in books.all(KIND, {"source_transaction": wanted})
    )
    if sent + params["amount"] > booked["amount"]:
        raise Refusal(
            "Transfers using this transaction as a source must not exceed the source amount of "
            f"{booked['amount']}. (There is already {sent} transferred from it.)",
            param="amount",
        )
    return grouped(books, charge, params)


def grouped(books: Books, charge: Document, params: Params) -> Document:
    """Charge and transfer share one group; Stripe names one when the charge has none."""
    if charge["transfer_group"] is None:
        charge["transfer_group"] = params.get("transfer_group", f"group_{charge['id']}")
        books.save(charge)
    if params.get("transfer_group", charge["transfer_group"]) != charge["transfer_group"]:
        raise Refusal(
            "The transfer_group must be that of the source transaction "
            f"({charge['transfer_group']}).",
            param="transfer_group",
        )
    return charge


def require_funds(books: Books, params: Params) -> None:
    """Without a source the platform pays from what is available now."""
    if balance.available(books, books.account, params["currency"]) < params["amount"]:
        raise Refusal(
            "You have insufficient available funds in your Stripe account. Use "
            "source_transaction to transfer the money of a charge that has not settled yet.",
            code="balance_insufficient",
        )


def book(
    books: Books, params: Params, payee: Document, charge: Document | None, available_on: int
) -> Document:
    """Write the transfer, both sides of its money, and the payment the payee sees."""
    transfer_id, payment_id = new_id("tr"), new_id("py")
    amount, currency = params["amount"], params["currency"]
    when: Document = {"currency": currency, "available_on": available_on}
    debit = balance.write(
        books, kind="transfer", category="transfer", amount=-amount, source=transfer_id, **when
    )
    to_her: Document = {"source": payment_id, "account": payee["id"], **when}
    credit = balance.write(books, kind="payment", category="charge", amount=amount, **to_her)
    transfer = {
        "id": transfer_id,
        "object": KIND,
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": debit["id"],
        "created": books.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": payee["id"],
        "destination_payment": payment_id,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "reversals": no_reversals(transfer_id),
        "reversed": False,
        "source_transaction": charge["id"] if charge else None,
        "source_type": params.get("source_type", "card"),
        "transfer_group": charge["transfer_group"] if charge else params.get("transfer_group"),
    }
    books.add(transfer)
    books.add(received(transfer, credit), account=payee["id"])
    emit(books, "transfer.created", transfer)
    return transfer


def no_reversals(transfer_id: str) -> Document:
    """The list of what came back, still empty."""
    url = f"/v1/transfers/{transfer_id}/reversals"
    return {"object": "list", "data": [], "has_more": False, "url": url}


def received(transfer: Document, credit: Document) -> Document:
    """The payee's side of a transfer: a charge of its own account."""
    return {
        "id": transfer["destination_payment"],
        "object": charges.KIND,
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "balance_transaction": credit["id"],
        "billing_details": charges.NOBODY,
        "captured": True,
        "created": transfer["created"],
        "currency": transfer["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": None,
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
        "transfer_group": transfer["transfer_group"],
    }


def retrieve(books: Books, params: Params, transfer: str) -> Document:
    """One transfer."""
    return books.find(KIND, transfer, param="transfer")


def index(books: Books, params: Params) -> Document:
    """Transfers, newest first; by group or destination."""
    return page(books, KIND, params, url="/v1/transfers", where=field_filters(params))


def update(books: Books, params: Params, transfer: str) -> Document:
    """Change description and metadata; an empty value removes a key."""
    found = books.find(KIND, transfer, param="transfer")
    if "description" in params:
        found["description"] = params["description"]
    found["metadata"] = merged(found["metadata"], params.get("metadata"))
    books.save(found)
    emit(books, "transfer.updated", found)
    return found
