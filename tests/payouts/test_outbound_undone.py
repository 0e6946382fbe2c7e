"""A sale undone while or after its share went to a bank: nothing comes back by itself."""

import pytest
from sqlalchemy import select

from core.db import transaction
from core.money import Money
from orders import money_back, refunds
from payouts import ledger, undoing
from payouts.differences import unmatched, unproved
from payouts.models import Obligation
from payouts.recovery_models import Recovery
from tests.payouts.banking import Weaver, give_bank
from tests.payouts.selling import hand_over, sell, status_of

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def sale(gateway, peer, now):
    """A runner for 68 dollars of one maker with a bank; her share is due."""
    made = sell(gateway, peer, now, weights=(1,))
    peer.fund(100_000)
    hand_over(made, now)
    return made


@pytest.fixture
def weaver(gateway, peer, sale, now):
    maker = Weaver(
        gateway, peer, sale.makers[0], sale.cooperative_id, sale.treasurer, sale.witness_id
    )
    give_bank(maker, now)
    return maker


def refund(sale, gateway, now, minor=3400):
    with transaction() as session:
        asked = refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=refunds.Wanted(amount=Money(minor, "USD")),
            reason="goodwill",
            actor=sale.treasurer,
            now=now,
        ).id
    money_back.send(gateway, refund_id=asked, now=now)
    with transaction() as session:
        undoing.record_refund(session, refund_id=asked, now=now)
    return asked


def recoveries():
    with transaction() as session:
        rows = session.scalars(
            select(Recovery).order_by(Recovery.id).execution_options(populate_existing=True)
        )
        return [(row.status, row.amount_minor) for row in rows]


def books_agree():
    with transaction() as session:
        return [*unmatched(session), *unproved(session)] == []


def test_a_share_in_dollars_is_debited_as_it_is_and_arrives_in_soles(weaver, sale, now):
    weaver.pay(now, "USD")
    weaver.ends("posted", now)
    (payment,) = weaver.payments()
    assert (payment.debited_minor, payment.amount_minor) == (4760, 4760)
    assert (payment.credited_minor, payment.credited_currency) == (17630, "PEN")
    with transaction() as session:
        assert ledger.balances(session, sale.cooperative_id)["stripe_outbound", "USD"] == -4760
    assert status_of(sale.obligations[0]) == "settled"
    assert books_agree()


def test_a_refund_after_it_was_posted_waits_for_people(weaver, sale, gateway, now):
    weaver.pay(now, "USD")
    weaver.ends("posted", now)
    refund(sale, gateway, now)
    assert recoveries() == [("undecided", 2380)]
    assert books_agree()


@pytest.mark.parametrize(
    ("outcome", "status"), [("posted", "undecided"), ("failed", "reduced"), ("returned", "reduced")]
)
def test_a_refund_while_it_is_on_its_way_waits_for_what_comes_of_it(
    weaver, sale, gateway, now, outcome, status
):
    weaver.pay(now, "USD")
    refund(sale, gateway, now)
    assert recoveries() == [("waiting", 2380)]
    weaver.ends(outcome, now)
    assert recoveries() == [(status, 2380)]
    assert books_agree()


def test_what_comes_back_afterwards_was_not_paid_so_much_less_is_owed(weaver, sale, gateway, now):
    weaver.pay(now, "USD")
    weaver.ends("posted", now)
    refund(sale, gateway, now)
    weaver.ends("returned", now)
    assert recoveries() == [("reduced", 2380)]
    assert status_of(sale.obligations[0]) == "due"
    assert books_agree()


def test_of_a_sale_undone_whole_nothing_is_owed_when_it_comes_back(weaver, sale, gateway, now):
    weaver.pay(now, "USD")
    weaver.ends("posted", now)
    refund(sale, gateway, now, 6800)
    weaver.ends("returned", now)
    assert recoveries() == [("reduced", 4760)]
    with transaction() as session:
        row = session.get_one(Obligation, sale.obligations[0], populate_existing=True)
        assert (row.status, row.round) == ("cancelled", 2)
        held = ledger.balances(session, sale.cooperative_id)
        assert not [name for name, _currency in held if name.startswith("maker:")]
        assert ("stripe_outbound", "USD") not in held
    assert books_agree()
