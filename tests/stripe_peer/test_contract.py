"""Every v1 answer of the stand-in, held against the public document's answer schemas."""

from typing import Any

import pytest
import requests

from stripe_peer.resources import accounts
from stripe_peer.routes import ROUTES
from tests.stripe_peer.making import make_account, make_charge, make_session
from tests.stripe_peer.public_answers import complaints, schemas
from tests.support.peer import PeerProcess

LISTS = {
    "checkout/sessions": "checkout.session",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "balance_transactions": "balance_transaction",
    "transfers": "transfer",
    "refunds": "refund",
    "disputes": "dispute",
    "payouts": "payout",
    "events": "event",
    "webhook_endpoints": "webhook_endpoint",
}
POST = {
    "shipping_rate_data": {
        "type": "fixed_amount",
        "display_name": "Post",
        "fixed_amount": {"amount": 900, "currency": "pen"},
    }
}


@pytest.fixture(scope="module")
def busy():
    """A stand-in in which every kind of thing has happened."""
    with PeerProcess() as peer:
        client = peer.client()
        client.v1.webhook_endpoints.create(
            {"url": "http://127.0.0.1:9/x", "enabled_events": ["*"], "description": "Shop"}
        )
        account = make_account(peer)
        pay_every_way(peer)
        charge = client.v1.charges.list().data[-1]
        client.v1.transfers.create(
            {
                "amount": 100,
                "currency": "usd",
                "destination": account,
                "source_transaction": charge.id,
                "description": "Share",
                "metadata": {"obligation": "1"},
            }
        )
        give_back_every_way(peer)
        yield peer


def give_back_every_way(peer: PeerProcess) -> None:
    """Refunds, a reversal, disputes and payouts in every state."""
    client = peer.client()
    sent = client.v1.transfers.list().data[0]
    client.v1.transfers.reversals.create(sent.id, {"amount": 40, "metadata": {"recovery": "1"}})
    made = [client.v1.refunds.create({"charge": make_charge(peer).id}) for _ in range(3)]
    for refund, outcome in zip(made, ("failed", "canceled"), strict=False):
        peer.end_refund(refund.id, outcome)
    peer.dispute(make_charge(peer).id, inquiry=True)
    for end in ("won", "lost"):
        peer.move_dispute(peer.dispute(make_charge(peer).id)["id"], end)
    peer.advance(3 * 24 * 3600)
    for outcome in ("paid", "failed"):
        payout = client.v1.payouts.create({"amount": 100, "currency": "usd"})
        peer.end_payout(payout.id, outcome)


def pay_every_way(peer: PeerProcess) -> None:
    """One session for every way it can end."""
    client = peer.client()
    first = make_session(
        client,
        currency="pen",
        shipping_options=[POST],
        shipping_address_collection={"allowed_countries": ["PE", "US"]},
        allowed_payment_method_types=["card", "link"],
        customer_email="buyer@example.com",
        locale="es",
        client_reference_id="order-1",
        payment_intent_data={"transfer_group": "order-1", "metadata": {"order": "1"}},
    )
    peer.pay(first.url)
    for outcome in ("decline", "pay_late", "authenticate", "succeed"):
        peer.pay(make_session(client).url, outcome)
    late, failing = make_session(client), make_session(client)
    for session, end in ((late, "succeed"), (failing, "fail")):
        peer.pay(session.url, "pay_late")
        peer.settle(session.id, end)
    client.v1.checkout.sessions.expire(make_session(client).id)
    halfway = make_session(client)
    peer.pay(halfway.url, "decline")
    client.v1.checkout.sessions.expire(halfway.id)


