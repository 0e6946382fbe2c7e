"""Charges: one for every attempt to pay, and the money of the one that worked."""

from typing import Any

from stripe_peer import balance, exchange
from stripe_peer.books import Books, Document, new_id
from stripe_peer.listing import field_filters, page

KIND = "charge"
UNUSED = (
    "application",
    "application_fee",
    "application_fee_amount",
    "customer",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "review",
    "source_transfer",
    "transfer_data",
)
NOBODY: Document = {
    "address": {
        "city": None,
        "country": None,
        "line1": None,
        "line2": None,
        "postal_code": None,
        "state": None,
    },
    "email": None,
    "name": None,
    "phone": None,
    "tax_id": None,
}


def attempt(books: Books, intent: Document, *, status: str, email: str | None) -> Document:
    """The charge of one attempt: `succeeded`, `pending` or `failed`."""
    failed = status == "failed"
    return books.add(
        {
            "id": new_id("ch"),
            "object": KIND,
            **dict.fromkeys(UNUSED),
            "amount": intent["amount"],
            "amount_captured": 0 if failed else intent["amount"],
            "amount_refunded": 0,
            "balance_transaction": None,
            "billing_details": {**NOBODY, "email": email},
            "calculated_statement_descriptor": "HUILLOC",
            "captured": not failed,
            "created": books.now,
            "currency": intent["currency"],
            "description": intent["description"],
            "disputed": False,
            "failure_code": "card_declined" if failed else None,
            "failure_message": "Your card was declined." if failed else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": intent["metadata"],
            "outcome": outcome(status),
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": intent["payment_method"] or new_id("pm"),
            "payment_method_details": method_details(status),
            "receipt_email": intent["receipt_email"],
            "refunded": False,
            "shipping": intent["shipping"],
            "statement_descriptor": intent["statement_descriptor"],
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": status,
            "transfer_group": intent["transfer_group"],
        }
    )


def outcome(status: str) -> Document:
    """What Stripe says of the risk."""
    failed = status == "failed"
    return {
        "advice_code": "try_again_later" if failed else None,
        "network_advice_code": None,
        "network_decline_code": "05" if failed else None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": "generic_decline" if failed else None,
        "risk_level": "normal",
        "seller_message": "The bank refused." if failed else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def method_details(status: str) -> Document:
    """How it was paid: a delayed bank debit while pending, otherwise a card."""
    if status == "pending":
        return {"type": "sepa_debit", "sepa_debit": {**dict.fromkeys(SEPA), "last4": "3000"}}
    return {
        "type": "card",
        "card": {
            **dict.fromkeys(CARD),
            "brand": "visa",
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "funding": "credit",
            "last4": "0002" if status == "failed" else "4242",
            "network": "visa",
        },
    }


SEPA = ("bank_code", "branch_code", "country", "fingerprint", "last4", "mandate")
CARD = (
    "brand",
    "checks",
    "country",
    "exp_month",
    "exp_year",
    "fingerprint",
    "funding",
    "installments",
    "last4",
    "mandate",
    "network",
    "three_d_secure",
    "wallet",
)


def settle(books: Books, charge: Document) -> Document:
    """Book a successful charge in the settlement currency, less Stripe's fee."""
    target = books.settings.settlement_currency
    at = exchange.rate(books, charge["currency"], target)
    amount = exchange.convert(charge["amount"], charge["currency"], target, at)
    transaction = balance.write(
        books,
        kind="charge",
        category="charge",
        amount=amount,
        currency=target,
        source=charge["id"],
        fee=balance.processing_fee(amount),
        available_on=balance.charge_available_on(books.now),
        exchange_rate=float(at) if at is not None else None,
    )
    charge["balance_transaction"] = transaction["id"]
    return books.save(charge)


def retrieve(books: Books, params: dict[str, Any], charge: str) -> Document:
    """One charge."""
    return books.find(KIND, charge, param="charge")


def index(books: Books, params: dict[str, Any]) -> Document:
    """Charges, newest first; by intent, transfer group or customer."""
    return page(books, KIND, params, url="/v1/charges", where=field_filters(params))
