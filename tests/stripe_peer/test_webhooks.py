"""Events and their delivery (stripe.md, "Webhooks")."""

import json
import time

import pytest
import stripe

from tests.stripe_peer.making import make_account, make_charge, make_session, until
from tests.support.peer import PeerProcess

HOUR = 60 * 60
DAY = 24 * HOUR
PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "charge.updated",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def types(receiver, path="/snapshot"):
    """The types of what arrived, in the order of arrival."""
    return [json.loads(one.body)["type"] for one in receiver.letters if one.path == path]


def test_a_payment_is_told_in_order_and_signed_as_stripe_signs(posting, receiver):
    """`construct_event` verifies every one of them."""
    make_charge(posting)
    told = posting.deliver()
    assert (told["delivered"], told["failed"], told["pending"]) == (len(PAID), 0, 0)
    assert types(receiver) == PAID
    for letter in receiver.letters:
        event = posting.client().construct_event(
            letter.body, letter.signature, posting.webhook_secret
        )
        assert (event.api_version, event.livemode) == ("2026-10-28.endive", False)


def test_the_first_news_of_a_charge_lack_its_balance_transaction(posting, receiver):
    """Re-read objects rather than trust snapshots; `charge.updated` brings it."""
    charge = make_charge(posting)
    posting.deliver()
    bodies = {json.loads(one.body)["type"]: json.loads(one.body) for one in receiver.letters}
    assert bodies["charge.succeeded"]["data"]["object"]["balance_transaction"] is None
    updated = bodies["charge.updated"]["data"]
    assert updated["object"]["balance_transaction"] == charge.balance_transaction.id
    assert updated["previous_attributes"] == {"balance_transaction": None}


def test_events_say_which_request_caused_them(posting):
    """The key of the request, or nothing when a page or the clock did it."""
    charge, account = make_charge(posting), make_account(posting)
    client = posting.client()
    params = {
        "amount": 1,
        "currency": "usd",
        "destination": account,
        "source_transaction": charge.id,
    }
    sent = client.v1.transfers.create(params, {"idempotency_key": "cause-1"})
    event = client.v1.events.list({"type": "transfer.created"}).data[0]
    assert event.request.idempotency_key == "cause-1"
    assert event.request.id == sent.last_response.headers["Request-Id"]
    paid = client.v1.events.list({"type": "charge.succeeded"}).data[0]
    assert paid.request.id is None


def test_a_refused_delivery_is_tried_again_for_three_days(posting, receiver):
    """Back-off on the stand-in's clock; then it is given up and the event stays listed."""
    receiver.status = 500
    session = make_session(posting.client())
    posting.client().v1.checkout.sessions.expire(session.id)
    assert posting.deliver()["failed"] == 1
    assert posting.deliver() == {"delivered": 0, "failed": 0, "pending": 1}
    tries = 1
    for _ in range(20):
        posting.advance(12 * HOUR)
        tries += posting.deliver()["failed"]
    assert 6 <= tries <= 15
    assert posting.deliver()["pending"] == 0
    events = posting.client().v1.events
    missed = events.list({"delivery_success": False}).data
    assert [event.type for event in missed] == ["checkout.session.expired"]
    assert missed[0].pending_webhooks == 1


def test_a_later_success_ends_the_retries(posting, receiver):
    """2xx is success; nothing is sent again after it."""
    receiver.status = 503
    make_charge(posting)
    posting.deliver()
    receiver.status = 204
    posting.advance(DAY)
    assert posting.deliver()["delivered"] == len(PAID)
    posting.advance(DAY)
    assert posting.deliver() == {"delivered": 0, "failed": 0, "pending": 0}
    assert posting.client().v1.events.list({"delivery_success": False}).data == []


def test_events_arrive_again_and_in_another_order_on_demand(posting, receiver):
    """At least once, unordered."""
    make_charge(posting)
    posting.deliver(order="newest_first")
    assert types(receiver) == PAID[::-1]
    event = json.loads(receiver.letters[0].body)
    assert posting.resend(event["id"], copies=2)["delivered"] == 2
    assert [json.loads(one.body)["id"] for one in receiver.letters].count(event["id"]) == 3


