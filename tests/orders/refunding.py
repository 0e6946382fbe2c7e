"""What the tests of money going back share: an order that was really paid, and what came of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import transaction
from core.money import Money
from orders import checkout, money_back, refunds
from orders.models import Order, OrderPayment, TaxRule
from orders.refund_models import Refund
from orders.refunds import Wanted
from payments.attempts import Asking, Result
from payments.gateway import Gateway, SentRefund
from people.models import Cooperative
from tests.orders.buying import jobs, place
from tests.support.make import acting, make_cooperative, make_listing, make_staff
from tests.support.peer import PeerProcess

USD = "USD"


@dataclass(frozen=True)
class Bought:
    """An order somebody paid on the stand-in's page."""

    order_id: uuid.UUID
    charge_id: str
    total: int
    lines: tuple[uuid.UUID, ...]
    pieces: tuple[uuid.UUID, ...]
    treasurer: Actor


def unpaid(now: datetime, *, count: int = 2, price: int = 4500, tax_bp: int = 0) -> uuid.UUID:
    """An order nobody has paid yet; ``tax_bp`` on top."""
    with transaction() as session:
        home = make_cooperative(session)
        if tax_bp:
            rule = {"fulfilment": "pick_up", "label": "VAT", "rate_bp": tax_bp}
            session.add(TaxRule(cooperative_id=home.id, valid_from=now.date(), **rule))
        listing = make_listing(session, home, count=count, prices={USD: price})
        item = {"listing_id": listing.id, "quantity": count}
        return place(session, item, now=now, currency=USD).id


def bought(gateway: Gateway, peer: PeerProcess, now: datetime, **given: Any) -> Bought:
    """Two runners at 45.00 each, paid, unless told otherwise."""
    order_id = unpaid(now, **given)
    url = checkout.open_checkout(gateway, order_id=order_id, now=now).url
    assert url is not None
    assert peer.pay(url).status_code == 303
    checkout.refresh_payment(gateway, order_id=order_id, now=now)
    with transaction() as session:
        order = session.get_one(Order, order_id)
        payment = session.get_one(OrderPayment, order_id)
        assert payment.charge_id is not None
        home = order.lines[0].piece
        return Bought(
            order_id=order_id,
            charge_id=payment.charge_id,
            total=order.total_minor,
            lines=tuple(line.id for line in order.lines),
            pieces=tuple(line.piece_id for line in order.lines),
            treasurer=treasurer_of(session, home.cooperative_id),
        )


def treasurer_of(session: Session, cooperative_id: uuid.UUID) -> Actor:
    """Somebody who may send money back."""
    home = session.get_one(Cooperative, cooperative_id)
    return acting(make_staff(session, home, "treasurer", "coordinator"))


def request(sale: Bought, now: datetime, **given: Any) -> uuid.UUID:
    """A refund asked for: ``whole``, ``lines``, or ``minor`` of dollars; its id."""
    wanted = Wanted(
        whole=given.pop("whole", False),
        lines=given.pop("lines", ()),
        amount=Money(given.pop("minor"), USD) if "minor" in given else None,
    )
    values: dict[str, Any] = {"reason": "goodwill", "actor": sale.treasurer} | given
    with transaction() as session:
        return refunds.request_refund(
            session, order_id=sale.order_id, wanted=wanted, now=now, **values
        ).id


def send(gateway: Gateway, refund_id: uuid.UUID, now: datetime) -> Result:
    return money_back.send(gateway, refund_id=refund_id, now=now)


def begin(session: Session, refund_id: uuid.UUID, now: datetime) -> Asking:
    """Write an attempt as a worker does before it calls Stripe."""
    asking = money_back._SendingBack(cast("Gateway", None), refund_id).begin(session, now)
    assert asking is not None
    return asking


def refunded(gateway: Gateway, sale: Bought, now: datetime, **given: Any) -> uuid.UUID:
    """A refund asked for, and made by Stripe."""
    refund_id = request(sale, now, **given)
    assert send(gateway, refund_id, now) is Result.DONE
    return refund_id


def at_stripe(gateway: Gateway, sale: Bought) -> list[SentRefund]:
    return gateway.refunds_of(sale.charge_id)


def status_of(refund_id: uuid.UUID) -> str:
    with transaction() as session:
        return session.get_one(Refund, refund_id, populate_existing=True).status


def parts_of(refund_id: uuid.UUID) -> list[tuple[str, int]]:
    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        return [(part.what, part.amount_minor) for part in refund.parts]


def attempts_of(refund_id: uuid.UUID) -> list[tuple[int, str | None]]:
    with transaction() as session:
        refund = session.get_one(Refund, refund_id, populate_existing=True)
        session.refresh(refund)
        return [(row.number, row.outcome) for row in refund.attempts]


def notes(name: str) -> list[Any]:
    """What was left to be done under a name."""
    with transaction() as session:
        return jobs(session, name)


def all_refunds(sale: Bought) -> Sequence[tuple[str, str, int]]:
    """Status, reason and amount of every refund of the order, oldest first."""
    with transaction() as session:
        rows = session.query(Refund).filter_by(order_id=sale.order_id).order_by(Refund.id)
        return [(row.status, row.reason, row.amount_minor) for row in rows]
