"""Later work stands or falls with the transaction it was left in."""

import pytest
from sqlalchemy import text

from core.ids import new_id
from core.jobs import defer
from tests.support.races import commit_while_blocked


def waiting(session):
    rows = session.execute(text("SELECT task_name, args, lock FROM procrastinate_jobs ORDER BY id"))
    return [tuple(row) for row in rows]


def test_a_note_is_gone_with_a_rollback_and_there_after_a_commit(committed):
    order_id = new_id()
    with committed() as session:
        defer(session, "order.paid", order_id=order_id)
        session.rollback()
        assert waiting(session) == []
        defer(session, "order.paid", order_id=order_id)

    with committed() as session:
        assert waiting(session) == [("order.paid", {"order_id": str(order_id)}, None)]


def test_nobody_sees_a_note_before_the_commit(committed):
    with committed() as first, committed() as other:
        defer(first, "order.paid", order_id=new_id())
        assert waiting(other) == []


@pytest.mark.parametrize("status", ["todo", "doing"])
def test_one_job_under_a_word_is_enough_while_it_waits_or_is_being_done(session, status):
    defer(session, "obligation.settle", once="settle:1", obligation_id=1)
    session.execute(text("UPDATE procrastinate_jobs SET status = :s"), {"s": status})

    defer(session, "obligation.settle", once="settle:1", obligation_id=1)
    defer(session, "obligation.settle", once="settle:2", obligation_id=2)

    assert [lock for _, _, lock in waiting(session)] == ["settle:1", "settle:2"]


def test_a_word_is_free_again_once_its_job_has_ended(session):
    defer(session, "obligation.settle", once="settle:1", obligation_id=1)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))

    defer(session, "obligation.settle", once="settle:1", obligation_id=1)

    assert len(waiting(session)) == 2


def test_two_who_leave_the_same_word_at_once_leave_it_once(committed):
    def second():
        with committed() as other:
            defer(other, "obligation.settle", once="settle:1", obligation_id=1)

    with committed() as first:
        defer(first, "obligation.settle", once="settle:1", obligation_id=1)
        commit_while_blocked(first, second)

    with committed() as session:
        assert len(waiting(session)) == 1


def test_a_sweep_does_not_wait_for_who_is_just_leaving_the_same_word(committed):
    with committed() as first:
        defer(first, "obligation.settle", once="settle:1", obligation_id=1)
        with committed() as second:
            defer(second, "obligation.settle", once="settle:1", patient=False, obligation_id=1)
            defer(second, "obligation.settle", once="settle:2", patient=False, obligation_id=2)

    with committed() as session:
        assert sorted(lock for _, _, lock in waiting(session)) == ["settle:1", "settle:2"]
