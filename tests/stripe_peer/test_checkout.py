"""Checkout Sessions (stripe.md, "Checkout and the one-off piece")."""

import pytest
import requests
import stripe

from tests.stripe_peer.making import make_charge, make_session, refused, session_params
from tests.support.peer import PeerProcess

MINUTE = 60


def test_a_session_adds_up_its_items_and_its_first_shipping_option(client):
    """Hosted Checkout, one session per order."""
    post = {
        "shipping_rate_data": {
            "type": "fixed_amount",
            "display_name": "Post",
            "fixed_amount": {"amount": 1500, "currency": "usd"},
        }
    }
    session = make_session(client, amount=4500, shipping_options=[post])
    assert (session.amount_subtotal, session.amount_total) == (4500, 6000)
    assert session.total_details.amount_shipping == 1500
    assert (session.status, session.payment_status) == ("open", "unpaid")
    items = client.v1.checkout.sessions.line_items.list(session.id)
    assert [(item.description, item.amount_total) for item in items.data] == [("Chumpi", 4500)]


def test_paying_makes_intent_charge_and_balance_transaction(peer):
    """The fee is 2.9 % and 30 cents; metadata and group come from payment_intent_data."""
    charge = make_charge(
        peer,
        amount=10_000,
        metadata={"only": "session"},
        payment_intent_data={"metadata": {"order": "17"}, "transfer_group": "order-17"},
    )
    booked = charge.balance_transaction
    assert (booked.amount, booked.fee, booked.net) == (10_000, 320, 9_680)
    assert booked.exchange_rate is None
    assert charge.transfer_group == "order-17"
    assert charge.metadata.to_dict() == {"order": "17"}


def test_success_leads_to_the_shop_with_the_sessions_id(peer, client):
    """{CHECKOUT_SESSION_ID} in success_url is replaced."""
    session = make_session(client)
    answer = peer.pay(session.url)
    assert answer.status_code == 303
    expected = f"http://shop.example/thanks?session={session.id}"
    assert answer.headers["Location"] == expected
    after = client.v1.checkout.sessions.retrieve(session.id)
    assert (after.status, after.payment_status, after.url) == ("complete", "paid", None)


def test_a_declined_card_leaves_the_session_open_for_another(peer, client):
    """The same intent is paid in the end; the failed charge stays on record."""
    session = make_session(client)
    assert peer.pay(session.url, "decline").status_code == 402
    after = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert after.status == "open"
    assert after.payment_intent.status == "requires_payment_method"
    assert after.payment_intent.last_payment_error.code == "card_declined"
    peer.pay(session.url, "succeed")
    charges = client.v1.charges.list({"payment_intent": after.payment_intent.id})
    assert [charge.status for charge in charges.data] == ["succeeded", "failed"]


