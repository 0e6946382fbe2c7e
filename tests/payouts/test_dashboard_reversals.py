"""A reversal made in Stripe's dashboard does what was asked for, and owes what nobody asked for."""

import pytest

from core.db import transaction
from core.money import Money
from payments.gateway import Gateway
from payouts import decisions, reversal_news, reversals
from payouts.models import Obligation
from payouts.payable import payable_minor
from payouts.reconcile import reconcile
from payouts.recovery_models import FoundReversal, Recovery, ReversalAttempt
from tests.payouts.selling import due_sale, transfers
from tests.payouts.test_undoing import balances, fail, refund, settle
from tests.support.peer import PeerProcess

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]


@pytest.fixture
def peer():
    """A stand-in of the test's own: what Stripe holds is compared to the cent."""
    with PeerProcess() as running:
        yield running


@pytest.fixture
def gateway(peer):
    return Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)


@pytest.fixture(autouse=True)
def _no_fault_left():
    """What was armed ends with the stand-in."""


def recoveries():
    with transaction() as session:
        rows = session.query(Recovery).order_by(Recovery.part)
        return sorted((row.status, row.amount_minor) for row in rows)


def found():
    with transaction() as session:
        return [row.amount_minor for row in session.query(FoundReversal)]


def unpaid(sale):
    with transaction() as session:
        row = session.get_one(Obligation, sale.obligations[0])
        return payable_minor(session, [row])[row.id]


def settled(gateway, peer, now):
    """A share of 47.60, paid by transfer."""
    sale = due_sale(gateway, peer, now)
    assert settle(gateway, sale, now) == "done"
    return sale


def undecided(gateway, peer, sale, now, minor):
    """A part of the sale goes back whose transfer Stripe cannot reverse: she has spent it."""
    (sent,) = transfers(gateway, sale)
    peer.spend(sent.destination, 4760)
    refund(gateway, sale, now, amount=minor)
    with transaction() as session:
        new = session.query(Recovery).one().id
    assert reversals.reverse(gateway, recovery_id=new, now=now) == "refused"
    return new


def in_dashboard(gateway, sale, now, minor):
    """Somebody reverses by hand; we hear of it, twice."""
    (sent,) = transfers(gateway, sale)
    client = gateway._client
    client.v1.transfers.reversals.create(sent.id, {"amount": minor})
    for made in gateway.reversals_of(sent.id):
        for _ in range(2):
            with transaction() as session:
                assert reversal_news.apply_reversal(session, made, now=now)


def puts_back(peer, gateway, sale, minor):
    """She puts money into her account again, so that it can be reversed."""
    (sent,) = transfers(gateway, sale)
    peer.spend(sent.destination, -minor)


def test_one_for_less_than_was_asked_does_that_part_and_leaves_the_rest_to_people(
    gateway, peer, now
):
    sale = settled(gateway, peer, now)
    asked = undecided(gateway, peer, sale, now, Money(3400, "USD"))
    puts_back(peer, gateway, sale, 1000)

    in_dashboard(gateway, sale, now, 1000)

    assert recoveries() == [("reversed", 1000), ("undecided", 1380)]
    assert (found(), unpaid(sale)) == ([], 0)
    assert balances()["undecided"] == 1380
    with transaction() as session:
        decisions.decide(
            session,
            recovery_id=asked,
            decision="absorbed",
            reason="the assembly decided",
            bearer="fund",
            actor=sale.treasurer,
            now=now,
        )
    assert reconcile(gateway) == []


def test_one_for_more_than_was_asked_owes_only_what_nobody_asked_for(gateway, peer, now):
    sale = settled(gateway, peer, now)
    undecided(gateway, peer, sale, now, Money(3400, "USD"))
    puts_back(peer, gateway, sale, 3000)

    in_dashboard(gateway, sale, now, 3000)

    assert recoveries() == [("reversed", 2380)]
    assert (found(), unpaid(sale)) == ([620], 620)
    assert {row.words for row in reconcile(gateway)} == {
        "reversed at Stripe by somebody, and not paid again"
    }


def test_one_that_is_for_two_recoveries_does_both(gateway, peer, now):
    sale = settled(gateway, peer, now)
    undecided(gateway, peer, sale, now, Money(2000, "USD"))
    refund(gateway, sale, now, amount=Money(1000, "USD"))
    with transaction() as session:
        last = max(row.id for row in session.query(Recovery))
    assert reversals.reverse(gateway, recovery_id=last, now=now) == "refused"
    assert recoveries() == [("undecided", 700), ("undecided", 1400)]
    puts_back(peer, gateway, sale, 2000)

    in_dashboard(gateway, sale, now, 2000)

    assert recoveries() == [("reversed", 600), ("reversed", 1400), ("undecided", 100)]
    assert (found(), unpaid(sale)) == ([], 0)


def test_in_parts_and_then_in_vain_she_is_owed_what_came_back(gateway, peer, now):
    sale = settled(gateway, peer, now)
    asked = refund_id_of(undecided(gateway, peer, sale, now, Money(3400, "USD")))
    puts_back(peer, gateway, sale, 1000)
    in_dashboard(gateway, sale, now, 1000)

    fail(gateway, peer, asked, now)

    assert recoveries() == [("restored", 1000), ("restored", 1380)]
    assert unpaid(sale) == 1000
    assert "undecided" not in balances()
    assert reconcile(gateway) == []


def refund_id_of(recovery_id):
    with transaction() as session:
        return session.get_one(Recovery, recovery_id).refund_id


def test_what_stripe_may_still_make_for_the_whole_is_not_divided(gateway, peer, now):
    sale = settled(gateway, peer, now)
    refund(gateway, sale, now, amount=Money(3400, "USD"))
    with transaction() as session:
        recovery = session.query(Recovery).one()
        session.add(
            ReversalAttempt(
                cooperative_id=recovery.cooperative_id,
                recovery_id=recovery.id,
                number=1,
                key="rv:lost",
                request={},
                started_at=now,
                ended_at=now,
                outcome="never_arrived",
            )
        )

    in_dashboard(gateway, sale, now, 1000)

    assert recoveries() == [("reversing", 2380)]
    assert found() == [1000]
