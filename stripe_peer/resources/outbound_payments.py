"""Outbound payments (Global Payouts): from the financial account to a recipient's bank."""

from typing import Any

from stripe_peer import exchange, storage
from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import DAY, rfc3339
from stripe_peer.events import emit_thin
from stripe_peer.outbound_checks import (
    check_amount,
    check_recipient,
    check_source,
    method_of,
    target_currency,
)
from stripe_peer.paging import page_of
from stripe_peer.parameters import check_metadata
from stripe_peer.refusals import BadParameter, Refusal
from stripe_peer.typed_parameters import values_of
from stripe_peer.unserved import refuse_unserved

Params = dict[str, Any]
KIND = "v2.money_management.outbound_payment"
PATH = "/v2/money_management/outbound_payments"
SERVED = ("amount", "description", "from", "metadata", "statement_descriptor", "to")
ARRIVES_AFTER_DAYS = 3
#: From each status, how it may end; nothing follows a return.
ENDS = {
    "processing": ("posted", "failed", "canceled", "returned"),
    "posted": ("returned",),
}
REASONS = {"failed": "payout_method_declined", "returned": "payout_method_closed"}


def create(books: Books, params: Params) -> Document:
    """Send money, or refuse as Stripe does; it is on its way until a bank says otherwise."""
    refuse_unserved(params, SERVED)
    refuse_unserved(params["to"], ("currency", "payout_method", "recipient"), "to")
    check_metadata(params.get("metadata", {}), "metadata")
    check_source(books, params["from"])
    recipient = check_recipient(books, params["to"]["recipient"])
    method = method_of(books, recipient, params["to"])
    debited, credited = both_amounts(
        books, params["amount"], params["from"]["currency"], target_currency(params["to"], method)
    )
    check_amount(credited)
    storage.set_aside(books, debited["currency"], debited["value"])
    payment = written(books, params, method, debited, credited)
    books.add(payment)
    tell(books, payment, "created")
    return payment


def both_amounts(
    books: Books, amount: Document, source: str, target: str
) -> tuple[Document, Document]:
    """What is debited and what is credited; one of the two is what was asked for."""
    asked = amount["currency"]
    if asked not in (source, target):
        raise BadParameter(
            f"amount.currency has to be that of the account ({source}) or of the recipient "
            f"({target}).",
            param="amount.currency",
        )
    rate = exchange.rate(books, asked, target if asked == source else source)
    other = target if asked == source else source
    value = exchange.convert(amount["value"], asked, other, rate)
    converted = {"value": value, "currency": other}
    given = {"value": amount["value"], "currency": asked}
    return (given, converted) if asked == source else (converted, given)


def written(
    books: Books, params: Params, method: Document, debited: Document, credited: Document
) -> Document:
    """The payment in full, as it is kept."""
    return {
        "id": new_id("obp_test"),
        "object": KIND,
        "amount": params["amount"],
        "cancelable": True,
        "created": rfc3339(books.now),
        "description": params.get("description"),
        "expected_arrival_date": rfc3339(books.now + ARRIVES_AFTER_DAYS * DAY),
        "from": {"debited": debited, "financial_account": params["from"]["financial_account"]},
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "payout_intent": None,
        "recipient_notification": {"setting": "configured"},
        "recipient_verification": None,
        "statement_descriptor": params.get("statement_descriptor", "STRIPE"),
        "status": "processing",
        "status_details": None,
        "status_transitions": {
            f"{outcome}_at": None for outcome in ("canceled", "failed", "posted", "returned")
        },
        "to": {
            "credited": credited,
            "payout_method": method["id"],
            "payout_method_options": None,
            "recipient": params["to"]["recipient"],
        },
        "tracking_details": None,
    }


def end(books: Books, payment: Document, told: Document) -> Document:
    """What the bank made of it; a return may come after it was posted, and brings the money."""
    outcome, before = str(told["outcome"]), payment["status"]
    if outcome not in ENDS.get(before, ()):
        raise Refusal(f"A payment that is {before} cannot become {outcome}.", status=409)
    debited = payment["from"]["debited"]
    currency, value = debited["currency"], debited["value"]
    if before == "processing":
        storage.move(books, storage.ON_ITS_WAY, currency, -value)
    if outcome != "posted":
        storage.move(books, storage.ACCOUNT, currency, value)
        payment["expected_arrival_date"] = None
    payment.update(status=outcome, cancelable=False)
    payment["status_transitions"][f"{outcome}_at"] = rfc3339(books.now)
    if outcome in REASONS:
        reason = {"reason": str(told.get("reason", REASONS[outcome]))}
        details = {"failed": None, "processing": None, "returned": None}
        payment["status_details"] = {**details, outcome: reason}
    books.save(payment)
    tell(books, payment, outcome)
    return payment


def tell(books: Books, payment: Document, what: str) -> None:
    """The thin event Stripe sends of it."""
    emit_thin(books, f"{KIND}.{what}", payment, path=f"{PATH}/{payment['id']}")


def retrieve(books: Books, params: Params, wanted: str) -> Document:
    """One payment."""
    return books.find(KIND, wanted)


def index(books: Books, params: Params) -> Document:
    """Payments, newest first; to one recipient, in some statuses, of a time."""
    refuse_unserved(params, ("created", "limit", "page", "recipient", "status"))
    wanted = values_of(params.get("status", []))
    marks = ", ".join("?" * len(wanted))
    return page_of(
        books,
        KIND,
        params,
        path=PATH,
        where={"to.recipient": params.get("recipient")},
        also=f" AND json_extract(body, '$.status') IN ({marks})" if wanted else "",
        also_values=tuple(wanted),
    )
