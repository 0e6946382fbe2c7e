"""Payments to a bank: what Stripe takes, refuses, converts and tells (stripe.md, "Peru").

The shapes are the SDK's own (`stripe.v2.money_management`), the types of the refusals too; the
limits of one payment are of Stripe's table for senders in the United States.
"""

import json
from typing import Any

import pytest
import requests
import stripe

from tests.stripe_peer.making import account_params, make_charge, refused
from tests.support.peer import FINANCIAL_ACCOUNT, PeerProcess

BANK = {"bank_accounts": {"local": {"requested": True}}}
FLOW = {"refresh_url": "http://shop.example/again", "return_url": "http://shop.example/done"}


def make_recipient(peer, outcome="complete"):
    """A recipient in Peru who has been through Stripe's form, or has left it."""
    client = peer.client()
    made = client.v2.core.accounts.create(
        account_params(configuration={"recipient": {"capabilities": BANK}})
    )
    link = client.v2.core.account_links.create(
        {
            "account": made.id,
            "use_case": {"type": "account_onboarding", "account_onboarding": FLOW},
        }
    )
    peer.onboard(link.url, outcome)
    return made.id


def params(recipient, value=5000, currency="usd", **more):
    return {
        "from": {"financial_account": FINANCIAL_ACCOUNT, "currency": "usd"},
        "to": {"recipient": recipient, "currency": "pen"},
        "amount": {"value": value, "currency": currency},
        **more,
    }


def send(peer, recipient, *, key=None, **how):
    options = {"idempotency_key": key} if key else {}
    return peer.client().v2.money_management.outbound_payments.create(
        params(recipient, **how), options
    )


def methods_of(peer, recipient):
    listed = peer.client().v2.money_management.payout_methods.list
    return listed({"usage_status": {"payments": ["eligible"]}}, {"stripe_context": recipient}).data


def holds(peer):
    """What is available and what is on its way, in dollars."""
    read = peer.client().v2.money_management.financial_accounts.retrieve
    balance = read(FINANCIAL_ACCOUNT).balance.to_dict()
    return tuple(
        balance[part].get("usd", {"value": 0})["value"]
        for part in ("available", "outbound_pending")
    )


@pytest.fixture(scope="module")
def recipient(shared_peer):
    """A recipient who can be paid."""
    return make_recipient(shared_peer)


@pytest.fixture
def funded(fresh):
    """A stand-in of the test's own whose financial account holds 1,000 dollars."""
    fresh.fund(100_000)
    return fresh


def test_the_form_collects_a_bank_account_which_is_read_in_her_context(peer, recipient):
    """Her account number stays with Stripe: four digits, the bank, and its currency are shown."""
    (method,) = methods_of(peer, recipient)
    assert method.bank_account.supported_currencies == ["pen"]
    assert (method.type, len(method.bank_account.last4)) == ("bank_account", 4)
    read = peer.client().v2.money_management.payout_methods
    assert read.retrieve(method.id, {}, {"stripe_context": recipient}).id == method.id
    assert read.list().data == []
    account = peer.client().v2.core.accounts.retrieve(recipient, {"include": ["defaults"]})
    assert account.defaults.payout_methods.to_dict() == {"pen": method.id}


def test_a_form_that_was_left_collects_nothing(peer):
    """No payout method, and the capability stays restricted."""
    assert methods_of(peer, make_recipient(peer, "leave")) == []


def test_an_account_may_ask_for_its_bank_later(peer, client):
    """`bank_accounts.local` beside transfers, restricted until the form is filled in again."""
    made = client.v2.core.accounts.create(account_params())
    peer.activate(made.id)
    asked = client.v2.core.accounts.update(
        made.id,
        {
            "configuration": {"recipient": {"capabilities": BANK}},
            "include": ["configuration.recipient"],
        },
    )
    capabilities = asked.configuration.recipient.capabilities
    assert capabilities.bank_accounts.local.status == "restricted"
    assert capabilities.stripe_balance.stripe_transfers.status == "active"


@pytest.mark.parametrize(
    ("value", "currency", "debited", "credited"),
    [(5000, "usd", 5000, 18519), (10_000, "pen", 2700, 10_000)],
)
def test_it_is_converted_and_says_what_left_and_what_arrives(
    funded, value, currency, debited, credited
):
    """One of the two is what was asked for; 1 PEN is 0.27 USD in the stand-in's table."""
    payment = send(funded, make_recipient(funded), value=value, currency=currency)
    assert payment.status == "processing"
    assert payment.from_.debited.to_dict() == {"value": debited, "currency": "usd"}
    assert payment.to.credited.to_dict() == {"value": credited, "currency": "pen"}
    assert holds(funded) == (100_000 - debited, debited)


@pytest.mark.parametrize(
    ("outcomes", "left"),
    [
        (["posted"], 95_000),
        (["failed"], 100_000),
        (["canceled"], 100_000),
        (["returned"], 100_000),
        (["posted", "returned"], 100_000),
    ],
)
def test_what_a_bank_makes_of_it_moves_the_money_once(funded, outcomes, left):
    """processing -> posted | failed | canceled | returned; a return also after it was posted."""
    payment = send(funded, make_recipient(funded))
    for outcome in outcomes:
        funded.end_outbound(payment.id, outcome)
    read = funded.client().v2.money_management.outbound_payments.retrieve(payment.id)
    assert read.status == outcomes[-1]
    assert read.status_transitions[f"{outcomes[-1]}_at"] is not None
    assert holds(funded) == (left, 0)
    with pytest.raises(RuntimeError, match="cannot become"):
        funded.end_outbound(payment.id, "failed")


