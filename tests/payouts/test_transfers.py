"""Each obligation is paid exactly once, whatever dies, wherever, however often."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.db import current_session, transaction
from core.errors import NotFound
from core.ids import new_id
from payments.errors import Unreachable
from payouts import ledger, obligations, transfers
from payouts.models import Obligation, PayoutAccount, Settlement, SettlementAttempt
from payouts.transfers import Result
from tests.payouts.selling import (
    DAY,
    attempts_of,
    begin,
    begun,
    connect,
    due_sale,
    hand_over,
    sell,
    status_of,
)
from tests.payouts.selling import transfers as at_stripe
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("committed")


def settle(gateway, sale, now):
    return transfers.settle(gateway, obligation_id=sale.obligations[0], now=now)


def test_a_due_share_reaches_her_account_and_the_ledger_says_so(gateway, peer, now):
    sale = due_sale(gateway, peer, now)

    assert settle(gateway, sale, now) is Result.DONE

    (made,) = at_stripe(gateway, sale)
    assert (made.amount.minor, made.amount.currency) == (4760, "USD")
    owed = str(sale.obligations[0])
    assert made.metadata == {"obligation": owed, "round": "1", "attempt": "1"}
    with transaction() as session:
        held = ledger.balances(session, sale.cooperative_id)
        assert held["stripe", "USD"] == 6800 - 227 - 4760
        assert (f"maker:{sale.makers[0]}", "USD") not in held


def test_settling_again_pays_nothing_more(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)

    assert settle(gateway, sale, now) is Result.NOT_NOW
    assert len(at_stripe(gateway, sale)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_answer"},
        {"kind": "error_500_before"},
        {"kind": "rate_limit"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_silence_repeats_the_same_key_and_pays_once(gateway, peer, now, fault):
    sale = due_sale(gateway, peer, now)
    peer.arm(**fault, method="POST", path_prefix="/v1/transfers", times=1)

    with pytest.raises(Unreachable):
        settle(gateway, sale, now)
    assert status_of(sale.obligations[0]) == "settling"
    # Stripe replays a 500 under its key for a day, so the answer may have to wait for the look-up.
    later = now
    while True:
        try:
            outcome = settle(gateway, sale, later)
        except Unreachable:
            later = now + timedelta(hours=24)
            peer.advance(24 * 3600)
            continue
        if outcome is Result.DONE:
            break
        later += timedelta(hours=2)

    assert len(at_stripe(gateway, sale)) == 1
    assert status_of(sale.obligations[0]) == "settled"
    keys = {
        request["idempotency_key"]
        for request in peer.requests()
        if str(sale.obligations[0]) in str(request["idempotency_key"])
    }
    assert keys <= {key for _, key, _ in attempts_of(sale.obligations[0])}


def test_an_error_of_stripes_own_is_looked_into_at_once(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    peer.arm(kind="error_500_after", method="POST", path_prefix="/v1/transfers", times=1)

    assert settle(gateway, sale, now) is Result.DONE

    assert len(at_stripe(gateway, sale)) == 1
    assert status_of(sale.obligations[0]) == "settled"


def test_a_worker_that_died_before_the_call_is_followed_under_the_same_key(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    key = begun(sale.obligations[0], now).key

    assert settle(gateway, sale, now + timedelta(hours=1)) is Result.DONE

    assert attempts_of(sale.obligations[0]) == [(1, key, "done")]
    assert len(at_stripe(gateway, sale)) == 1


def test_a_worker_that_died_after_the_call_is_followed_without_paying_again(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    call = begun(sale.obligations[0], now)
    gateway.transfer(call.request, key=call.key)

    assert settle(gateway, sale, now + timedelta(hours=1)) is Result.DONE
    assert len(at_stripe(gateway, sale)) == 1


def test_after_23_hours_stripe_is_asked_before_anything_else(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    call = begun(sale.obligations[0], now)
    gateway.transfer(call.request, key=call.key)
    peer.advance(25 * 3600)  # Stripe has forgotten the key: the same one would pay again.

    assert settle(gateway, sale, now + timedelta(hours=25)) is Result.DONE
    assert len(at_stripe(gateway, sale)) == 1


def test_what_never_arrived_in_23_hours_is_tried_under_the_next_number(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    begun(sale.obligations[0], now)

    later = now + timedelta(hours=23)
    assert settle(gateway, sale, later) is Result.REFUSED
    assert settle(gateway, sale, later + timedelta(hours=1)) is Result.DONE

    outcomes = [(number, outcome) for number, _, outcome in attempts_of(sale.obligations[0])]
    assert outcomes == [(1, "never_arrived"), (2, "done")]
    assert len(at_stripe(gateway, sale)) == 1


def test_a_no_leaves_it_owed_with_the_reason_and_the_next_try_has_the_next_number(
    gateway, peer, now
):
    sale = due_sale(gateway, peer, now)
    with transaction() as session:
        account_id = session.get_one(PayoutAccount, sale.makers[0]).account_id
    peer.activate(account_id, "restricted")

    assert settle(gateway, sale, now) is Result.REFUSED
    assert status_of(sale.obligations[0]) == "due"
    assert settle(gateway, sale, now) is Result.NOT_NOW
    with transaction() as session:
        assert session.query(SettlementAttempt).one().reason

    peer.activate(account_id, "active")
    assert settle(gateway, sale, now + timedelta(hours=1)) is Result.DONE
    assert [number for number, _, _ in attempts_of(sale.obligations[0])] == [1, 2]


@pytest.mark.parametrize("capability", ["pending", "restricted"])
def test_nothing_is_tried_while_her_account_is_not_active(gateway, peer, now, capability):
    sale = sell(gateway, peer, now, weights=(1,))
    connect(gateway, peer, sale, sale.makers[0], now, status=capability)
    hand_over(sale, now)

    assert settle(gateway, sale, now) is Result.NOT_NOW
    assert attempts_of(sale.obligations[0]) == []
    assert status_of(sale.obligations[0]) == "due"


def test_a_share_that_is_held_or_has_no_account_is_left_as_it_is(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,), channel="online")
    assert settle(gateway, sale, now) is Result.NOT_NOW

    hand_over(sale, now - 8 * DAY)
    assert settle(gateway, sale, now) is Result.NOT_NOW
    assert attempts_of(sale.obligations[0]) == []


def test_an_obligation_nobody_knows_is_not_found(gateway, now):
    with pytest.raises(NotFound):
        transfers.settle(gateway, obligation_id=new_id(), now=now)


def test_two_workers_and_one_obligation_make_one_attempt_and_one_transfer(
    gateway, peer, now, committed
):
    sale = due_sale(gateway, peer, now)

    def second_worker():
        return settle(gateway, sale, now)

    with committed() as first:
        call = begin(first, sale.obligations[0], now)
        assert commit_while_blocked(first, second_worker) is Result.DONE

    # The first worker goes on as if nothing had happened: same key, same answer, nothing new.
    made = gateway.transfer(call.request, key=call.key)
    with transaction() as session:
        transfers.record_yes(session, call.id, made, now)
    assert len(at_stripe(gateway, sale)) == 1
    with transaction() as session:
        assert session.query(Settlement).filter_by(obligation_id=sale.obligations[0]).count() == 1


def test_the_database_refuses_a_second_open_attempt_and_a_second_settlement(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)
    live = text(
        "INSERT INTO settlement_attempts (id, cooperative_id, obligation_id, number, rail, key,"
        " request, started_at) SELECT gen_random_uuid(), cooperative_id, obligation_id, 2, rail,"
        " key || 'x', request, started_at FROM settlement_attempts"
    )
    with pytest.raises(IntegrityError, match="one_live"), transaction() as session:
        session.execute(live)
    second = text(
        "INSERT INTO settlements (id, cooperative_id, obligation_id, rail, amount_minor, currency,"
        " transfer_id, settled_at, actor) SELECT gen_random_uuid(), cooperative_id, obligation_id,"
        " rail, amount_minor, currency, transfer_id || 'x', settled_at, actor FROM settlements"
    )
    with pytest.raises(IntegrityError, match="obligation_id"), transaction() as session:
        session.execute(second)


def test_an_amount_is_frozen_with_its_attempt(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)

    with transaction() as session:
        attempt = session.query(SettlementAttempt).one()
        assert attempt.request["amount"] == 4760
        assert attempt.request["source_transaction"].startswith("ch_")


def test_what_is_due_is_left_to_be_settled_when_her_account_becomes_active(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,))
    hand_over(sale, now)
    assert waiting() == []

    connect(gateway, peer, sale, sale.makers[0], now)

    assert waiting() == [str(sale.obligations[0])]


def test_a_sweep_takes_up_what_was_begun_and_leaves_one_word_for_each(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    with transaction() as session:
        begin(session, sale.obligations[0], now)
        session.execute(text("DELETE FROM procrastinate_jobs"))
    for _ in range(2):
        with transaction() as session:
            obligations.fall_due(session, now=now)

    assert waiting() == [str(sale.obligations[0])]
    with transaction() as session:
        assert session.get_one(Obligation, sale.obligations[0]).status == "settling"


def waiting():
    rows = current_session().execute(
        text(
            "SELECT args ->> 'obligation_id' FROM procrastinate_jobs"
            " WHERE task_name = 'obligation.settle'"
        )
    )
    found = list(rows.scalars())
    current_session().rollback()
    return found
