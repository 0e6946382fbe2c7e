"""What happened to money and is not in the books is taken up anew, however its note failed."""

import pytest
from sqlalchemy import text

from core.db import transaction
from core.money import Money
from orders import disputes, money_back, refunds
from orders.dispute_models import Dispute
from orders.refund_models import Refund
from orders.refunds import Wanted
from payments.gateway import Gateway
from payouts import disputed, obligations, undoing, unfinished
from payouts.models import Obligation
from payouts.policies import NoPolicy
from payouts.reconcile import reconcile
from people.models import Cooperative
from tests.orders.refunding import bought
from tests.payouts.selling import due_sale, set_policy
from tests.payouts.test_undoing import balances
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


@pytest.fixture
def undivided(gateway, peer, now):
    """Two runners at 45.00, paid, of a co-operative that has not said how a sale is divided."""
    sale = bought(gateway, peer, now)
    with pytest.raises(NoPolicy), transaction() as session:
        obligations.record_sale(session, order_id=sale.order_id, now=now)
    all_notes_fail()
    return sale


def all_notes_fail():
    """Every note was tried twelve times, in vain."""
    with transaction() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))


def agree_on_a_policy(sale, now):
    with transaction() as session:
        home = session.get_one(Cooperative, sale.treasurer.cooperative_id)
        set_policy(session, home, now)


def notes_left():
    """What the sweep leaves to be done; and again it leaves nothing more."""
    found = []
    for _ in range(2):
        with transaction() as session:
            unfinished.take_up(session)
    for name in ("order.paid", "order.refunded", "order.refund_failed", "dispute.moved",
                 "order.stray_paid", "order.handed_over"):  # fmt: skip
        with transaction() as session:
            rows = session.execute(
                text(
                    "SELECT count(*) FROM procrastinate_jobs"
                    " WHERE task_name = :name AND status = 'todo'"
                ),
                {"name": name},
            ).scalar_one()
            found += [name] * rows
    return found


def test_a_sale_whose_division_failed_for_good_is_begun_anew(gateway, undivided, now):
    assert notes_left() == ["order.paid"]
    agree_on_a_policy(undivided, now)

    with transaction() as session:
        assert len(obligations.record_sale(session, order_id=undivided.order_id, now=now)) == 2

    all_notes_fail()
    assert notes_left() == []
    assert reconcile(gateway) == []


def test_a_refund_of_an_order_never_divided_is_taken_back_once_it_is(gateway, undivided, now):
    with transaction() as session:
        refund_id = refunds.request_refund(
            session,
            order_id=undivided.order_id,
            wanted=Wanted(amount=Money(1000, "USD")),
            reason="goodwill",
            actor=undivided.treasurer,
            now=now,
        ).id
    money_back.send(gateway, refund_id=refund_id, now=now)
    with pytest.raises(NoPolicy), transaction() as session:
        undoing.record_refund(session, refund_id=refund_id, now=now)
    all_notes_fail()
    agree_on_a_policy(undivided, now)

    assert notes_left() == ["order.paid"], "first things first, one note for each order"
    with transaction() as session:
        obligations.record_sale(session, order_id=undivided.order_id, now=now)
    all_notes_fail()
    assert notes_left() == ["order.refunded"]
    with transaction() as session:
        undoing.record_refund(session, refund_id=refund_id, now=now)

    all_notes_fail()
    assert notes_left() == []
    assert reconcile(gateway) == []


def test_a_dispute_of_an_order_never_divided_moves_and_is_borne_once_it_is(
    gateway, peer, undivided, now
):
    made = peer.dispute(undivided.charge_id)
    peer.move_dispute(made["id"], "lost")
    with transaction() as session:
        disputes.apply_dispute(session, gateway.read_dispute(made["id"]), now=now)
        dispute_id = session.query(Dispute).one().id
    with transaction() as session:
        disputed.record_dispute(session, dispute_id=dispute_id, now=now)

    assert balances()[f"disputed:{undivided.order_id}"] == 9000, "what moved is in the books"
    with transaction() as session:
        assert session.get_one(Dispute, dispute_id).undone_at is None
    agree_on_a_policy(undivided, now)
    all_notes_fail()
    assert notes_left() == ["order.paid"]
    with transaction() as session:
        disputed.record_dispute(session, dispute_id=dispute_id, now=now)

    all_notes_fail()
    assert notes_left() == []
    with transaction() as session:
        assert {row.status for row in session.query(Obligation)} == {"cancelled"}
    assert reconcile(gateway) == []


def test_a_refund_that_failed_is_given_again_whatever_became_of_its_note(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    with transaction() as session:
        refund_id = refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=Wanted(whole=True),
            reason="goodwill",
            actor=sale.treasurer,
            now=now,
        ).id
    money_back.send(gateway, refund_id=refund_id, now=now)
    all_notes_fail()
    assert notes_left() == ["order.refunded"]
    with transaction() as session:
        undoing.record_refund(session, refund_id=refund_id, now=now)
        stripe_id = session.get_one(Refund, refund_id).stripe_id
    peer.end_refund(stripe_id, "failed")
    money_back.look(gateway, refund_id=refund_id, now=now)
    all_notes_fail()

    assert notes_left() == ["order.refund_failed"]
    with transaction() as session:
        undoing.restore_refund(session, refund_id=refund_id, now=now)
    all_notes_fail()
    assert notes_left() == []


def test_a_hand_over_whose_note_failed_begins_its_window(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    with transaction() as session:
        session.execute(text("UPDATE obligations SET status = 'held', due_at = NULL"))
    all_notes_fail()

    assert notes_left() == ["order.handed_over"]
    with transaction() as session:
        obligations.start_hold_window(session, order_id=sale.order_id, now=now)
    all_notes_fail()
    assert notes_left() == []


def test_an_order_nobody_has_paid_is_nothing_to_take_up(gateway, peer, now):
    with transaction() as session:
        assert unfinished.take_up(session) == 0
