"""The inbox: every piece of news is kept once, done once, and never forgotten while it is open."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.actors import Actor, ActorKind
from core.errors import NotFound
from core.ids import new_id
from payments import inbox, newsroom
from payments.models import News, NewsSource, NewsState
from payments.newsroom import Place
from payments.webhooks import ReceivedNews
from tests.support.make import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


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

    assert inbox.retry_news(session, later) == 0, "the one left on arrival waits"
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))

    assert [inbox.retry_news(session, later), inbox.retry_news(session, later)] == [1, 0]
    assert deferred(session) == ["evt_1", "evt_1"]


def test_what_was_tried_in_vain_for_a_month_is_failed_and_said_loudly_once(session, caplog):
    inbox.receive(session, told(), NOW)
    inbox.mark_waiting(session, "evt_1", reason="not yet")
    inbox.receive(session, told("evt_2"), NOW + DAY)
    month = NOW + 30 * DAY

    with caplog.at_level("CRITICAL"):
        assert [inbox.give_up(session, month - MINUTE), inbox.give_up(session, month)] == [0, 1]
        assert inbox.give_up(session, month) == 0

    session.expire_all()
    row = inbox.get_news(session, "evt_1")
    assert (row.state, row.given_up_at, row.tries) == ("failed", month, 1)
    assert row.reason == "given up after 30 days; not yet"
    loud = [record.message for record in caplog.records if record.levelname == "CRITICAL"]
    assert loud == ["news given up: checkout.session.completed"]
    assert inbox.counts(session) == {"waiting": 1, "failed": 1, "given_up": 1}


def test_what_was_given_up_waits_for_a_person_and_is_still_applied_for_her(session):
    inbox.receive(session, told(), NOW)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded'"))
    inbox.give_up(session, NOW + 30 * DAY)
    session.expire_all()
    person = Actor(ActorKind.STAFF, new_id())

    newsroom.repeat_news(session, "evt_1", actor=person, now=NOW + 31 * DAY)
    with pytest.raises(newsroom.NewsUnderWay):
        newsroom.repeat_news(session, "evt_1", actor=person, now=NOW + 31 * DAY)

    (asked,) = newsroom.asked_again(session, "evt_1")
    assert (asked.actor, asked.at) == (person.reference, NOW + 31 * DAY)
    assert inbox.mark_waiting(session, "evt_1", reason="still not").state == "failed"
    assert inbox.news_to_retry(session, NOW + 31 * DAY) == []
    assert inbox.mark_applied(session, "evt_1", now=NOW + 31 * DAY).state == "applied"
    with pytest.raises(newsroom.NewsDone):
        newsroom.repeat_news(session, "evt_1", actor=person, now=NOW + 31 * DAY)


def test_news_is_read_newest_first_and_by_state(session):
    for number in range(5):
        inbox.receive(session, told(f"evt_{number}"), NOW + (number // 2) * MINUTE)
    inbox.mark_applied(session, "evt_3", now=NOW)

    first = newsroom.list_news(session, limit=2)
    last = Place(first[-1].received_at, first[-1].id)
    rest = newsroom.list_news(session, limit=9, before=last)

    assert [news.id for news in (*first, *rest)] == ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"]
    applied = newsroom.list_news(session, limit=9, state=NewsState.APPLIED)
    assert [news.id for news in applied] == ["evt_3"]


def test_news_keeps_the_endpoint_it_came_to(session):
    inbox.receive(session, told(source=NewsSource.CONNECT), NOW)

    assert inbox.get_news(session, "evt_1").source == "connect"


def test_open_news_and_failed_jobs_are_found_by_an_index(session):
    session.execute(text("SET LOCAL enable_seqscan = off"))
    for statement, index in {
        "SELECT * FROM stripe_news WHERE state = 'failed' ORDER BY received_at DESC, id DESC"
        " LIMIT 25": "ix_stripe_news_",
        "SELECT * FROM procrastinate_jobs WHERE status = 'failed' ORDER BY id DESC LIMIT 25": (
            "ix_procrastinate_jobs_failed"
        ),
    }.items():
        plan = "\n".join(session.execute(text(f"EXPLAIN {statement}")).scalars())
        assert index in plan, plan