def get(peer: PeerProcess, path: str, **query: Any) -> Any:
    headers = {"Authorization": f"Bearer {peer.api_key}"}
    answer = requests.get(f"{peer.url}/v1/{path}", headers=headers, params=query, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


@pytest.mark.parametrize(("path", "kind"), LISTS.items())
def test_everything_listed_is_as_the_document_says(busy, path, kind):
    """Shapes, words, nulls, and no field the document does not know."""
    page = get(busy, path, limit=100)
    assert set(page) == {"object", "data", "has_more", "url"}
    assert page["data"]
    for answer in page["data"]:
        assert complaints(kind, answer) == []
        assert get(busy, f"{path}/{answer['id']}") == answer


def test_what_an_event_shows_is_as_the_document_says(busy):
    """The snapshot is a whole object of its kind."""
    for event in get(busy, "events", limit=100)["data"]:
        shown = event["data"]["object"]
        assert complaints(shown["object"], shown) == []


def test_line_items_balance_and_account_are_as_the_document_says(busy):
    """The three that are no list of their own."""
    session = get(busy, "checkout/sessions", limit=1)["data"][0]["id"]
    for item in get(busy, f"checkout/sessions/{session}/line_items")["data"]:
        assert complaints("item", item) == []
    assert complaints("balance", get(busy, "balance")) == []
    account = busy.client().v2.core.accounts.list().data[0].id
    assert complaints("account", get(busy, f"accounts/{account}")) == []


def test_a_payees_side_is_as_the_document_says(busy):
    """Her balance, its transactions, and the payment a transfer arrived as."""
    account = busy.client().v2.core.accounts.list().data[0].id
    headers = {"Authorization": f"Bearer {busy.api_key}", "Stripe-Account": account}
    for path, kind in (("charges", "charge"), ("balance_transactions", "balance_transaction")):
        answer = requests.get(f"{busy.url}/v1/{path}", headers=headers, timeout=10).json()
        assert answer["data"]
        assert [complaints(kind, one) for one in answer["data"]] == [[]] * len(answer["data"])


@pytest.mark.parametrize(
    ("path", "expand", "kind"),
    [
        ("charges", "data.balance_transaction", "charge"),
        ("charges", "data.payment_intent", "charge"),
        ("payment_intents", "data.latest_charge.balance_transaction", "payment_intent"),
        ("checkout/sessions", "data.payment_intent.latest_charge", "checkout.session"),
        ("checkout/sessions", "data.line_items", "checkout.session"),
        ("transfers", "data.destination", "transfer"),
        ("transfers", "data.source_transaction.balance_transaction", "transfer"),
        ("transfers", "data.destination_payment", "transfer"),
        ("balance_transactions", "data.source", "balance_transaction"),
    ],
)
def test_what_is_expanded_is_as_the_document_says(busy, path, expand, kind):
    """Ids become whole objects, at most four levels deep."""
    for answer in get(busy, path, limit=100, **{"expand[]": expand})["data"]:
        assert complaints(kind, answer) == []
        inner = answer.get(expand.split(".")[1])
        assert inner is None or isinstance(inner, dict)


@pytest.mark.parametrize(
    "path", ["charges/ch_none", "transfers?colour=red", "charges?expand[]=colour", "nothing"]
)
def test_a_refusal_is_as_the_document_says(busy, path):
    """The error body."""
    headers = {"Authorization": f"Bearer {busy.api_key}"}
    answer = requests.get(f"{busy.url}/v1/{path}", headers=headers, timeout=10)
    assert answer.status_code in {400, 404}
    assert complaints("error", answer.json()) == []


def test_the_measure_measures():
    """A wrong word, a missing field and an invented one are all noticed."""
    good = {"id": "transfers", "object": "capability", "account": "acct_1", "requested": True}
    assert complaints("capability", {**good, "status": "active"}) == []
    assert complaints("capability", {**good, "status": "splendid"})
    assert complaints("capability", good)
    assert complaints("capability", {**good, "status": "active", "colour": "red"})


def test_every_v1_operation_served_is_in_the_public_document(busy):
    """By path and method; v2 ones name the SDK's types instead."""
    assert schemas()
    for route in ROUTES:
        assert route.api == "v1" or route.typed is not None or route.path.endswith("{id}")
    assert accounts.KIND == "v2.core.account"
