"""What stripe.md says of the SDK 16.1.0, pinned: an upgrade that changes it fails here."""

import importlib
import inspect
import json
import subprocess
import sys

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


def test_the_code_of_a_409_and_of_a_misused_key_is_in_the_error_object_only(peer, client):
    """On 409, 429 and idempotency errors `e.code is None`."""
    peer.arm("rate_limit", code="lock_timeout")
    with pytest.raises(stripe.RateLimitError) as contended:
        create(client, "code-2")
    assert contended.value.error is not None
    assert (contended.value.code, contended.value.error.code) == (None, "lock_timeout")
    create(client, "code-3")
    other = session_params(client_reference_id="another")
    with pytest.raises(stripe.IdempotencyError) as misused:
        client.v1.checkout.sessions.create(other, {"idempotency_key": "code-3"})
    assert (misused.value.code, misused.value.http_status) == (None, 400)


def test_it_waits_for_80_seconds_unless_told_otherwise():
    """`stripe.RequestsClient(timeout=(3.05, 20))` is what the gateway says."""
    assert stripe.RequestsClient()._timeout == 80
    assert stripe.RequestsClient(timeout=(3.05, 20))._timeout == (3.05, 20)


def test_retry_after_is_not_looked_at(peer):
    """How long it waits before it repeats is its own affair."""
    client = peer.client(max_network_retries=1)
    requestor = client._requestor._get_http_client()
    kind = type(requestor)
    assert kind.MAX_DELAY <= 8
    assert "retry-after" not in inspect.getsource(kind._sleep_time_seconds).lower()


def test_services_are_under_v1_and_v2_with_params_and_options(client):
    """`client.v1.transfers.create(params, options)`."""
    for service in (client.v1.transfers, client.v1.refunds, client.v1.transfers.reversals):
        assert list(inspect.signature(service.create).parameters)[-2:] == ["params", "options"]
    assert hasattr(client.v2.core.accounts, "create")
    assert hasattr(client.v2.core.account_links, "create")
    assert hasattr(client.v1.events, "list")


def test_an_event_that_is_refused_has_no_dict_ways(client):
    """Since version 15; `to_dict()` for what has to be kept."""
    event = client.construct_event(EVENT, signed(), SECRET)
    with pytest.raises(AttributeError):
        event.get("id")
    assert event.to_dict()["id"] == "evt_1"


def test_telemetry_is_on_by_default():
    """In a fresh interpreter; this folder's conftest switches it off here."""
    said = subprocess.run(
        [sys.executable, "-c", "import stripe; print(stripe.enable_telemetry)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "True"


def test_the_version_in_use_is_the_one_that_was_read():
    """The facts of this module were read in 16.1.0; go through them again before an upgrade."""
    assert stripe.VERSION == "16.1.0"


def test_a_thin_event_is_parsed_by_its_own_way(client):
    """`client.parse_event_notification` for thin ones."""
    thin = json.dumps(
        {
            "id": "evt_3",
            "object": "v2.core.event",
            "type": "v2.core.account.updated",
            "livemode": False,
            "created": "2026-11-25T00:00:00.000Z",
            "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/x"},
        }
    )
    told = client.parse_event_notification(thin, signed(thin), SECRET)
    assert (told.id, told.type) == ("evt_3", "v2.core.account.updated")
    with pytest.raises(stripe.SignatureVerificationError):
        client.parse_event_notification(thin, signed(thin, "whsec_other"), SECRET)


def test_what_the_house_asks_for_has_typed_parameters():
    """Of refunds, reversals and transfers, and of accounts in v2."""
    for name in ("RefundCreateParams", "TransferReversalCreateParams", "TransferCreateParams"):
        assert hasattr(stripe.params, name)
    accounts = importlib.import_module("stripe.params.v2.core")
    assert hasattr(accounts, "AccountCreateParams")


def test_a_refund_says_its_failure_and_what_the_balance_gave():
    """The words the gateway reads of a refund, a reversal and a dispute."""
    said = {
        stripe.Refund: {"failure_reason", "balance_transaction", "metadata", "status", "charge"},
        stripe.TransferReversal: {"transfer", "amount", "metadata"},
        stripe.Dispute: {"balance_transactions", "evidence_details", "status", "charge"},
        stripe.Transfer: {"amount_reversed", "transfer_group", "source_transaction", "metadata"},
    }
    for kind, words in said.items():
        assert words <= set(kind.__annotations__), kind
