"""A pay run writes many down at once, and still pays each exactly once, whatever dies."""

import pytest
from sqlalchemy import event, text

from api.routes.house import OWNERS
from core import clock, unfinished
from core.db import current_session, transaction
from core.jobs import ids_in
from core.money import Money
from orders import refunds
from payments.attempts import MOST_SILENCES
from payouts import advances, ledger, many_transfers, obligations, rail_choices, transfers
from payouts.models import Obligation, Rail, Settlement
from payouts.transfers import Result
from tests.orders.buying import jobs
from tests.payouts.selling import attempts_of, begun, due_sale, status_of
from tests.payouts.selling import transfers as at_stripe
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def sale(gateway, peer, now):
    """One sale of five makers' work, due, each with an account."""
    return due_of(5, gateway, peer, now)


def due_of(makers, gateway, peer, now):
    sale = due_sale(gateway, peer, now, weights=(3,) * makers)
    forget_jobs()
    return sale


def forget_jobs():
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))


def settle_many(gateway, sale, now, ids=None):
    return many_transfers.settle_many(
        gateway,
        cooperative_id=sale.cooperative_id,
        obligation_ids=ids or sale.obligations,
        now=now,
    )


def ask_refund(sale, now):
    """A part of the order is to go back to the buyer."""
    with transaction() as session:
        return refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=refunds.Wanted(amount=Money(100, "USD")),
            reason="goodwill",
            actor=sale.treasurer,
            now=now,
        )


def alone():
    """The obligations that word was left of, each in a job of its own."""
    with transaction() as session:
        return sorted(row["obligation_id"] for row in jobs(session, "obligation.settle"))


def go_on_alone(gateway, now):
    for obligation_id in alone():
        transfers.settle(gateway, obligation_id=ids_in(obligation_id)[0], now=now)


def paid(gateway, sale):
    """Whom the stand-in has paid, as often as it has."""
    return sorted(made.metadata["obligation"] for made in at_stripe(gateway, sale))


def each_once(gateway, sale):
    once = paid(gateway, sale) == sorted(map(str, sale.obligations))
    with transaction() as session:
        met = session.query(Settlement).filter(Settlement.obligation_id.in_(sale.obligations))
        held = ledger.balances(session, sale.cooperative_id)
        owed = [key for key in held if key[0].startswith("maker:")]
        sent = sum(row.amount_minor for row in met)
        return once and met.count() == len(sale.obligations) and not owed and sent == 4760


class Dies(BaseException):
    """The worker is gone."""


class DyingGateway:
    """The gateway of a worker that dies in the moment after Stripe has paid so many."""

    def __init__(self, gateway, after):
        self.gateway, self.left = gateway, after

    def transfer(self, request, *, key):
        made = self.gateway.transfer(request, key=key)
        self.left -= 1
        if self.left <= 0:
            raise Dies
        return made


def test_each_is_paid_once_with_a_settlement_and_a_posting_of_its_own(gateway, peer, now, sale):
    assert settle_many(gateway, sale, now) == {Result.DONE: 5}

    assert each_once(gateway, sale)
    assert {status_of(owed) for owed in sale.obligations} == {"settled"}
    for owed in sale.obligations:
        assert attempts_of(owed) == [(1, f"ob:{owed}:1", "done")]
    assert alone() == []


def test_a_second_run_over_the_same_pays_nothing_more(gateway, peer, now, sale):
    settle_many(gateway, sale, now)

    assert settle_many(gateway, sale, now) == {Result.DONE: 0}
    assert each_once(gateway, sale)
    assert alone() == []


@pytest.mark.parametrize("place", [1, 3, 5])
def test_a_worker_that_died_in_the_middle_is_followed_under_the_same_keys(
    gateway, peer, now, sale, place
):
    with pytest.raises(Dies):
        settle_many(DyingGateway(gateway, place), sale, now)
    assert len(paid(gateway, sale)) == place
    assert {status_of(owed) for owed in sale.obligations} == {"settling"}

    # Whoever takes the job over leaves each to a job of its own; so does a sweep.
    settle_many(gateway, sale, now)
    assert alone() == sorted(map(str, sale.obligations))
    go_on_alone(gateway, now)

    assert each_once(gateway, sale)
    assert [len(attempts_of(owed)) for owed in sale.obligations] == [1] * 5


