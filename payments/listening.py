"""Listening: what is done with one piece of news, whatever it is about.

News is a reason to ask. The object is read again at Stripe, outside every transaction, and what
Stripe says of it is applied, once or often, with the same result.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from core.db import transaction
from payments import inbox
from payments.errors import Declined, Unreachable
from payments.models import NewsState

log = logging.getLogger(__name__)
DONE = frozenset({NewsState.APPLIED, NewsState.IGNORED})
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a piece of news, and why where that is not plain."""

    state: NewsState
    reason: str = ""


APPLIED = Verdict(NewsState.APPLIED)


def waits(reason: str) -> Verdict:
    """It is about something that is not known, or not booked, yet."""
    return Verdict(NewsState.WAITING, reason)


def ignored(reason: str) -> Verdict:
    """It does not concern us."""
    return Verdict(NewsState.IGNORED, reason)


def follow(
    event_id: str,
    *,
    read: Callable[[str], Subject],
    apply: Callable[[Session, Subject], Verdict],
    now: datetime,
) -> NewsState:
    """Read at Stripe what the news is about and let our side follow; safe to repeat.

    Waiting and failed (no answer from Stripe) are tried again by `inbox.retry_news`.
    """
    with transaction() as session:
        news = inbox.get_news(session, event_id)
        state, object_id = NewsState(news.state), news.object_id
        if state in DONE:
            return state
        if object_id is None:
            return _mark(session, event_id, ignored("it names nothing"), now)
    try:
        subject = read(object_id)
    except (Unreachable, Declined) as problem:
        log.warning("news not applied: %s", problem.message, extra={"event_id": event_id})
        with transaction() as session:
            return _mark(session, event_id, Verdict(NewsState.FAILED, problem.message), now)
    with transaction() as session:
        return _mark(session, event_id, apply(session, subject), now)


def _mark(session: Session, event_id: str, verdict: Verdict, now: datetime) -> NewsState:
    if verdict.state is NewsState.APPLIED:
        news = inbox.mark_applied(session, event_id, now=now)
    elif verdict.state is NewsState.WAITING:
        news = inbox.mark_waiting(session, event_id, reason=verdict.reason)
    elif verdict.state is NewsState.IGNORED:
        news = inbox.mark_ignored(session, event_id, reason=verdict.reason)
    else:
        news = inbox.mark_failed(session, event_id, reason=verdict.reason)
    return NewsState(news.state)
