"""The table of news from Stripe."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.lives import one_of


class NewsState(StrEnum):
    """What became of a piece of news."""

    NEW = "new"
    APPLIED = "applied"
    WAITING = "waiting"
    FAILED = "failed"
    IGNORED = "ignored"


class News(Base):
    """One event Stripe told us of, kept under Stripe's own id; told twice, kept once."""

    __tablename__ = "stripe_news"
    __table_args__ = (
        one_of("state", NewsState),
        Index(
            "ix_stripe_news_open",
            "received_at",
            postgresql_where=text("state IN ('new', 'waiting', 'failed')"),
        ),
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
    #: webhook, connect, thin: the endpoint it came to; caught_up: found by asking Stripe.
    source: Mapped[str] = mapped_column(default="webhook", server_default="webhook")
    applied_at: Mapped[datetime | None]
