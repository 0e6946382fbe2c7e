"""Acceptances taken back and given again, policies changed meanwhile: nobody is paid twice or not.

The awkward order of things: half the makers paid, Stripe silent, the news late.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.db import transaction
from core.ids import new_id
from payments.errors import Declined, Unreachable
from payments.gateway import Gateway
from payouts import acceptances, by_hand, ledger, obligations, policies, transfers
from payouts.models import Obligation, PayoutAccount, SharePolicy
from payouts.transfers import Result
from people.models import Cooperative
from quality import inspections
from quality.findings import Evidence
from tests.payouts.selling import POLICY, begun, connect, due_sale, hand_over, sell, set_policy
from tests.support.make import (
    NOW,
    acting,
    house,
    make_cooperative,
    make_maker,
    make_piece,
    make_staff,
    pay_on_acceptance,
)
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("committed")

PASSED = Evidence([{"name": "length", "value": 1500}], [{"code": "no_metal", "answer": "yes"}])


class Bench:
    """A piece of two makers, paid on acceptance, and the people who decide and pay."""

    def __init__(self, session):
        home = make_cooperative(session)
        self.home = home.id
        steps = [(make_maker(session, home), "weave", weight) for weight in (1, 2)]
        piece = make_piece(session, home, weights=steps, agreement=pay_on_acceptance(9000))
        self.piece = piece.id
        self.lead = acting(make_staff(session, home))
        self.treasurer = acting(make_staff(session, home, "treasurer"))
        self.witness = make_staff(session, home, "storekeeper").id

    def inspect(self, decision):
        with transaction() as session:
            inspections.sign_inspection(
                session,
                inspection_id=new_id(),
                piece_id=self.piece,
                decision=decision,
                reason="because",
                inspected_at=NOW,
                evidence=PASSED,
                request_hash="h",
                actor=self.lead,
                now=NOW,
            )
        for follow in (acceptances.record_acceptance, acceptances.withdraw_acceptance):
            with transaction() as session:
                follow(session, piece_id=self.piece, now=NOW)

    def owed(self):
        with transaction() as session:
            rows = session.query(Obligation).order_by(Obligation.id)
            return [(row.amount_minor, row.status) for row in rows]

    def first(self):
        with transaction() as session:
            return session.scalars(select(Obligation.id).order_by(Obligation.id)).first()

    def pay(self, obligation_id):
        with transaction() as session:
            by_hand.settle_by_hand(
                session,
                obligation_id=obligation_id,
                method="cash",
                witness_id=self.witness,
                actor=self.treasurer,
                now=NOW,
            )

    def bought(self):
        with transaction() as session:
            return ledger.balances(session, self.home).get(("pieces_bought", "PEN"), 0)


@pytest.fixture
def bench(committed):
    with committed() as session:
        return Bench(session)


def test_who_was_paid_stays_paid_and_who_was_not_is_owed_when_it_is_accepted_again(bench):
    bench.inspect("accept_a")
    bench.pay(bench.first())
    bench.inspect("rework")
    assert bench.owed() == [(3000, "settled"), (6000, "cancelled")]

    bench.inspect("accept_b")

    assert bench.owed() == [(3000, "settled"), (6000, "cancelled"), (6000, "due")]
    assert bench.bought() == 9000


def test_a_piece_that_was_accepted_and_lost_before_the_news_came_is_owed(bench):
    with transaction() as session:
        inspections.sign_inspection(
            session,
            inspection_id=new_id(),
            piece_id=bench.piece,
            decision="accept_a",
            inspected_at=NOW,
            evidence=PASSED,
            request_hash="h",
            actor=bench.lead,
            now=NOW,
        )
        session.execute(text("UPDATE pieces SET status = 'lost'"))
    with transaction() as session:
        acceptances.record_acceptance(session, piece_id=bench.piece, now=NOW)

    assert bench.owed() == [(3000, "due"), (6000, "due")]


def test_what_stripe_is_just_paying_is_not_cancelled_and_is_looked_at_again_after_a_no(
    bench, gateway, peer, now
):
    bench.inspect("accept_a")
    paying = bench.first()
    with transaction() as session:
        maker_id = session.get_one(Obligation, paying).maker_id
        session.add(
            PayoutAccount(
                cooperative_id=bench.home,
                maker_id=maker_id,
                key="k",
                request={},
                account_id="acct_unknown",
                capability="active",
                created_at=now,
                created_by="system:test",
            )
        )
    peer.arm("drop_answer", method="POST", path_prefix="/v1/transfers", times=1)
    with pytest.raises(Unreachable):
        transfers.settle(gateway, obligation_id=paying, now=now)

    bench.inspect("reject")
    assert bench.owed() == [(3000, "settling"), (6000, "cancelled")]

    assert transfers.settle(gateway, obligation_id=paying, now=now) is Result.REFUSED
    assert told("piece.acceptance_withdrawn", "piece_id").count(str(bench.piece)) == 2
    with transaction() as session:
        acceptances.withdraw_acceptance(session, piece_id=bench.piece, now=now)
    assert {status for _, status in bench.owed()} == {"cancelled"}
    assert bench.bought() == 0


def told(name, argument):
    with transaction() as session:
        rows = session.execute(
            text("SELECT args ->> :argument FROM procrastinate_jobs WHERE task_name = :name"),
            {"argument": argument, "name": name},
        )
        return list(rows.scalars())


def test_a_policy_set_after_the_buyer_paid_does_not_divide_her_payment(
    gateway, peer, now, monkeypatch
):
    sale, record_sale = undivided_sale(gateway, peer, now, monkeypatch, weights=(1,))
    later = now + timedelta(hours=1)
    with transaction() as session:
        home = session.get_one(Cooperative, sale.cooperative_id)
        set_policy(session, home, later, makers_bp=1000, fund_bp=8000)

    with transaction() as session:
        (obligation,) = record_sale(session, order_id=sale.order_id, now=later)
        policy = session.get_one(SharePolicy, obligation.policy_id)
        assert (policy.version, obligation.amount_minor) == (1, 4760)


def test_the_policy_in_force_is_the_newest_that_was_set_by_then_or_the_first(committed):
    with committed() as session:
        home = make_cooperative(session)
        days = [NOW, NOW + timedelta(days=1), NOW + timedelta(days=2)]
        for at in days:
            policies.set_policy(session, **POLICY, reason="test", actor=house(home), now=at)

        def version(at):
            found = policies.policy_at(session, cooperative_id=home.id, at=at)
            return found and found.version

        assert version(NOW - timedelta(days=9)) == 1
        assert [version(at) for at in days] == [1, 2, 3]
        assert version(days[1] + timedelta(hours=5)) == 2


def test_each_no_lets_the_next_try_rest_twice_as_long_up_to_a_day(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    with transaction() as session:
        account_id = session.get_one(PayoutAccount, sale.makers[0]).account_id
    peer.activate(account_id, "restricted")

    at = now
    for hours in (1, 2, 4, 8, 16, 16):
        assert transfers.settle(gateway, obligation_id=sale.obligations[0], now=at) == "refused"
        early = at + timedelta(hours=hours, seconds=-1)
        assert transfers.settle(gateway, obligation_id=sale.obligations[0], now=early) == "not_now"
        assert not swept(early)
        at += timedelta(hours=hours)
        assert swept(at) == [str(sale.obligations[0])]


def swept(at):
    """What the sweep at that moment leaves to be settled."""
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        obligations.fall_due(session, now=at)
    return told("obligation.settle", "obligation_id")


def test_before_another_attempt_stripe_is_asked_whether_the_lost_one_came_late(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    (owed,) = sale.obligations
    call = begun(owed, now)
    given_up = now + timedelta(hours=23)
    assert transfers.settle(gateway, obligation_id=owed, now=given_up) is Result.REFUSED

    # The worker that was put to sleep before its call wakes up only now.
    late = gateway.transfer(call.request, key=call.key)

    after = given_up + timedelta(hours=1)
    assert transfers.settle(gateway, obligation_id=owed, now=after) is Result.DONE
    assert [made.id for made in gateway.transfers_of(str(sale.order_id))] == [late.id]


def test_a_no_to_the_question_what_became_of_it_is_not_a_no_to_the_transfer(
    gateway, peer, now, monkeypatch
):
    sale = due_sale(gateway, peer, now)
    begun(sale.obligations[0], now)

    def refuse(_group):
        raise Declined("no such parameter")

    monkeypatch.setattr(gateway, "transfers_of", refuse)
    with pytest.raises(Declined):
        transfers.settle(gateway, obligation_id=sale.obligations[0], now=now + timedelta(hours=23))
    with transaction() as session:
        assert session.get_one(Obligation, sale.obligations[0]).status == "settling"


def undivided_sale(gateway, peer, now, monkeypatch, **given):
    """A sale that is paid and not divided yet, and what divides it."""
    real = obligations.record_sale
    with monkeypatch.context() as patched:
        patched.setattr(obligations, "record_sale", lambda *_, **__: [])
        sale = sell(gateway, peer, now, **given)
    return sale, real


def test_two_workers_told_of_one_payment_divide_it_once(gateway, peer, now, committed, monkeypatch):
    sale, record_sale = undivided_sale(gateway, peer, now, monkeypatch)

    def second_worker():
        with committed() as session:
            return record_sale(session, order_id=sale.order_id, now=now)

    with committed() as first:
        assert len(record_sale(first, order_id=sale.order_id, now=now)) == 3
        assert commit_while_blocked(first, second_worker) == []


def test_a_piece_handed_over_before_the_news_of_its_payment_still_has_its_window(
    gateway, peer, now, monkeypatch
):
    sale, record_sale = undivided_sale(
        gateway, peer, now, monkeypatch, weights=(1,), channel="online"
    )
    hand_over(sale, now)

    with transaction() as session:
        (owed,) = record_sale(session, order_id=sale.order_id, now=now)
        assert owed.due_at == now + timedelta(days=7)


def test_an_answer_that_comes_too_late_is_silence_and_she_is_paid_once(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    impatient = Gateway(
        secret_key=peer.api_key, webhook_secret="whsec", base_url=peer.url, timeout=(3.05, 0.2)
    )
    peer.arm("slow_after", method="POST", path_prefix="/v1/transfers", seconds=1.0)

    with pytest.raises(Unreachable):
        transfers.settle(impatient, obligation_id=sale.obligations[0], now=now)

    assert transfers.settle(gateway, obligation_id=sale.obligations[0], now=now) == "done"
    assert len(gateway.transfers_of(str(sale.order_id))) == 1


def test_the_equal_share_of_another_maker_of_the_order_is_not_taken_for_hers(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1, 1))
    for maker_id in sale.makers:
        connect(gateway, peer, sale, maker_id, now)
    hand_over(sale, now)
    hers, anothers = sale.obligations
    assert transfers.settle(gateway, obligation_id=anothers, now=now) is Result.DONE
    begun(hers, now)

    given_up = now + timedelta(hours=23)
    assert transfers.settle(gateway, obligation_id=hers, now=given_up) is Result.REFUSED
    again = given_up + timedelta(hours=1)
    assert transfers.settle(gateway, obligation_id=hers, now=again) is Result.DONE
    assert len(gateway.transfers_of(str(sale.order_id))) == 2
