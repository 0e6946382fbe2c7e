"""Checkout Sessions: made, read, listed, ended, and what they sell."""

from typing import Any

from stripe_peer.books import Books, Document, new_id
from stripe_peer.clock import DAY, MINUTE
from stripe_peer.events import emit
from stripe_peer.listing import field_filters, page, page_size
from stripe_peer.metadata import merged
from stripe_peer.refusals import BadParameter, Refusal, missing
from stripe_peer.resources import line_items
from stripe_peer.unserved import refuse_unserved

Params = dict[str, Any]
KIND = "checkout.session"
SHORTEST, LONGEST = 30 * MINUTE, DAY
SMALLEST_CHARGE = 50
GIVEN_BACK = (
    "adaptive_pricing",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "locale",
    "shipping_address_collection",
    "submit_type",
)
SERVED = {
    *GIVEN_BACK,
    "allowed_payment_method_types",
    "custom_text",
    "customer_creation",
    "expand",
    "expires_at",
    "line_items",
    "metadata",
    "mode",
    "payment_intent_data",
    "phone_number_collection",
    "shipping_options",
    "success_url",
    "ui_mode",
}
INTENT_SERVED = {
    "description",
    "metadata",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
}
TEXT_PLACES = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


def create(books: Books, params: Params) -> Document:
    """A hosted page to pay once on. Refuses a window outside 30 minutes to 24 hours."""
    refuse_unserved(params, SERVED)
    refuse_unserved(params.get("payment_intent_data", {}), INTENT_SERVED, "payment_intent_data")
    if params.get("mode", "payment") != "payment":
        raise Refusal("The stand-in serves mode=payment only.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refusal("The stand-in serves the hosted page only.", param="ui_mode")
    if "success_url" not in params:
        raise missing("success_url")
    if "mode" not in params:
        raise missing("mode")
    expires_at = ending(books, params)
    items = line_items.priced(books, params)
    session = opened(books, params, items, expires_at)
    if session["amount_total"] < SMALLEST_CHARGE:
        raise Refusal(
            "The Checkout Session's total amount due must add up to at least 50 minor units.",
            code="amount_too_small",
        )
    books.add({"id": f"{session['id']}_items", "object": "line_items", "items": items})
    return books.add(session)


def ending(books: Books, params: Params) -> int:
    """When the session will expire: 24 hours on unless told."""
    expires_at = int(params.get("expires_at", books.now + LONGEST))
    if not books.now + SHORTEST <= expires_at <= books.now + LONGEST:
        raise BadParameter(
            "The `expires_at` timestamp must be less than 24 hours and at least 30 minutes "
            "from Checkout Session creation.",
            param="expires_at",
        )
    return expires_at


def opened(books: Books, params: Params, items: list[Document], expires_at: int) -> Document:
    """The session as it stands when nobody has paid yet."""
    currency = items[0]["currency"]
    options = line_items.shipping(params, currency)
    cost = line_items.shipping_cost(options)
    subtotal = sum(item["amount_total"] for item in items)
    carriage = cost["amount_total"] if cost else 0
    session_id = new_id("cs_test", 58)
    allowed = params.get("allowed_payment_method_types")
    session = {
        "id": session_id,
        "object": KIND,
        "amount_subtotal": subtotal,
        "amount_total": subtotal + carriage,
        "currency": currency,
        "created": books.now,
        "expires_at": expires_at,
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": allowed or ["card", "link"],
        "payment_status": "unpaid",
        "shipping_cost": cost,
        "shipping_options": options,
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": carriage, "amount_tax": 0},
        "url": f"{books.settings.url}/c/pay/{session_id}",
        **as_asked(params),
        **unused(),
        "_peer": {"payment_intent_data": params.get("payment_intent_data", {})},
    }
    if allowed:
        session["allowed_payment_method_types"] = allowed
    return session


def as_asked(params: Params) -> Document:
    """The fields that come back the way they were given."""
    return {
        **{name: params.get(name) for name in GIVEN_BACK},
        "custom_text": {**dict.fromkeys(TEXT_PLACES), **params.get("custom_text", {})},
        "customer_creation": params.get("customer_creation", "if_required"),
        "metadata": merged({}, params.get("metadata")),
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "success_url": params["success_url"],
    }


def unused() -> Document:
    """What Stripe shows and this stand-in has no use for."""
    return {
        "after_expiration": None,
        "allow_promotion_codes": None,
        "automatic_tax": {
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "currency_conversion": None,
        "custom_fields": [],
        "customer": None,
        "customer_account": None,
        "customer_details": None,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "payment_link": None,
        "payment_method_collection": "always",
        "payment_method_options": {},
        "recovered_from": None,
        "setup_intent": None,
        "subscription": None,
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }


def retrieve(books: Books, params: Params, session: str) -> Document:
    """One session."""
    return books.find(KIND, session, param="session")


def index(books: Books, params: Params) -> Document:
    """Sessions, newest first; by payment intent or status."""
    return page(books, KIND, params, url="/v1/checkout/sessions", where=field_filters(params))


def items_of(books: Books, session: Document) -> list[Document]:
    """What the session sells."""
    kept = books.look_up(f"{session['id']}_items")
    assert kept is not None
    items: list[Document] = kept["items"]
    return items


def list_items(books: Books, params: Params, session: str) -> Document:
    """What the session sells, on one page."""
    return line_items_list(books, books.find(KIND, session, param="session"), page_size(params))


def line_items_list(books: Books, session: Document, limit: int = 10) -> Document:
    """The first items, as a list."""
    items = items_of(books, session)
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "data": items[:limit], "has_more": len(items) > limit, "url": url}


def expire(books: Books, params: Params, session: str) -> Document:
    """End an open session; refused once it is complete or already expired."""
    found = books.find(KIND, session, param="session")
    if found["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {found['status']}.",
            param="session",
        )
    return end(books, found)


def end(books: Books, session: Document) -> Document:
    """Close it, cancel what was begun, and tell."""
    session.update(status="expired", url=None)
    books.save(session)
    if session["payment_intent"]:
        intent = books.find("payment_intent", session["payment_intent"])
        intent.update(status="canceled", canceled_at=books.now, cancellation_reason="expired")
        books.save(intent)
        emit(books, "payment_intent.canceled", intent)
    emit(books, "checkout.session.expired", session)
    return session


def end_overdue(books: Books) -> int:
    """End every open session whose time has come on the stand-in's clock."""
    rows = books.connection.execute(
        "SELECT id FROM documents WHERE kind = ? AND json_extract(body, '$.status') = 'open'"
        " AND json_extract(body, '$.expires_at') <= ?",
        (KIND, books.now),
    ).fetchall()
    for (session_id,) in rows:
        end(books, books.find(KIND, session_id))
    return len(rows)
