"""Later work stands or falls with the transaction it was left in."""

from sqlalchemy import text

from core.ids import new_id
from core.jobs import defer


def waiting(session):
    rows = session.execute(
        text("SELECT task_name, args, queueing_lock FROM procrastinate_jobs ORDER BY id")
    )
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


def test_one_waiting_job_under_a_word_is_enough_and_what_else_was_written_stays(session):
    session.execute(text("CREATE TEMP TABLE kept (n int)"))
    session.execute(text("INSERT INTO kept VALUES (1)"))

    for _ in range(3):
        defer(session, "obligation.settle", once="settle:1", obligation_id=1)

    assert len(waiting(session)) == 1
    assert session.execute(text("SELECT count(*) FROM kept")).scalar_one() == 1
