"""The gateway with the real SDK against the stand-in: our words in, our words out."""

import uuid
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from core.money import Money
from payments import gateway as wall
from payments.errors import Declined, KeyMisused, Misconfigured, Unreachable
from payments.gateway import Gateway


def key():
    return f"test:{uuid.uuid4()}"


def time_at(peer):
    return datetime.fromtimestamp(peer.now(), UTC)


@pytest.fixture
def paid(gateway, peer, asking):
    """A session somebody has paid."""
    opened = gateway.open_checkout(asking, key=key())
    peer.pay(opened.url)
    return gateway.read_checkout(opened.session_id)


@pytest.fixture
def maker(gateway):
    """An account that may not receive transfers yet."""
    request = {
        "display_name": "A maker",
        "contact_email": "maker@example.org",
        "identity": {"country": "PE", "entity_type": "individual"},
        "configuration": {
            "recipient": {
                "capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}
            }
        },
    }
    return gateway.open_account(request, key=key())


def share_of(paid, maker, minor=100, **more):
    return {
        "amount": minor,
        "currency": "usd",
        "destination": maker.id,
        "source_transaction": paid.payment.charge_id,
        **more,
    }


def test_an_open_session_is_described_in_our_words(gateway, asking, order_id):
    opened = gateway.open_checkout(asking, key=key())

    assert (opened.status, opened.paid, opened.failed, opened.payment) == (
        "open",
        False,
        False,
        None,
    )
    assert opened.order_id == order_id
    assert opened.expires_at == datetime.fromtimestamp(asking["expires_at"], UTC)
    assert gateway.read_checkout(opened.session_id) == opened


def test_a_paid_session_carries_its_payment(paid):
    payment = paid.payment

    assert (paid.status, paid.paid, paid.url) == ("complete", True, None)
    assert payment.charged == payment.gross == Money(4500, "USD")
    assert payment.net_minor == payment.gross.minor - payment.fee_minor
    assert payment.fee_minor > 0
    assert payment.exchange_rate is None


def test_nothing_of_the_sdk_crosses_the_wall(gateway, paid, maker):
    def leaks(value):
        if is_dataclass(value):
            return any(leaks(getattr(value, one.name)) for one in fields(value))
        return isinstance(value, stripe.StripeObject)

    assert not leaks(paid)
    assert not leaks(maker)


def test_the_same_key_and_request_give_the_same_session(gateway, asking):
    same = key()

    assert gateway.open_checkout(asking, key=same) == gateway.open_checkout(asking, key=same)


def test_another_request_under_a_key_is_a_bug_and_says_so(gateway, asking):
    same = key()
    gateway.open_checkout(asking, key=same)

    with pytest.raises(KeyMisused):
        gateway.open_checkout(asking | {"locale": "en"}, key=same)


def test_only_an_open_session_can_be_ended(gateway, asking, paid):
    opened = gateway.open_checkout(asking, key=key())

    assert gateway.expire_checkout(opened.session_id).status == "expired"
    for session_id in (opened.session_id, paid.session_id, "cs_unknown"):
        with pytest.raises(Declined):
            gateway.expire_checkout(session_id)


def test_a_delayed_payment_is_complete_before_it_is_paid(gateway, peer, asking):
    opened = gateway.open_checkout(asking, key=key())
    peer.pay(opened.url, "pay_late")
    waiting = gateway.read_checkout(opened.session_id)
    peer.settle(opened.session_id, "fail")
    failed = gateway.read_checkout(opened.session_id)

    assert (waiting.status, waiting.paid, waiting.failed) == ("complete", False, False)
    assert (failed.status, failed.paid, failed.failed) == ("complete", False, True)


def test_a_session_is_found_by_its_order_and_a_paid_one_first(gateway, peer, asking, order_id):
    time = time_at(peer)
    since, until = time - timedelta(minutes=1), time + timedelta(minutes=1)
    assert gateway.find_checkout(order_id, since=since, until=until) is None
    first = gateway.open_checkout(asking, key=key())
    peer.pay(first.url)
    second = gateway.open_checkout(asking, key=key())
    gateway.expire_checkout(second.session_id)

    found = gateway.find_checkout(order_id, since=since, until=until)

    assert found == gateway.read_checkout(first.session_id)
    assert gateway.find_checkout(order_id, since=until, until=until) is None
    assert gateway.find_checkout(order_id, since=since, until=since) is None


def test_metadata_that_is_no_order_of_ours_is_none(gateway, asking):
    odd = gateway.open_checkout(asking | {"metadata": {"order_id": "17"}}, key=key())
    none = gateway.open_checkout({**asking, "metadata": {}}, key=key())

    assert (odd.order_id, none.order_id) == (None, None)


@pytest.mark.parametrize(
    "fault", ["drop_answer", "error_500_before", "error_500_after", "rate_limit"]
)
def test_faults_on_the_way_are_silence(fault, gateway, peer, asking):
    peer.arm(fault)

    with pytest.raises(Unreachable):
        gateway.open_checkout(asking, key=key())


