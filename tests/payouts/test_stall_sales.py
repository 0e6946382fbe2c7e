"""A sale for cash owes the same shares; its money is in the box, so nobody is paid it by Stripe."""

import pytest

from core.db import transaction
from orders import refunds, till
from orders.models import Order
from orders.refunds import Wanted
from payments.gateway import Gateway
from payouts import obligations, transfers, undoing
from payouts.models import Obligation
from payouts.reading import waiting_reasons
from payouts.reconcile import reconcile
from tests.payouts.selling import Sale, connect, hand_over, set_policy
from tests.payouts.test_undoing import balances, by_cash
from tests.support.make import (
    accept,
    acting,
    make_cooperative,
    make_listing,
    make_maker,
    make_pieces,
    make_staff,
)
from tests.support.peer import PeerProcess

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


@pytest.fixture
def peer():
    """A stand-in of the test's own."""
    with PeerProcess() as running:
        yield running


@pytest.fixture
def gateway(peer):
    return Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)


@pytest.fixture(autouse=True)
def _no_fault_left():
    """What was armed ends with the stand-in."""


@pytest.fixture
def sale(now):
    with transaction() as session:
        cooperative = make_cooperative(session)
        set_policy(session, cooperative, now)
        maker = make_maker(session, cooperative)
        pieces = [
            accept(one)
            for one in make_pieces(session, cooperative, 1, weights=[(maker, "weave", 1)])
        ]
        session.flush()
        make_listing(session, cooperative, pieces, prices={"PEN": 18_500})
        seller = acting(make_staff(session, cooperative, "treasurer"))
        order = till.sell_by_hand(
            session,
            items=[{"piece_id": pieces[0].id}],
            tender="cash",
            given_minor=20_000,
            currency="PEN",
            language="es",
            actor=seller,
            now=now,
        )
        sold = Sale(
            order_id=order.id,
            cooperative_id=cooperative.id,
            makers=[maker.id],
            treasurer=seller,
            witness_id=make_staff(session, cooperative, "storekeeper").id,
        )
    with transaction() as session:
        obligations.record_sale(session, order_id=sold.order_id, now=now)
        sold.obligations = [session.query(Obligation).filter_by(order_id=sold.order_id).one().id]
    return sold


def test_it_is_divided_like_any_other_without_a_fee(gateway, sale):
    assert balances() == {
        "cash_box": 18_500,
        f"maker:{sale.makers[0]}": -12_950,
        "fund": -3700,
        "programme": -1850,
    }
    assert reconcile(gateway) == []


def test_its_money_is_not_at_stripe_so_she_is_paid_by_hand(gateway, peer, sale, now):
    connect(gateway, peer, sale, sale.makers[0], now)
    hand_over(sale, now)

    assert transfers.settle(gateway, obligation_id=sale.obligations[0], now=now) == "not_now"
    with transaction() as session:
        owed = session.get_one(Obligation, sale.obligations[0])
        assert waiting_reasons(session, [owed]) == {owed.id: "money_not_at_stripe"}
    by_cash(sale, now)
    assert balances()["by_hand"] == -12_950
    assert reconcile(gateway) == []


def test_cash_that_goes_back_comes_out_of_the_box(gateway, sale, now):
    with transaction() as session:
        refund = refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=Wanted(whole=True),
            reason="buyer_asked",
            actor=sale.treasurer,
            witness_id=sale.witness_id,
            now=now,
        )
        refund_id = refund.id
    with transaction() as session:
        undoing.record_refund(session, refund_id=refund_id, now=now)

    assert balances() == {}
    with transaction() as session:
        assert session.get_one(Order, sale.order_id).status == "cancelled"
    assert reconcile(gateway) == []