def test_the_background_delivers_by_itself(posting, receiver):
    """Without anybody asking, unless paused."""
    make_charge(posting)
    assert receiver.letters == []
    posting.resume()
    until(lambda: len(receiver.letters) == len(PAID))


def test_a_connected_account_is_told_of_with_its_id(posting, receiver):
    """Connected-account events carry `account` and have an endpoint and a secret of their own; the
    platform's own list has none of them."""
    account = make_account(posting)
    posting.deliver()
    assert types(receiver) == []
    letters = [one for one in receiver.letters if one.path == "/connect"]
    client = posting.client()
    for one in letters:
        assert client.construct_event(one.body, one.signature, "whsec_connect")["account"]
    bodies = [json.loads(one.body) for one in letters]
    assert [body["type"] for body in bodies] == ["capability.updated", "account.updated"]
    assert {body["account"] for body in bodies} == {account}
    updated = bodies[1]["data"]["object"]
    assert (updated["capabilities"], updated["payouts_enabled"]) == ({"transfers": "active"}, True)
    events = posting.client().v1.events
    assert events.list().data == []
    assert len(events.list(options={"stripe_account": account}).data) == 2


def test_a_thin_event_says_only_what_it_is_about(posting, receiver):
    """Thin events have their own endpoint and secret, and are fetched for their data."""
    account = make_account(posting)
    posting.deliver()
    wanted = "v2.core.account[configuration.recipient].capability_status_updated"
    assert types(receiver, "/thin") == ["v2.core.account.created", wanted]
    letter = [one for one in receiver.letters if one.path == "/thin"][-1]
    assert "data" not in json.loads(letter.body)
    client = posting.client()
    news = client.parse_event_notification(letter.body, letter.signature, "whsec_thin")
    assert news.related_object.id == account
    assert news.fetch_event().data.updated_capability == "stripe_balance.stripe_transfers"
    assert news.fetch_related_object().id == account


def test_endpoints_hear_the_types_they_asked_for(receiver):
    """Made by the API, with their own secret, shown once; deleted, they hear nothing."""
    with PeerProcess() as peer:
        peer.pause()
        endpoints = peer.client().v1.webhook_endpoints
        endpoint = endpoints.create(
            {"url": f"{receiver.url}/mine", "enabled_events": ["charge.succeeded"]}
        )
        assert "secret" not in endpoints.retrieve(endpoint.id)
        make_charge(peer)
        peer.deliver()
        assert types(receiver, "/mine") == ["charge.succeeded"]
        letter = receiver.letters[0]
        assert stripe.WebhookSignature.verify_header(
            letter.body, letter.signature, endpoint.secret, 300
        )
        assert endpoints.delete(endpoint.id).deleted
        make_charge(peer)
        assert peer.deliver() == {"delivered": 0, "failed": 0, "pending": 0}


def test_an_unreachable_endpoint_is_a_failed_delivery():
    """No answer is no success."""
    with PeerProcess(webhook_url="http://127.0.0.1:9/nobody") as peer:
        peer.pause()
        make_charge(peer)
        assert peer.deliver() == {"delivered": 0, "failed": len(PAID), "pending": len(PAID)}


def test_events_are_kept_for_thirty_days(fresh):
    """Catch up with the list within 30 days, beyond that by listing objects."""
    make_charge(fresh)
    events = fresh.client().v1.events
    assert len(events.list().data) == len(PAID)
    assert len(events.list({"types": ["charge.succeeded", "charge.updated"]}).data) == 2
    fresh.advance(31 * DAY)
    assert events.list().data == []


def test_a_signature_is_of_now_whatever_the_stand_ins_clock_says(posting, receiver):
    """The receiver compares it with its own clock."""
    posting.advance(10 * DAY)
    make_charge(posting)
    posting.deliver()
    at = int(receiver.letters[0].signature.split(",")[0].removeprefix("t="))
    assert abs(at - time.time()) < 60
    with pytest.raises(stripe.SignatureVerificationError):
        posting.client().construct_event(receiver.letters[0].body, f"t={at},v1=0", "whsec_x")
