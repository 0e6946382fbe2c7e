"""The newsroom: the inbox as people see it, and news tried again because a person said so.

News is the house's and not a co-operative's: it holds Stripe's ids, and nothing about anybody.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from core import repetitions
from core.actors import Actor
from core.errors import Conflict
from core.repetitions import Repetition
from payments import inbox
from payments.models import News, NewsState


class NewsDone(Conflict):
    """This news has been applied, or does not concern us; there is nothing to try."""

    code = "news_done"


class NewsUnderWay(Conflict):
    """A worker has this news, or it is waiting for one; look again in a minute."""

    code = "news_under_way"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of news begins: after this one, newest first."""

    received_at: datetime
    id: str


def list_news(
    session: Session, *, limit: int, state: NewsState | None = None, before: Place | None = None
) -> list[News]:
    """Up to ``limit`` pieces of news, newest first."""
    order = (News.received_at, News.id)
    statement = select(News)
    if state is not None:
        statement = statement.where(News.state == state.value)
    if before is not None:
        statement = statement.where(tuple_(*order) < tuple_(before.received_at, before.id))
    ordered = statement.order_by(*(one.desc() for one in order))
    return list(session.scalars(ordered.limit(limit)))


def asked_again(session: Session, event_id: str) -> list[Repetition]:
    """Who had it tried again, newest first."""
    return repetitions.repetitions_of(session, f"news:{event_id}")


def repeat_news(session: Session, event_id: str, *, actor: Actor, now: datetime) -> News:
    """Have a worker try it now, also after it was given up. Raises NewsDone and NewsUnderWay."""
    news = inbox.get_news(session, event_id)
    if news.state not in inbox.OPEN_STATES:
        raise NewsDone()
    job_id = inbox.work_on(session, event_id)
    if job_id is None:
        raise NewsUnderWay()
    repetitions.note(session, subject=f"news:{event_id}", job_id=job_id, actor=actor, now=now)
    return news
