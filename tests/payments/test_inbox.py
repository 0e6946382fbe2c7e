"""The inbox: every piece of news is kept once, done once, and never forgotten while it is open."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.errors import NotFound
from payments import inbox
from payments.models import News
from payments.webhooks import ReceivedNews
from tests.support.make import NOW

MINUTE = timedelta(minutes=1)


def told(event_id="evt_1", **given):
    values = {
        "id": event_id,
        "type": "checkout.session.completed",
        "object_id": "cs_1",
        "account": None,
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "created_at": NOW,
    } | given
    return ReceivedNews(**values)


def deferred(session):
    rows = session.execute(
        text("SELECT args FROM procrastinate_jobs WHERE task_name = 'stripe.news' ORDER BY id")
    )
    return [row.args["event_id"] for row in rows]


def test_news_is_kept_and_its_work_left_to_a_worker(session):
    assert inbox.receive(session, told(), NOW) is True

    row = inbox.get_news(session, "evt_1")
    assert (row.state, row.tries, row.object_id, row.received_at) == ("new", 0, "cs_1", NOW)
    assert deferred(session) == ["evt_1"]


def test_news_told_again_is_kept_once_as_it_was_first_told(session):
    inbox.receive(session, told(), NOW)

    assert inbox.receive(session, told(type="something.else"), NOW + MINUTE) is False

    assert session.query(News).one().type == "checkout.session.completed"
    assert deferred(session) == ["evt_1"]


def test_what_became_of_news_is_written_down(session):
    inbox.receive(session, told(), NOW)

    assert inbox.mark_waiting(session, "evt_1", reason="not yet").state == "waiting"
    assert inbox.mark_failed(session, "evt_1", reason="x" * 900).reason == "x" * 500
    row = inbox.mark_applied(session, "evt_1", now=NOW + MINUTE)

    assert (row.state, row.reason, row.tries) == ("applied", None, 3)
    assert row.applied_at == NOW + MINUTE


@pytest.mark.parametrize("end", ["applied", "ignored"])
def test_news_that_is_done_stays_done(session, end):
    inbox.receive(session, told(), NOW)
    if end == "applied":
        inbox.mark_applied(session, "evt_1", now=NOW)
    else:
        inbox.mark_ignored(session, "evt_1", reason="not ours")

    inbox.mark_failed(session, "evt_1", reason="too late")
    row = inbox.mark_applied(session, "evt_1", now=NOW + MINUTE)

    assert (row.state, row.tries) == (end, 1)
    assert row.applied_at == (NOW if end == "applied" else None)


def test_unknown_news_is_not_there(session):
    for ask in (inbox.get_news, inbox.mark_waiting):
        with pytest.raises(NotFound):
            ask(session, "evt_none", **({"reason": "x"} if ask is inbox.mark_waiting else {}))


def test_open_news_is_tried_again_ever_more_rarely_and_given_up_after_a_month(session):
    inbox.receive(session, told(), NOW)

    def due_after(minutes):
        return inbox.news_to_retry(session, NOW + minutes * MINUTE) == ["evt_1"]

    assert [due_after(0), due_after(1)] == [False, True]
    inbox.mark_waiting(session, "evt_1", reason="not yet")
    assert [due_after(1), due_after(2)] == [False, True]
    for _ in range(9):
        inbox.mark_failed(session, "evt_1", reason="no answer")
    assert [due_after(1023), due_after(1024)] == [False, True]
    assert [due_after(30 * 1440 - 1), due_after(30 * 1440)] == [True, False]


def test_news_that_is_done_is_not_tried_again(session):
    for event_id in ("evt_1", "evt_2", "evt_3"):
        inbox.receive(session, told(event_id), NOW)
    inbox.mark_applied(session, "evt_1", now=NOW)
    inbox.mark_ignored(session, "evt_2", reason="not ours")

    assert inbox.news_to_retry(session, NOW + MINUTE) == ["evt_3"]


def test_the_sweep_leaves_one_note_for_each_however_often_it_runs(session):
    inbox.receive(session, told(), NOW)
    later = NOW + MINUTE

    assert [inbox.retry_news(session, later), inbox.retry_news(session, later)] == [1, 1]

    assert deferred(session) == ["evt_1", "evt_1"]  # the first is the one left on arrival
