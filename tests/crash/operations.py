"""Everything the house asks of Stripe once: how each is begun, and what shows that it was done."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.db import transaction
from core.jobs import defer
from core.money import Money
from orders import money_back, placing, refunds
from orders.refund_models import Refund
from payouts import transfers, undoing
from payouts.recovery_models import Recovery
from tests.crash.scene import Scene
from tests.payouts.banking import FUNDS, banked, written_down
from tests.payouts.selling import Sale, due_sale
from tests.support.make import make_cooperative, make_listing


@dataclass(frozen=True)
class Case:
    """One thing about to be asked: its row, the note that has it done, and how to see the outcome.

    ``begun`` and ``done``: SQL that is true of it, with ``:id``. ``effects``: how many Stripe has.
    """

    table: str
    id: uuid.UUID
    note: tuple[str, dict[str, Any]]
    path: str
    begun: str
    done: str
    effects: Callable[[], int]

    def leave_note(self) -> None:
        """Have a worker do it."""
        name, arguments = self.note
        with transaction() as session:
            defer(session, name, lock=f"{name}:{self.id}", **arguments)


def session_case(scene: Scene) -> Case:
    """An order whose buyer's request died before the payment page was opened."""
    now = datetime.fromtimestamp(scene.peer.now(), UTC)
    with transaction() as session:
        listing = make_listing(session, make_cooperative(session))
        order = placing.place_order(
            session,
            items=[{"listing_id": listing.id, "quantity": 1}],
            currency="USD",
            fulfilment="pick_up",
            channel="online",
            language="en",
            hold_minutes=120,
            page_of=lambda order_id: f"https://shop.test/{order_id}",
            now=now,
        )
        order_id = order.id
    scene.change("DELETE FROM procrastinate_jobs WHERE status = 'todo'")

    def effects() -> int:
        made = scene.gateway._client.v1.checkout.sessions.list({"limit": 100})
        wanted = str(order_id)
        return sum(one.client_reference_id == wanted for one in made.auto_paging_iter())

    return Case(
        table="orders",
        id=order_id,
        note=("order.open_checkout", {"order_id": order_id}),
        path="/v1/checkout/sessions",
        begun="SELECT true FROM checkout_attempts WHERE order_id = :id",
        done="SELECT count(*) = 1 FROM checkout_attempts WHERE order_id = :id AND status = 'open'",
        effects=effects,
    )


def transfer_case(scene: Scene) -> Case:
    """A due share of a maker with an account."""
    now = datetime.fromtimestamp(scene.peer.now(), UTC)
    sale = due_sale(scene.gateway, scene.peer, now)
    (owed,) = sale.obligations
    scene.change("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    return Case(
        table="obligations",
        id=owed,
        note=("obligation.settle", {"obligation_id": owed}),
        path="/v1/transfers",
        begun="SELECT true FROM settlement_attempts WHERE obligation_id = :id",
        done="SELECT status = 'settled' FROM obligations WHERE id = :id",
        effects=lambda: len(scene.gateway.transfers_of(str(sale.order_id))),
    )


def pay_run_case(scene: Scene) -> Case:
    """Three due shares in one job; each is to be paid once."""
    now = datetime.fromtimestamp(scene.peer.now(), UTC)
    sale = due_sale(scene.gateway, scene.peer, now, weights=(1, 2, 3))
    scene.change("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    named = {"cooperative_id": sale.cooperative_id, "obligation_ids": sale.obligations}

    def most_for_one() -> int:
        made = scene.gateway.transfers_of(str(sale.order_id))
        return max(Counter(one.metadata["obligation"] for one in made).values(), default=0)

    return Case(
        table="obligations",
        id=sale.obligations[0],
        note=("obligations.settle", named),
        path="/v1/transfers",
        begun="SELECT count(*) = 3 FROM settlement_attempts JOIN obligations"
        " ON obligations.id = obligation_id"
        " WHERE order_id = (SELECT order_id FROM obligations WHERE id = :id)",
        done="SELECT bool_and(status = 'settled') FROM obligations"
        " WHERE order_id = (SELECT order_id FROM obligations WHERE id = :id)",
        effects=most_for_one,
    )


def refund_case(scene: Scene) -> Case:
    """A part of a paid order is to go back."""
    now = datetime.fromtimestamp(scene.peer.now(), UTC)
    sale = due_sale(scene.gateway, scene.peer, now)
    refund_id = asked_refund(sale, now)
    scene.change("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    with transaction() as session:
        charge_id = session.get_one(Refund, refund_id).charge_id
    assert charge_id is not None
    return Case(
        table="refunds",
        id=refund_id,
        note=("refund.send", {"refund_id": refund_id}),
        path="/v1/refunds",
        begun="SELECT true FROM refund_attempts WHERE refund_id = :id",
        done="SELECT status = 'succeeded' FROM refunds WHERE id = :id",
        effects=lambda: len(scene.gateway.refunds_of(charge_id)),
    )


def reversal_case(scene: Scene) -> Case:
    """A share that was paid by transfer, of a sale that was undone."""
    now = datetime.fromtimestamp(scene.peer.now(), UTC)
    sale = due_sale(scene.gateway, scene.peer, now)
    transfers.settle(scene.gateway, obligation_id=sale.obligations[0], now=now)
    refund_id = asked_refund(sale, now)
    money_back.send(scene.gateway, refund_id=refund_id, now=now)
    with transaction() as session:
        undoing.record_refund(session, refund_id=refund_id, now=now)
        recovery_id = session.query(Recovery).filter_by(refund_id=refund_id).one().id
    scene.change("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    (sent,) = scene.gateway.transfers_of(str(sale.order_id))
    return Case(
        table="recoveries",
        id=recovery_id,
        note=("recovery.reverse", {"recovery_id": recovery_id}),
        path=f"/v1/transfers/{sent.id}/reversals",
        begun="SELECT true FROM reversal_attempts WHERE recovery_id = :id",
        done="SELECT status = 'reversed' FROM recoveries WHERE id = :id",
        effects=lambda: len(scene.gateway.reversals_of(sent.id)),
    )


def outbound_case(scene: Scene) -> Case:
    """A maker with a bank, and a piece of hers that was accepted."""
    now = datetime.fromtimestamp(scene.peer.now(), UTC)
    weaver = banked(scene.gateway, scene.peer, now)
    written_down(weaver, FUNDS, now)
    owed = weaver.owe(18000, now)
    scene.change("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    return Case(
        table="obligations",
        id=owed,
        note=("maker.pay_to_bank", {"maker_id": weaver.id, "currency": "PEN"}),
        path="/v2/money_management/outbound_payments",
        begun="SELECT true FROM outbound_parts WHERE obligation_id = :id",
        done="SELECT outcome = 'done' FROM outbound_payments JOIN outbound_parts"
        " ON outbound_payment_id = outbound_payments.id WHERE obligation_id = :id",
        effects=lambda: len(weaver.at_stripe()) if weaver.payments() else 0,
    )


def asked_refund(sale: Sale, now: datetime) -> uuid.UUID:
    """Half of what was paid."""
    with transaction() as session:
        asked = refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=refunds.Wanted(amount=Money(3400, "USD")),
            reason="goodwill",
            actor=sale.treasurer,
            now=now,
        )
        return asked.id


OPERATIONS: dict[str, Callable[[Scene], Case]] = {
    "session": session_case,
    "transfer": transfer_case,
    "pay run": pay_run_case,
    "refund": refund_case,
    "reversal": reversal_case,
    "bank payment": outbound_case,
}
