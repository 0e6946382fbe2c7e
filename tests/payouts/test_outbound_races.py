"""Two who pay, hear or take back at the same time: whoever comes second waits and finds it done."""

import pytest

from core.db import transaction
from payouts import by_hand, outbound
from payouts.outbound_outcomes import lock_payment, record_status
from payouts.transfers import Result
from tests.payouts.banking import banked
from tests.payouts.selling import status_of
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def weaver(committed, gateway, peer, now):
    return banked(gateway, peer, now)


def test_two_workers_make_one_payment(weaver, now, committed):
    weaver.owe(18000, now)
    errand = outbound._Paying(weaver.gateway.banks, weaver.id, "PEN")
    with committed() as first:
        asking = errand.begin(first, now)
        second = commit_while_blocked(first, lambda: weaver.pay(now))

    assert asking is not None
    assert second is Result.DONE
    (payment,) = weaver.payments()
    assert (payment.id, len(weaver.at_stripe())) == (asking.attempt_id, 1)


def test_two_who_hear_of_it_meet_her_obligations_once(weaver, now, committed):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    (payment,) = weaver.payments()
    weaver.peer.end_outbound(payment.stripe_id, "posted")
    (seen,) = weaver.at_stripe()
    with committed() as first:
        record_status(first, *lock_payment(first, payment.id), seen, now=now)
        commit_while_blocked(first, lambda: weaver.hear(payment.stripe_id, now))

    assert (status_of(owed), weaver.payments()[0].status) == ("settled", "posted")


def test_nobody_pays_by_hand_what_is_just_being_sent_to_her_bank(weaver, now, committed):
    owed = weaver.owe(18000, now)
    errand = outbound._Paying(weaver.gateway.banks, weaver.id, "PEN")

    def by_hand_too():
        with pytest.raises(by_hand.NotDue), transaction() as session:
            by_hand.settle_by_hand(
                session,
                obligation_id=owed,
                method="cash",
                witness_id=weaver.witness_id,
                actor=weaver.treasurer,
                now=now,
            )

    with committed() as first:
        errand.begin(first, now)
        commit_while_blocked(first, by_hand_too)

    assert status_of(owed) == "settling"
