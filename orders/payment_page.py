"""What Stripe is asked for when an order is to be paid: one hosted page, once, for a while."""

from datetime import datetime, timedelta
from typing import Any

from core.ids import new_id
from orders.models import CheckoutAttempt, CheckoutStatus, Order

#: Stripe takes 30 minutes to 24 hours from the moment it is asked, so we stay a minute inside.
SHORTEST_HOLD = timedelta(minutes=31)
LONGEST_HOLD = timedelta(hours=24) - timedelta(minutes=1)

#: Stripe's page speaks no Quechua; its readers read Spanish.
LOCALES = {"en": "en", "es": "es-419", "qu": "es-419"}
LONGEST_NAME = 250
IMMEDIATE = ["card", "link"]


def first_attempt(order: Order, *, page: str, now: datetime) -> CheckoutAttempt:
    """The first try to open a Checkout Session; ``page`` is where the buyer comes back to."""
    return _attempt(order, 1, checkout_request(order, page=page, attempt=1), now)


def next_attempt(order: Order, refused: CheckoutAttempt, *, now: datetime) -> CheckoutAttempt:
    """One more try after a definite no, open as long from now as the refused one would have been.

    The order's own end moves with it. Its holds keep theirs: who meets one after that only makes
    us ask Stripe.
    """
    lasting = datetime.fromtimestamp(refused.request["expires_at"], now.tzinfo) - refused.asked_at
    order.expires_at = end_of(now, lasting)
    number = refused.number + 1
    page = refused.request["success_url"]
    return _attempt(order, number, checkout_request(order, page=page, attempt=number), now)


def end_of(now: datetime, lasting: timedelta) -> datetime:
    """When a hold that begins now ends: within Stripe's limits, to the second as Stripe counts."""
    ending = now + min(max(lasting, SHORTEST_HOLD), LONGEST_HOLD)
    return ending.replace(microsecond=0)


def checkout_request(order: Order, *, page: str, attempt: int) -> dict[str, Any]:
    """The parameters of the Checkout Session, exactly as they will be sent and repeated."""
    about = {"order_id": str(order.id), "order_number": order.number}
    request: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": str(order.id),
        "line_items": _line_items(order),
        "metadata": {**about, "attempt": str(attempt)},
        "payment_intent_data": {"metadata": about, "transfer_group": str(order.id)},
        "allowed_payment_method_types": IMMEDIATE,
        "expires_at": int(order.expires_at.timestamp()),
        "success_url": page,
        "cancel_url": page,
        "locale": LOCALES[order.language],
    }
    if order.buyer_email:
        request["customer_email"] = order.buyer_email
    return request


def _line_items(order: Order) -> list[dict[str, Any]]:
    """The pieces, then shipping and tax where there are any; together the order's total."""
    priced = [(line.title, line.price_minor) for line in order.lines]
    priced += [
        (order.shipping_label, order.shipping_minor),
        (order.tax_label, order.tax_minor),
    ]
    return [
        {
            "quantity": 1,
            "price_data": {
                "currency": order.currency.lower(),
                "unit_amount": minor,
                "product_data": {"name": name[:LONGEST_NAME]},
            },
        }
        for name, minor in priced
        if minor
    ]


def _attempt(order: Order, number: int, request: dict[str, Any], now: datetime) -> CheckoutAttempt:
    return CheckoutAttempt(
        id=new_id(),
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        number=number,
        key=f"co:{order.id}:{number}",
        request=request,
        status=CheckoutStatus.ASKING.value,
        asked_at=now,
    )
