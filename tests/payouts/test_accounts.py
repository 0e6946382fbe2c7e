"""A maker's account at Stripe is opened once, and only Stripe's word makes it ready."""

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotFound
from core.ids import new_id
from payments import inbox
from payments.errors import Declined, Unreachable
from payments.models import News, NewsState
from payments.webhooks import ReceivedNews
from payouts import accounts
from payouts.models import PayoutAccount
from people.models import Cooperative, Maker
from tests.support.make import acting, make_cooperative, make_maker, make_staff

pytestmark = pytest.mark.usefixtures("committed")

SHOP = "https://shop.test"


@pytest.fixture
def maker(committed):
    with committed() as session:
        return make_maker(session, make_cooperative(session)).id


@pytest.fixture
def treasurer(committed, maker):
    with committed() as session:
        home = session.get_one(Cooperative, session.get_one(Maker, maker).cooperative_id)
        return acting(make_staff(session, home, "treasurer"))


@pytest.fixture
def connect(gateway, maker, treasurer, now):
    def call():
        return accounts.connect(gateway, maker_id=maker, actor=treasurer, public_url=SHOP, now=now)

    return call


def test_it_is_opened_as_a_recipient_of_transfers_and_she_is_sent_to_stripes_form(
    connect, peer, maker
):
    onboarding = connect()

    assert onboarding.url.startswith(peer.url)
    row = onboarding.account
    assert (row.key, row.capability) == (f"ac:{maker}", "restricted")
    recipient = row.request["configuration"]["recipient"]["capabilities"]
    assert recipient == {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    assert row.request["identity"] == {"country": "pe", "entity_type": "individual"}
    assert "Legal Name" not in str(row.request)


def test_asking_again_goes_on_with_the_same_account(connect):
    assert connect().account.account_id == connect().account.account_id


def test_silence_leaves_the_intent_and_the_next_try_opens_no_second_account(
    connect, peer, maker, gateway
):
    before = accounts_opened(peer)
    peer.arm("drop_answer", method="POST", path_prefix="/v2/core/accounts", times=1)
    with pytest.raises(Unreachable):
        connect()
    with transaction() as session:
        kept = session.get_one(PayoutAccount, maker)
        assert (kept.account_id, kept.key) == (None, f"ac:{maker}")

    account_id = connect().account.account_id

    assert accounts_opened(peer) - before == {f"ac:{maker}"}
    assert gateway.read_account(account_id).id == account_id


def accounts_opened(peer):
    """The keys under which accounts were asked for."""
    return {
        request["idempotency_key"]
        for request in peer.requests()
        if request["method"] == "POST" and request["path"] == "/v2/core/accounts"
    }


def test_a_no_from_stripe_leaves_her_to_be_paid_by_hand(connect, gateway, monkeypatch):
    def refuse(_request, *, key):
        raise Declined(f"Peru is not available ({key})")

    monkeypatch.setattr(gateway, "open_account", refuse)

    with pytest.raises(accounts.AccountRefused, match="Peru is not available"):
        connect()


def test_only_what_stripe_says_of_the_capability_makes_it_ready(connect, gateway, peer, maker, now):
    account_id = connect().account.account_id
    for status in ("pending", "active", "restricted", "active"):
        peer.activate(account_id, status)
        assert accounts.refresh(gateway, account_id=account_id, now=now)
        with transaction() as session:
            assert session.get_one(PayoutAccount, maker).capability == status


def test_an_account_that_is_none_of_ours_is_not_asked_for(gateway, now):
    assert accounts.refresh(gateway, account_id="acct_of_somebody", now=now) is False


def tell(session, now, **about):
    news = ReceivedNews(
        id=f"evt_{new_id().hex}",
        type="v2.core.account[configuration.recipient].capability_status_updated",
        livemode=False,
        api_version=None,
        created_at=now,
        **about,
    )
    inbox.receive(session, news, now)
    return news.id


def state_of(event_id):
    with transaction() as session:
        return session.get_one(News, event_id, populate_existing=True).state


def test_news_of_an_account_is_checked_at_stripe_before_it_is_believed(
    connect, gateway, peer, maker, now
):
    account_id = connect().account.account_id
    peer.activate(account_id)
    with transaction() as session:
        event_id = tell(session, now, object_id=account_id, account=None)

    accounts.apply_news(gateway, event_id=event_id, now=now)

    assert state_of(event_id) == NewsState.APPLIED
    with transaction() as session:
        assert session.get_one(PayoutAccount, maker).capability == "active"


def test_news_of_an_unknown_account_waits_and_news_of_none_is_put_aside(gateway, now, committed):
    with transaction() as session:
        unknown = tell(session, now, object_id="acct_unknown", account=None)
        nothing = tell(session, now, object_id=None, account=None)
    for event_id in (unknown, nothing):
        accounts.apply_news(gateway, event_id=event_id, now=now)

    assert (state_of(unknown), state_of(nothing)) == (NewsState.WAITING, NewsState.IGNORED)


def test_a_maker_of_another_cooperative_is_not_found(gateway, maker, now):
    with transaction() as session:
        stranger = acting(make_staff(session, make_cooperative(session), "treasurer"))

    with pytest.raises(NotFound):
        accounts.connect(gateway, maker_id=maker, actor=stranger, public_url=SHOP, now=now)
    with transaction() as session:
        assert session.execute(text("SELECT count(*) FROM payout_accounts")).scalar_one() == 0


def test_a_maker_without_an_account_is_told_so(maker, treasurer):
    with pytest.raises(NotFound, match="paid by hand"), transaction() as session:
        accounts.get_account(session, maker, actor=treasurer)
