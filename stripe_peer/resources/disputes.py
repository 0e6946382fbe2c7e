"""Disputes: a buyer's bank calls a payment back, or only asks. Always the platform's to bear."""

from typing import Any

from stripe_peer import balance
from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import DAY
from stripe_peer.events import emit
from stripe_peer.listing import field_filters, page
from stripe_peer.metadata import merged
from stripe_peer.refusals import Refusal
from stripe_peer.resources import charges, refunds

Params = dict[str, Any]
KIND = "dispute"
FEE = 1500
DAYS_TO_ANSWER = 9
ENDED = ("won", "lost", "warning_closed", "prevented")
EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def open_one(books: Books, charge: Document, told: Params) -> Document:
    """A bank disputes a charge; an inquiry moves nothing, anything else takes the money at once."""
    if charge["disputed"] or charge["status"] != "succeeded":
        raise Refusal(f"{charge['id']} cannot be disputed.", status=409)
    amount = int(told.get("amount", charge["amount"] - charge["amount_refunded"]))
    if amount <= 0:
        raise Refusal(f"Of {charge['id']} nothing is left to dispute.", status=409)
    inquiry = bool(told.get("inquiry"))
    due_by = books.now + DAYS_TO_ANSWER * DAY
    dispute = {
        "id": new_id("du"),
        "object": KIND,
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": str(told.get("reason", "product_not_received")),
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    books.add(dispute)
    if not inquiry:
        charge["disputed"] = True
        books.save(charge)
    emit(books, "charge.dispute.created", dispute)
    if not inquiry and told.get("withdraw", True):
        withdraw(books, dispute)
    return dispute


def move(books: Books, dispute: Document, to: str) -> Document:
    """What a bank, or time, does to a dispute."""
    if to == "funds_withdrawn":
        return withdraw(books, dispute)
    if to == "funds_reinstated":
        return reinstate(books, dispute)
    if dispute["status"] in ENDED:
        raise Refusal(f"{dispute['id']} is {dispute['status']} already.", status=409)
    if to == "won" and taken(books, dispute):
        reinstate(books, dispute)
    dispute["status"] = to
    dispute["is_charge_refundable"] = to == "warning_closed"
    books.save(dispute)
    emit(books, f"charge.dispute.{'closed' if to in ENDED else 'updated'}", dispute)
    return dispute


def withdraw(books: Books, dispute: Document) -> Document:
    """The money and a fee leave the platform's balance."""
    if taken(books, dispute):
        raise Refusal(f"{dispute['id']} has been withdrawn.", status=409)
    charge = books.find(charges.KIND, dispute["charge"])
    minor, when = refunds.settled(books, charge, dispute["amount"])
    return booked(books, dispute, (-minor, FEE), when, "funds_withdrawn")


def reinstate(books: Books, dispute: Document) -> Document:
    """What was taken comes back, and the fee with it."""
    if not taken(books, dispute):
        raise Refusal(f"Nothing was taken for {dispute['id']}.", status=409)
    was = dispute["balance_transactions"][-1]
    when = {"currency": was["currency"], "exchange_rate": was["exchange_rate"]}
    return booked(books, dispute, (-was["amount"], -was["fee"]), when, "funds_reinstated")


def booked(
    books: Books, dispute: Document, change: tuple[int, int], when: Document, what: str
) -> Document:
    """One change of the balance (amount, fee) because of a dispute, and its news."""
    amount, fee = change
    category = "dispute" if amount < 0 else "dispute_reversal"
    transaction = balance.write(
        books, kind="adjustment", category=category, amount=amount, fee=fee,
        source=dispute["id"], **when,
    )  # fmt: skip
    dispute["balance_transactions"].append(balance.view(books, transaction))
    books.save(dispute)
    emit(books, f"charge.dispute.{what}", dispute)
    return dispute


def taken(books: Books, dispute: Document) -> bool:
    """Whether the money is with the bank now."""
    changes: list[int] = [one["amount"] for one in dispute["balance_transactions"]]
    return sum(changes) < 0


def retrieve(books: Books, params: Params, dispute: str) -> Document:
    """One dispute."""
    return books.find(KIND, dispute, param="dispute")


def index(books: Books, params: Params) -> Document:
    """Disputes, newest first; of one charge or intent."""
    return page(books, KIND, params, url="/v1/disputes", where=field_filters(params))


def update(books: Books, params: Params, dispute: str) -> Document:
    """Give evidence; once submitted, the bank looks at it."""
    found = books.find(KIND, dispute, param="dispute")
    if found["status"] in ENDED:
        raise Refusal("This dispute is closed; no evidence can be given.")
    found["evidence"].update(params.get("evidence") or {})
    found["metadata"] = merged(found["metadata"], params.get("metadata"))
    details = found["evidence_details"]
    details["has_evidence"] = any(found["evidence"].values())
    if params.get("submit", True) and params.get("evidence"):
        details["submission_count"] += 1
        asked = found["status"].startswith("warning_")
        found["status"] = "warning_under_review" if asked else "under_review"
    books.save(found)
    emit(books, "charge.dispute.updated", found)
    return found


def close(books: Books, params: Params, dispute: str) -> Document:
    """Give it up: the same as losing it."""
    return move(books, books.find(KIND, dispute, param="dispute"), "lost")
