"""Refunds: money back to who paid. No transfer comes back by it, and Stripe keeps its fee."""

from typing import Any

from stripe_peer import balance, exchange
from stripe_peer.books import Books, Document, new_id
from stripe_peer.events import emit
from stripe_peer.listing import field_filters, page
from stripe_peer.metadata import merged
from stripe_peer.refusals import BadParameter, Refusal, no_such
from stripe_peer.resources import charges

Params = dict[str, Any]
KIND = "refund"
#: Statuses from which a refund may still end otherwise.
UNDER_WAY = ("pending", "requires_action")


def create(books: Books, params: Params) -> Document:
    """Send money of a charge back, whole or in part; several parts together never more."""
    charge = refunded_charge(books, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if amount <= 0 and left:
        raise BadParameter(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount"
        )
    if not left:
        raise Refusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} has been charged back", code="charge_disputed")
    return book(books, params, charge, amount)


def refunded_charge(books: Books, params: Params) -> Document:
    """The charge named, or the one of the intent named; it must have succeeded."""
    if "charge" not in params and "payment_intent" not in params:
        raise BadParameter(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
        )
    wanted = params.get("charge")
    if wanted is None:
        intent = books.get("payment_intent", params["payment_intent"])
        if intent is None:
            raise no_such("payment_intent", params["payment_intent"], param="payment_intent")
        wanted = intent["latest_charge"]
    charge = books.get(charges.KIND, wanted or "")
    if charge is None:
        raise no_such("charge", str(wanted), param="charge")
    if charge["status"] != "succeeded":
        raise Refusal(
            f"This charge ({charge['id']}) has not succeeded; it cannot be refunded.",
            param="charge",
        )
    return charge


def book(books: Books, params: Params, charge: Document, amount: int) -> Document:
    """Write the refund and what it takes from the balance, at the rate of its own day."""
    refund_id, booked = new_id("re"), settled(books, charge, amount)
    transaction = balance.write(
        books, kind="refund", category="refund", source=refund_id, amount=-booked[0], **booked[1]
    )
    waits = books.connection.execute("SELECT 1 FROM documents WHERE id = 'peer_slow_refunds'")
    refund = {
        "id": refund_id,
        "object": KIND,
        "amount": amount,
        "balance_transaction": transaction["id"],
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": merged({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if waits.fetchone() else "succeeded",
        "transfer_reversal": None,
    }
    books.add(refund)
    count(books, charge, amount)
    emit(books, "refund.created", refund)
    emit(books, "charge.refunded", charge)
    return refund


def settled(books: Books, charge: Document, amount: int) -> tuple[int, Document]:
    """What leaves the balance, in the currency the charge was settled in."""
    currency = books.find("balance_transaction", charge["balance_transaction"])["currency"]
    at = exchange.rate(books, charge["currency"], currency)
    rate = float(at) if at is not None else None
    minor = exchange.convert(amount, charge["currency"], currency, at)
    return minor, {"currency": currency, "exchange_rate": rate}


def count(books: Books, charge: Document, amount: int) -> None:
    """The charge says how much of it went back."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.save(charge)


def end(books: Books, refund: Document, outcome: str) -> Document:
    """How a refund ends days later; a failed or canceled one puts the money back."""
    if outcome == "succeeded" and refund["status"] in UNDER_WAY:
        refund["status"] = "succeeded"
        books.save(refund)
        emit(books, "refund.updated", refund)
        return refund
    if outcome not in ("failed", "canceled") or refund["status"] in ("failed", "canceled"):
        raise Refusal(f"A refund that is {refund['status']} cannot become {outcome}.", status=409)
    charge = books.find(charges.KIND, refund["charge"])
    taken = books.find("balance_transaction", refund["balance_transaction"])
    back = balance.write(
        books,
        kind="refund_failure",
        category="refund_failure",
        amount=-taken["amount"],
        currency=taken["currency"],
        source=refund["id"],
        exchange_rate=taken["exchange_rate"],
    )
    count(books, charge, -refund["amount"])
    refund.update(status=outcome, failure_balance_transaction=back["id"])
    if outcome == "failed":
        refund["failure_reason"] = "expired_or_canceled_card"
    books.save(refund)
    emit(books, "refund.failed" if outcome == "failed" else "refund.updated", refund)
    return refund


def retrieve(books: Books, params: Params, refund: str) -> Document:
    """One refund."""
    return books.find(KIND, refund, param="refund")


def index(books: Books, params: Params) -> Document:
    """Refunds, newest first; of one charge or intent."""
    return page(books, KIND, params, url="/v1/refunds", where=field_filters(params))


def update(books: Books, params: Params, refund: str) -> Document:
    """Change metadata; nothing else of a refund can be changed."""
    found = books.find(KIND, refund, param="refund")
    found["metadata"] = merged(found["metadata"], params.get("metadata"))
    books.save(found)
    emit(books, "refund.updated", found)
    return found
