"""Pages of Stripe's kind (stripe.md, "Webhooks": beyond thirty days one lists objects by date)."""

import pytest

from tests.stripe_peer.making import make_charge, make_session, refused

DAY = 24 * 60 * 60


@pytest.fixture(scope="module")
def five(shared_peer):
    """The ids of five sessions, newest first, with their client."""
    client = shared_peer.client()
    made = [make_session(client).id for _ in range(5)]
    return client.v1.checkout.sessions, made[::-1]


def ids(page):
    return [one.id for one in page.data]


def test_lists_go_from_new_to_old(five):
    """`has_more` says whether the page was all."""
    sessions, made = five
    page = sessions.list({"limit": 3})
    assert (ids(page), page.has_more) == (made[:3], True)


def test_cursors_go_both_ways(five):
    """`starting_after` and `ending_before`, both without the cursor itself."""
    sessions, made = five
    after = sessions.list({"limit": 2, "starting_after": made[1]})
    assert ids(after) == made[2:4]
    before = sessions.list({"limit": 2, "ending_before": made[3]})
    assert (ids(before), before.has_more) == (made[1:3], True)


def test_the_sdk_walks_all_pages(five):
    """`auto_paging_iter`."""
    sessions, made = five
    walked = [one.id for one in sessions.list({"limit": 2}).auto_paging_iter()]
    assert walked[:5] == made
    assert len(walked) == len(set(walked))


def test_filters_by_date_and_field(fresh):
    """`created[gte]`, `created[lt]`, and what belongs to what."""
    charge = make_charge(fresh)
    later = fresh.advance(2 * DAY)
    second = make_charge(fresh)
    client = fresh.client()
    assert ids(client.v1.charges.list({"created": {"gte": later}})) == [second.id]
    assert ids(client.v1.charges.list({"created": {"lt": later}})) == [charge.id]
    booked = client.v1.balance_transactions.list({"source": charge.id, "type": "charge"})
    assert ids(booked) == [charge.balance_transaction.id]
    assert client.v1.balance_transactions.list({"payout": "po_none"}).data == []
    assert ids(client.v1.charges.list({"payment_intent": second.payment_intent})) == [second.id]


def test_money_becomes_available_two_days_on(fresh):
    """Pending, then available, on the stand-in's clock."""
    make_charge(fresh, amount=10_000)
    balance = fresh.client().v1.balance
    assert [balance.retrieve().pending[0].amount, balance.retrieve().available[0].amount] == [
        9_680,
        0,
    ]
    fresh.advance(2 * DAY)
    assert balance.retrieve().available[0].amount == 9_680
    booked = fresh.client().v1.balance_transactions.list().data[0]
    assert booked.status == "available"


def test_what_cannot_be_expanded_is_refused(client):
    """400, as with any wrong parameter."""
    session = make_session(client)
    sessions = client.v1.checkout.sessions
    error = refused(lambda: sessions.retrieve(session.id, {"expand": ["colour"]}))
    assert "cannot be expanded" in error["message"]