def test_what_a_dead_worker_left_is_found_by_the_next_sweep(gateway, peer, now, sale):
    with pytest.raises(Dies):
        settle_many(DyingGateway(gateway, 2), sale, now)
    with transaction() as session:
        obligations.fall_due(session, now=now)

    assert alone() == sorted(map(str, sale.obligations))
    go_on_alone(gateway, now)
    assert each_once(gateway, sale)


@pytest.mark.parametrize("kind", ["drop_answer", "error_500_before"])
def test_a_silence_keeps_no_other_from_being_paid(gateway, peer, now, sale, kind):
    peer.arm(kind=kind, method="POST", path_prefix="/v1/transfers", times=2)

    results = settle_many(gateway, sale, now)

    assert results == {Result.DONE: 3}
    assert len(alone()) == 2
    peer.disarm()
    go_on_alone(gateway, now)
    assert each_once(gateway, sale)


def test_an_error_after_the_money_went_is_looked_into_at_once(gateway, peer, now, sale):
    peer.arm(kind="error_500_after", method="POST", path_prefix="/v1/transfers", times=1)

    assert settle_many(gateway, sale, now) == {Result.DONE: 5}
    assert each_once(gateway, sale)


def test_after_three_silences_the_rest_is_not_asked_and_nothing_is_lost(gateway, peer, now, sale):
    before = len(peer.requests())
    peer.arm(kind="error_500_before", method="POST", path_prefix="/v1/transfers", times=99)

    assert settle_many(gateway, sale, now) == {Result.DONE: 0}

    asked = [one for one in peer.requests()[before:] if one["path"] == "/v1/transfers"]
    keys = {one["idempotency_key"] for one in asked if one["method"] == "POST"}
    assert len(keys) == MOST_SILENCES
    assert alone() == sorted(map(str, sale.obligations))
    peer.disarm()
    go_on_alone(gateway, now)
    assert each_once(gateway, sale)


def test_a_refusal_of_one_is_hers_alone(gateway, peer, now, sale):
    with transaction() as session:
        row = session.get_one(Obligation, sale.obligations[2])
        account_id = session.execute(
            text("SELECT account_id FROM payout_accounts WHERE maker_id = :id"),
            {"id": row.maker_id},
        ).scalar_one()
    peer.activate(account_id, "restricted")

    assert settle_many(gateway, sale, now) == {Result.DONE: 4, Result.REFUSED: 1}

    assert [status_of(owed) for owed in sale.obligations].count("settled") == 4
    assert status_of(sale.obligations[2]) == "due"
    assert settle_many(gateway, sale, now) == {Result.DONE: 0}
    assert len(paid(gateway, sale)) == 4


def test_what_is_not_so_simple_is_left_to_a_job_of_its_own(gateway, peer, now, sale):
    begun(sale.obligations[0], now)
    with transaction() as session:
        owed = session.get_one(Obligation, sale.obligations[1])
        advances.give_advance(
            session,
            maker_id=owed.maker_id,
            amount_minor=100,
            currency="USD",
            given_for="yarn",
            method="cash",
            witness_id=sale.witness_id,
            actor=sale.treasurer,
            now=now,
        )
    forget_jobs()

    assert settle_many(gateway, sale, now) == {Result.DONE: 3}
    assert alone() == sorted(map(str, sale.obligations[:2]))
    go_on_alone(gateway, now)
    assert {status_of(owed) for owed in sale.obligations} == {"settled"}
    assert sum(made.amount.minor for made in at_stripe(gateway, sale)) == 4760 - 100


def test_whom_another_way_was_chosen_for_and_what_is_anothers_is_not_sent(gateway, peer, now, sale):
    other = due_of(2, gateway, peer, now)
    with transaction() as session:
        owed = session.get_one(Obligation, sale.obligations[0])
        rail_choices.prefer_rail(
            session,
            maker_id=owed.maker_id,
            rail=Rail.MANUAL,
            reason="she asked",
            banks=False,
            actor=sale.treasurer,
            now=now,
        )

    results = settle_many(gateway, sale, now, [*sale.obligations, *other.obligations])

    assert results == {Result.DONE: 4}
    assert status_of(sale.obligations[0]) == "due"
    assert paid(gateway, other) == []


