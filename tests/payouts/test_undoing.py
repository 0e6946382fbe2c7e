"""What a refund takes back: from whoever got it, whatever has become of it, and never too much."""

from datetime import timedelta

import pytest

from core.db import transaction
from core.errors import Invalid
from core.money import Money
from orders import money_back, refunds
from orders.refund_models import Refund
from orders.refunds import Wanted
from payments.errors import Unreachable
from payments.gateway import Gateway
from payouts import by_hand, decisions, ledger, recoveries, reversals, transfers, treasury, undoing
from payouts.models import Obligation
from payouts.payable import payable_minor
from payouts.reconcile import reconcile
from payouts.recovery_models import Recovery
from tests.payouts.selling import begun, due_sale, hand_over, sell, status_of
from tests.support.peer import PeerProcess

EVIDENCE = "https://photos.test/fingerprint.jpg"
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


def refund(gateway, sale, now, **wanted):
    """A refund, sent and booked, and taken back of what was owed."""
    with transaction() as session:
        asked = refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=Wanted(**wanted) if wanted else Wanted(whole=True),
            reason="buyer_asked",
            actor=sale.treasurer,
            now=now,
        )
        refund_id = asked.id
    money_back.send(gateway, refund_id=refund_id, now=now)
    record(refund_id, now)
    return refund_id


def record(refund_id, now):
    for _ in range(2):
        with transaction() as session:
            undoing.record_refund(session, refund_id=refund_id, now=now)


def fail(gateway, peer, refund_id, now):
    """The bank sends a refund back."""
    with transaction() as session:
        stripe_id = session.get_one(Refund, refund_id).stripe_id
    peer.end_refund(stripe_id, "failed")
    money_back.look(gateway, refund_id=refund_id, now=now)
    for _ in range(2):
        with transaction() as session:
            undoing.restore_refund(session, refund_id=refund_id, now=now)


def balances():
    with transaction() as session:
        return {account: minor for (account, _), minor in ledger.balances(session).items()}


def recovered(sale):
    with transaction() as session:
        rows = session.query(Recovery).order_by(Recovery.id)
        return [(row.status, row.amount_minor) for row in rows]


def only_recovery():
    with transaction() as session:
        return session.query(Recovery).one().id


def payable(obligation_id):
    with transaction() as session:
        obligation = session.get_one(Obligation, obligation_id)
        return payable_minor(session, [obligation])[obligation_id]


def settle(gateway, sale, now, which=0):
    return transfers.settle(gateway, obligation_id=sale.obligations[which], now=now)


def by_cash(sale, now, which=0):
    with transaction() as session:
        by_hand.settle_by_hand(
            session,
            obligation_id=sale.obligations[which],
            method="cash",
            witness_id=sale.witness_id,
            actor=sale.treasurer,
            now=now,
        )


def test_before_anybody_is_paid_nothing_is_owed_and_only_stripes_fee_is_lost(gateway, peer, now):
    sale = sell(gateway, peer, now)

    refund(gateway, sale, now)

    assert {status_of(one) for one in sale.obligations} == {"cancelled"}
    assert recovered(sale) == [("reduced", 1709), ("reduced", 2685), ("reduced", 366)]
    assert balances() == {"fund": 227, "stripe": -227}
    assert reconcile(gateway) == []


@pytest.mark.parametrize("bearer", ["fund", "programme"])
def test_a_fee_that_everyone_bore_is_lost_to_whoever_the_policy_says(gateway, peer, now, bearer):
    sale = sell(gateway, peer, now, fee_bearer="everyone", refund_fee_bearer=bearer)

    refund(gateway, sale, now)

    assert balances() == {bearer: 227, "stripe": -227}
    assert reconcile(gateway) == []


def test_a_part_is_taken_from_each_by_what_she_has_and_she_is_paid_the_rest(gateway, peer, now):
    sale = due_sale(gateway, peer, now)

    refund(gateway, sale, now, amount=Money(3400, "USD"))

    assert status_of(sale.obligations[0]) == "due"
    assert payable(sale.obligations[0]) == 2380
    settle(gateway, sale, now)
    assert status_of(sale.obligations[0]) == "settled"
    (sent,) = gateway.transfers_of(str(sale.order_id))
    assert sent.amount.minor == 2380
    assert reconcile(gateway) == []


