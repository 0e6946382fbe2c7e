"""The inbox: Stripe's news, each kept once under Stripe's own id, and what became of it."""

from datetime import datetime, timedelta

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.db import lock_rows
from core.errors import NotFound
from core.jobs import defer
from payments.models import News, NewsState
from payments.webhooks import ReceivedNews

OPEN_STATES = (NewsState.NEW.value, NewsState.WAITING.value, NewsState.FAILED.value)
FIRST_RETRY = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=30)
AT_ONCE = 100
LONGEST_REASON = 500


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
    )
    new = session.scalar(row.on_conflict_do_nothing().returning(News.id)) is not None
    if new:
        defer(session, "stripe.news", event_id=news.id)
    return new


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
            News.received_at > now - GIVE_UP_AFTER,
            next_try <= now,
        )
        .order_by(News.received_at)
        .limit(AT_ONCE)
    )
    return list(rows)


def retry_news(session: Session, now: datetime) -> int:
    """Defer everything whose time has come again; how many that were."""
    due = news_to_retry(session, now)
    for event_id in due:
        defer(session, "stripe.news", once=f"stripe.news:{event_id}", event_id=event_id)
    return len(due)


def _mark(session: Session, event_id: str, state: NewsState, reason: str | None) -> News:
    """Write what became of it. News that was applied or ignored stays so."""
    found = lock_rows(session, News, [event_id])
    if not found:
        raise NotFound("no such news")
    news = found[0]
    if news.state in OPEN_STATES:
        news.state = state.value
        news.reason = reason[:LONGEST_REASON] if reason else None
        news.tries += 1
    return news