def test_three_d_secure_is_a_step_before_the_charge(peer, client):
    """Nothing is charged until the buyer confirms at the bank."""
    session = make_session(client)
    step = requests.post(session.url, data={"outcome": "authenticate"}, timeout=10)
    assert "3-D Secure" in step.text
    between = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert between.payment_intent.status == "requires_action"
    assert peer.pay(session.url, "authenticated").status_code == 303
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("outcome", "status", "news"),
    [
        ("succeed", "paid", "checkout.session.async_payment_succeeded"),
        ("fail", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_a_delayed_method_completes_unpaid_and_is_settled_later(fresh, outcome, status, news):
    """`completed` with `payment_status: unpaid` means a delayed method."""
    client = fresh.client()
    session = make_session(client)
    fresh.pay(session.url, "pay_late")
    after = client.v1.checkout.sessions.retrieve(session.id)
    assert (after.status, after.payment_status) == ("complete", "unpaid")
    fresh.settle(session.id, outcome)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == status
    told = [event.type for event in client.v1.events.list({"limit": 20}).data]
    assert told[0] == news
    assert ("charge.succeeded" in told) == (outcome == "succeed")
    with pytest.raises(RuntimeError, match="no payment waits"):
        fresh.settle(session.id, outcome)


@pytest.mark.parametrize("minutes", [29, 24 * 60 + 1])
def test_an_end_outside_its_window_is_refused(peer, client, minutes):
    """`expires_at` is 30 minutes to 24 hours ahead."""
    params = session_params(expires_at=peer.now() + minutes * MINUTE)
    error = refused(lambda: client.v1.checkout.sessions.create(params))
    assert (error["status"], error["param"]) == (400, "expires_at")


def test_a_session_ends_by_the_stand_ins_clock_and_cannot_be_paid_then(fresh):
    """It is expired for whoever reads it, and the page says so."""
    client = fresh.client()
    session = make_session(client, expires_at=fresh.now() + 31 * MINUTE)
    fresh.advance(32 * MINUTE)
    answer = fresh.pay(session.url)
    assert (answer.status_code, "expired" in answer.text) == (410, True)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    told = client.v1.events.list({"type": "checkout.session.expired"}).data
    assert [event.data.object["id"] for event in told] == [session.id]
    assert client.v1.charges.list().data == []


def test_expire_works_only_while_open(peer, client):
    """Early release: `/expire` first, free the piece only on success."""
    session = make_session(client)
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    error = refused(lambda: client.v1.checkout.sessions.expire(session.id))
    assert error["status"] == 400
    paid = make_session(client)
    peer.pay(paid.url)
    assert "complete" in refused(lambda: client.v1.checkout.sessions.expire(paid.id))["message"]


def test_a_paid_session_is_not_paid_twice(peer, client):
    """The page answers 409 and charges nothing."""
    session = make_session(client)
    peer.pay(session.url)
    assert peer.pay(session.url).status_code == 409
    after = client.v1.checkout.sessions.retrieve(session.id)
    charges = client.v1.charges.list({"payment_intent": after.payment_intent})
    assert len(charges.data) == 1


def test_the_page_offers_no_delayed_method_where_only_immediate_ones_are_allowed(client):
    """Restrict with `allowed_payment_method_types`."""
    free = make_session(client)
    strict = make_session(client, allowed_payment_method_types=["card", "link"])
    assert "pay_late" in requests.get(free.url, timeout=10).text
    assert "pay_late" not in requests.get(strict.url, timeout=10).text


def test_what_is_written_on_the_page_is_escaped(client):
    """A piece's name is text, whatever it contains."""
    params = session_params()
    params["line_items"][0]["price_data"]["product_data"]["name"] = "<script>alert(1)</script>"
    session = client.v1.checkout.sessions.create(params)
    assert "<script" not in requests.get(session.url, timeout=10).text


@pytest.mark.parametrize("name", ["success_url", "mode", "line_items"])
def test_a_session_without_its_essentials_is_refused(client, name):
    """The document calls them optional; Stripe does not."""
    params = {key: value for key, value in session_params().items() if key != name}
    error = refused(lambda: client.v1.checkout.sessions.create(params))
    assert (error["code"], error["param"]) == ("parameter_missing", name)


def test_a_buyer_in_soles_is_booked_in_dollars(peer):
    """The settlement currency is that of the balance transaction, at the shown rate."""
    charge = make_charge(peer, amount=10_000, currency="pen")
    booked = charge.balance_transaction
    assert (charge.currency, booked.currency) == ("pen", "usd")
    assert (booked.amount, booked.exchange_rate) == (2_700, 0.27)
    assert booked.net == 2_700 - (78 + 30)


def test_an_account_may_settle_in_another_currency_at_another_rate():
    """The settlement currency and the rates are the command line's."""
    with PeerProcess(settlement_currency="eur", arguments=("--rate", "eur=1.25")) as peer:
        booked = make_charge(peer, amount=10_000).balance_transaction
    assert (booked.currency, booked.amount, booked.exchange_rate) == ("eur", 8_000, 0.8)


def test_too_small_a_total_is_refused(client):
    """Stripe charges no less than about half a dollar."""
    with pytest.raises(stripe.InvalidRequestError) as told:
        make_session(client, amount=49)
    assert told.value.code == "amount_too_small"
