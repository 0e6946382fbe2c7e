"""Webhooks: only what Stripe signed, lately, for our mode, is news; all else is refused alike."""

import json
import time

import pytest
import stripe

from payments.errors import NewsRefused
from payments.gateway import Gateway
from payments.models import NewsSource
from payments.webhooks import EndpointOff, read_news

SECRET = "whsec_of_the_tests"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "created": 1_795_000_000,
    "data": {"object": {"id": "cs_1", "object": "checkout.session"}},
    "livemode": False,
    "type": "checkout.session.completed",
}
THIN = {
    "id": "evt_2",
    "object": "v2.core.event",
    "created": "2026-11-23T10:00:00.000Z",
    "context": "acct_1",
    "livemode": False,
    "related_object": {
        "id": "acct_1",
        "type": "v2.core.account",
        "url": "/v2/core/accounts/acct_1",
    },
    "type": "v2.core.account[configuration.recipient].capability_status_updated",
}


def signed(body, *, secret=SECRET, at=None):
    text = body if isinstance(body, str) else json.dumps(body)
    sign = stripe.WebhookSignature.generate_signature_header
    return text.encode(), sign(text, secret, int(at or time.time()))


CLIENT = stripe.StripeClient("sk_test_of_the_tests")


def read(payload, header, *, live=False, source="webhook", secrets=(SECRET,)):
    return read_news(
        payload, header, client=CLIENT, secrets=secrets, live=live, source=NewsSource(source)
    )


def test_a_signed_event_is_read():
    news = read(*signed(EVENT))

    assert (news.id, news.type, news.object_id) == ("evt_1", EVENT["type"], "cs_1")
    assert (news.account, news.livemode, news.api_version) == (None, False, "2026-10-28.endive")
    assert news.created_at.timestamp() == EVENT["created"]


def test_an_event_of_a_connected_account_names_it():
    assert read(*signed(EVENT | {"account": "acct_1"}), source="connect").account == "acct_1"


def test_a_thin_event_is_read_too():
    news = read(*signed(THIN), source="thin")

    assert (news.id, news.type, news.object_id) == ("evt_2", THIN["type"], "acct_1")
    assert (news.account, news.api_version) == ("acct_1", None)
    assert news.created_at.isoformat() == "2026-11-23T10:00:00+00:00"


def test_while_a_secret_is_changed_one_of_two_signatures_is_enough():
    payload, ours = signed(EVENT)
    _, other = signed(EVENT, secret="whsec_the_old_one")
    moment, mine = ours.split(",")
    both = f"{moment},{other.split(',')[1]},{mine}"

    assert read(payload, both).id == "evt_1"


def test_a_clock_a_little_ahead_is_no_reason_to_refuse():
    assert read(*signed(EVENT, at=time.time() + 60)).id == "evt_1"


GOOD, HEADER = signed(EVENT)
FORGED = {
    "no signature": (GOOD, ""),
    "nonsense for a signature": (GOOD, "hello"),
    "no time": (GOOD, "v1=00"),
    "a time that is none": (GOOD, "t=soon,v1=00"),
    "a signature in another script": (GOOD, "t=1,v1=é"),
    "another scheme": (GOOD, HEADER.replace("v1=", "v0=")),
    "another secret": signed(EVENT, secret="whsec_of_somebody_else"),
    "one byte changed": (GOOD.replace(b"cs_1", b"cs_2"), HEADER),
    "a signature of long ago": signed(EVENT, at=time.time() - 301),
    "bytes that are no text": (b"\xff\xfe" + GOOD, HEADER),
    "an empty body": (b"", HEADER),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_stripe_did_not_sign_is_refused(name):
    with pytest.raises(NewsRefused) as refusal:
        read(*FORGED[name])

    assert refusal.value.code == "webhook_refused"


ODD = {
    "no JSON": "{",
    "no object": "[]",
    "a number": "17",
    "not an event": {"id": "x", "object": "charge"},
    "an event about nothing": {**EVENT, "data": {}},
    "no id": {**EVENT, "id": None},
    "an endless id": {**EVENT, "id": "e" * 256},
    "no type": {key: value for key, value in EVENT.items() if key != "type"},
    "no mode": {key: value for key, value in EVENT.items() if key != "livemode"},
    "a time beyond all calendars": {**EVENT, "created": 10**30},
    "a thin time that is none": {**THIN, "created": "yesterday"},
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_signed_and_is_no_event_is_refused_too(name):
    with pytest.raises(NewsRefused):
        read(*signed(ODD[name]), source="thin" if name.startswith("a thin") else "webhook")


@pytest.mark.parametrize("live", [True, False])
def test_news_of_the_other_mode_is_refused(live):
    with pytest.raises(NewsRefused):
        read(*signed(EVENT | {"livemode": not live}), live=live)
    assert read(*signed(EVENT | {"livemode": live}), live=live)


def test_without_a_secret_nothing_is_believed():
    for source in ("webhook", "connect", "thin"):
        with pytest.raises(EndpointOff):
            read(*signed(EVENT, secret="x"), source=source, secrets=())
    off = Gateway(secret_key="sk_test_x", webhook_secret=" , ")
    with pytest.raises(EndpointOff):
        off.verify(*signed(EVENT, secret=" "))


KINDS = {"webhook": EVENT, "connect": EVENT | {"account": "acct_1"}, "thin": THIN}


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_endpoint_takes_its_own_kind_and_no_other(source, kind):
    if source == kind:
        assert read(*signed(KINDS[kind]), source=source).source == source
        return
    with pytest.raises(NewsRefused, match="this is no event for here"):
        read(*signed(KINDS[kind]), source=source)


def test_each_endpoint_has_its_own_secrets_and_several_while_one_is_changed():
    house = Gateway(
        secret_key="sk_test_x",
        webhook_secret="whsec_own",
        connect_webhook_secret="whsec_old, whsec_new",
        thin_webhook_secret="whsec_thin",
    )
    for secret in ("whsec_old", "whsec_new"):
        assert opened(house, "connect", secret).account == "acct_1"
    assert opened(house, "thin", "whsec_thin").id == "evt_2"
    for source, secret in (("connect", "whsec_own"), ("thin", "whsec_old")):
        with pytest.raises(NewsRefused, match="signature"):
            opened(house, source, secret)


def opened(house, source, secret):
    payload, header = signed(KINDS[source], secret=secret)
    return house.verify(payload, header, NewsSource(source))


def test_a_thin_event_about_nothing_or_of_a_type_nobody_knows_is_read():
    odd = {key: told for key, told in THIN.items() if key not in ("context", "related_object")}
    news = read(*signed(odd | {"type": "v2.something.new"}), source="thin")

    assert (news.object_id, news.account, news.type) == (None, None, "v2.something.new")


def test_the_gateway_verifies_with_its_own_secret_and_mode(gateway, peer):
    payload, header = signed(EVENT, secret=peer.webhook_secret)

    assert gateway.verify(payload, header).id == "evt_1"
    with pytest.raises(NewsRefused):
        gateway.verify(*signed(EVENT))