def test_three_thirds_take_exactly_the_whole(gateway, peer, now):
    sale = sell(gateway, peer, now, price=10_000)

    for minor in (3333, 3333, 3334):
        refund(gateway, sale, now, amount=Money(minor, "USD"))

    assert {status_of(one) for one in sale.obligations} == {"cancelled"}
    assert reconcile(gateway) == []
    fee = balances()["fund"]
    assert balances() == {"fund": fee, "stripe": -fee}


def test_what_went_by_transfer_is_reversed(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)

    refund(gateway, sale, now)
    assert recovered(sale) == [("reversing", 4760)]
    assert reversals.reverse(gateway, recovery_id=only_recovery(), now=now) == "done"

    assert recovered(sale) == [("reversed", 4760)]
    assert status_of(sale.obligations[0]) == "reversed"
    assert balances() == {"fund": 227, "stripe": -227}
    assert reconcile(gateway) == []


def test_a_part_of_a_transfer_is_reversed_and_the_rest_stays_paid(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)

    for _ in range(2):
        refund(gateway, sale, now, amount=Money(1000, "USD"))
        with transaction() as session:
            recoveries.follow_outcomes(session, now=now)
            open_ones = session.query(Recovery.id).filter_by(status="reversing").all()
        for (one,) in open_ones:
            reversals.reverse(gateway, recovery_id=one, now=now)

    assert recovered(sale) == [("reversed", 700), ("reversed", 700)]
    assert status_of(sale.obligations[0]) == "settled"
    (sent,) = gateway.transfers_of(str(sale.order_id))
    assert sent.reversed_minor == 1400
    assert reconcile(gateway) == []


@pytest.mark.parametrize("fault", ["drop_answer", "error_500_after"])
def test_a_reversal_whose_answer_is_lost_is_made_once(gateway, peer, now, fault):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)
    refund(gateway, sale, now)
    peer.arm(kind=fault, method="POST", path_prefix="/v1/transfers/", times=1)

    try:
        reversals.reverse(gateway, recovery_id=only_recovery(), now=now)
    except Unreachable:
        reversals.reverse(gateway, recovery_id=only_recovery(), now=now)

    (sent,) = gateway.transfers_of(str(sale.order_id))
    assert len(gateway.reversals_of(sent.id)) == 1
    assert recovered(sale) == [("reversed", 4760)]
    assert reconcile(gateway) == []


def test_what_she_has_spent_waits_for_people_and_the_reserve_may_bear_it(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)
    (sent,) = gateway.transfers_of(str(sale.order_id))
    peer.spend(sent.destination, 4000)
    refund(gateway, sale, now)

    assert reversals.reverse(gateway, recovery_id=only_recovery(), now=now) == "refused"
    assert recovered(sale) == [("undecided", 4760)]
    assert [row.check for row in reconcile(gateway)] == [5]

    with pytest.raises(decisions.ReserveExhausted):
        decide(sale, "absorbed", now)
    declare_reserve(sale, 5000, now)
    decide(sale, "absorbed", now)

    assert recovered(sale) == [("absorbed", 4760)]
    assert balances()["reserve"] == -240
    assert status_of(sale.obligations[0]) == "settled"
    assert reconcile(gateway) == []


def declare_reserve(sale, minor, now):
    with transaction() as session:
        treasury.record_move(
            session,
            source="fund",
            destination="reserve",
            amount_minor=minor,
            currency="USD",
            why="the assembly declared it",
            moved_at=now,
            actor=sale.treasurer,
            now=now,
        )


def decide(sale, decision, now, **more):
    with transaction() as session:
        decisions.decide(
            session,
            recovery_id=only_recovery_in(session),
            decision=decision,
            reason="the assembly decided",
            actor=sale.treasurer,
            now=now,
            **more,
        )


def only_recovery_in(session):
    return session.query(Recovery).one().id


