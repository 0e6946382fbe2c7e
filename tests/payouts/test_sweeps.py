"""A sweep tells the queue of what can be paid now, once, and of nothing else."""

import pytest
from sqlalchemy import text

from core.db import transaction
from orders import disputes
from payouts import obligations
from tests.orders.buying import jobs
from tests.payouts.selling import due_sale
from tests.payouts.test_disputed import charge_of

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


def told(now, **about):
    """Whom a sweep tells of, when the queue is empty."""
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    with transaction() as session:
        obligations.fall_due(session, now=now, **about)
        return sorted(row["obligation_id"] for row in jobs(session, "obligation.settle"))


def test_what_is_frozen_is_told_of_only_once_it_is_free(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    (owed,) = sale.obligations
    made = peer.dispute(charge_of(sale))
    with transaction() as session:
        disputes.apply_dispute(session, gateway.read_dispute(made["id"]), now=now)

    assert told(now) == []

    peer.move_dispute(made["id"], "won")
    with transaction() as session:
        disputes.apply_dispute(session, gateway.read_dispute(made["id"]), now=now)
    assert told(now) == [str(owed)]


def test_who_hands_over_one_order_tells_of_that_one(gateway, peer, now):
    one, other = due_sale(gateway, peer, now), due_sale(gateway, peer, now)

    assert told(now, order_id=one.order_id) == [str(one.obligations[0])]
    assert told(now) == sorted(str(sale.obligations[0]) for sale in (one, other))


def test_what_the_queue_was_told_of_is_not_told_again(gateway, peer, now):
    due_sale(gateway, peer, now)
    told(now)

    with transaction() as session:
        obligations.fall_due(session, now=now)
        assert len(jobs(session, "obligation.settle")) == 1
