"""Banks, with the real SDK against the stand-in: our words in, our words out."""

import uuid
from datetime import timedelta

import pytest

from core.money import Money
from payments import banks as wall
from payments.errors import Declined, Misconfigured, Unreachable
from payments.gateway import Gateway
from tests.conftest import gateway_to
from tests.support.peer import FINANCIAL_ACCOUNT, PeerProcess

BANK = {"bank_accounts": {"local": {"requested": True}}}


@pytest.fixture(scope="module")
def peer():
    """A stand-in whose financial account is funded."""
    with PeerProcess() as running:
        running.fund(10_000_000)
        yield running


@pytest.fixture(scope="module")
def gateway(peer):
    return gateway_to(peer)


@pytest.fixture(scope="module")
def banks(gateway):
    return gateway.banks


@pytest.fixture
def account(gateway):
    """The account of a maker who has not been through Stripe's form."""
    request = {
        "display_name": "A maker",
        "identity": {"country": "pe", "entity_type": "individual"},
        "configuration": {"recipient": {"capabilities": BANK}},
    }
    return gateway.open_account(request, key=str(uuid.uuid4())).id


@pytest.fixture
def recipient(gateway, peer, account):
    """One who has."""
    link = gateway.account_link(
        account, return_url="https://shop.test/a", refresh_url="https://shop.test/b"
    )
    peer.onboard(link)
    return account


def asking(recipient, value=2000, currency="usd", **metadata):
    return {
        "from": {"financial_account": FINANCIAL_ACCOUNT, "currency": "usd"},
        "to": {"recipient": recipient, "currency": "pen"},
        "amount": {"value": value, "currency": currency},
        "metadata": metadata,
    }


def key():
    return f"test:{uuid.uuid4()}"


def test_an_account_says_whether_its_bank_may_be_paid_and_which_one(gateway, peer, account):
    before = gateway.read_account(account)
    peer.bank(account)
    waiting = gateway.read_account(account)
    peer.payout_method(account)
    ready = gateway.read_account(account)

    assert (before.capability, before.bank_capability) == ("unknown", "restricted")
    assert (waiting.bank_capability, waiting.payout_method) == ("active", None)
    assert ready.payout_method is not None


def test_a_bank_account_that_cannot_be_used_is_not_there_and_the_default_comes_first(
    gateway, peer, recipient
):
    first = gateway.read_account(recipient).payout_method
    peer.payout_method(recipient, new=True)
    newer = gateway.read_account(recipient).payout_method
    peer.payout_method(recipient, payments="invalid")

    assert newer != first
    assert gateway.read_account(recipient).payout_method == first


def test_the_bank_may_be_asked_for_later(gateway, peer, account):
    wanted = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    more = {"configuration": {"recipient": {"capabilities": wanted}}}

    assert gateway.extend_account(account, more).capability == "restricted"
    assert gateway.read_account(account).bank_capability == "restricted"


def test_a_payment_is_made_once_and_found_again_as_it_is(banks, peer, recipient):
    same = key()
    made = banks.pay(asking(recipient, outbound_payment="7"), key=same)

    assert banks.pay(asking(recipient, outbound_payment="7"), key=same) == made
    assert (made.amount, made.debited, made.credited) == (
        Money(2000, "USD"),
        Money(2000, "USD"),
        Money(7407, "PEN"),
    )
    assert (made.status, made.recipient, made.metadata) == (
        "processing",
        recipient,
        {"outbound_payment": "7"},
    )
    assert banks.payments_to(recipient, since=made.created_at) == [made]
    assert made in list(banks.payments_since(made.created_at))
    peer.end_outbound(made.id, "posted")
    assert banks.read(made.id).posted_at is not None
    peer.end_outbound(made.id, "returned", reason="payout_method_closed")
    assert (banks.read(made.id).status, banks.read(made.id).reason) == (
        "returned",
        "payout_method_closed",
    )


def test_more_payments_than_fit_one_page_are_all_found(banks, recipient, monkeypatch):
    monkeypatch.setattr(wall, "PAGE", 2)
    made = [banks.pay(asking(recipient, 100 + n), key=key()) for n in range(5)]
    since = made[0].created_at - timedelta(days=1)

    assert banks.payments_to(recipient, since=since) == made[::-1]


def test_what_is_on_its_way_is_still_held(banks, peer, recipient):
    before = banks.balance()["USD"]
    made = banks.pay(asking(recipient), key=key())

    assert banks.balance()["USD"] == before
    peer.end_outbound(made.id, "posted")
    assert banks.balance()["USD"] == before - 2000


@pytest.mark.parametrize(
    ("spoil", "value"),
    [
        (lambda peer, one: peer.bank(one, "restricted"), 2000),
        (lambda peer, one: peer.payout_method(one, archived=True), 2000),
        (lambda _peer, _one: None, 1),
        (lambda _peer, _one: None, 50_000_000),
    ],
    ids=["capability", "payout method", "too little", "more than there is"],
)
def test_what_v2_has_a_name_for_is_a_no(banks, peer, recipient, spoil, value):
    spoil(peer, recipient)

    with pytest.raises(Declined):
        banks.pay(asking(recipient, value), key=key())


def test_silence_is_not_a_no(banks, peer, recipient):
    same = key()
    peer.arm("drop_answer", method="POST", path_prefix="/v2/money_management", times=1)
    with pytest.raises(Unreachable):
        banks.pay(asking(recipient), key=same)

    made = banks.pay(asking(recipient), key=same)
    assert banks.payments_to(recipient, since=made.created_at) == [made]


def test_a_house_without_a_financial_account_asks_nothing(peer):
    bare = Gateway(secret_key="sk_test_wrong", webhook_secret="whsec_x", base_url=peer.url)

    assert bare.banks.balance() == {}
    with pytest.raises(Misconfigured):
        bare.balance()
