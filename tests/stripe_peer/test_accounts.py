"""v2 accounts, their onboarding, and the v1 reading of them (stripe.md, "Peru")."""

import pytest

from tests.stripe_peer.making import account_params, make_account, refused

FLOW = {
    "refresh_url": "http://shop.example/again",
    "return_url": "http://shop.example/done",
}


def make_link(client, account):
    return client.v2.core.account_links.create(
        {
            "account": account,
            "use_case": {"type": "account_onboarding", "account_onboarding": FLOW},
        }
    )


def transfers_of(account):
    return account.configuration.recipient.capabilities.stripe_balance.stripe_transfers


def test_what_is_not_included_is_null(client):
    """v2 shows configuration, identity and requirements only when asked."""
    made = client.v2.core.accounts.create(account_params())
    assert transfers_of(made).status == "restricted"
    assert made.identity.country == "pe"
    bare = client.v2.core.accounts.retrieve(made.id)
    assert (bare.configuration, bare.identity, bare.requirements) == (None, None, None)
    asked = client.v2.core.accounts.retrieve(made.id, {"include": ["configuration.recipient"]})
    assert transfers_of(asked).status == "restricted"
    assert asked.configuration.merchant is None


@pytest.mark.parametrize(
    ("outcome", "v2", "v1"),
    [
        ("complete", "active", "active"),
        ("pending", "pending", "pending"),
        ("leave", "restricted", "inactive"),
    ],
)
def test_onboarding_ends_as_its_page_is_left(peer, client, outcome, v2, v1):
    """Gate on the capability and `payouts_enabled`, never on `details_submitted`."""
    account = make_account(peer, "restricted")
    answer = peer.onboard(make_link(client, account).url, outcome)
    assert (answer.status_code, answer.headers["Location"]) == (303, FLOW["return_url"])
    now = client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient"]})
    assert transfers_of(now).status == v2
    read = client.v1.accounts.retrieve(account)
    assert (read.capabilities.transfers, read.payouts_enabled) == (v1, v1 == "active")


def test_a_link_is_used_once_and_soon(fresh):
    """Used or expired, it leads to `refresh_url`."""
    client = fresh.client()
    account = make_account(fresh, "restricted")
    link = make_link(client, account)
    fresh.onboard(link.url)
    assert fresh.onboard(link.url).headers["Location"] == FLOW["refresh_url"]
    late = make_link(client, account)
    fresh.advance(11 * 60)
    assert fresh.onboard(late.url).headers["Location"] == FLOW["refresh_url"]


def test_a_capability_needs_a_country(client):
    """identity.country comes before any capability."""
    error = refused(lambda: client.v2.core.accounts.create(account_params(identity={})))
    assert error["param"] == "identity.country"


def test_the_local_bank_capability_is_kept_beside_transfers(client):
    """`bank_accounts.local` is what Global Payouts will ask for."""
    wanted = {"bank_accounts": {"local": {"requested": True}}}
    made = client.v2.core.accounts.create(
        account_params(configuration={"recipient": {"capabilities": wanted}})
    )
    assert made.configuration.recipient.capabilities.bank_accounts.local.status == "restricted"
    assert client.v1.accounts.retrieve(made.id).capabilities.to_dict() == {}


def test_accounts_are_listed_page_by_page(fresh):
    """Newest first; v2 pages are followed by URL."""
    made = [make_account(fresh, "restricted") for _ in range(3)]
    pages = fresh.client().v2.core.accounts.list({"limit": 2})
    assert len(pages.data) == 2
    assert [account.id for account in pages.auto_paging_iter()] == made[::-1]
    recipients = fresh.client().v2.core.accounts.list({"applied_configurations": ["recipient"]})
    assert len(recipients.data) == 3


def test_an_unknown_account_is_a_404(client):
    """In v2 as in v1."""
    assert refused(lambda: client.v2.core.accounts.retrieve("acct_nobody"))["status"] == 404
    assert refused(lambda: client.v1.accounts.retrieve("acct_nobody"))["status"] == 404
