"""Idempotency keys (stripe.md, "Idempotency")."""

import threading

import pytest
import stripe

from tests.stripe_peer.making import (
    account_params,
    make_account,
    make_charge,
    refused,
    session_params,
    until,
)

DAY = 24 * 60 * 60


def create(client, key, **how):
    return client.v1.checkout.sessions.create(session_params(**how), {"idempotency_key": key})


def test_the_same_key_replays_the_first_answer_and_says_so(client):
    """One object, marked as a replay."""
    first, second = create(client, "replay-1"), create(client, "replay-1")
    assert first.id == second.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    original = second.last_response.headers["Original-Request"]
    assert original == first.last_response.headers["Request-Id"]


def test_other_parameters_under_one_key_are_an_idempotency_error(client):
    """400, type idempotency_error; the SDK's e.code is None."""
    create(client, "other-1")
    with pytest.raises(stripe.IdempotencyError) as told:
        create(client, "other-1", amount=9001)
    assert (told.value.http_status, told.value.code) == (400, None)


def test_a_refusal_is_replayed_for_a_day_although_it_would_succeed_now(fresh):
    """v1: the first executed result, 4xx included; after 24 hours the key is new."""
    charge, account = make_charge(fresh), make_account(fresh, "restricted")
    params = {
        "amount": 100,
        "currency": "usd",
        "destination": account,
        "source_transaction": charge.id,
    }
    transfers = fresh.client().v1.transfers

    def send():
        return transfers.create(params, {"idempotency_key": "ob:1:1"})

    refused(send)
    fresh.activate(account)
    fresh.advance(DAY - 60)
    assert refused(send)["code"] == "insufficient_capabilities_for_transfer"
    fresh.advance(61)
    assert send().amount == 100


def test_after_a_day_the_same_key_makes_a_new_object(fresh):
    """So a key may be repeated for 23 hours, then one looks up first."""
    client = fresh.client()
    first = create(client, "day-1")
    fresh.advance(DAY + 1)
    assert create(client, "day-1").id != first.id


def test_a_parameter_error_is_not_kept(client):
    """The corrected request may use the same key."""
    assert refused(lambda: create(client, "typo-1", colour="red"))["code"] == "parameter_unknown"
    assert create(client, "typo-1").status == "open"


def test_a_500_after_the_work_is_kept_and_replayed(peer, client):
    """v1 replays 500s: the object exists, and the key will never show it."""
    peer.arm("error_500_after", path_prefix="/v1/checkout/sessions")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as told:
            create(client, "broken-1", client_reference_id="broken-1")
        assert told.value.http_status == 500
    made = client.v1.checkout.sessions.list().data
    assert [one.client_reference_id for one in made].count("broken-1") == 1


def test_a_key_in_flight_is_a_409_and_then_a_replay(peer, client):
    """`idempotency_key_in_use`, which is not kept."""
    peer.arm("slow_before", path_prefix="/v1/checkout/sessions", seconds=0.6)
    made = []
    slow = threading.Thread(target=lambda: made.append(create(client, "flight-1")))
    slow.start()
    until(lambda: [r for r in peer.requests() if r["idempotency_key"] == "flight-1"])
    error = refused(lambda: create(client, "flight-1"))
    slow.join()
    assert (error["status"], error["code"]) == (409, "idempotency_key_in_use")
    assert create(client, "flight-1").id == made[0].id


def test_reading_takes_no_key(client):
    """A GET is never replayed."""
    session = create(client, "get-1")
    options = {"idempotency_key": "get-1"}
    read = client.v1.checkout.sessions.retrieve(session.id, options=options)
    assert "Idempotent-Replayed" not in read.last_response.headers


def test_v2_executes_a_failed_request_again(client):
    """v2: a failed request is not kept, even under other parameters."""
    accounts, options = client.v2.core.accounts, {"idempotency_key": "v2-1"}
    refused(lambda: accounts.create(account_params(identity={}), options))
    first = accounts.create(account_params(), options)
    assert accounts.create(account_params(), options).id == first.id


def test_v2_keys_live_thirty_days(fresh):
    """Not one, as in v1."""
    accounts, options = fresh.client().v2.core.accounts, {"idempotency_key": "v2-2"}
    first = accounts.create(account_params(), options)
    fresh.advance(29 * DAY)
    assert accounts.create(account_params(), options).id == first.id
    fresh.advance(2 * DAY)
    assert accounts.create(account_params(), options).id != first.id


def test_twenty_at_once_under_one_key_make_one_object(peer, client):
    """Each gets the object or a 409; none gets another object."""
    outcomes = []

    def one():
        try:
            outcomes.append(create(peer.client(), "crowd-1", client_reference_id="crowd-1").id)
        except stripe.APIError as problem:
            outcomes.append(problem.http_status)

    crowd = [threading.Thread(target=one) for _ in range(20)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert len(outcomes) == 20
    assert len(set(outcomes) - {409}) == 1
    made = client.v1.checkout.sessions.list({"limit": 100}).data
    assert [one.client_reference_id for one in made].count("crowd-1") == 1


def test_v2_shows_what_a_500_hid(peer, client):
    """After a 500 behind the work the repeated request finds the account made."""
    accounts, options = client.v2.core.accounts, {"idempotency_key": "v2-3"}
    peer.arm("error_500_after", path_prefix="/v2/core/accounts")
    error = refused(lambda: accounts.create(account_params(display_name="Once"), options))
    assert error["status"] == 500
    made = accounts.create(account_params(display_name="Once"), options)
    names = [account.display_name for account in accounts.list({"limit": 100}).data]
    assert (made.display_name, names.count("Once")) == ("Once", 1)
