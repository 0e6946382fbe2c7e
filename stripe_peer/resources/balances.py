"""The balance and its transactions, as read."""

from typing import Any

from stripe_peer import balance
from stripe_peer.books import Books, Document
from stripe_peer.listing import field_filters, page

KIND = "balance_transaction"


def retrieve_balance(books: Books, params: dict[str, Any]) -> Document:
    """What is available and what is pending, per currency, of the account that asks."""
    totals = balance.totals(books, books.account)
    totals = totals or {books.settings.settlement_currency: (0, 0)}
    return {
        "object": "balance",
        "available": [money(code, amounts[0]) for code, amounts in totals.items()],
        "livemode": False,
        "pending": [money(code, amounts[1]) for code, amounts in totals.items()],
    }


def money(currency: str, amount: int) -> Document:
    """One currency's line of a balance."""
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def retrieve(books: Books, params: dict[str, Any], wanted: str) -> Document:
    """One balance transaction."""
    return books.find(KIND, wanted)


def index(books: Books, params: dict[str, Any]) -> Document:
    """Balance transactions, newest first. No payouts are made, so `payout` finds nothing."""
    return page(books, KIND, params, url="/v1/balance_transactions", where=field_filters(params))