REFUSED: dict[str, tuple[dict[str, Any], type[stripe.StripeError]]] = {
    "a word nobody knows": ({"colour": "red"}, stripe.InvalidRequestError),
    "nobody": ({"to": {"recipient": "acct_nobody"}}, stripe.InvalidRequestError),
    "a currency she has no account in": (
        {"to": {"recipient": None, "currency": "eur"}},
        stripe.InvalidRequestError,
    ),
    "a currency of neither side": (
        {"amount": {"value": 100, "currency": "eur"}},
        stripe.InvalidRequestError,
    ),
    "less than five céntimos": (
        {"amount": {"value": 4, "currency": "pen"}},
        stripe.InvalidRequestError,
    ),
    "more than 310,000 soles": (
        {"amount": {"value": 31_000_001, "currency": "pen"}},
        stripe.InvalidRequestError,
    ),
    "more than there is": (
        {"amount": {"value": 10_000_000, "currency": "pen"}},
        stripe.InsufficientFundsError,
    ),
    "another account of ours": (
        {"from": {"financial_account": "fa_nobody", "currency": "usd"}},
        stripe.InvalidRequestError,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_stripe_refuses_is_refused(peer, recipient, what):
    """With the type by which the SDK knows it; nothing is kept of it."""
    changed, kind = REFUSED[what]
    wanted = {**params(recipient), **changed}
    wanted["to"] = {**wanted["to"], "recipient": wanted["to"].get("recipient") or recipient}
    before = holds(peer)
    with pytest.raises(kind):
        peer.client().v2.money_management.outbound_payments.create(wanted)
    assert holds(peer) == before


def test_an_inactive_capability_is_refused(peer):
    """Gate on the capability; details alone are not enough."""
    recipient = make_recipient(peer, "pending")
    error = refused(lambda: send(peer, recipient))
    assert (error["type"], error["status"]) == ("capability_not_enabled", 400)


@pytest.mark.parametrize("how", [{"payments": "invalid"}, {"archived": True}])
def test_a_payout_method_that_cannot_be_used_is_refused(peer, how):
    """Also where she has none at all."""
    recipient = make_recipient(peer)
    peer.payout_method(recipient, **how)
    assert refused(lambda: send(peer, recipient))["type"] == "invalid_payout_method"
    bare = make_recipient(peer, "leave")
    peer.bank(bare)
    assert refused(lambda: send(peer, bare))["type"] == "invalid_payout_method"


def test_a_v2_key_lives_a_month_and_keeps_no_failure(funded):
    """A failed request is executed again; a done one is replayed for 30 days (stripe.md)."""
    recipient = make_recipient(funded)
    funded.fund(-100_000)
    assert refused(lambda: send(funded, recipient, key="out-1"))["type"] == "insufficient_funds"
    funded.fund(100_000)
    made = send(funded, recipient, key="out-1")
    funded.advance(29 * 24 * 3600)
    assert send(funded, recipient, key="out-1").id == made.id
    funded.advance(2 * 24 * 3600)
    assert send(funded, recipient, key="out-1").id != made.id


def test_payments_are_listed_page_by_page(funded):
    """By recipient, status and time; v2 pages are followed by URL and keep the filters."""
    recipient, other = make_recipient(funded), make_recipient(funded)
    made = [send(funded, recipient, value=100 + n).id for n in range(3)]
    send(funded, other)
    funded.end_outbound(made[0], "posted")
    listed = funded.client().v2.money_management.outbound_payments.list
    pages = listed({"recipient": recipient, "limit": 2, "created": {"gte": "2020-01-01T00:00:00Z"}})
    assert [one.id for one in pages.auto_paging_iter()] == made[::-1]
    assert [one.id for one in listed({"status": ["posted"]}).data] == [made[0]]
    assert listed({"created": {"lt": "2020-01-01T00:00:00Z"}}).data == []


def test_every_change_of_status_is_a_thin_event(posting, receiver):
    """It names the payment and says nothing else; the SDK knows its type."""
    posting.fund(100_000)
    recipient = make_recipient(posting)
    payment = send(posting, recipient)
    for outcome in ("posted", "returned"):
        posting.end_outbound(payment.id, outcome)
    posting.deliver()
    read = posting.client().parse_event_notification
    heard = [
        (json.loads(one.body), read(one.body, one.signature, "whsec_thin"))
        for one in receiver.letters
        if one.path == "/thin" and b"outbound_payment" in one.body
    ]
    stem = "v2.money_management.outbound_payment"
    types = [notification.type for _body, notification in heard]
    assert types == [f"{stem}.{word}" for word in ("created", "posted", "returned")]
    assert {known.related_object.id for _body, known in heard} == {payment.id}
    assert all("data" not in body for body, _known in heard)


def test_a_payout_may_fund_the_financial_account(funded):
    """`payout_method` of a v1 payout names it; the money is there once the payout is paid."""
    make_charge(funded)
    funded.advance(3 * 24 * 3600)
    payout = funded.client().v1.payouts.create(
        {"amount": 500, "currency": "usd", "payout_method": FINANCIAL_ACCOUNT}
    )
    assert holds(funded) == (100_000, 0)
    funded.end_payout(payout.id, "paid")
    assert holds(funded) == (100_500, 0)


def test_it_outlives_a_restart(tmp_path):
    """Payments, bank accounts, and what the financial account holds."""
    with PeerProcess(state=tmp_path / "peer.sqlite") as lasting:
        lasting.fund(100_000)
        recipient = make_recipient(lasting)
        made = send(lasting, recipient, key="lasting")
        lasting.kill()
        lasting.start()
        assert send(lasting, recipient, key="lasting").id == made.id
        assert holds(lasting) == (95_000, 5000)
        assert requests.get(f"{lasting.url}/_peer/health", timeout=10).ok
