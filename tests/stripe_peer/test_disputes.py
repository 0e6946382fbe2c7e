"""Disputes: inquiries move nothing, the platform bears the rest (Stripe's docs on disputes)."""

import pytest

from tests.stripe_peer.making import make_charge, refused
from tests.stripe_peer.test_refunds import give_back, held


def test_a_dispute_takes_the_money_and_a_fee_at_once(fresh):
    charge = make_charge(fresh)
    before = held(fresh)

    made = fresh.dispute(charge.id, reason="fraudulent")

    assert held(fresh) == before - 9000 - 1500
    found = fresh.client().v1.disputes.retrieve(made["id"])
    assert (found.status, found.reason, found.amount) == ("needs_response", "fraudulent", 9000)
    (taken,) = found.balance_transactions
    assert (taken.amount, taken.fee, taken.net) == (-9000, 1500, -10500)
    assert fresh.client().v1.charges.retrieve(charge.id).disputed


def test_an_inquiry_moves_nothing_and_may_become_a_dispute(fresh):
    charge = make_charge(fresh)
    before = held(fresh)

    asked = fresh.dispute(charge.id, inquiry=True)
    assert (asked["status"], held(fresh)) == ("warning_needs_response", before)
    fresh.move_dispute(asked["id"], "needs_response")
    fresh.move_dispute(asked["id"], "funds_withdrawn")

    assert held(fresh) == before - 10500


@pytest.mark.parametrize(("end", "back"), [("won", 10500), ("lost", 0)])
def test_what_is_won_comes_back_and_what_is_lost_does_not(fresh, end, back):
    made = fresh.dispute(make_charge(fresh).id)
    after = held(fresh)

    fresh.move_dispute(made["id"], end)

    assert held(fresh) == after + back
    told = [event.type for event in fresh.client().v1.events.list({"limit": 10}).data]
    assert told[0] == "charge.dispute.closed"
    assert ("charge.dispute.funds_reinstated" in told) is (end == "won")
    with pytest.raises(RuntimeError):
        fresh.move_dispute(made["id"], "won")


def test_evidence_is_submitted_once_and_then_looked_at(peer):
    made = peer.dispute(make_charge(peer).id)
    client = peer.client()

    client.v1.disputes.update(made["id"], {"evidence": {"product_description": "A lliklla"}})

    found = client.v1.disputes.retrieve(made["id"])
    assert found.status == "under_review"
    assert found.evidence.product_description == "A lliklla"
    assert found.evidence_details.submission_count == 1


def test_a_disputed_charge_is_not_refunded_and_not_disputed_twice(peer):
    charge = make_charge(peer)
    peer.dispute(charge.id)

    assert refused(lambda: give_back(peer, charge))["code"] == "charge_disputed"
    with pytest.raises(RuntimeError, match="cannot be disputed"):
        peer.dispute(charge.id)


def test_of_what_went_back_whole_nothing_is_left_to_dispute(peer):
    charge = make_charge(peer)
    give_back(peer, charge)

    with pytest.raises(RuntimeError, match="nothing is left"):
        peer.dispute(charge.id)


def test_a_dispute_that_is_given_up_is_lost(peer):
    made = peer.dispute(make_charge(peer).id)

    assert peer.client().v1.disputes.close(made["id"]).status == "lost"


def test_a_payout_to_the_bank_may_fail_after_it_was_paid(fresh):
    make_charge(fresh)
    fresh.advance(3 * 24 * 3600)
    before = held(fresh)
    made = fresh.client().v1.payouts.create({"amount": 5000, "currency": "usd"})
    assert held(fresh) == before - 5000

    fresh.end_payout(made.id, "paid")
    fresh.end_payout(made.id, "failed")

    assert held(fresh) == before
    assert fresh.client().v1.payouts.retrieve(made.id).status == "failed"


def test_a_payout_of_what_is_not_available_is_refused(fresh):
    make_charge(fresh)

    error = refused(lambda: fresh.client().v1.payouts.create({"amount": 5000, "currency": "usd"}))

    assert error["code"] == "balance_insufficient"
