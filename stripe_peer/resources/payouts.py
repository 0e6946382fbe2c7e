"""Payouts: money of the platform's balance to its own bank."""

from typing import Any

from stripe_peer import balance, storage
from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import DAY
from stripe_peer.events import emit
from stripe_peer.listing import field_filters, page
from stripe_peer.metadata import merged
from stripe_peer.refusals import Refusal, no_such

Params = dict[str, Any]
KIND = "payout"


def create(books: Books, params: Params) -> Document:
    """Send what is available to the bank."""
    amount, currency = params["amount"], params["currency"]
    goes_to = params.get("payout_method")
    if goes_to is not None and books.get(storage.KIND, goes_to) is None:
        raise no_such("payout_method", goes_to, param="payout_method")
    if balance.available(books, books.account, currency) < amount:
        raise Refusal(
            "You have insufficient funds in your Stripe account for this payout.",
            code="balance_insufficient",
        )
    payout_id = new_id("po")
    debit = balance.write(
        books, kind="payout", category="payout", amount=-amount, currency=currency, source=payout_id
    )
    payout = {
        "id": payout_id,
        "object": KIND,
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": books.now + 2 * DAY,
        "automatic": False,
        "balance_transaction": debit["id"],
        "created": books.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "method": params.get("method", "standard"),
        "original_payout": None,
        "payout_method": goes_to,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": params.get("source_type", "card"),
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    books.add(payout)
    emit(books, "payout.created", payout)
    return payout


def end(books: Books, payout: Document, outcome: str) -> Document:
    """`paid`, or `failed`, which may come after paid and puts the money back."""
    if payout["status"] == "failed" or outcome not in ("paid", "failed"):
        raise Refusal(f"A payout that is {payout['status']} cannot become {outcome}.", status=409)
    was_paid, payout["status"] = payout["status"] == "paid", outcome
    if payout["payout_method"] and (outcome == "paid" or was_paid):
        change = payout["amount"] if outcome == "paid" else -payout["amount"]
        storage.move(books, payout["payout_method"], payout["currency"], change)
    if outcome == "failed":
        back = balance.write(
            books, kind="payout_failure", category="payout_reversal", amount=payout["amount"],
            currency=payout["currency"], source=payout["id"],
        )  # fmt: skip
        payout.update(
            failure_balance_transaction=back["id"],
            failure_code="account_closed",
            failure_message="The bank account has been closed.",
        )
    books.save(payout)
    emit(books, f"payout.{outcome}", payout)
    return payout


def retrieve(books: Books, params: Params, payout: str) -> Document:
    """One payout."""
    return books.find(KIND, payout, param="payout")


def index(books: Books, params: Params) -> Document:
    """Payouts, newest first."""
    return page(books, KIND, params, url="/v1/payouts", where=field_filters(params))