def test_while_money_may_go_back_nobody_of_that_order_is_paid(gateway, peer, now, sale):
    ask_refund(sale, now)

    assert settle_many(gateway, sale, now) == {Result.DONE: 0}
    assert paid(gateway, sale) == []


def test_news_that_recorded_one_meanwhile_is_not_recorded_again(gateway, peer, now, sale):
    class NewsIsFaster(DyingGateway):
        def transfer(self, request, *, key):
            made = self.gateway.transfer(request, key=key)
            with transaction() as session:
                found = "SELECT id FROM settlement_attempts WHERE key = :key"
                attempt_id = session.execute(text(found), {"key": key}).scalar_one()
                transfers.record_yes(session, attempt_id, made, now)
            return made

    settle_many(NewsIsFaster(gateway, 99), sale, now)

    assert each_once(gateway, sale)


def test_two_runs_over_the_same_at_once_make_one_transfer_each(gateway, peer, now, sale, committed):
    with committed() as first:
        errands = many_transfers._SendingMany(
            gateway, sale.cooperative_id, frozenset(sale.obligations)
        )
        askings = errands.begin(first, now)
        assert len(askings) == 5
        second = commit_while_blocked(first, lambda: settle_many(gateway, sale, now))

    assert second == {Result.DONE: 0}, "what another run has begun is not begun again"
    go_on_alone(gateway, now)
    answers = [(asking, gateway.transfer(asking.request, key=asking.key)) for asking in askings]
    with transaction() as session:
        errands.note_answers(session, answers, [], now)
    assert each_once(gateway, sale)


def test_the_number_of_queries_does_not_grow_with_the_number_of_payments(gateway, peer, now):
    def queries_of(makers):
        sale = due_of(makers, gateway, peer, now)
        seen = []
        engine = current_session().get_bind()

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert settle_many(gateway, sale, now) == {Result.DONE: makers}
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    assert queries_of(2) == queries_of(8)


def test_a_sweep_leaves_one_job_for_many_and_tells_nobody_twice(gateway, peer, now, sale):
    for _ in range(2):
        with transaction() as session:
            obligations.fall_due(session, now=now)

    with transaction() as session:
        (job,) = jobs(session, "obligations.settle")
        assert sorted(ids_in(job["obligation_ids"])) == sorted(sale.obligations)
        assert job["cooperative_id"] == str(sale.cooperative_id)
    assert alone() == []


def test_a_pay_run_waits_behind_everything_else(gateway, peer, now, sale):
    with transaction() as session:
        obligations.fall_due(session, now=now)
        obligations.settle_later(session, sale.obligations[0])
        rows = session.execute(text("SELECT task_name, priority FROM procrastinate_jobs")).all()

    ranks = dict(map(tuple, rows))
    assert ranks["obligations.settle"] < ranks["obligation.settle"]


def test_a_run_that_slept_too_long_sends_nothing_late(gateway, peer, now, sale):
    class Sleeper(DyingGateway):
        def transfer(self, request, *, key):
            made = self.gateway.transfer(request, key=key)
            later = now + transfers.Sending.keys_live
            self.held = clock.fixed(later)
            self.held.__enter__()
            return made

    sleeper = Sleeper(gateway, 99)
    with clock.fixed(now):
        results = settle_many(sleeper, sale, now)
        sleeper.held.__exit__(None, None, None)

    assert results == {Result.DONE: 1}
    assert len(paid(gateway, sale)) == 1
    assert len(alone()) == 4


def test_people_see_whose_a_pay_run_is_and_whom_it_is_for(gateway, peer, now, sale):
    stranger = due_of(2, gateway, peer, now).treasurer
    with transaction() as session:
        obligations.fall_due(session, now=now)

    def seen_by(actor):
        with transaction() as session:
            waiting = unfinished.list_jobs(
                session, actor=actor, owners=OWNERS, limit=9, state=unfinished.JobState.WAITING
            )
            return [job.arguments["obligation_ids"] for job in waiting]

    (mine,) = seen_by(sale.treasurer)
    assert sorted(ids_in(mine)) == sorted(sale.obligations)
    (theirs,) = seen_by(stranger)
    assert not set(ids_in(theirs)) & set(sale.obligations)
