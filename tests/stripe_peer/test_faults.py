"""Faults by request (stripe.md, "The stand-in": drop, 500 after committing, 429, slow)."""

import time
from functools import partial

import pytest
import requests
import stripe

from tests.stripe_peer.making import make_account, make_charge, refused, session_params

SESSIONS = "/v1/checkout/sessions"


def create(client, key, **how):
    return client.v1.checkout.sessions.create(session_params(**how), {"idempotency_key": key})


def made(client, mark):
    """How many sessions with this mark exist."""
    found = client.v1.checkout.sessions.list({"limit": 100}).data
    return [one.client_reference_id for one in found].count(mark)


def test_a_dropped_answer_was_executed_and_the_key_shows_it(peer, client):
    """The money moved, the answer is lost: the same key finds it."""
    peer.arm("drop_answer", path_prefix=SESSIONS)
    with pytest.raises(stripe.APIConnectionError):
        create(client, "drop-1", client_reference_id="drop-1")
    again = create(client, "drop-1", client_reference_id="drop-1")
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert made(client, "drop-1") == 1


def test_a_fresh_key_after_silence_pays_twice(peer):
    """Never do it: this is what it does."""
    charge, account = make_charge(peer), make_account(peer)
    params = {
        "amount": 100,
        "currency": "usd",
        "destination": account,
        "source_transaction": charge.id,
    }
    transfers = peer.client().v1.transfers
    peer.arm("drop_answer", path_prefix="/v1/transfers")
    with pytest.raises(stripe.APIConnectionError):
        transfers.create(params, {"idempotency_key": "twice-1"})
    transfers.create(params, {"idempotency_key": "twice-2"})
    assert len(transfers.list({"destination": account}).data) == 2


def test_a_500_before_the_work_did_nothing_and_is_not_kept(peer, client):
    """The same key then works."""
    peer.arm("error_500_before", path_prefix=SESSIONS)
    assert refused(lambda: create(client, "before-1"))["status"] == 500
    assert create(client, "before-1").status == "open"


@pytest.mark.parametrize("advice", [None, True, False])
def test_a_rate_limit_is_a_429_with_or_without_advice(peer, client, advice):
    """Stripe-Should-Retry is what the SDK goes by."""
    peer.arm("rate_limit", path_prefix=SESSIONS, should_retry=advice, code="lock_timeout")
    with pytest.raises(stripe.RateLimitError) as told:
        create(client, "limit-1")
    assert told.value.error is not None
    assert (told.value.code, told.value.error.code) == (None, "lock_timeout")
    expected = None if advice is None else str(advice).lower()
    assert (told.value.headers or {}).get("Stripe-Should-Retry") == expected


def test_a_slow_answer_outlasts_the_callers_patience_but_counts(peer):
    """A read time-out is silence, not a no."""
    hasty = peer.client(http_client=stripe.RequestsClient(timeout=(3.05, 0.2)))
    peer.arm("slow_after", path_prefix=SESSIONS, seconds=0.8)
    with pytest.raises(stripe.APIConnectionError):
        create(hasty, "slow-1", client_reference_id="slow-1")
    assert create(hasty, "slow-1", client_reference_id="slow-1").status == "open"
    assert made(peer.client(), "slow-1") == 1


def test_a_slow_start_keeps_nobody_else_waiting(peer, client):
    """Only the request that met the fault is slow."""
    hasty = peer.client(http_client=stripe.RequestsClient(timeout=(3.05, 0.2)))
    peer.arm("slow_before", path_prefix=SESSIONS, seconds=0.8)
    with pytest.raises(stripe.APIConnectionError):
        create(hasty, "slow-2")
    began = time.monotonic()
    create(client, "slow-3")
    assert time.monotonic() - began < 0.5


def test_a_fault_strikes_as_often_as_told_and_only_where_told(peer, client):
    """By method, path and number of times."""
    peer.arm("rate_limit", method="POST", path_prefix=SESSIONS, times=2)
    assert client.v1.checkout.sessions.list().data is not None
    for key in ("times-1", "times-2"):
        assert refused(partial(create, client, key))["status"] == 429
    assert create(client, "times-3").status == "open"


def test_faults_can_be_taken_back_and_nonsense_cannot_be_armed(peer, client):
    """DELETE /_peer/faults."""
    peer.arm("rate_limit")
    peer.disarm()
    assert create(client, "disarm-1").status == "open"
    for nonsense in ({"kind": "flood"}, {"kind": "rate_limit", "colour": "red"}):
        answer = requests.post(f"{peer.url}/_peer/faults", json=nonsense, timeout=10)
        assert answer.status_code == 400


def test_the_log_shows_what_was_asked_and_what_came_of_it(peer, client):
    """Contract tests read it."""
    create(client, "log-1", client_reference_id="log-1")
    create(client, "log-1", client_reference_id="log-1")
    mine = [entry for entry in peer.requests() if entry["idempotency_key"] == "log-1"]
    assert [(entry["status"], entry["replayed"]) for entry in mine] == [(200, False), (200, True)]
    assert (mine[0]["method"], mine[0]["path"]) == ("POST", SESSIONS)
    assert mine[0]["params"]["client_reference_id"] == "log-1"
