"""Transfers and their refusals (stripe.md, "Separate charges and transfers")."""

import threading
from typing import Any

import pytest
import stripe

from tests.stripe_peer.making import make_account, make_charge, make_session, refused

DAY = 24 * 60 * 60


def send(peer: Any, destination: str, amount: int = 1000, **more: Any) -> Any:
    """Create a transfer in dollars unless told."""
    params = {"amount": amount, "currency": "usd", "destination": destination, **more}
    return peer.client().v1.transfers.create(params)


def test_with_a_source_a_transfer_succeeds_before_the_charge_has_settled(peer):
    """Its funds wait for the charge's; the group is the charge's."""
    charge = make_charge(peer, payment_intent_data={"transfer_group": "order-1"})
    account = make_account(peer)
    sent = send(peer, account, source_transaction=charge.id, metadata={"obligation": "7"})
    assert (sent.amount, sent.transfer_group) == (1000, "order-1")
    client = peer.client()
    debit = client.v1.balance_transactions.retrieve(sent.balance_transaction)
    assert (debit.net, debit.status) == (-1000, "pending")
    assert debit.available_on == charge.balance_transaction.available_on
    hers = client.v1.balance.retrieve(options={"stripe_account": account})
    assert (hers.available[0].amount, hers.pending[0].amount) == (0, 1000)


def test_a_transfer_needs_the_currency_of_the_charges_balance_transaction(peer):
    """Not what the buyer saw."""
    charge = make_charge(peer, amount=50_000, currency="pen")
    account = make_account(peer)
    error = refused(lambda: send(peer, account, currency="pen", source_transaction=charge.id))
    assert (error["status"], error["param"]) == (400, "currency")
    assert send(peer, account, source_transaction=charge.id).currency == "usd"


def test_the_sum_of_transfers_may_not_exceed_the_charge(peer):
    """To the cent."""
    charge = make_charge(peer, amount=5000)
    account = make_account(peer)
    send(peer, account, 3000, source_transaction=charge.id)
    error = refused(lambda: send(peer, account, 2001, source_transaction=charge.id))
    assert (error["status"], error["type"]) == (400, "invalid_request_error")
    assert send(peer, account, 2000, source_transaction=charge.id).amount == 2000


@pytest.mark.parametrize("status", ["restricted", "pending"])
def test_an_account_without_the_active_capability_is_not_paid(peer, status):
    """Gate on `capabilities.transfers == "active"`."""
    charge = make_charge(peer)
    account = make_account(peer, status)
    error = refused(lambda: send(peer, account, source_transaction=charge.id))
    assert error["code"] == "insufficient_capabilities_for_transfer"


def test_an_unknown_destination_or_source_is_refused(peer):
    """400, since the id stood in a parameter."""
    error = refused(lambda: send(peer, "acct_nobody"))
    assert (error["status"], error["code"], error["param"]) == (
        400,
        "resource_missing",
        "destination",
    )
    account = make_account(peer)
    error = refused(lambda: send(peer, account, source_transaction="ch_nothing"))
    assert (error["code"], error["param"]) == ("resource_missing", "source_transaction")


def test_without_a_source_the_platform_needs_available_money(fresh):
    """`balance_insufficient` until the charge has settled."""
    make_charge(fresh, amount=10_000)
    account = make_account(fresh)
    assert refused(lambda: send(fresh, account))["code"] == "balance_insufficient"
    fresh.advance(3 * DAY)
    assert send(fresh, account, 9_680).amount == 9_680
    assert refused(lambda: send(fresh, account, 1))["code"] == "balance_insufficient"
    available = fresh.client().v1.balance.retrieve().available[0]
    assert available.amount == 0


@pytest.mark.parametrize("outcome", ["decline", "pay_late"])
def test_a_charge_that_has_not_succeeded_is_no_source(peer, outcome):
    """Never transfer before the charge succeeded."""
    client = peer.client()
    session = make_session(client)
    peer.pay(session.url, outcome)
    after = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    account = make_account(peer)
    charge = after.payment_intent.latest_charge
    error = refused(lambda: send(peer, account, source_transaction=charge))
    assert error["param"] == "source_transaction"


@pytest.mark.parametrize("amount", [0, -5])
def test_an_amount_is_positive(peer, amount):
    """Refused before anything is done."""
    error = refused(lambda: send(peer, "acct_any", amount))
    assert (error["code"], error["param"]) == ("parameter_invalid_integer", "amount")


def test_a_transfer_cannot_leave_its_charges_group(peer):
    """`transfer_group` ties things together: two that differ do not."""
    charge = make_charge(peer, payment_intent_data={"transfer_group": "order-1"})
    account = make_account(peer)
    error = refused(
        lambda: send(peer, account, source_transaction=charge.id, transfer_group="order-2")
    )
    assert error["param"] == "transfer_group"


def test_transfers_are_found_by_group_and_destination(peer):
    """The look-up after a day of silence."""
    first, second = make_account(peer), make_account(peer)
    charge = make_charge(peer, payment_intent_data={"transfer_group": "order-look-up"})
    mine = send(peer, first, source_transaction=charge.id)
    other = send(peer, second, source_transaction=charge.id)
    transfers = peer.client().v1.transfers
    grouped = transfers.list({"transfer_group": "order-look-up"})
    assert [sent.id for sent in grouped.data] == [other.id, mine.id]
    hers = transfers.list({"transfer_group": "order-look-up", "destination": first})
    assert [sent.id for sent in hers.data] == [mine.id]


def test_metadata_is_merged_and_an_empty_value_removes_a_key(peer):
    """As on every Stripe object."""
    charge = make_charge(peer)
    sent = send(
        peer, make_account(peer), source_transaction=charge.id, metadata={"a": "1", "b": "2"}
    )
    changed = peer.client().v1.transfers.update(sent.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_a_refused_transfer_changes_nothing(fresh):
    """Neither balance nor list nor news."""
    charge = make_charge(fresh, amount=5000)
    account = make_account(fresh)
    client = fresh.client()
    before = (client.v1.balance.retrieve().to_dict(), len(client.v1.events.list().data))
    refused(lambda: send(fresh, account, 5001, source_transaction=charge.id))
    assert (client.v1.balance.retrieve().to_dict(), len(client.v1.events.list().data)) == before
    assert client.v1.transfers.list().data == []


def test_ten_at_once_cannot_send_more_than_the_charge_brought(peer):
    """One request at a time, whatever the number of callers."""
    charge, account = make_charge(peer, amount=5000), make_account(peer)
    outcomes: list[Any] = []

    def one() -> None:
        try:
            outcomes.append(send(peer, account, source_transaction=charge.id).amount)
        except stripe.InvalidRequestError:
            outcomes.append(None)

    crowd = [threading.Thread(target=one) for _ in range(10)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert sorted(outcomes, key=str) == [1000] * 5 + [None] * 5
    sent = peer.client().v1.transfers.list({"destination": account})
    assert sum(transfer.amount for transfer in sent.data) == 5000
