"""What the tests of paying makers share: a paid sale, accounts at the stand-in, what came of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.db import transaction
from orders import checkout, fulfilment, placing
from orders.models import Order
from payments.gateway import Gateway
from payouts import accounts, obligations, policies
from payouts import transfers as paying
from payouts.models import Obligation, SettlementAttempt
from people.models import Cooperative, Maker
from tests.support.make import (
    accept,
    acting,
    house,
    make_cooperative,
    make_listing,
    make_maker,
    make_pieces,
    make_staff,
)
from tests.support.peer import PeerProcess

POLICY: dict[str, Any] = {
    "makers_bp": 7000,
    "fund_bp": 2000,
    "programme_bp": 1000,
    "fee_bearer": "fund",
    "hold_days_online": 7,
    "hold_days_stall": 0,
}


@dataclass
class Sale:
    """A paid order of one listing, with its makers and people."""

    order_id: uuid.UUID
    cooperative_id: uuid.UUID
    makers: list[uuid.UUID]
    treasurer: Any
    witness_id: uuid.UUID
    obligations: list[uuid.UUID] = field(default_factory=list)


def set_policy(session: Session, cooperative: Cooperative, now: datetime, **given: Any) -> Any:
    return policies.set_policy(
        session, **(POLICY | given), reason="test", actor=house(cooperative), now=now
    )


def sell(
    gateway: Gateway,
    peer: PeerProcess,
    now: datetime,
    *,
    weights: Sequence[int] = (14, 22, 3),
    price: int = 6800,
    count: int = 1,
    channel: str = "stall",
    agreement: dict[str, Any] | None = None,
    currency: str = "USD",
    **policy: Any,
) -> Sale:
    """Sell pieces for real: ordered, paid on the stand-in's page, divided."""
    with transaction() as session:
        cooperative = make_cooperative(session)
        set_policy(session, cooperative, now, **policy)
        makers = [make_maker(session, cooperative) for _ in weights]
        _order, sale = _place(
            session, cooperative, makers, weights, now, price, count, channel, agreement, currency
        )
        session.flush()
    standing = checkout.open_checkout(gateway, order_id=sale.order_id, now=now)
    assert standing.url is not None
    assert peer.pay(standing.url).status_code == 303
    checkout.refresh_payment(gateway, order_id=sale.order_id, now=now)
    with transaction() as session:
        obligations.record_sale(session, order_id=sale.order_id, now=now)
        rows = session.query(Obligation).filter_by(order_id=sale.order_id).order_by(Obligation.id)
        sale.obligations = [row.id for row in rows]
    return sale


def _place(
    session: Session,
    cooperative: Cooperative,
    makers: list[Maker],
    weights: Sequence[int],
    now: datetime,
    price: int,
    count: int,
    channel: str,
    agreement: dict[str, Any] | None,
    currency: str,
) -> tuple[Order, Sale]:
    steps = [(maker, "weave", weight) for maker, weight in zip(makers, weights, strict=True)]
    pieces = make_pieces(session, cooperative, count, weights=steps, agreement=agreement)
    for piece in pieces:
        accept(piece)
    session.flush()
    listing = make_listing(session, cooperative, pieces, prices={currency: price})
    order = placing.place_order(
        session,
        items=[{"listing_id": listing.id, "quantity": count}],
        currency=currency,
        fulfilment="pick_up",
        channel=channel,
        language="en",
        hold_minutes=31,
        page_of=lambda order_id: f"https://shop.test/{order_id}",
        now=now,
    )
    sale = Sale(
        order_id=order.id,
        cooperative_id=cooperative.id,
        makers=[maker.id for maker in makers],
        treasurer=acting(make_staff(session, cooperative, "treasurer")),
        witness_id=make_staff(session, cooperative, "storekeeper").id,
    )
    return order, sale


def hand_over(sale: Sale, now: datetime) -> None:
    """The buyer has it; the window begins, and what is due falls due."""
    with transaction() as session:
        fulfilment.hand_over(session, order_id=sale.order_id, actor=sale.treasurer, now=now)
        obligations.start_hold_window(session, order_id=sale.order_id, now=now)
        obligations.fall_due(session, now=now)


def connect(
    gateway: Gateway,
    peer: PeerProcess,
    sale: Sale,
    maker_id: uuid.UUID,
    now: datetime,
    status: str = "active",
) -> str:
    """Give a maker an account whose capability is ``status``; its id."""
    onboarding = accounts.connect(
        gateway, maker_id=maker_id, actor=sale.treasurer, public_url="https://shop.test", now=now
    )
    account_id = onboarding.account.account_id
    assert account_id is not None
    peer.activate(account_id, status)
    accounts.refresh(gateway, account_id=account_id, now=now)
    return account_id


def due_sale(gateway: Gateway, peer: PeerProcess, now: datetime, **given: Any) -> Sale:
    """A sale at the stall of one maker's piece, or of several's by ``weights``: handed over, due,
    and their accounts active."""
    sale = sell(gateway, peer, now, **{"weights": (1,), **given})
    for maker_id in sale.makers:
        connect(gateway, peer, sale, maker_id, now)
    hand_over(sale, now)
    return sale


@dataclass(frozen=True)
class Begun:
    """An attempt whose worker died, or was put to sleep, before it called Stripe."""

    id: uuid.UUID
    key: str
    request: dict[str, Any]


def begin(session: Session, obligation_id: uuid.UUID, now: datetime) -> Begun:
    """Write an attempt as a worker does before it calls Stripe."""
    attempt = paying._attempt(session, obligation_id, now)
    assert attempt is not None
    return Begun(attempt.id, attempt.key, dict(attempt.request))


def begun(obligation_id: uuid.UUID, now: datetime) -> Begun:
    """The same, committed."""
    with transaction() as session:
        return begin(session, obligation_id, now)


def transfers(gateway: Gateway, sale: Sale) -> list[Any]:
    """What the stand-in says was transferred for the order."""
    return gateway.transfers_of(str(sale.order_id))


def status_of(obligation_id: uuid.UUID) -> str:
    with transaction() as session:
        return session.get_one(Obligation, obligation_id, populate_existing=True).status


def attempts_of(obligation_id: uuid.UUID) -> list[tuple[int, str, str | None]]:
    with transaction() as session:
        rows = session.query(SettlementAttempt).filter_by(obligation_id=obligation_id)
        return [
            (row.number, row.key, row.outcome) for row in rows.order_by(SettlementAttempt.number)
        ]


DAY = timedelta(days=1)
