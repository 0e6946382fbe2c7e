"""What stripe.md says of the SDK 16.1.0, pinned: an upgrade that changes it fails here."""

import json

import pytest
import stripe

from tests.stripe_peer.making import make_session, session_params

SECRET = "whsec_pinned"
EVENT = json.dumps({"id": "evt_1", "object": "event", "type": "charge.updated", "data": {}})


def signed(payload: str = EVENT, secret: str = SECRET, at: int | None = None) -> str:
    return str(stripe.WebhookSignature.generate_signature_header(payload, secret, at))


def tries(peer, key):
    """How often a request under this key reached the stand-in."""
    return len([one for one in peer.requests() if one["idempotency_key"] == key])


def create(client, key):
    return client.v1.checkout.sessions.create(session_params(), {"idempotency_key": key})


def test_it_pins_the_api_version():
    """2026-10-28.endive."""
    assert stripe.api_version == "2026-10-28.endive"


def test_it_repeats_nothing_by_default(peer, client):
    """The module-level setting does not reach a client."""
    peer.arm("drop_answer")
    with pytest.raises(stripe.APIConnectionError):
        create(client, "once-1")
    assert tries(peer, "once-1") == 1


@pytest.mark.parametrize("kind", ["drop_answer", "error_500_before"])
def test_asked_to_it_repeats_silence_and_5xx_under_the_same_key(peer, kind):
    """`max_network_retries=n`."""
    key = f"repeat-{kind}"
    peer.arm(kind)
    assert create(peer.client(max_network_retries=1), key).status == "open"
    assert tries(peer, key) == 2


@pytest.mark.parametrize(("advice", "expected"), [(None, 1), (True, 2)])
def test_it_repeats_a_429_only_when_stripe_says_so(peer, advice, expected):
    """`Stripe-Should-Retry: true`."""
    key = f"limit-{advice}"
    peer.arm("rate_limit", should_retry=advice, times=2)
    with pytest.raises(stripe.RateLimitError):
        create(peer.client(max_network_retries=1), key)
    assert tries(peer, key) == expected


def test_the_code_of_a_429_is_in_the_error_object_only(peer, client):
    """`e.code is None`: read `e.error.code` and `e.http_status`."""
    peer.arm("rate_limit")
    with pytest.raises(stripe.RateLimitError) as told:
        create(client, "code-1")
    assert told.value.error is not None
    assert (told.value.code, told.value.error.code) == (None, "rate_limit")
    assert told.value.http_status == 429


def test_objects_are_not_dicts(client):
    """No `.get()`, not JSON-serialisable; `to_dict()` and `in`."""
    session = make_session(client)
    with pytest.raises(AttributeError):
        session.get("id")
    with pytest.raises(TypeError):
        json.dumps(session)
    assert "id" in session
    assert session.to_dict()["id"] == session.id


def test_payment_method_types_are_refused(client):
    """Gone from Checkout Sessions (400); `allowed_payment_method_types` instead."""
    params = session_params(payment_method_types=["card"])
    with pytest.raises(stripe.InvalidRequestError) as told:
        client.v1.checkout.sessions.create(params)
    assert (told.value.http_status, told.value.param) == (400, "payment_method_types")
    allowed = make_session(client, allowed_payment_method_types=["card", "link"])
    assert allowed.payment_method_types == ["card", "link"]


def test_reversal_is_named_transfer_reversal():
    """Since version 16."""
    assert hasattr(stripe, "TransferReversal")
    assert not hasattr(stripe, "Reversal")


def test_a_signed_event_is_constructed(client):
    """Also with a time in the future, and with several signatures while a secret rotates."""
    assert client.construct_event(EVENT, signed(), SECRET).id == "evt_1"
    assert client.construct_event(EVENT, signed(at=4_000_000_000), SECRET).id == "evt_1"
    rotating = signed() + "," + signed(secret="whsec_old").split(",")[1]
    assert client.construct_event(EVENT, rotating, SECRET).id == "evt_1"


@pytest.mark.parametrize(
    ("payload", "header", "secret", "problem"),
    [
        (EVENT, signed(secret="whsec_other"), SECRET, stripe.SignatureVerificationError),
        (EVENT, signed(at=1_000_000_000), SECRET, stripe.SignatureVerificationError),
        (EVENT, "nonsense", SECRET, stripe.SignatureVerificationError),
        (EVENT, None, SECRET, stripe.SignatureVerificationError),
        (EVENT, signed(secret=" "), " ", stripe.SignatureVerificationError),
        (b"\xff\xfe", signed(), SECRET, UnicodeDecodeError),
    ],
    ids=["other secret", "old", "nonsense", "missing", "empty secret", "no text"],
)
def test_what_is_not_signed_is_not_constructed(client, payload, header, secret, problem):
    """Answer 400 to all of them; a body that is not UTF-8 raises UnicodeDecodeError."""
    with pytest.raises(problem):
        client.construct_event(payload, header, secret)


def test_a_thin_event_is_no_snapshot(client):
    """`construct_event` raises ValueError."""
    thin = json.dumps({"id": "evt_2", "object": "v2.core.event", "type": "v2.core.account.created"})
    with pytest.raises(ValueError, match="thin event"):
        client.construct_event(thin, signed(thin), SECRET)


def test_outbound_payments_are_in_this_sdk(client):
    """Global Payouts: `client.v2.money_management.outbound_payments`."""
    assert hasattr(client.v2.money_management.outbound_payments, "create")


def test_telemetry_is_on_unless_switched_off(peer, client):
    """`stripe.enable_telemetry = False`, which this folder's conftest does."""
    assert stripe.enable_telemetry is False
    create(client, "telemetry-1")
    assert tries(peer, "telemetry-1") == 1
