"""Pay day: who is owed what, given to the coin, signed; and what changed is not paid by mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db import transaction
from core.errors import Invalid
from payments.gateway import Gateway
from payouts import advances, cash_count, obligations, pay_days, receipts
from payouts.models import Obligation
from payouts.pay_day_models import PayDay
from payouts.pay_day_views import coins_of, payees_of
from payouts.rates import at_rate
from payouts.receipt_models import Receipt
from payouts.reconcile import reconcile
from people.models import Staff
from people.witnesses import TwoNames
from tests.payouts.selling import connect, due_sale, hand_over, sell, status_of
from tests.payouts.test_undoing import balances, by_cash, recovered, refund, settle
from tests.support.peer import PeerProcess
from tests.support.races import commit_while_blocked

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]
RATE = {"USD": "3.75"}
PHOTO = "https://example.org/17.jpg"


@pytest.fixture
def peer():
    """A stand-in of the test's own."""
    with PeerProcess() as running:
        yield running


@pytest.fixture
def gateway(peer):
    return Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)


@pytest.fixture(autouse=True)
def _no_fault_left():
    """What was armed ends with the stand-in."""


@pytest.fixture
def sale(gateway, peer, now):
    """47.60 dollars for three makers without accounts, due."""
    sale = sell(gateway, peer, now)
    hand_over(sale, now)
    return sale


def open_day(sale, now, **given):
    with transaction() as session:
        wanted = {"currency": "PEN", "rates": RATE} | given
        return pay_days.open_pay_day(session, actor=sale.treasurer, now=now, **wanted).id


def pay(sale, day, now, which=0, **given):
    with transaction() as session:
        wanted = {"method": "cash", "witness_id": sale.witness_id, "actor": sale.treasurer} | given
        return pay_days.pay_maker(
            session, pay_day_id=day, maker_id=sale.makers[which], now=now, **wanted
        ).id


def close(sale, day, now):
    with transaction() as session:
        pay_days.close_pay_day(session, pay_day_id=day, actor=sale.treasurer, now=now)


def release(sale, day, now, which):
    with transaction() as session:
        pay_days.release_lines(
            session,
            pay_day_id=day,
            maker_id=sale.makers[which],
            reason="she could not come",
            actor=sale.treasurer,
            now=now,
        )


def ahead(sale, now, minor, which=0, currency="USD"):
    with transaction() as session:
        return advances.give_advance(
            session,
            maker_id=sale.makers[which],
            amount_minor=minor,
            currency=currency,
            given_for="yarn",
            method="cash",
            witness_id=sale.witness_id,
            actor=sale.treasurer,
            now=now,
        ).id


def test_each_is_given_hers_at_the_rate_to_the_smallest_coin(gateway, sale, now):
    day = open_day(sale, now)
    with transaction() as session:
        payees = payees_of(session, session.get_one(PayDay, day))
        # 17.09, 26.85 and 3.66 dollars at 3.75
        assert sorted(payee.total_minor for payee in payees) == [1373, 6409, 10069]
        assert sorted(payee.cash_minor for payee in payees) == [1380, 6410, 10070]
        assert sum(value * pieces for value, pieces in coins_of(payees).items()) == 17_860

    for which in range(3):
        pay(sale, day, now, which, evidence_url=PHOTO)
    close(sale, day, now)

    assert {status_of(one) for one in sale.obligations} == {"settled"}
    with transaction() as session:
        assert session.get_one(PayDay, day).status == "closed"
        assert {row.rate for row in session.query(Receipt)} == {"3.75"}
    assert balances()["by_hand"] == -17_860
    assert reconcile(gateway) == []


def test_a_pay_day_is_not_closed_while_a_receipt_is_unsigned(gateway, sale, now):
    day = open_day(sale, now)
    receipt = pay(sale, day, now)
    release(sale, day, now, 1)
    release(sale, day, now, 2)

    with pytest.raises(pay_days.UnsignedReceipt):
        close(sale, day, now)
    with transaction() as session:
        receipts.sign_receipt(
            session,
            receipt_id=receipt,
            evidence_url=PHOTO,
            signed_at=now,
            actor=sale.treasurer,
            now=now,
        )
    close(sale, day, now)
    with transaction() as session, pytest.raises(receipts.AlreadySigned):
        receipts.sign_receipt(
            session,
            receipt_id=receipt,
            evidence_url=PHOTO,
            signed_at=now,
            actor=sale.treasurer,
            now=now,
        )


def test_nor_while_somebody_is_neither_paid_nor_put_back(sale, now):
    day = open_day(sale, now)
    pay(sale, day, now, evidence_url=PHOTO)

    with pytest.raises(pay_days.UnpaidLines):
        close(sale, day, now)


def test_who_was_put_back_is_on_the_next_pay_day(sale, now):
    first = open_day(sale, now)
    release(sale, first, now, 1)

    second = open_day(sale, now)

    with transaction() as session:
        (line,) = session.get_one(PayDay, second).lines
        assert line.maker_id == sale.makers[1]


def test_nobody_is_paid_twice_on_one_day(sale, now):
    day = open_day(sale, now)
    pay(sale, day, now)

    with pytest.raises(pay_days.NothingToPay):
        pay(sale, day, now)
    with pytest.raises(pay_days.NothingToPay):
        open_day(sale, now)


