"""Refunds and reversals, and what Stripe refuses of them (its API reference)."""

import pytest
import stripe

from tests.stripe_peer.making import make_account, make_charge, make_session, refused


def give_back(peer, charge, **more):
    return peer.client().v1.refunds.create({"charge": charge.id, **more})


def held(peer, currency="usd", **options):
    """What the platform, or an account, holds, pending or not."""
    balance = peer.client().v1.balance.retrieve(options=options)
    return sum(
        one.amount for one in [*balance.available, *balance.pending] if one.currency == currency
    )


def send(peer, charge, amount):
    return peer.client().v1.transfers.create(
        {
            "amount": amount,
            "currency": "usd",
            "destination": make_account(peer),
            "source_transaction": charge.id,
        }
    )


def test_a_refund_takes_the_amount_and_stripe_keeps_its_fee(fresh):
    charge = make_charge(fresh)
    fee = charge.balance_transaction.fee

    made = give_back(fresh, charge, expand=["balance_transaction"])

    assert (made.amount, made.status) == (9000, "succeeded")
    assert (made.balance_transaction.amount, made.balance_transaction.fee) == (-9000, 0)
    assert held(fresh) == -fee
    after = fresh.client().v1.charges.retrieve(charge.id)
    assert (after.refunded, after.amount_refunded) == (True, 9000)


def test_two_equal_parts_are_two_refunds_and_together_never_more_than_the_charge(peer):
    charge = make_charge(peer)

    first, second = give_back(peer, charge, amount=4000), give_back(peer, charge, amount=4000)

    assert first.id != second.id
    assert (
        "greater than unrefunded amount"
        in refused(lambda: give_back(peer, charge, amount=1001))["message"]
    )
    assert give_back(peer, charge).amount == 1000
    assert refused(lambda: give_back(peer, charge))["code"] == "charge_already_refunded"


def test_a_refund_by_its_intent_is_of_the_charge(peer):
    charge = make_charge(peer)

    made = peer.client().v1.refunds.create({"payment_intent": charge.payment_intent})

    assert made.charge == charge.id


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "parameter_missing"),
        ({"charge": "ch_nobody"}, "resource_missing"),
        ({"payment_intent": "pi_nobody"}, "resource_missing"),
    ],
    ids=["of nothing", "of no charge", "of no intent"],
)
def test_a_refund_of_what_is_not_there_is_refused(client, params, code):
    assert refused(lambda: client.v1.refunds.create(params))["code"] == code


def test_a_charge_that_failed_is_not_refunded(peer):
    session = make_session(peer.client())
    peer.pay(session.url, "decline")
    (failed,) = [
        one for one in peer.client().v1.charges.list({"limit": 1}).data if one.status == "failed"
    ]

    assert refused(lambda: give_back(peer, failed))["param"] == "charge"


def test_an_unknown_parameter_or_reason_is_refused(peer):
    charge = make_charge(peer)

    assert refused(lambda: give_back(peer, charge, why="x"))["code"] == "parameter_unknown"
    assert refused(lambda: give_back(peer, charge, reason="because"))["param"] == "reason"


def test_a_refund_is_converted_at_the_rate_of_its_own_day(fresh):
    charge = make_charge(fresh, amount=10_000, currency="eur")
    before = charge.balance_transaction.amount
    fresh.rates(eur="1.50")

    made = give_back(fresh, charge, expand=["balance_transaction"])

    assert made.balance_transaction.amount == -15_000 != -before
    assert made.balance_transaction.currency == "usd"


@pytest.mark.parametrize("outcome", ["failed", "canceled"])
def test_a_refund_that_fails_after_it_succeeded_puts_the_money_back(fresh, outcome):
    charge = make_charge(fresh)
    before = held(fresh)
    made = give_back(fresh, charge)

    fresh.end_refund(made.id, outcome)

    after = fresh.client().v1.refunds.retrieve(made.id)
    assert after.status == outcome
    assert after.failure_balance_transaction
    assert held(fresh) == before
    assert not fresh.client().v1.charges.retrieve(charge.id).refunded


def test_a_slow_refund_is_pending_until_it_is_ended(fresh):
    charge = make_charge(fresh)
    fresh.slow_refunds()
    made = give_back(fresh, charge)

    assert made.status == "pending"
    fresh.end_refund(made.id, "succeeded")
    assert fresh.client().v1.refunds.retrieve(made.id).status == "succeeded"


def test_refunding_a_charge_reverses_no_transfer(peer):
    charge = make_charge(peer)
    sent = send(peer, charge, 3000)

    give_back(peer, charge)

    assert peer.client().v1.transfers.retrieve(sent.id).amount_reversed == 0


def test_refunds_are_listed_by_charge(peer):
    charge = make_charge(peer)
    made = give_back(peer, charge, amount=100, metadata={"refund": "7"})

    (found,) = peer.client().v1.refunds.list({"charge": charge.id}).data

    assert (found.id, found.metadata["refund"]) == (made.id, "7")


def test_what_it_tells_of_a_refund(fresh):
    charge = make_charge(fresh)
    made = give_back(fresh, charge)
    fresh.end_refund(made.id, "failed")

    told = [event.type for event in fresh.client().v1.events.list({"limit": 3}).data]

    assert told == ["refund.failed", "charge.refunded", "refund.created"]


def test_a_reversal_brings_a_transfer_back_in_parts_and_never_more(fresh):
    charge = make_charge(fresh)
    sent = send(fresh, charge, 3000)
    before = held(fresh)
    reversals = fresh.client().v1.transfers.reversals

    first = reversals.create(sent.id, {"amount": 1000, "metadata": {"recovery": "1"}})
    assert isinstance(first, stripe.TransferReversal)
    assert held(fresh) == before + 1000
    assert refused(lambda: reversals.create(sent.id, {"amount": 2001}))["param"] == "amount"
    second = reversals.create(sent.id)

    assert second.amount == 2000
    after = fresh.client().v1.transfers.retrieve(sent.id)
    assert (after.reversed, after.amount_reversed) == (True, 3000)
    assert [one.id for one in reversals.list(sent.id).data] == [second.id, first.id]
    assert refused(lambda: reversals.create(sent.id))["status"] == 400


def test_what_she_has_spent_does_not_come_back(fresh):
    charge = make_charge(fresh)
    sent = send(fresh, charge, 3000)
    fresh.spend(sent.destination, 2500)

    error = refused(lambda: fresh.client().v1.transfers.reversals.create(sent.id))

    assert error["code"] == "balance_insufficient"
    assert held(fresh, stripe_account=sent.destination) == 500
