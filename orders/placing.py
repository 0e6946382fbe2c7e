"""Placing an order: pieces held, prices copied, totals fixed, the payment page written down."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.errors import Invalid
from core.ids import new_id
from core.jobs import defer
from core.words import LANGUAGES, pick
from inventory import stock
from inventory.listing_models import Listing
from orders import charges, numbers, payment_page
from orders.choosing import Wanted, choose, sum_up
from orders.models import Channel, Fulfilment, Order, OrderLine, OrderStatus

#: When a worker opens the payment page if whoever placed the order died before doing so.
OPEN_IF_NOBODY_DID = timedelta(seconds=20)
LOOK_AFTER_THE_END = timedelta(minutes=1)
ADDRESS_FIELDS = frozenset({"name", "line1", "line2", "city", "region", "postal_code", "country"})
ADDRESS_NEEDS = ("line1", "city", "country")


class NoPriceInCurrency(Invalid):
    """Something in the order has no price in this currency."""

    code = "no_price_in_currency"


def place_order(
    session: Session,
    *,
    items: Sequence[Mapping[str, Any]],
    currency: str,
    fulfilment: str,
    channel: str,
    language: str,
    hold_minutes: int,
    page_of: Callable[[uuid.UUID], str] | None,
    now: datetime,
    buyer_email: str | None = None,
    buyer_name: str | None = None,
    address: Mapping[str, str] | None = None,
    cooperative_id: uuid.UUID | None = None,
    actor: Actor | None = None,
) -> Order:
    """Hold 1 to 20 pieces for a buyer at today's prices; after commit, `checkout.open_checkout`.

    ``items``: {piece_id} or {listing_id or slug, quantity}. ``address`` (only to ship): line1,
    city, country (ISO 3166 alpha-2), and if there are name, line2, region, postal_code.
    ``page_of``: the address of the buyer's page of an order; None where nothing is paid online, and
    the caller goes on in the same transaction. Raises Invalid, NoPriceInCurrency,
    OneCooperative, ShippingUnavailable, PieceUnavailable (with the ``late_orders`` to ask after).
    """
    way = _one_of(Fulfilment, fulfilment, "/fulfilment")
    source = _one_of(Channel, channel, "/channel")
    if language not in LANGUAGES:
        raise Invalid("one of " + ", ".join(LANGUAGES), pointer="/language")
    _check_address(address, way)
    wanted = sum_up(session, items, cooperative_id=cooperative_id)
    prices = _prices(wanted, currency)
    order = Order(
        id=new_id(),
        cooperative_id=wanted.cooperative_id,
        number=_free_number(session),
        channel=source.value,
        fulfilment=way.value,
        currency=currency,
        buyer_email=buyer_email,
        buyer_name=buyer_name,
        address=dict(address) if address else None,
        language=language,
        placed_at=now,
        expires_at=payment_page.end_of(now, timedelta(minutes=hold_minutes)),
    )
    who = actor or actors.buyer(order.id)
    order.lines = _reserved_lines(session, order, wanted, prices=prices, actor=who, now=now)
    _add_up(session, order, now)
    session.add(order)
    session.add(order.begin(OrderStatus.AWAITING_PAYMENT, actor=who, why="placed", at=now))
    if page_of is not None:
        order.attempts = [payment_page.first_attempt(order, page=page_of(order.id), now=now)]
        _leave_notes(session, order, now)
    session.flush()
    return order


def _reserved_lines(
    session: Session,
    order: Order,
    wanted: Wanted,
    *,
    prices: Mapping[uuid.UUID, int],
    actor: Actor,
    now: datetime,
) -> list[OrderLine]:
    """Choose and hold the pieces; a line for each, with the title and price of this moment."""
    at_the_stall = order.channel == Channel.STALL
    chosen = choose(session, wanted, now=now, on_hand=at_the_stall)
    pieces = stock.reserve(
        session, chosen, order_id=order.id, expires_at=order.expires_at, actor=actor, now=now
    )
    return [
        OrderLine(
            id=new_id(),
            cooperative_id=order.cooperative_id,
            position=place,
            piece_id=piece.id,
            piece=piece,
            listing_id=chosen[piece.id],
            title=_title(wanted.listings[chosen[piece.id]], order.language),
            price_minor=prices[chosen[piece.id]],
        )
        for place, piece in enumerate(pieces)
    ]


def _add_up(session: Session, order: Order, now: datetime) -> None:
    """Fix subtotal, shipping, tax and total."""
    order.subtotal_minor = sum(line.price_minor for line in order.lines)
    shipping = _shipping(session, order)
    tax = charges.tax_on(
        session,
        cooperative_id=order.cooperative_id,
        fulfilment=order.fulfilment,
        subtotal_minor=order.subtotal_minor,
        on=now.date(),
    )
    order.shipping_minor, order.shipping_label = shipping.minor, shipping.label
    order.tax_minor, order.tax_label = tax.minor, tax.label
    order.total_minor = order.subtotal_minor + shipping.minor + tax.minor


def _shipping(session: Session, order: Order) -> charges.Charge:
    if order.fulfilment == Fulfilment.PICK_UP:
        return charges.NOTHING
    assert order.address is not None
    return charges.shipping_to(
        session,
        cooperative_id=order.cooperative_id,
        country=order.address["country"],
        currency=order.currency,
        weight_g=charges.weight_of(session, [line.piece.design_id for line in order.lines]),
    )


def _leave_notes(session: Session, order: Order, now: datetime) -> None:
    """So that the order goes on by itself if everybody forgets it."""
    defer(session, "order.open_checkout", at=now + OPEN_IF_NOBODY_DID, order_id=order.id)
    look_at = order.expires_at + LOOK_AFTER_THE_END
    defer(session, "order.check_payment", at=look_at, order_id=order.id)


def _prices(wanted: Wanted, currency: str) -> dict[uuid.UUID, int]:
    """The price of each listing in one currency, in minor units."""
    prices = {
        listing.id: price.amount_minor
        for listing in wanted.listings.values()
        for price in listing.prices
        if price.currency == currency
    }
    if missing := set(wanted.listings) - set(prices):
        raise NoPriceInCurrency(
            pointer="/currency", listings=sorted(wanted.listings[one].slug for one in missing)
        )
    return prices


def _title(listing: Listing, language: str) -> str:
    return pick(listing.title, [language]) or listing.slug


def _free_number(session: Session) -> str:
    while True:
        number = numbers.draw()
        if session.scalar(select(Order.id).where(Order.number == number)) is None:
            return number


def _check_address(address: Mapping[str, str] | None, way: Fulfilment) -> None:
    if way is Fulfilment.PICK_UP:
        if address:
            raise Invalid("what is picked up needs no address", pointer="/address")
        return
    given = address or {}
    for name in given:
        if name not in ADDRESS_FIELDS:
            raise Invalid("an address has no such part", pointer=f"/address/{name}")
    for name in ADDRESS_NEEDS:
        if not given.get(name, "").strip():
            raise Invalid("what is shipped needs this", pointer=f"/address/{name}")
    country = given["country"]
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise Invalid("two capital letters, as PE", pointer="/address/country")


Choice = TypeVar("Choice", bound=StrEnum)


def _one_of(choices: type[Choice], value: str, pointer: str) -> Choice:
    try:
        return choices(value)
    except ValueError:
        raise Invalid("one of " + ", ".join(choices), pointer=pointer) from None