def test_two_treasurers_at_once_pay_her_once(committed, sale, now):
    day = open_day(sale, now)

    def second():
        with pytest.raises(pay_days.NothingToPay):
            pay(sale, day, now)

    with committed() as first:
        pay_days.pay_maker(
            first,
            pay_day_id=day,
            maker_id=sale.makers[0],
            method="cash",
            witness_id=sale.witness_id,
            actor=sale.treasurer,
            now=now,
        )
        commit_while_blocked(first, second)


@pytest.mark.parametrize("change", ["refund", "transfer", "by hand"])
def test_what_changed_since_the_morning_is_not_paid_but_refused(gateway, peer, sale, now, change):
    day = open_day(sale, now)
    if change == "refund":
        refund(gateway, sale, now)
    elif change == "transfer":
        connect(gateway, peer, sale, sale.makers[0], now)
        settle(gateway, sale, now)
    else:
        by_cash(sale, now)

    with pytest.raises(pay_days.PayDayChanged):
        pay(sale, day, now)
    release(sale, day, now, 0)
    assert reconcile(gateway) == []


def test_the_giver_and_the_witness_are_two_and_neither_is_she(sale, now):
    day = open_day(sale, now)
    with transaction() as session:
        session.get_one(Staff, sale.witness_id).maker_id = sale.makers[0]

    with pytest.raises(TwoNames):
        pay(sale, day, now)
    with pytest.raises(TwoNames):
        pay(sale, day, now, 1, witness_id=sale.treasurer.staff_id)


def test_a_missing_rate_opens_no_pay_day(sale, now):
    with pytest.raises(Invalid, match="USD"):
        open_day(sale, now, rates={})


def test_a_day_on_which_nobody_was_paid_can_be_cancelled(sale, now):
    day = open_day(sale, now)
    with transaction() as session:
        pay_days.cancel_pay_day(
            session, pay_day_id=day, reason="the road", actor=sale.treasurer, now=now
        )

    assert open_day(sale, now)
    with pytest.raises(pay_days.PayDayClosed):
        pay(sale, day, now)


def test_what_she_had_ahead_comes_off_visibly(gateway, sale, now):
    ahead(sale, now, 700)
    day = open_day(sale, now)

    with transaction() as session:
        payees = {one.maker_id: one for one in payees_of(session, session.get_one(PayDay, day))}
        (line,) = payees[sale.makers[0]].lines
        assert (line["owed_minor"], line["advanced_minor"]) == (1009, 700)
    pay(sale, day, now)

    assert status_of(sale.obligations[0]) == "settled"
    assert reconcile(gateway) == []


@pytest.mark.parametrize("rail", ["transfer", "by hand", "pay day"])
def test_no_rail_forgets_an_advance_and_none_goes_below_zero(gateway, peer, now, rail):
    sale = (
        due_sale(gateway, peer, now)
        if rail == "transfer"
        else sell(gateway, peer, now, weights=(1,))
    )
    if rail != "transfer":
        hand_over(sale, now)
    ahead(sale, now, 1000)
    ahead(sale, now, 9000)
    if rail == "transfer":
        assert settle(gateway, sale, now) == "not_now"
    elif rail == "by hand":
        by_cash(sale, now)
    else:
        with transaction() as session:
            owed = session.get_one(Obligation, sale.obligations[0])
            obligations.lock_obligations(session, [owed.id])
            assert advances.payable_now(session, owed, now=now) == 0

    assert status_of(sale.obligations[0]) == "settled"
    assert balances()[f"advance:{sale.makers[0]}"] == 10_000 - 4760
    assert f"maker:{sale.makers[0]}" not in balances()
    assert gateway.transfers_of(str(sale.order_id)) == []
    assert reconcile(gateway) == []


def test_a_part_that_is_left_is_sent(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    ahead(sale, now, 760)

    assert settle(gateway, sale, now) == "done"

    (sent,) = gateway.transfers_of(str(sale.order_id))
    assert sent.amount.minor == 4000
    assert reconcile(gateway) == []


def test_a_refund_of_what_an_advance_had_met_is_for_people_to_decide(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    ahead(sale, now, 760)
    with transaction() as session:
        (owed,) = obligations.lock_obligations(session, sale.obligations)
        advances.payable_now(session, owed, now=now)

    refund(gateway, sale, now)

    assert recovered(sale) == [("reduced", 4000), ("undecided", 760)]
    assert status_of(sale.obligations[0]) == "settled"


@given(st.integers(0, 5_000_000), st.sampled_from(["PEN", "USD", "EUR"]))
def test_coins_make_every_amount_they_can_and_never_less_than_it(minor, currency):
    given_minor = cash_count.in_coins(minor, currency)
    coins = cash_count.count(given_minor, currency)

    assert 0 <= given_minor - minor < 10
    assert sum(value * pieces for value, pieces in coins.items()) == given_minor


@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_a_rate_is_never_off_by_a_whole_unit(minor, rate):
    written = f"{rate / 10_000:.4f}"
    if not float(written):
        return
    exact = minor * int(written.replace(".", "")) / 10_000
    assert abs(at_rate(minor, "USD", "PEN", written) - exact) <= 0.500001 + exact * 1e-12


@pytest.mark.parametrize("rate", ["", "-1", "1e3", "3,75", "1234567", "1.123456789"])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(Invalid):
        at_rate(100, "USD", "PEN", rate)
