"""Money given by hand leaves a receipt with two names, once, and never beside a transfer."""

import pytest

from core.db import transaction
from core.errors import Invalid, NotFound
from payouts import by_hand, ledger
from payouts.receipt_models import Receipt
from people.models import Cooperative, Maker, Staff
from people.witnesses import GiverNeeded, TwoNames
from tests.payouts.selling import begun, due_sale, hand_over, sell, status_of
from tests.support.make import acting, house, make_cooperative, make_staff

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def sale(committed, gateway, peer, now):
    """A sale of one maker without an account, due."""
    sold = sell(gateway, peer, now, weights=(1,))
    hand_over(sold, now)
    return sold


def pay(sale, now, **given):
    values = {
        "method": "cash",
        "witness_id": sale.witness_id,
        "actor": sale.treasurer,
        "now": now,
    } | given
    with transaction() as session:
        done = by_hand.settle_by_hand(session, obligation_id=sale.obligations[0], **values)
        assert done.receipt is not None
        return done.receipt.number


def test_cash_with_two_names_meets_the_obligation_and_the_ledger(sale, now):
    number = pay(sale, now)

    assert number == f"R-{now:%Y}-00001"
    assert status_of(sale.obligations[0]) == "settled"
    with transaction() as session:
        held = ledger.balances(session, sale.cooperative_id)
        receipt = session.query(Receipt).one()
    assert held["by_hand", "USD"] == -4760
    assert (f"maker:{sale.makers[0]}", "USD") not in held
    assert (receipt.paid_minor, receipt.paid_currency, receipt.rate) == (4760, "USD", None)
    assert receipt.paid_by_id != receipt.witness_id


def test_it_is_paid_once(sale, now):
    pay(sale, now)

    with pytest.raises(by_hand.AlreadySettled):
        pay(sale, now)


def test_one_name_is_not_two(sale, now):
    with pytest.raises(TwoNames):
        pay(sale, now, witness_id=sale.treasurer.id)


def test_the_maker_herself_is_none_of_the_two(sale, now):
    with transaction() as session:
        home = session.get_one(Cooperative, sale.cooperative_id)
        herself = make_staff(
            session, home, "storekeeper", maker=session.get_one(Maker, sale.makers[0])
        )
        witness_id = herself.id

    with pytest.raises(TwoNames):
        pay(sale, now, witness_id=witness_id)


def test_a_witness_of_another_cooperative_is_not_known(sale, now):
    with transaction() as session:
        stranger = make_staff(session, make_cooperative(session))
        witness_id = stranger.id

    with pytest.raises(Invalid):
        pay(sale, now, witness_id=witness_id)


def test_only_a_person_gives_money(sale, now):
    with transaction() as session:
        actor = house(session.get_one(Cooperative, sale.cooperative_id))

    with pytest.raises(GiverNeeded):
        pay(sale, now, actor=actor)


def test_another_cooperatives_obligation_is_not_found(sale, now):
    with transaction() as session:
        stranger = acting(make_staff(session, make_cooperative(session), "treasurer"))

    with pytest.raises(NotFound):
        pay(sale, now, actor=stranger)


def test_what_is_not_due_is_not_paid(committed, gateway, peer, now):
    held = sell(gateway, peer, now, weights=(1,))

    with pytest.raises(by_hand.NotDue):
        pay(held, now)


def test_nothing_is_paid_by_hand_while_a_transfer_may_have_succeeded(committed, gateway, peer, now):
    sold = due_sale(gateway, peer, now)
    begun(sold.obligations[0], now)

    with pytest.raises(by_hand.NotDue) as refusal:
        pay(sold, now)

    assert refusal.value.details == {"status": "settling"}


def test_paid_in_soles_the_rate_is_written_down_and_must_fit(sale, now):
    soles = {"paid_minor": 17850, "paid_currency": "PEN", "rate": "3.75"}
    with pytest.raises(Invalid):
        pay(sale, now, **soles | {"paid_minor": 17000})

    pay(sale, now, **soles)

    with transaction() as session:
        receipt = session.query(Receipt).one()
        assert (receipt.paid_minor, receipt.paid_currency, receipt.rate) == (17850, "PEN", "3.75")


@pytest.mark.parametrize(
    "given",
    [
        {"paid_minor": 4760},
        {"rate": "3.75"},
        {"paid_minor": 4759, "paid_currency": "USD"},
        {"paid_minor": 17850, "paid_currency": "PEN"},
        {"paid_minor": 17850, "paid_currency": "PEN", "rate": "nan"},
        {"paid_minor": 17850, "paid_currency": "PEN", "rate": "-1"},
        {"paid_minor": 17850, "paid_currency": "PEN", "rate": "three"},
    ],
)
def test_amounts_that_do_not_fit_are_refused(sale, now, given):
    with pytest.raises(Invalid):
        pay(sale, now, **given)
    assert status_of(sale.obligations[0]) == "due"


def test_receipts_are_numbered_one_after_the_other(committed, gateway, peer, now):
    sold = sell(gateway, peer, now, weights=(1, 1))
    hand_over(sold, now)

    first = pay(sold, now)
    sold.obligations.reverse()
    second = pay(sold, now)

    assert (first[-5:], second[-5:]) == ("00001", "00002")
    with transaction() as session:
        assert session.query(Staff).count() == 2
