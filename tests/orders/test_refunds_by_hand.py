"""What was paid by hand goes back by hand: a receipt, two names, and done at once."""

import pytest

from core.actors import system
from core.db import transaction
from core.errors import Invalid
from inventory import stock
from orders import money_back
from orders.models import Order, OrderPayment, OrderStatus
from orders.money_back import RefundNotOpen
from orders.refund_models import Refund
from orders.refund_shares import RefundTooLarge
from payments.attempts import Result
from people.models import Cooperative, Staff
from people.witnesses import GiverNeeded, TwoNames
from tests.orders.buying import standing
from tests.orders.refunding import Bought, all_refunds, notes, request, treasurer_of, unpaid
from tests.support.make import house, make_cooperative, make_staff

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def sale(now):
    """Two runners paid in cash at the stall, with change."""
    order_id = unpaid(now)
    with transaction() as session:
        order = session.get_one(Order, order_id)
        treasurer = treasurer_of(session, order.cooperative_id)
        stock.sell(session, order.id, actor=system("test"), now=now)
        session.add(
            OrderPayment(
                order_id=order.id,
                cooperative_id=order.cooperative_id,
                tender="cash",
                charged_minor=order.total_minor,
                charged_currency="USD",
                gross_minor=order.total_minor,
                fee_minor=0,
                net_minor=order.total_minor,
                settlement_currency="USD",
                receipt_number="V-1",
                given_minor=10_000,
                taken_by_id=treasurer.staff_id,
                paid_at=now,
                recorded_at=now,
            )
        )
        order.paid_at = now
        order.become(OrderStatus.PAID, actor=system("test"), why="cash", at=now)
        lines = tuple(line.id for line in order.lines)
        return Bought(order.id, "none", order.total_minor, lines, (), treasurer)


@pytest.fixture
def witness_id(sale):
    with transaction() as session:
        home = session.get_one(Cooperative, sale.treasurer.cooperative_id)
        return make_staff(session, home, "storekeeper").id


def test_it_is_done_at_once_with_a_receipt_and_two_names(sale, witness_id, now):
    refund_id = request(sale, now, minor=1000, witness_id=witness_id)

    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        assert (refund.status, refund.tender, refund.charge_id) == ("succeeded", "cash", None)
        assert (refund.settled_minor, refund.settlement_currency) == (1000, "USD")
        assert (refund.given_by_id, refund.witness_id) == (sale.treasurer.staff_id, witness_id)
        assert refund.receipt_number == f"D-{now:%Y}-00001"
        assert refund.answered_at == now
    assert notes("order.refunded") == [{"refund_id": str(refund_id)}]
    assert notes("refund.send") == []


def test_receipts_are_numbered_one_after_the_other_and_the_limit_holds(sale, witness_id, now):
    first, second = (request(sale, now, minor=4000, witness_id=witness_id) for _ in range(2))

    with pytest.raises(RefundTooLarge):
        request(sale, now, minor=1001, witness_id=witness_id)
    with transaction() as session:
        numbers = [session.get_one(Refund, one).receipt_number for one in (first, second)]
    assert numbers == [f"D-{now:%Y}-00001", f"D-{now:%Y}-00002"]


def test_the_whole_before_anything_left_frees_the_pieces(committed, sale, witness_id, now):
    request(sale, now, whole=True, witness_id=witness_id)

    with committed() as session:
        assert standing(session, sale.order_id)[:2] == ("cancelled", ["listed", "listed"])


def test_without_two_names_no_money_leaves_the_till(sale, witness_id, now):
    with transaction() as session:
        home = session.get_one(Cooperative, sale.treasurer.cooperative_id)
        elsewhere = make_staff(session, make_cooperative(session), "treasurer").id
        gone = make_staff(session, home, "treasurer").id
        session.get_one(Staff, gone).active = False
        nobody_in_person = house(home)

    with pytest.raises(TwoNames):
        request(sale, now, minor=100, witness_id=sale.treasurer.staff_id)
    for odd in (None, elsewhere, gone):
        with pytest.raises(Invalid) as refusal:
            request(sale, now, minor=100, witness_id=odd)
        assert refusal.value.pointer == "/witness_id"
    with pytest.raises(GiverNeeded):
        request(sale, now, minor=100, witness_id=witness_id, actor=nobody_in_person)
    assert all_refunds(sale) == []


def test_stripe_is_never_asked_for_it(gateway, sale, witness_id, now):
    refund_id = request(sale, now, minor=100, witness_id=witness_id)

    assert money_back.send(gateway, refund_id=refund_id, now=now) is Result.NOT_NOW
    with pytest.raises(RefundNotOpen), transaction() as session:
        money_back.attempt_again(session, refund_id=refund_id, actor=sale.treasurer, now=now)
