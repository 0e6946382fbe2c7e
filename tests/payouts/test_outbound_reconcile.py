"""Reconcile names whatever does not agree about payments to banks, and nothing else."""

import pytest
from sqlalchemy import text

from core.db import transaction
from core.ids import new_id
from payments.errors import Unreachable
from payouts.reconcile import reconcile
from tests.conftest import gateway_to
from tests.payouts.banking import banked, written_down
from tests.payouts.selling import DAY
from tests.support.peer import PeerProcess

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture(scope="module")
def peer():
    """A stand-in of these tests' own: what Stripe holds is compared to the cent."""
    with PeerProcess() as running:
        yield running


@pytest.fixture
def gateway(peer):
    return gateway_to(peer)


@pytest.fixture
def since(peer, now):
    """From this test on; the stand-in's clock has whole seconds."""
    peer.advance(2 * 86_400)
    return now + DAY


@pytest.fixture
def weaver(gateway, peer, since):
    return banked(gateway, peer, since)


def funded(weaver, since):
    """Her house has put into the account whatever is in it."""
    written_down(weaver, weaver.gateway.banks.balance()["USD"], since)


def differences(weaver, since):
    return sorted((row.check, row.words) for row in reconcile(weaver.gateway, since=since))


def test_payments_in_every_state_do_not_differ(weaver, peer, since):
    funded(weaver, since)
    assert differences(weaver, since) == []
    weaver.owe(18000, since)
    weaver.pay(since)
    assert differences(weaver, since) == []
    for outcome in ("posted", "returned"):
        weaver.ends(outcome, since)
        assert differences(weaver, since) == []


def test_what_was_not_written_down_is_missing_in_the_account(weaver, peer, since):
    funded(weaver, since)
    peer.fund(500)
    assert differences(weaver, since) == [(6, "balances differ")]


def test_a_status_nobody_told_us_of_is_named(weaver, peer, since):
    funded(weaver, since)
    weaver.owe(18000, since)
    weaver.pay(since)
    peer.end_outbound(weaver.payments()[0].stripe_id, "posted")
    assert differences(weaver, since) == [
        (4, "posted at Stripe, processing here"),
        (6, "balances differ"),
    ]


def another(weaver, **metadata):
    """A payment made in Stripe's dashboard, or by a program that is not ours."""
    (payment,) = weaver.payments()
    request = {**payment.request, "metadata": metadata}
    return weaver.gateway.banks.pay(request, key=f"odd:{new_id()}")


def test_orphans_and_doubles_are_named(weaver, peer, since):
    funded(weaver, since)
    weaver.owe(18000, since)
    weaver.pay(since)
    another(weaver)
    assert differences(weaver, since) == [(4, "no bank payment of ours")]
    another(weaver, outbound_payment=str(weaver.payments()[0].id))
    assert differences(weaver, since) == [
        (4, "no bank payment of ours"),
        (4, "one of several"),
        (4, "one of several"),
    ]


def test_what_is_just_being_asked_does_not_differ(weaver, peer, since):
    funded(weaver, since)
    weaver.owe(18000, since)
    peer.arm("drop_answer", method="POST", path_prefix="/v2/money_management", times=1)
    with pytest.raises(Unreachable):
        weaver.pay(since)
    assert differences(weaver, since) == []


def behind_our_back(statement):
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement))
        session.execute(text("SET LOCAL session_replication_role = origin"))
        session.expire_all()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE outbound_payments SET stripe_id = 'obp_other'",
            {(4, "not as we recorded it"), (4, "Stripe does not know it")},
        ),
        (
            "UPDATE outbound_payments SET amount_minor = 17000",
            {
                (3, "a bank payment proves another amount than it sent"),
                (4, "not as we recorded it"),
            },
        ),
        (
            "UPDATE outbound_payments SET status = 'failed'",
            {
                (3, "a bank payment proves another amount than it sent"),
                (4, "posted at Stripe, failed here"),
            },
        ),
    ],
)
def test_what_was_changed_here_is_named(weaver, peer, since, statement, named):
    funded(weaver, since)
    weaver.owe(18000, since)
    weaver.pay(since)
    weaver.ends("posted", since)
    behind_our_back(statement)
    assert set(differences(weaver, since)) == named


def test_a_house_without_the_account_asks_nothing_about_it(weaver, peer, since):
    bare = gateway_to(peer)
    bare.banks.financial_account = None
    asked = len(peer.requests())
    reconcile(bare, since=since)
    paths = {one["path"] for one in peer.requests()[asked:]}
    assert not [path for path in paths if path.startswith("/v2/money_management")]