def test_the_sdk_repeats_nothing_by_itself(gateway, peer, asking, order_id):
    peer.arm("error_500_before")
    with pytest.raises(Unreachable):
        gateway.open_checkout(asking, key=key())

    mine = [
        one for one in peer.requests() if one["params"].get("client_reference_id") == str(order_id)
    ]
    assert len(mine) == 1


def test_nobody_listening_is_silence(asking):
    deaf = Gateway(
        secret_key="sk_test_x",
        webhook_secret="whsec_x",
        base_url="http://127.0.0.1:9",
        timeout=(1, 1),
    )

    with pytest.raises(Unreachable):
        deaf.open_checkout(asking, key=key())


def test_a_wrong_key_is_our_fault_and_not_a_no(peer, asking):
    stranger = Gateway(
        secret_key="sk_test_wrong_wrong", webhook_secret="whsec_x", base_url=peer.url
    )

    with pytest.raises(Misconfigured):
        stranger.open_checkout(asking, key=key())


def test_a_proxy_of_the_environment_is_not_asked_for_a_stand_in(peer, asking, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    here = Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)

    assert here.open_checkout(asking, key=key()).url


def test_stripe_learns_nothing_about_our_machine():
    assert stripe.enable_telemetry is False
    assert wall.MONEY == ["payment_intent.latest_charge.balance_transaction"]


@pytest.mark.parametrize("status", ["active", "pending", "restricted"])
def test_an_account_says_whether_it_may_be_paid(status, gateway, peer, maker):
    assert maker.capability == "restricted"
    peer.activate(maker.id, status)

    assert gateway.read_account(maker.id).capability == status


def test_an_account_that_asked_for_nothing_is_unknown(gateway):
    bare = gateway.open_account(
        {"display_name": "Bare", "contact_email": "b@example.org"}, key=key()
    )

    assert bare.capability == "unknown"


def test_a_link_leads_to_stripes_own_form(gateway, peer, maker):
    link = gateway.account_link(
        maker.id, return_url="https://shop.test/back", refresh_url="https://shop.test/again"
    )

    assert peer.onboard(link).headers["location"] == "https://shop.test/back"
    assert gateway.read_account(maker.id).capability == "active"


def test_a_transfer_is_made_once_and_found_by_its_group(gateway, peer, paid, maker, order_id):
    peer.activate(maker.id)
    began, same = time_at(peer), key()
    request = share_of(paid, maker, transfer_group=str(order_id), metadata={"obligation_id": "7"})

    made = gateway.transfer(request, key=same)

    assert gateway.transfer(request, key=same) == made
    assert gateway.transfers_of(str(order_id)) == [made]
    assert made in list(gateway.transfers_since(began))
    assert (made.amount, made.destination, made.group, made.metadata, made.reversed_minor) == (
        Money(100, "USD"),
        maker.id,
        str(order_id),
        {"obligation_id": "7"},
        0,
    )


def test_a_transfer_that_cannot_be_is_a_no_with_its_code(gateway, paid, maker):
    with pytest.raises(Declined) as refusal:
        gateway.transfer(share_of(paid, maker), key=key())

    assert refusal.value.stripe_code == "insufficient_capabilities_for_transfer"


def test_more_transfers_than_fit_one_page_are_all_found(gateway, peer, paid, maker, monkeypatch):
    peer.activate(maker.id)
    monkeypatch.setattr(wall, "PAGE", 2)
    made = [gateway.transfer(share_of(paid, maker, 10), key=key()) for _ in range(5)]

    group = made[0].group

    assert {one.id for one in gateway.transfers_of(group)} == {one.id for one in made}


def test_silence_in_the_middle_of_a_list_is_silence(gateway, peer, paid, maker, monkeypatch):
    peer.activate(maker.id)
    monkeypatch.setattr(wall, "PAGE", 1)
    began = time_at(peer)
    for _ in range(2):
        gateway.transfer(share_of(paid, maker, 10), key=key())
    found = gateway.transfers_since(began)
    next(found)
    peer.arm("error_500_before", method="GET", path_prefix="/v1/transfers")

    with pytest.raises(Unreachable):
        list(found)


def test_the_balance_counts_what_is_available_and_what_is_pending(gateway, peer, asking):
    before = gateway.balance().get("USD", 0)
    opened = gateway.open_checkout(asking, key=key())
    peer.pay(opened.url)

    net = gateway.read_checkout(opened.session_id).payment.net_minor
    assert gateway.balance()["USD"] == before + net


@pytest.mark.parametrize(
    ("secret", "live"), [("sk_live_x", True), ("rk_live_x", True), ("sk_test_x", False)]
)
def test_a_key_says_whether_money_is_real(secret, live):
    assert Gateway(secret_key=secret, webhook_secret="whsec_x").live is live
