"""The tables of news from Stripe, and of the runs that caught up on it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of


class NewsState(StrEnum):
    """What became of a piece of news."""

    NEW = "new"
    APPLIED = "applied"
    WAITING = "waiting"
    FAILED = "failed"
    IGNORED = "ignored"


class NewsSource(StrEnum):
    """How a piece of news came: to which endpoint, or found by asking Stripe."""

    WEBHOOK = "webhook"
    CONNECT = "connect"
    THIN = "thin"
    CAUGHT_UP = "caught_up"


class News(Base):
    """One event Stripe told us of, kept under Stripe's own id; told twice, kept once."""

    __tablename__ = "stripe_news"
    __table_args__ = (
        one_of("state", NewsState),
        one_of("source", NewsSource),
        Index(
            "ix_stripe_news_open",
            "received_at",
            postgresql_where=text("state IN ('new', 'waiting', 'failed')"),
        ),
        Index(None, "received_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str | None]
    account: Mapped[str | None]
    livemode: Mapped[bool]
    api_version: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default="webhook", server_default="webhook")
    applied_at: Mapped[datetime | None]
    #: It is no longer tried by itself; a person may have it tried again.
    given_up_at: Mapped[datetime | None]


class CatchUp(Fact, Identified, Base):
    """One run of one part of catching up that came to its end: what was seen from when on."""

    __tablename__ = "catch_ups"
    __table_args__ = (
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        CheckConstraint("seen >= waiting AND waiting >= 0", name="seen"),
        Index(None, "part", "started_at"),
    )

    part: Mapped[str]
    since: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    seen: Mapped[int]
    #: those that could not be applied: not ours, not known yet, or our own fault (see the log)
    waiting: Mapped[int]
    actor: Mapped[str]
