"""What may happen in a storm, each a deed about one order or about the house.

A deed that is refused is refused: what comes of it all is looked at in the end.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from sqlalchemy import select

from core.db import transaction
from core.money import Money
from orders import checkout, fulfilment, placing, refunds, till
from orders.dispute_models import Dispute
from orders.models import Order, OrderPayment, Tender
from orders.refund_models import Refund
from payouts import advances, by_hand, decisions, pay_days, receipts
from payouts.models import Obligation, ObligationStatus, PayoutAccount, Settlement
from payouts.receipt_models import Receipt
from payouts.recovery_models import Recovery, RecoveryStatus
from tests.storm.house import House

PHOTO = "https://photos.test/17.jpg"
FAULTS = ("drop_answer", "error_500_after", "error_500_before", "rate_limit", "slow_after")
ASKED = ("/v1/checkout/sessions", "/v1/transfers", "/v1/refunds")


@dataclass
class Deed:
    """One thing that happens: its name, the place of its order, and the dice it throws."""

    name: str
    which: int
    seed: int

    @property
    def dice(self) -> random.Random:
        """The same throws for the same deed."""
        return random.Random(self.seed)


@dataclass
class Happening:
    """What deeds share: the house, and the orders that were placed."""

    house: House
    orders: dict[int, uuid.UUID] = field(default_factory=dict)

    def do(self, deed: Deed) -> None:
        """Do it; whatever refuses it raises."""
        DEEDS[deed.name](self, deed.which, deed.dice)


def now() -> datetime:
    return datetime.now(UTC)


def buy(at: Happening, which: int, dice: random.Random) -> None:
    """Online or at the stall, a piece or two; mostly paid at once."""
    with transaction() as session:
        order = placing.place_order(
            session,
            items=[{"listing_id": dice.choice(at.house.listings), "quantity": dice.randint(1, 2)}],
            currency="USD",
            fulfilment="pick_up",
            channel=dice.choice(["online", "stall"]),
            language="en",
            hold_minutes=31,
            page_of=lambda order_id: f"https://shop.test/{order_id}",
            now=now(),
        )
        at.orders[which] = order.id
    pay(at, which, dice)


def pay(at: Happening, which: int, dice: random.Random) -> None:
    """Open the page, again if it was not, and press a button; now and then the wrong one."""
    url = checkout.open_checkout(at.house.gateway, order_id=at.orders[which], now=now()).url
    if url is not None:
        outcome = "decline" if dice.random() < 0.05 else "succeed"
        requests.post(url, data={"outcome": outcome}, allow_redirects=False, timeout=60)
    if dice.random() < 0.6:  # the buyer comes back to her order before any news does
        checkout.refresh_payment(at.house.gateway, order_id=at.orders[which], now=now())


def sell_for_cash(at: Happening, which: int, dice: random.Random) -> None:
    """At the stall, money in the hand."""
    with transaction() as session:
        order = till.sell_by_hand(
            session,
            items=[{"listing_id": dice.choice(at.house.listings), "quantity": 1}],
            tender=dice.choice(["cash", "yape"]),
            given_minor=100_000,
            currency="PEN",
            language="es",
            actor=at.house.treasurer,
            now=now(),
        )
        at.orders[which] = order.id


def hand_over(at: Happening, which: int, dice: random.Random) -> None:
    """The buyer has it."""
    with transaction() as session:
        fulfilment.hand_over(
            session, order_id=at.orders[which], actor=at.house.treasurer, now=now()
        )


def refund(at: Happening, which: int, dice: random.Random) -> None:
    """An amount, a line, or all of it; by Stripe, or out of the till."""
    with transaction() as session:
        order = session.get_one(Order, at.orders[which])
        payment = session.get_one(OrderPayment, order.id)
        wanted = dice.choice(
            [
                refunds.Wanted(whole=True),
                refunds.Wanted(lines=[(order.lines[0].id, None)]),
                refunds.Wanted(amount=Money(dice.randint(1, 1500), order.currency)),
                refunds.Wanted(amount=Money(500, order.currency)),
            ]
        )
        refunds.request_refund(
            session,
            order_id=order.id,
            wanted=wanted,
            reason="goodwill",
            actor=at.house.treasurer,
            witness_id=None if payment.tender == Tender.STRIPE else at.house.witness_id,
            now=now(),
        )


def refund_in_dashboard(at: Happening, which: int, dice: random.Random) -> None:
    """Somebody sends money back at Stripe, past us."""
    request = {"charge": _charge(at, which), "amount": dice.randint(1, 900)}
    at.house.gateway.refund(request, key=f"dashboard:{uuid.uuid4()}")


def bank_sends_refund_back(at: Happening, which: int, dice: random.Random) -> None:
    """A refund that was booked fails days later."""
    with transaction() as session:
        made = select(Refund.stripe_id).where(
            Refund.order_id == at.orders[which], Refund.stripe_id.is_not(None)
        )
        stripe_id = session.scalars(made).first()
    at.house.tell("POST", f"refunds/{stripe_id}/settle", outcome="failed")


def dispute(at: Happening, which: int, dice: random.Random) -> None:
    """A bank calls a charge back, or only asks."""
    at.house.tell("POST", f"charges/{_charge(at, which)}/dispute", inquiry=dice.random() < 0.2)


def move_dispute(at: Happening, which: int, dice: random.Random) -> None:
    """It ends, or the bank changes its mind."""
    with transaction() as session:
        called = session.scalars(
            select(Dispute.stripe_id).where(Dispute.order_id == at.orders[which])
        ).first()
    to = dice.choice(["won", "lost", "lost", "lost", "funds_reinstated"])
    at.house.tell("POST", f"disputes/{called}/move", to=to)


def reverse_in_dashboard(at: Happening, which: int, dice: random.Random) -> None:
    """Somebody brings a part of a transfer back at Stripe, past us."""
    with transaction() as session:
        paid = select(Settlement.transfer_id).join(
            Obligation, Obligation.id == Settlement.obligation_id
        )
        sent = session.scalars(
            paid.where(Obligation.order_id == at.orders[which], Settlement.transfer_id.is_not(None))
        ).first()
    if sent is not None:
        request = {"amount": dice.randint(1, 700)}
        at.house.gateway.reverse_transfer(sent, request, key=f"dashboard:{uuid.uuid4()}")


def give_advance(at: Happening, which: int, dice: random.Random) -> None:
    """A maker has money ahead."""
    with transaction() as session:
        advances.give_advance(
            session,
            maker_id=dice.choice(at.house.makers),
            amount_minor=dice.randint(100, 3000),
            currency=dice.choice(["USD", "PEN"]),
            given_for="yarn",
            method="cash",
            witness_id=at.house.witness_id,
            actor=at.house.treasurer,
            now=now(),
        )


def pay_by_hand(at: Happening, which: int, dice: random.Random) -> None:
    """The treasurer pays one share of an order."""
    with transaction() as session:
        due = select(Obligation.id).where(Obligation.status == ObligationStatus.DUE)
        one = session.scalars(due.order_by(Obligation.id).limit(30)).all()
    with transaction() as session:
        by_hand.settle_by_hand(
            session,
            obligation_id=dice.choice(one),
            method="cash",
            witness_id=at.house.witness_id,
            actor=at.house.treasurer,
            now=now(),
        )


def pay_day(at: Happening, which: int, dice: random.Random) -> None:
    """Opened, most are paid and sign, some are put back, closed."""
    house = at.house
    who: dict[str, Any] = {"actor": house.treasurer, "now": now()}
    with transaction() as session:
        day = pay_days.open_pay_day(session, currency="PEN", rates={"USD": "3.75"}, **who)
        day_id, makers = day.id, {line.maker_id for line in day.lines}
    for maker_id in sorted(makers):
        _pay_or_release(house, day_id, maker_id, dice, who)
    with transaction() as session:
        for receipt in session.scalars(select(Receipt).where(Receipt.pay_day_id == day_id)).all():
            receipts.sign_receipt(
                session, receipt_id=receipt.id, evidence_url=PHOTO, signed_at=now(), **who
            )
    with transaction() as session:
        pay_days.close_pay_day(session, pay_day_id=day_id, **who)


def _pay_or_release(
    house: House, day_id: uuid.UUID, maker_id: uuid.UUID, dice: random.Random, who: dict[str, Any]
) -> None:
    try:
        if dice.random() < 0.2:
            raise pay_days.PayDayChanged()
        with transaction() as session:
            pay_days.pay_maker(
                session,
                pay_day_id=day_id,
                maker_id=maker_id,
                method="cash",
                witness_id=house.witness_id,
                **who,
            )
    except pay_days.PayDayChanged:
        with transaction() as session:
            pay_days.release_lines(
                session, pay_day_id=day_id, maker_id=maker_id, reason="another day", **who
            )


def decide(at: Happening, which: int, dice: random.Random) -> None:
    """People decide about what cannot be undone."""
    with transaction() as session:
        waiting = select(Recovery.id).where(Recovery.status == RecoveryStatus.UNDECIDED)
        undecided = session.scalars(waiting.limit(20)).all()
    for recovery_id in undecided:
        with transaction() as session:
            decisions.decide(
                session,
                recovery_id=recovery_id,
                decision=dice.choice(["absorbed", "offset"]),
                reason="the assembly decided",
                consent="yes, in words",
                evidence_url=PHOTO,
                bearer="fund",
                actor=at.house.treasurer,
                now=now(),
            )


def spend(at: Happening, which: int, dice: random.Random) -> None:
    """A maker pays out what she has at Stripe, so that it cannot be reversed."""
    with transaction() as session:
        accounts = session.scalars(
            select(PayoutAccount.account_id).where(PayoutAccount.account_id.is_not(None))
        ).all()
    account = dice.choice(accounts)
    at.house.tell("POST", f"accounts/{account}/spend", amount=dice.randint(1, 2500), currency="usd")


def arm_a_fault(at: Happening, which: int, dice: random.Random) -> None:
    """Stripe fails the next who ask."""
    at.house.tell(
        "POST",
        "faults",
        kind=dice.choice(FAULTS),
        method="POST",
        path_prefix=dice.choice(ASKED),
        times=dice.randint(1, 2),
        seconds=0.3,
    )


def kill_the_worker(at: Happening, which: int, dice: random.Random) -> None:
    """A power cut."""
    at.house.kill_worker()


def _charge(at: Happening, which: int) -> str:
    with transaction() as session:
        charge = session.get_one(OrderPayment, at.orders[which]).charge_id
    if charge is None:
        raise KeyError("paid by hand")
    return charge


DEEDS: dict[str, Callable[[Happening, int, random.Random], None]] = {
    deed.__name__: deed
    for deed in (
        buy, pay, sell_for_cash, hand_over, refund, refund_in_dashboard, bank_sends_refund_back,
        dispute, move_dispute, reverse_in_dashboard, give_advance, pay_by_hand, pay_day, decide,
        spend, arm_a_fault, kill_the_worker,
    )
}  # fmt: skip
