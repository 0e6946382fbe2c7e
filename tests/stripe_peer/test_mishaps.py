"""What may happen to webhooks on their way (stripe.md: at least once, unordered, for 3 days)."""

import json

import pytest
import requests

from tests.stripe_peer.making import make_account, make_charge, make_session
from tests.stripe_peer.receiver import Receiver
from tests.support.peer import PeerProcess

DAY = 24 * 60 * 60
LAST = "checkout.session.completed"


@pytest.fixture(scope="module")
def office():
    """A stand-in and who receives its webhooks, for all tests here."""
    with Receiver() as receiver:
        told = {
            f"--{side}webhook-{what}": value
            for side, path in (("", "snapshot"), ("connect-", "connect"), ("thin-", "thin"))
            for what, value in (("url", f"{receiver.url}/{path}"), ("secret", f"whsec_{path}"))
        }
        words = tuple(word for pair in told.items() for word in pair)
        with PeerProcess(arguments=words) as peer:
            peer.pause()
            yield peer, receiver


@pytest.fixture
def posting(office):
    """What the test before has left is delivered, and more than thirty days ago."""
    peer, receiver = office
    receiver.status = 200
    peer.no_mishaps()
    peer.advance(31 * DAY)
    peer.deliver()
    receiver.letters.clear()
    return peer


@pytest.fixture
def receiver(office):
    """Who receives them."""
    return office[1]


def types(receiver, path="/snapshot"):
    return [json.loads(one.body)["type"] for one in receiver.letters if one.path == path]


def missed(peer, **options):
    found = peer.client().v1.events.list({"delivery_success": False}, options)
    return [event.type for event in found.data]


def test_what_is_dropped_is_never_sent_and_listed_as_not_delivered(posting, receiver):
    """The case that `events.list(delivery_success=False)` is for."""
    posting.mishap("drop", type=LAST)
    make_charge(posting)
    posting.deliver()
    posting.advance(4 * DAY)
    posting.deliver()
    assert LAST not in types(receiver)
    assert missed(posting) == [LAST]
    assert posting.mishaps() == []


def test_what_is_lost_counts_as_delivered(posting, receiver):
    """An endpoint that said yes and forgot: only the objects tell."""
    posting.mishap("lose", type="*.session.completed")
    make_charge(posting)
    posting.deliver()
    assert LAST not in types(receiver)
    assert missed(posting) == []


def test_what_is_delayed_comes_days_later(posting, receiver):
    """Stripe repeats for three days, so news may be that old."""
    posting.mishap("delay", type=LAST, seconds=2 * DAY)
    make_charge(posting)
    posting.deliver()
    assert LAST not in types(receiver)
    assert missed(posting) == [LAST]
    posting.advance(2 * DAY)
    posting.deliver()
    assert types(receiver)[-1] == LAST
    assert missed(posting) == []


def test_what_is_doubled_comes_as_often_as_told(posting, receiver):
    """At least once. One copy that was taken is a delivery."""
    posting.mishap("duplicate", type=LAST, copies=3)
    make_charge(posting)
    posting.deliver()
    assert types(receiver).count(LAST) == 3
    receiver.status = 500
    posting.mishap("duplicate", type="checkout.session.expired")
    session = make_session(posting.client())
    posting.client().v1.checkout.sessions.expire(session.id)
    assert posting.deliver()["failed"] == 2
    event = posting.client().v1.events.list({"delivery_success": False}).data[0]
    assert event.pending_webhooks == 1


def test_what_is_held_back_is_overtaken(posting, receiver):
    """Unordered: also by what happens after it was due."""
    posting.mishap("hold_back", type="payment_intent.created", behind=2)
    posting.mishap("hold_back", type=LAST)
    make_charge(posting)
    posting.deliver()
    assert types(receiver) == [
        "charge.succeeded",
        "charge.updated",
        "payment_intent.succeeded",
        "payment_intent.created",
    ]
    assert missed(posting) == [LAST]
    make_charge(posting)
    posting.deliver()
    assert types(receiver)[-1] == LAST
    assert missed(posting) == []


@pytest.mark.parametrize(
    ("endpoint", "quiet"), [("connected", "/connect"), ("thin", "/thin"), ("own", "/snapshot")]
)
def test_a_mishap_is_of_one_endpoint(posting, receiver, endpoint, quiet):
    """Each has its own outbox; connected accounts have lists of their own."""
    posting.mishap("drop", endpoint=endpoint, times=99)
    account = make_account(posting)
    make_charge(posting)
    posting.deliver()
    paths = {one.path for one in receiver.letters}
    assert paths == {"/snapshot", "/connect", "/thin"} - {quiet}
    told = missed(posting, stripe_account=account)
    assert bool(told) is (endpoint == "connected")


def test_a_mishap_is_of_one_request(posting, receiver):
    """By the Idempotency-Key of what caused the event."""
    charge = make_charge(posting)
    posting.mishap("drop", type="charge.refunded", idempotency_key="second")
    for key in ("first", "second"):
        posting.client().v1.refunds.create(
            {"charge": charge.id, "amount": 100}, {"idempotency_key": key}
        )
    posting.deliver()
    assert types(receiver).count("charge.refunded") == 1
    assert missed(posting) == ["charge.refunded"]


def test_mishaps_and_what_they_hold_back_outlive_a_restart(tmp_path, receiver):
    """As the outbox does."""
    receiver.letters.clear()
    with PeerProcess(
        state=tmp_path / "peer.sqlite", webhook_url=f"{receiver.url}/snapshot"
    ) as peer:
        peer.pause()
        peer.mishap("hold_back", type=LAST)
        peer.mishap("drop", type="charge.succeeded", times=2)
        make_charge(peer)
        peer.kill()
        peer.start()
        peer.pause()
        assert [(one["kind"], one["times"]) for one in peer.mishaps()] == [("drop", 1)]
        peer.deliver()
        assert LAST not in types(receiver)
        make_charge(peer)
        peer.deliver()
        assert types(receiver).count(LAST) == 2
        assert "charge.succeeded" not in types(receiver)
        peer.mishap("drop", times=9)
        peer.no_mishaps()
        assert peer.mishaps() == []


def test_nonsense_is_refused(peer):
    """With a sentence."""
    for nonsense in ({"kind": "burn"}, {"kind": "drop", "colour": 1}, {"kind": "drop", "times": 0}):
        answer = requests.post(f"{peer.url}/_peer/webhooks/mishaps", json=nonsense, timeout=10)
        assert answer.status_code == 400
