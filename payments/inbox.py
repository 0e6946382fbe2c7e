"""The inbox: Stripe's news, each kept once under Stripe's own id, and what became of it."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.db import lock_rows
from core.errors import NotFound
from core.jobs import defer
from payments.models import News, NewsState
from payments.webhooks import ReceivedNews

log = logging.getLogger("pallay.inbox")
OPEN_STATES = (NewsState.NEW.value, NewsState.WAITING.value, NewsState.FAILED.value)
FIRST_RETRY = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=30)
AT_ONCE = 100
LONGEST_REASON = 500
GIVEN_UP = "given up after 30 days; "


def receive(session: Session, news: ReceivedNews, now: datetime) -> bool:
    """Keep one piece of news and leave its work to a worker; False when it is here already."""
    row = insert(News).values(
        id=news.id,
        type=news.type,
        object_id=news.object_id,
        account=news.account,
        livemode=news.livemode,
        api_version=news.api_version,
        state=NewsState.NEW.value,
        tries=0,
        created_at=news.created_at,
        received_at=now,
        source=news.source.value,
    )
    new = session.scalar(row.on_conflict_do_nothing().returning(News.id)) is not None
    if new:
        work_on(session, news.id)
    return new


def work_on(session: Session, event_id: str) -> int | None:
    """Leave one piece of news to a worker; None where it is left to one already."""
    return defer(session, "stripe.news", once=f"stripe.news:{event_id}", event_id=event_id)


def get_news(session: Session, event_id: str) -> News:
    """One piece of news by Stripe's id."""
    news = session.get(News, event_id)
    if news is None:
        raise NotFound("no such news")
    return news


def mark_applied(session: Session, event_id: str, *, now: datetime) -> News:
    """What it told has been done."""
    news = _mark(session, event_id, NewsState.APPLIED, None)
    if news.state == NewsState.APPLIED and news.applied_at is None:
        news.applied_at = now
    return news


def mark_waiting(session: Session, event_id: str, *, reason: str) -> News:
    """It is about something we do not know yet; it is tried again later."""
    return _mark(session, event_id, NewsState.WAITING, reason)


def mark_failed(session: Session, event_id: str, *, reason: str) -> News:
    """It could not be applied; it is tried again later."""
    return _mark(session, event_id, NewsState.FAILED, reason)


def mark_ignored(session: Session, event_id: str, *, reason: str) -> News:
    """It does not concern us."""
    return _mark(session, event_id, NewsState.IGNORED, reason)


def news_to_retry(session: Session, now: datetime) -> list[str]:
    """The ids of open news whose time has come: after 1, 2, 4, … minutes, for up to 30 days."""
    next_try = News.received_at + FIRST_RETRY * func.power(literal(2), func.least(News.tries, 20))
    rows = session.scalars(
        select(News.id)
        .where(
            News.state.in_(OPEN_STATES),
            News.given_up_at.is_(None),
            News.received_at > now - GIVE_UP_AFTER,
            next_try <= now,
        )
        .order_by(News.received_at)
        .limit(AT_ONCE)
    )
    return list(rows)


def retry_news(session: Session, now: datetime) -> int:
    """Leave everything whose time has come again to a worker; how much that was."""
    left = [work_on(session, event_id) for event_id in news_to_retry(session, now)]
    return sum(job_id is not None for job_id in left)


def give_up(session: Session, now: datetime) -> int:
    """Call failed, loudly, what was tried in vain for 30 days; how much that was.

    It is kept, and a person may have it tried again.
    """
    old = (
        update(News)
        .where(
            News.state.in_(OPEN_STATES),
            News.given_up_at.is_(None),
            News.received_at <= now - GIVE_UP_AFTER,
        )
        .values(
            state=NewsState.FAILED.value,
            given_up_at=now,
            reason=func.left(func.concat(GIVEN_UP, func.coalesce(News.reason, "")), LONGEST_REASON),
        )
        .returning(News.id, News.type)
    )
    gone = session.execute(old).all()
    for event_id, topic in gone:
        log.critical("news given up: %s", topic, extra={"event_id": event_id})
    return len(gone)


def counts(session: Session) -> dict[str, int]:
    """How much news waits, failed, and was given up."""
    waiting = func.count().filter(News.state != NewsState.FAILED.value)
    failed = func.count().filter(News.state == NewsState.FAILED.value)
    row = session.execute(
        select(waiting, failed, func.count(News.given_up_at)).where(News.state.in_(OPEN_STATES))
    ).one()
    return dict(zip(("waiting", "failed", "given_up"), row, strict=True))


def _mark(session: Session, event_id: str, state: NewsState, reason: str | None) -> News:
    """Write what became of it. News that was applied or ignored stays so; what was given up does
    not wait again: it is for a person to say when it is tried.
    """
    found = lock_rows(session, News, [event_id])
    if not found:
        raise NotFound("no such news")
    news = found[0]
    if news.state in OPEN_STATES:
        if news.given_up_at is not None and state is NewsState.WAITING:
            state = NewsState.FAILED
        news.state = state.value
        news.reason = reason[:LONGEST_REASON] if reason else None
        news.tries += 1
    return news
