"""What a Checkout Session sells and ships, priced from its parameters."""

from typing import Any

from stripe_peer.books import Books, Document, new_id
from stripe_peer.metadata import merged
from stripe_peer.refusals import BadParameter, Refusal, missing
from stripe_peer.unserved import refuse_unserved


def priced(books: Books, params: dict[str, Any]) -> list[Document]:
    """The session's items; every one carries its own price, in one currency."""
    given = params.get("line_items")
    if not given:
        raise missing("line_items")
    items = [item(books, wanted, number) for number, wanted in enumerate(given)]
    currencies = {one["currency"] for one in items}
    if len(currencies) > 1:
        raise BadParameter("All line items must have the same currency.", param="line_items")
    return items


def item(books: Books, wanted: dict[str, Any], number: int) -> Document:
    """One line from its `price_data`."""
    place = f"line_items[{number}]"
    refuse_unserved(wanted, ("metadata", "price", "price_data", "quantity"), place)
    if "price" in wanted:
        raise Refusal("The stand-in keeps no catalogue: give price_data.", param=f"{place}[price]")
    if "price_data" not in wanted:
        raise missing(f"{place}[price_data]")
    data = wanted["price_data"]
    priced_by = ("currency", "product_data", "unit_amount")
    refuse_unserved(data, priced_by, f"{place}[price_data]")
    for name in priced_by:
        if name not in data:
            raise missing(f"{place}[price_data][{name}]")
    quantity = wanted.get("quantity")
    if quantity is None:
        raise missing(f"{place}[quantity]")
    if quantity < 1 or data["unit_amount"] < 0:
        raise BadParameter("Invalid positive integer", param=f"{place}[quantity]")
    total = quantity * data["unit_amount"]
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": data["currency"],
        "description": data["product_data"]["name"],
        "metadata": merged({}, wanted.get("metadata")),
        "price": price(books, data),
        "quantity": quantity,
    }


def price(books: Books, data: dict[str, Any]) -> Document:
    """The one-time price that Stripe makes of `price_data`."""
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": books.now,
        "currency": data["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod", 14),
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }


def shipping(params: dict[str, Any], currency: str) -> list[Document]:
    """The shipping options as the session shows them: a rate and its amount."""
    options = []
    for number, wanted in enumerate(params.get("shipping_options", [])):
        place = f"shipping_options[{number}]"
        rate = wanted.get("shipping_rate_data")
        if rate is None:
            raise Refusal("The stand-in keeps no shipping rates: give shipping_rate_data.")
        amount = rate.get("fixed_amount")
        if amount is None:
            raise missing(f"{place}[shipping_rate_data][fixed_amount]")
        if amount["currency"] != currency:
            raise BadParameter(
                "Shipping must be in the currency of the line items.",
                param=f"{place}[shipping_rate_data][fixed_amount][currency]",
            )
        options.append({"shipping_amount": amount["amount"], "shipping_rate": new_id("shr")})
    return options


def shipping_cost(options: list[Document]) -> Document | None:
    """The first option is the one chosen."""
    if not options:
        return None
    amount = options[0]["shipping_amount"]
    return {
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "shipping_rate": options[0]["shipping_rate"],
    }
