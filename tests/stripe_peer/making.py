"""What the tests arrange: sessions, paid orders, accounts; everything has a default."""

import time
from collections.abc import Callable
from typing import Any

import stripe

from tests.support.peer import PeerProcess

Client = stripe.StripeClient


def session_params(amount: int = 9000, currency: str = "usd", **more: Any) -> dict[str, Any]:
    """A Checkout Session for one piece."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Chumpi"}}
    return {
        "mode": "payment",
        "success_url": "http://shop.example/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.example/back",
        "line_items": [{"quantity": 1, "price_data": price}],
        **more,
    }


def make_session(client: Client, **how: Any) -> Any:
    """An open session."""
    return client.v1.checkout.sessions.create(session_params(**how))  # type: ignore[arg-type]


def make_charge(peer: PeerProcess, *, outcome: str = "succeed", **how: Any) -> Any:
    """The charge of a session somebody paid (or failed to), with its balance transaction."""
    client = peer.client()
    session = make_session(client, **how)
    peer.pay(session.url, outcome)
    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    intent: Any = paid.payment_intent
    return intent.latest_charge


def account_params(**more: Any) -> dict[str, Any]:
    """A recipient in Peru who wants to receive transfers."""
    wanted = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    return {
        "contact_email": "weaver@example.com",
        "display_name": "Demo weaver",
        "identity": {"country": "pe"},
        "configuration": {"recipient": {"capabilities": wanted}},
        "include": ["configuration.recipient", "identity", "requirements"],
        **more,
    }


def make_account(peer: PeerProcess, status: str = "active") -> str:
    """The id of an account whose transfers capability has this status."""
    account = peer.client().v2.core.accounts.create(account_params())  # type: ignore[arg-type]
    if status != "restricted":
        peer.activate(account.id, status)
    return account.id


def refused(call: Callable[[], Any]) -> Any:
    """The error body of a call that must be refused, with its HTTP status."""
    try:
        call()
    except stripe.StripeError as problem:
        body: Any = problem.json_body
        return {**body["error"], "status": problem.http_status}
    raise AssertionError("This was not refused.")


def until(happened: Callable[[], Any], *, within: float = 10.0) -> Any:
    """Poll until it is true; what it was."""
    deadline = time.monotonic() + within
    while not (found := happened()):
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)
    return found
