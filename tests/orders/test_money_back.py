"""A refund is made exactly once, whatever dies and wherever, and follows what Stripe says."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.db import transaction
from orders import money_back
from orders.money_back import RefundNotOpen
from orders.refund_models import Refund, RefundAttempt
from payments.attempts import Result
from payments.errors import Unreachable
from payments.gateway import Gateway
from tests.orders.buying import time_at
from tests.orders.refunding import (
    at_stripe,
    attempts_of,
    begin,
    bought,
    notes,
    request,
    send,
    status_of,
)
from tests.support.peer import PeerProcess
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("committed")
HOUR = timedelta(hours=1)
REFUNDS = {"method": "POST", "path_prefix": "/v1/refunds", "times": 1}


@pytest.fixture
def sale(gateway, peer, now):
    return bought(gateway, peer, now)


@pytest.fixture
def later():
    """A stand-in whose clock may be moved without harm to other tests: sale, gateway, peer, now."""
    with PeerProcess() as peer:
        gateway = Gateway(
            secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url
        )
        now = time_at(peer)
        yield bought(gateway, peer, now), gateway, peer, now


@pytest.fixture(autouse=True)
def _quick_again(peer):
    yield
    peer.slow_refunds(False)


def begun(refund_id, now):
    """An attempt whose worker died before it called Stripe."""
    with transaction() as session:
        return begin(session, refund_id, now)


def test_a_refund_reaches_the_buyer_and_says_what_it_took(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)

    assert send(gateway, refund_id, now) is Result.DONE

    (sent,) = at_stripe(gateway, sale)
    assert sent.metadata == {"refund": str(refund_id), "order": str(sale.order_id)}
    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        assert (refund.status, refund.stripe_id) == ("succeeded", sent.id)
        assert (refund.settled_minor, refund.settlement_currency) == (1000, "USD")
        assert refund.answered_at == now


def test_sending_again_sends_nothing_more(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    send(gateway, refund_id, now)

    assert send(gateway, refund_id, now) is Result.NOT_NOW
    assert len(at_stripe(gateway, sale)) == 1
    assert len(notes("order.refunded")) == 1


@pytest.mark.parametrize("fault", ["drop_answer", "rate_limit"])
def test_silence_repeats_the_same_key(gateway, peer, sale, now, fault):
    refund_id = request(sale, now, minor=1000)
    peer.arm(kind=fault, **REFUNDS)

    with pytest.raises(Unreachable):
        send(gateway, refund_id, now)
    assert status_of(refund_id) == "asking"
    assert send(gateway, refund_id, now + HOUR) is Result.DONE

    assert attempts_of(refund_id) == [(1, "done")]
    assert len(at_stripe(gateway, sale)) == 1
    asked = [row for row in peer.requests() if str(refund_id) in str(row["idempotency_key"])]
    assert {row["idempotency_key"] for row in asked} == {f"rf:{refund_id}:1"}


def test_an_error_after_the_refund_was_made_is_looked_into_at_once(gateway, peer, sale, now):
    refund_id = request(sale, now, minor=1000)
    peer.arm(kind="error_500_after", **REFUNDS)

    assert send(gateway, refund_id, now) is Result.DONE

    assert len(at_stripe(gateway, sale)) == 1
    assert status_of(refund_id) == "succeeded"


def test_a_worker_that_died_after_the_call_is_followed_without_a_second_refund(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    asking = begun(refund_id, now)
    gateway.refund(asking.request, key=asking.key)

    assert send(gateway, refund_id, now + HOUR) is Result.DONE
    assert len(at_stripe(gateway, sale)) == 1


def test_after_23_hours_stripe_is_asked_before_anything_else(later):
    sale, gateway, peer, now = later
    refund_id = request(sale, now, minor=1000)
    asking = begun(refund_id, now)
    gateway.refund(asking.request, key=asking.key)
    peer.advance(25 * 3600)  # Stripe has forgotten the key: the same one would refund again.

    assert send(gateway, refund_id, now + 25 * HOUR) is Result.DONE
    assert len(at_stripe(gateway, sale)) == 1


def test_what_never_arrived_is_tried_under_the_next_number(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    begun(refund_id, now)

    assert send(gateway, refund_id, now + 23 * HOUR) is Result.REFUSED
    assert send(gateway, refund_id, now + 24 * HOUR) is Result.DONE

    assert attempts_of(refund_id) == [(1, "never_arrived"), (2, "done")]
    assert len(at_stripe(gateway, sale)) == 1


def test_one_that_arrived_late_is_found_before_the_next_attempt(gateway, peer, sale, now):
    refund_id = request(sale, now, minor=1000)
    asking = begun(refund_id, now)
    send(gateway, refund_id, now + 23 * HOUR)
    gateway.refund(asking.request, key=asking.key)

    assert send(gateway, refund_id, now + 24 * HOUR) is Result.DONE
    assert len(at_stripe(gateway, sale)) == 1


class Refusing:
    """Stripe saying no once, by a request that asks for more than there is."""

    def __init__(self, refund_id, minor):
        self.refund_id, self.minor = refund_id, minor

    def amount(self, minor):
        with transaction() as session:
            session.execute(
                text("UPDATE refunds SET amount_minor = :minor WHERE id = :id"),
                {"minor": minor, "id": self.refund_id},
            )

    def __enter__(self):
        self.amount(99_999)

    def __exit__(self, *_trouble):
        self.amount(self.minor)


def test_a_no_rests_and_the_next_try_has_the_next_number(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    charged(sale, 99_999)
    with Refusing(refund_id, 1000):
        assert send(gateway, refund_id, now) is Result.REFUSED
    assert send(gateway, refund_id, now + timedelta(minutes=59)) is Result.NOT_NOW
    assert status_of(refund_id) == "asking"

    assert send(gateway, refund_id, now + HOUR) is Result.DONE

    assert attempts_of(refund_id) == [(1, "refused"), (2, "done")]
    with transaction() as session:
        first = session.query(RefundAttempt).filter_by(refund_id=refund_id, number=1).one()
        assert "greater than unrefunded amount" in (first.reason or "")


def charged(sale, minor):
    """Our side believes that more was charged than Stripe does."""
    with transaction() as session:
        session.execute(text("ALTER TABLE order_payments DISABLE TRIGGER USER"))
        session.execute(
            text("UPDATE order_payments SET charged_minor = :minor WHERE order_id = :id"),
            {"minor": minor, "id": sale.order_id},
        )
        session.execute(text("ALTER TABLE order_payments ENABLE TRIGGER USER"))


def test_a_person_may_ask_again_without_the_rest(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    charged(sale, 99_999)
    with Refusing(refund_id, 1000):
        send(gateway, refund_id, now)

    with transaction() as session:
        attempt = money_back.attempt_again(
            session, refund_id=refund_id, actor=sale.treasurer, now=now
        )
        assert attempt.number == 2
    assert send(gateway, refund_id, now) is Result.DONE

    assert attempts_of(refund_id) == [(1, "refused"), (2, "done")]


def test_a_try_that_may_still_succeed_is_gone_on_with(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    begun(refund_id, now)

    with transaction() as session:
        again = money_back.attempt_again(
            session, refund_id=refund_id, actor=sale.treasurer, now=now
        )

    assert again.number == 1
    assert attempts_of(refund_id) == [(1, None)]


def test_what_stripe_has_answered_is_not_asked_again(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    send(gateway, refund_id, now)

    with pytest.raises(RefundNotOpen), transaction() as session:
        money_back.attempt_again(session, refund_id=refund_id, actor=sale.treasurer, now=now)


def test_a_job_that_ran_out_of_tries_is_taken_up_by_the_sweep_once(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    begun(refund_id, now)
    with transaction() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))

    for _ in range(2):
        with transaction() as session:
            money_back.take_up(session, now=now)

    with transaction() as session:
        waiting = session.execute(
            text(
                "SELECT count(*) FROM procrastinate_jobs"
                " WHERE task_name = 'refund.send' AND status = 'todo'"
            )
        )
        assert waiting.scalar_one() == 1


def test_the_sweep_lets_what_was_refused_rest(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    charged(sale, 99_999)
    with Refusing(refund_id, 1000):
        send(gateway, refund_id, now)
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        assert money_back.take_up(session, now=now + timedelta(minutes=59)) == 0
        assert money_back.take_up(session, now=now + HOUR) == 1


def test_a_charge_that_went_back_already_ends_the_refund_with_its_reason(gateway, sale, now):
    refund_id = request(sale, now, minor=1000)
    gateway.refund({"charge": sale.charge_id}, key=f"dashboard:{sale.charge_id}")

    assert send(gateway, refund_id, now) is Result.DONE

    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        assert refund.status == "failed"
        assert "already been refunded" in (refund.failure or "")
    assert attempts_of(refund_id) == [(1, "refused")]
    assert notes("order.refunded") == notes("order.refund_failed") == []


def test_a_no_because_our_own_refund_was_made_already_is_a_yes(later):
    sale, gateway, peer, now = later
    refund_id = request(sale, now, whole=True)
    asking = begun(refund_id, now)
    gateway.refund(asking.request, key=asking.key)
    peer.advance(25 * 3600)  # Stripe's clock is ahead of ours: it has forgotten the key.

    assert send(gateway, refund_id, now + HOUR) is Result.DONE

    assert status_of(refund_id) == "succeeded"
    assert len(at_stripe(gateway, sale)) == 1


def test_a_charge_that_is_disputed_ends_the_refund_with_its_reason(gateway, peer, sale, now):
    refund_id = request(sale, now, minor=1000)
    peer.dispute(sale.charge_id)

    send(gateway, refund_id, now)

    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        assert (refund.status, "charged back" in (refund.failure or "")) == ("failed", True)


def test_a_slow_refund_is_booked_at_once_and_ends_when_stripe_says_so(gateway, peer, sale, now):
    peer.slow_refunds()
    refund_id = request(sale, now, minor=1000)
    send(gateway, refund_id, now)
    assert status_of(refund_id) == "pending"
    assert len(notes("order.refunded")) == 1

    (sent,) = at_stripe(gateway, sale)
    peer.end_refund(sent.id, "succeeded")
    money_back.look(gateway, refund_id=refund_id, now=now + HOUR)

    assert status_of(refund_id) == "succeeded"
    assert len(notes("order.refunded")) == 1


@pytest.mark.parametrize("slow", [True, False])
def test_a_refund_that_fails_later_says_why_and_leaves_word(gateway, peer, sale, now, slow):
    peer.slow_refunds(slow)
    refund_id = request(sale, now, minor=1000)
    send(gateway, refund_id, now)
    (sent,) = at_stripe(gateway, sale)

    peer.end_refund(sent.id, "failed")
    for _ in range(2):
        money_back.look(gateway, refund_id=refund_id, now=now + HOUR)

    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        assert (refund.status, refund.failure) == ("failed", "expired_or_canceled_card")
    assert notes("order.refund_failed") == [{"refund_id": str(refund_id)}]
    request(sale, now, minor=9000)  # it counts no more


def test_those_under_way_are_asked_after(gateway, peer, sale, now):
    peer.slow_refunds()
    refund_id = request(sale, now, minor=1000)
    send(gateway, refund_id, now)
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        assert money_back.look_after(session) == 1

    assert notes("refund.look") == [{"refund_id": str(refund_id)}]


def test_two_workers_and_one_refund_make_one(committed, gateway, sale, now):
    refund_id = request(sale, now, minor=1000)

    def second_worker():
        return send(gateway, refund_id, now)

    with committed() as first:
        asking = begin(first, refund_id, now)
        assert commit_while_blocked(first, second_worker) is Result.DONE

    gateway.refund(asking.request, key=asking.key)
    assert attempts_of(refund_id) == [(1, "done")]
    assert len(at_stripe(gateway, sale)) == 1
