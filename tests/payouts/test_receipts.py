"""Paying by hand beside everything else: at the same moment, in other words, by people who left."""

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import Invalid
from payouts import by_hand, transfers
from payouts.transfers import Result
from people.models import Cooperative, Staff
from tests.payouts.selling import begin, due_sale, hand_over, sell, status_of
from tests.support.make import make_staff
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def sale(committed, gateway, peer, now):
    sold = sell(gateway, peer, now, weights=(1, 1))
    hand_over(sold, now)
    return sold


def pay(session, sale, now, place=0, **given):
    values = {"method": "cash", "witness_id": sale.witness_id, "actor": sale.treasurer} | given
    return by_hand.settle_by_hand(session, obligation_id=sale.obligations[place], now=now, **values)


@pytest.mark.parametrize(
    "rate", ["1e5", "1E999999", "3_75", " 3.75", "+3.75", "Infinity", "", "3.", ".75", "٣"]
)
def test_a_rate_is_plain_digits_and_a_point(sale, now, rate):
    with pytest.raises(Invalid) as refusal, transaction() as session:
        pay(session, sale, now, paid_minor=8925, paid_currency="PEN", rate=rate)
    assert refusal.value.pointer == "/rate"


def test_a_rate_of_nothing_and_an_amount_of_nothing_are_refused(sale, now):
    for rate, minor in (("0", 0), ("0.0000001", 0)):
        with pytest.raises(Invalid), transaction() as session:
            pay(session, sale, now, paid_minor=minor, paid_currency="PEN", rate=rate)


def test_who_no_longer_works_here_is_no_witness(sale, now):
    with transaction() as session:
        session.get_one(Staff, sale.witness_id).active = False

    with pytest.raises(Invalid, match="no longer"), transaction() as session:
        pay(session, sale, now)


def test_two_treasurers_and_one_obligation_make_one_receipt(sale, now, committed):
    def second():
        with committed() as session:
            pay(session, sale, now)

    with committed() as first:
        pay(first, sale, now)
        with pytest.raises(by_hand.AlreadySettled):
            commit_while_blocked(first, second)


def test_two_receipts_written_at_once_get_two_numbers(sale, now, committed):
    def second():
        with committed() as session:
            return pay(session, sale, now, place=1).receipt.number

    with committed() as first:
        one = pay(first, sale, now).receipt.number
        other = commit_while_blocked(first, second)

    assert (one[-5:], other[-5:]) == ("00001", "00002")


def test_while_a_receipt_is_written_the_cooperative_goes_on_working(sale, now, committed):
    """Numbering locks out other numbers, not every row that belongs to the co-operative."""
    with committed() as first:
        pay(first, sale, now)
        with committed() as other:
            other.execute(text("SET LOCAL lock_timeout = '3s'"))
            make_staff(other, other.get_one(Cooperative, sale.cooperative_id))


def test_a_worker_that_comes_while_cash_is_given_finds_nothing_to_pay(
    gateway, peer, now, committed
):
    sold = due_sale(gateway, peer, now)

    def worker():
        return transfers.settle(gateway, obligation_id=sold.obligations[0], now=now)

    with committed() as first:
        pay(first, sold, now)
        assert commit_while_blocked(first, worker) is Result.NOT_NOW
    assert gateway.transfers_of(str(sold.order_id)) == []


def test_cash_that_comes_while_a_transfer_begins_is_refused(gateway, peer, now, committed):
    sold = due_sale(gateway, peer, now)

    def treasurer():
        with committed() as session:
            pay(session, sold, now)

    with committed() as first:
        begin(first, sold.obligations[0], now)
        with pytest.raises(by_hand.NotDue):
            commit_while_blocked(first, treasurer)
    assert status_of(sold.obligations[0]) == "settling"