def test_a_person_may_have_a_reversal_tried_again(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    settle(gateway, sale, now)
    (sent,) = gateway.transfers_of(str(sale.order_id))
    peer.spend(sent.destination, 2000)
    refund(gateway, sale, now)
    reversals.reverse(gateway, recovery_id=only_recovery(), now=now)
    other = due_sale(gateway, peer, now)
    settle(gateway, other, now)
    top_up(gateway, other, sent.destination)

    decide(sale, "retry", now)
    assert reversals.reverse(gateway, recovery_id=only_recovery(), now=now) == "done"

    assert recovered(sale) == [("reversed", 4760)]


def top_up(gateway, sale, destination):
    """She has money again, from somewhere else."""
    with transaction() as session:
        charge = session.get_one(Obligation, sale.obligations[0]).charge_id
    request = {
        "amount": 2000,
        "currency": "usd",
        "destination": destination,
        "source_transaction": charge,
    }
    gateway.transfer(request, key="top up")


def test_cash_she_was_given_comes_off_later_payments_only_with_her_consent(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,))
    hand_over(sale, now)
    by_cash(sale, now)
    refund(gateway, sale, now)
    assert recovered(sale) == [("undecided", 4760)]

    with pytest.raises(Invalid):
        decide(sale, "offset", now)
    agreed = "her fingerprint of 24 November, in the book"
    with pytest.raises(Invalid):
        decide(sale, "offset", now, consent=agreed)
    decide(sale, "offset", now, consent=agreed, evidence_url=EVIDENCE)

    assert recovered(sale) == [("offset", 4760)]
    assert balances()[f"advance:{sale.makers[0]}"] == 4760
    assert reconcile(gateway) == []


@pytest.mark.parametrize("says", ["yes", "no"])
def test_what_is_just_being_paid_waits_for_its_outcome(gateway, peer, now, says):
    sale = due_sale(gateway, peer, now)
    attempt = begun(sale.obligations[0], now)
    refund(gateway, sale, now)
    assert recovered(sale) == [("waiting", 4760)]
    if says == "no":
        peer.activate(attempt.request["destination"], "restricted")

    settle(gateway, sale, now)
    with transaction() as session:
        recoveries.follow_outcomes(session, now=now)

    assert recovered(sale) == [("reversing" if says == "yes" else "reduced", 4760)]
    if says == "yes":
        reversals.reverse(gateway, recovery_id=only_recovery(), now=now)
    assert status_of(sale.obligations[0]) == ("reversed" if says == "yes" else "cancelled")
    assert reconcile(gateway) == []


@pytest.mark.parametrize("state", ["unpaid", "reversed", "absorbed", "offset", "undecided"])
def test_a_refund_that_fails_gives_everybody_hers_again(gateway, peer, now, state):
    sale = due_sale(gateway, peer, now)
    if state == "reversed":
        settle(gateway, sale, now)
    elif state != "unpaid":
        by_cash(sale, now)
    before = balances()
    refund_id = refund(gateway, sale, now)
    if state == "reversed":
        reversals.reverse(gateway, recovery_id=only_recovery(), now=now)
    elif state == "absorbed":
        decide(sale, "absorbed", now, bearer="fund")
    elif state == "offset":
        decide(sale, "offset", now, consent="in the book", evidence_url=EVIDENCE)

    fail(gateway, peer, refund_id, now)

    assert recovered(sale) == [("restored", 4760)]
    assert reconcile(gateway) == []
    paid_now = state in {"unpaid", "reversed"}
    assert status_of(sale.obligations[0]) == ("due" if paid_now else "settled")
    if paid_now:
        assert settle(gateway, sale, now + timedelta(hours=2)) == "done"
        assert reconcile(gateway) == []
    if state == "unpaid":
        before["stripe"] -= 4760
        del before[f"maker:{sale.makers[0]}"]
    assert balances() == before


def test_a_rate_that_moved_is_the_funds(gateway, peer, now):
    peer.rates(eur="1.10")
    sale = sell(gateway, peer, now, currency="EUR")
    peer.rates(eur="1.20")

    refund(gateway, sale, now)

    after = balances()
    assert {name for name in after if name not in {"fund", "stripe"}} == set()
    assert after["fund"] == -after["stripe"] > 227
    assert reconcile(gateway) == []


def test_an_order_with_a_refund_under_way_pays_nobody(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    with transaction() as session:
        refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=Wanted(amount=Money(100, "USD")),
            reason="goodwill",
            actor=sale.treasurer,
            now=now,
        )

    assert settle(gateway, sale, now) == "not_now"
    assert status_of(sale.obligations[0]) == "due"
