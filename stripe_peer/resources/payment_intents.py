"""PaymentIntents: begun by the page to pay on, read by everybody."""

from typing import Any

from stripe_peer.books import Books, Document, new_id
from stripe_peer.events import emit
from stripe_peer.listing import field_filters, page
from stripe_peer.metadata import merged

KIND = "payment_intent"
EMPTY = (
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "customer",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "processing",
    "review",
    "setup_future_usage",
    "transfer_data",
)


def begin(books: Books, session: Document) -> Document:
    """The intent of a session's first attempt; a later attempt finds it again."""
    if session["payment_intent"]:
        return books.find(KIND, session["payment_intent"])
    given = session["_peer"]["payment_intent_data"]
    intent_id = new_id("pi")
    intent = {
        "id": intent_id,
        "object": KIND,
        **dict.fromkeys(EMPTY),
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": books.now,
        "currency": session["currency"],
        "description": given.get("description"),
        "livemode": False,
        "metadata": merged({}, given.get("metadata")),
        "payment_method_options": {},
        "payment_method_types": session["payment_method_types"],
        "receipt_email": given.get("receipt_email"),
        "shipping": given.get("shipping"),
        "statement_descriptor": given.get("statement_descriptor"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_group": given.get("transfer_group"),
    }
    if "allowed_payment_method_types" in session:
        intent["allowed_payment_method_types"] = session["allowed_payment_method_types"]
    session["payment_intent"] = intent_id
    books.save(session)
    books.add(intent)
    emit(books, "payment_intent.created", intent)
    return intent


def retrieve(books: Books, params: dict[str, Any], intent: str) -> Document:
    """One intent."""
    return books.find(KIND, intent, param="intent")


def index(books: Books, params: dict[str, Any]) -> Document:
    """Intents, newest first."""
    return page(books, KIND, params, url="/v1/payment_intents", where=field_filters(params))
