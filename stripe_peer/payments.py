"""What happens when somebody pays on the page: intent, charge, money, session, news."""

from stripe_peer.books import Books, Document, new_id
from stripe_peer.events import emit
from stripe_peer.refusals import Refusal
from stripe_peer.resources import charges, payment_intents

DECLINED = {
    "code": "card_declined",
    "decline_code": "generic_decline",
    "message": "Your card was declined.",
    "type": "card_error",
}


def succeed(books: Books, session: Document, email: str | None) -> Document:
    """The card is charged at once and the session is complete and paid."""
    intent = payment_intents.begin(books, session)
    charge = charges.attempt(books, intent, status="succeeded", email=email)
    money_arrives(books, intent, charge)
    return complete(books, session, email, paid=True)


def decline(books: Books, session: Document, email: str | None) -> Document:
    """The bank refuses; the session stays open for another try."""
    intent = payment_intents.begin(books, session)
    charge = charges.attempt(books, intent, status="failed", email=email)
    emit(books, "charge.failed", charge)
    payment_fails(books, intent, charge)
    return session


def ask_for_authentication(books: Books, session: Document) -> Document:
    """The bank wants 3-D Secure; nothing is charged yet."""
    intent = payment_intents.begin(books, session)
    intent.update(status="requires_action", next_action={"type": "use_stripe_sdk"})
    books.save(intent)
    emit(books, "payment_intent.requires_action", intent)
    return session


def pay_late(books: Books, session: Document, email: str | None) -> Document:
    """A delayed method: the session is complete, the money is not there yet."""
    intent = payment_intents.begin(books, session)
    charge = charges.attempt(books, intent, status="pending", email=email)
    intent.update(
        status="processing",
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        next_action=None,
    )
    books.save(intent)
    emit(books, "charge.pending", charge)
    emit(books, "payment_intent.processing", intent)
    return complete(books, session, email, paid=False)


def late_money(books: Books, session: Document, *, arrived: bool) -> Document:
    """How a delayed payment ends, days later."""
    intent = books.get(payment_intents.KIND, session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise Refusal(f"In {session['id']} no payment waits to arrive.", status=409)
    charge = books.find(charges.KIND, intent["latest_charge"])
    if arrived:
        charge.update(status="succeeded", paid=True)
        money_arrives(books, intent, books.save(charge))
        session["payment_status"] = "paid"
        books.save(session)
        emit(books, "checkout.session.async_payment_succeeded", session)
    else:
        charge.update(
            status="failed",
            captured=False,
            amount_captured=0,
            failure_code="insufficient_funds",
            failure_message="The customer's bank account could not be debited.",
        )
        books.save(charge)
        emit(books, "charge.failed", charge)
        payment_fails(books, intent, charge)
        emit(books, "checkout.session.async_payment_failed", session)
    return session


def money_arrives(books: Books, intent: Document, charge: Document) -> None:
    """The charge is booked; as with Stripe, its news comes first without the booking."""
    emit(books, "charge.succeeded", charge)
    charges.settle(books, charge)
    emit(books, "charge.updated", charge, previous={"balance_transaction": None})
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
        payment_method=charge["payment_method"],
    )
    books.save(intent)
    emit(books, "payment_intent.succeeded", intent)


def payment_fails(books: Books, intent: Document, charge: Document) -> None:
    """The intent waits for another payment method."""
    error = {**DECLINED, "charge": charge["id"], "message": charge["failure_message"]}
    intent.update(
        status="requires_payment_method",
        latest_charge=charge["id"],
        last_payment_error=error,
        next_action=None,
        payment_method=None,
    )
    books.save(intent)
    emit(books, "payment_intent.payment_failed", intent)


def complete(books: Books, session: Document, email: str | None, *, paid: bool) -> Document:
    """The buyer is done with the page."""
    session.update(
        status="complete",
        payment_status="paid" if paid else "unpaid",
        url=None,
        customer_details=buyer(email),
        collected_information=collected(session),
    )
    books.save(session)
    emit(books, "checkout.session.completed", session)
    return session


def buyer(email: str | None) -> Document:
    """What the page learnt about who paid."""
    known = {"email": email, "business_name": None, "individual_name": None}
    nothing = {name: value for name, value in charges.NOBODY.items() if name != "tax_id"}
    return {**nothing, **known, "tax_exempt": "none", "tax_ids": []}


def collected(session: Document) -> Document | None:
    """Where to send it, when the session asked: always the same invented buyer."""
    if not session["shipping_address_collection"]:
        return None
    country = session["shipping_address_collection"]["allowed_countries"][0]
    address = {
        **charges.NOBODY["address"],
        "line1": "1 Sample Street",
        "city": "Sampletown",
        "postal_code": "00001",
        "country": country,
    }
    details = {"address": address, "name": "Demo Buyer"}
    return {"business_name": None, "individual_name": None, "shipping_details": details}


def receipt_email(session: Document, typed: str | None) -> str:
    """The buyer's address: typed on the page, given with the session, or an invented one."""
    return typed or session["customer_email"] or f"{new_id('buyer', 6)}@example.com"
