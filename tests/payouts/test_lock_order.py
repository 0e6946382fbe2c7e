"""Locks are taken in one order by everybody who pays, so nobody waits for each other in a ring."""

import threading

import pytest
from sqlalchemy import text

from orders.reading import lock_order
from payouts import by_hand, obligations, pay_days
from payouts.models import Obligation
from payouts.pay_day_models import PayDayLine
from tests.payouts.selling import hand_over, sell
from tests.support.races import DEADLINE_SECONDS, backend_of, wait_until_blocked

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


@pytest.fixture
def sale(gateway, peer, now):
    """Shares of three makers without accounts, due."""
    sale = sell(gateway, peer, now)
    hand_over(sale, now)
    return sale


def by_cash(session, sale, now, which=0):
    return by_hand.settle_by_hand(
        session,
        obligation_id=sale.obligations[which],
        method="cash",
        witness_id=sale.witness_id,
        actor=sale.treasurer,
        now=now,
    )


def open_day(session, sale, now):
    return pay_days.open_pay_day(
        session, currency="PEN", rates={"USD": "3.75"}, actor=sale.treasurer, now=now
    ).id


def test_a_pay_day_that_opens_while_somebody_pays_by_hand_waits_and_leaves_that_out(
    committed, engine, sale, now
):
    opened = []

    def open_meanwhile():
        with committed() as second:
            opened.append(open_day(second, sale, now))

    thread = threading.Thread(target=open_meanwhile, daemon=True)
    with committed() as first:
        obligations.lock_obligations(first, [sale.obligations[0]])
        thread.start()
        wait_until_blocked(engine, backend_of(first), by_thread=thread)
        # The receipt needs the next number: nobody who waits for us may hold that.
        by_cash(first, sale, now)
    thread.join(DEADLINE_SECONDS)

    with committed() as session:
        lines = session.query(PayDayLine).filter_by(pay_day_id=opened[0])
        assert {line.obligation_id for line in lines} == set(sale.obligations[1:])


def test_two_pay_days_opened_at_once_have_each_share_on_one_of_them(committed, engine, sale, now):
    refused = []

    def open_too():
        with committed() as second, pytest.raises(pay_days.NothingToPay):
            open_day(second, sale, now)
        refused.append(True)

    thread = threading.Thread(target=open_too, daemon=True)
    with committed() as first:
        open_day(first, sale, now)
        thread.start()
        wait_until_blocked(engine, backend_of(first), by_thread=thread)
    thread.join(DEADLINE_SECONDS)

    assert refused == [True]


def test_who_pays_a_share_does_not_wait_for_who_holds_its_order(committed, sale, now):
    """Who holds the order may want the share next: waiting for each other would be a ring."""
    with committed() as first:
        lock_order(first, sale.order_id)
        with committed() as second:
            second.execute(text("SET LOCAL lock_timeout = '2s'"))
            by_cash(second, sale, now)
        (row,) = obligations.lock_obligations(first, [sale.obligations[0]])

        assert row.status == "settled"


def test_who_puts_a_share_on_a_pay_day_does_not_wait_for_its_order_either(committed, sale, now):
    with committed() as first:
        lock_order(first, sale.order_id)
        with committed() as second:
            second.execute(text("SET LOCAL lock_timeout = '2s'"))
            open_day(second, sale, now)
            (row,) = obligations.lock_obligations(second, [sale.obligations[0]])

            assert isinstance(row, Obligation)
            assert second.query(PayDayLine).count() == len(sale.obligations)
