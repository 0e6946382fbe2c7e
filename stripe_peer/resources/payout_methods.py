"""Payout methods: the bank accounts a recipient gave on Stripe's own form; asked in her context."""

from typing import Any

from stripe_peer import capabilities
from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import rfc3339
from stripe_peer.events import emit_thin
from stripe_peer.paging import page_of
from stripe_peer.typed_parameters import values_of
from stripe_peer.unserved import refuse_unserved

Params = dict[str, Any]
KIND = "v2.money_management.payout_method"
PATH = "/v2/money_management/payout_methods"


def attach(books: Books, account: Document) -> Document:
    """A bank account of her country, and the default for its currency."""
    country = (account["identity"] or {}).get("country", "pe")
    currency = capabilities.currency_of(account)
    method: Document = {
        "id": new_id("usba"),
        "object": KIND,
        "archived": False,
        "bank_account": {
            "bank_account_type": "savings",
            "bank_name": "Banco de la Nacion",
            "branch_number": None,
            "country": country.upper(),
            "financial_connections_account": None,
            "last4": "6789",
            "routing_number": None,
            "supported_currencies": [currency],
            "swift_code": None,
        },
        "card": None,
        "created": rfc3339(books.now),
        "latest_outbound_setup_intent": None,
        "livemode": False,
        "restricted": False,
        "type": "bank_account",
        "usage_status": {"payments": "eligible", "transfers": "ineligible"},
    }
    books.add(method, account=account["id"])
    defaults = account["defaults"]
    defaults["payout_methods"] = {**defaults.get("payout_methods", {}), currency: method["id"]}
    books.save(account)
    emit_thin(
        books, "v2.money_management.payout_method.created", method, path=f"{PATH}/{method['id']}"
    )
    return method


def usable(method: Document) -> bool:
    """Whether money may be sent to it."""
    eligible = method["usage_status"]["payments"] == "eligible"
    return bool(eligible and not method["archived"] and not method["restricted"])


def of(books: Books, account: str) -> list[Document]:
    """Every one an account has, oldest first."""
    return books.all(KIND, {}, account=account)


def retrieve(books: Books, params: Params, wanted: str) -> Document:
    """One, in the context of whose it is."""
    return books.find(KIND, wanted)


def index(books: Books, params: Params) -> Document:
    """Newest first, without the archived; by whether payments may go there."""
    refuse_unserved(params, ("limit", "page", "usage_status"))
    usage = params.get("usage_status", {})
    refuse_unserved(usage, ("payments",), "usage_status")
    also, wanted = " AND NOT json_extract(body, '$.archived')", values_of(usage.get("payments", []))
    if wanted:
        marks = ", ".join("?" * len(wanted))
        also += f" AND json_extract(body, '$.usage_status.payments') IN ({marks})"
    return page_of(books, KIND, params, path=PATH, also=also, also_values=tuple(wanted))
