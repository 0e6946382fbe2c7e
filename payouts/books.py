"""Reading the books: accounts with their balances at a time, and the postings behind them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.ids import new_id
from payouts import ledger
from payouts.models import Posting
from people.cooperatives import own

CHUNK = 1000
NOTHING_YET = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Balance:
    """One account in one currency: what came in minus what went out."""

    account: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PostingFilter:
    """What a list of postings is narrowed to; None means everything. Times are inclusive."""

    account: str | None = None
    order_id: uuid.UUID | None = None
    obligation_id: uuid.UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_balances(
    session: Session,
    *,
    actor: Actor,
    at: datetime | None,
    limit: int,
    after: tuple[str, str] | None = None,
) -> list[Balance]:
    """Up to ``limit`` accounts with a balance, by name and currency, after one of them."""
    held = ledger.balances(session, own(actor), at=at)
    rows = sorted((name, minor) for name, minor in held.items() if after is None or name > after)
    return [Balance(*name, minor) for name, minor in rows[:limit]]


def list_postings(
    session: Session,
    *,
    actor: Actor,
    wanted: PostingFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Posting]:
    """Up to ``limit`` postings of the actor's co-operative, oldest first, after one id."""
    statement = _narrowed(own(actor), wanted).where(Posting.id > (after or NOTHING_YET))
    return list(session.scalars(statement.order_by(Posting.id).limit(limit)))


def every_posting(session: Session, *, actor: Actor, wanted: PostingFilter) -> Iterator[Posting]:
    """All of them, oldest first, a thousand in memory at a time.

    What is posted after the reading began is left out, so that it ends.
    """
    statement = _narrowed(own(actor), wanted).where(Posting.id <= new_id()).order_by(Posting.id)
    after = NOTHING_YET
    while rows := session.scalars(statement.where(Posting.id > after).limit(CHUNK)).all():
        after = rows[-1].id
        for row in rows:
            session.expunge(row)
            yield row


def first_days(session: Session, *, actor: Actor, wanted: PostingFilter) -> dict[str, datetime]:
    """Every account of those postings, with when it was first used."""
    each = _narrowed(own(actor), wanted).with_only_columns(
        Posting.source, Posting.destination, Posting.at
    )
    postings = each.subquery()
    ends = select(postings.c.source.label("account"), postings.c.at).union_all(
        select(postings.c.destination, postings.c.at)
    )
    both = ends.subquery()
    rows = session.execute(
        select(both.c.account, func.min(both.c.at))
        .group_by(both.c.account)
        .order_by(both.c.account)
    )
    return dict(rows.all())


def _narrowed(cooperative_id: uuid.UUID, wanted: PostingFilter) -> Select[Posting]:
    statement = select(Posting).where(Posting.cooperative_id == cooperative_id)
    if wanted.account:
        statement = statement.where(
            or_(Posting.source == wanted.account, Posting.destination == wanted.account)
        )
    if wanted.order_id:
        statement = statement.where(Posting.order_id == wanted.order_id)
    if wanted.obligation_id:
        statement = statement.where(Posting.obligation_id == wanted.obligation_id)
    if wanted.since:
        statement = statement.where(Posting.at >= wanted.since)
    if wanted.until:
        statement = statement.where(Posting.at <= wanted.until)
    return statement
