"""The audit: who changed what, when, with which key; an entry with every transaction that did.

The entry is written at the one place where a transaction ends well, before it is committed, from
what the session saw (``core.touched``) and in whose name the edge said it was (``doing``). So no
operation can forget it, and it stands or falls with the change.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import CheckConstraint, Index, event, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.actors import ACTOR_PATTERN, Actor, ActorKind, system
from core.db import Base, Identified
from core.facts import Fact
from core.ids import new_id
from core.touched import Touch, Unaudited, take_touches

#: What a job or a person left for a worker is no change; a person's wish is still worth an entry.
LEFT = "left"


class AuditEntry(Fact, Unaudited, Identified, Base):
    """One transaction that changed something of a co-operative. Ids and names of tables only."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        Index(None, "cooperative_id", "at", "id"),
        Index(None, "cooperative_id", "actor", "at", "id"),
        Index(None, "cooperative_id", "operation", "at", "id"),
        Index(None, "key_id", "at", "id", postgresql_where=text("key_id IS NOT NULL")),
        Index(
            None,
            "touched",
            postgresql_using="gin",
            postgresql_ops={"touched": "jsonb_path_ops"},
        ),
    )

    #: None for what belongs to no co-operative: news from Stripe, reports of the whole house.
    cooperative_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    actor: Mapped[str]
    #: The API key that spoke; None for buyers, workers and the command line.
    key_id: Mapped[uuid.UUID | None]
    #: The request's or the job's id, as in the logs; transactions of one request share it.
    reference: Mapped[str | None]
    #: As ``POST /v1/orders``, ``order.paid``, ``pallay keys create``.
    operation: Mapped[str]
    subject_noun: Mapped[str | None]
    subject_id: Mapped[str | None]
    touched: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


@dataclass(slots=True)
class Doing:
    """What is being done, and in whose name.

    ``named``: things by noun and id, the subject first; without one, the subject is what was
    touched of ``noun``.
    """

    operation: str
    actor: Actor
    reference: str | None = None
    named: Sequence[tuple[str, uuid.UUID]] = ()
    noun: str | None = None


HOUSE = Doing("none", system("house"))
_doing: ContextVar[Doing] = ContextVar("doing", default=HOUSE)


@contextmanager
def doing(what: Doing) -> Iterator[None]:
    """Whatever is changed in the block is this deed."""
    token = _doing.set(what)
    try:
        yield
    finally:
        _doing.reset(token)


def turned_out(*, actor: Actor | None = None, about: tuple[str, uuid.UUID] | None = None) -> None:
    """Say of what is being done whose deed it turned out to be, or what it is about.

    Of an order only just placed: its buyer's, and the order.
    """
    what = _doing.get()
    if what is not HOUSE:
        what.actor = actor or what.actor
        what.named = [about, *what.named] if about else what.named


def named_in(arguments: Mapping[str, Any]) -> list[tuple[str, uuid.UUID]]:
    """The things a job's arguments name: ``order_id`` names one of ``orders``."""
    found = []
    for name, value in arguments.items():
        word = name.removesuffix("_id")
        if word != name and (known := _uuid(value)):
            found.append((f"{word[:-1]}ies" if word.endswith("y") else f"{word}s", known))
    return found


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    """Write the entry: one, or one for each co-operative that was touched; in one INSERT."""
    if session.in_nested_transaction():
        return
    session.flush()
    touches = take_touches(session)
    what = _doing.get()
    by_people = what.actor.kind is not ActorKind.SYSTEM
    if not any(one.how != LEFT or by_people for one in touches):
        return
    now = clock.now()
    rows = [_entry(what, home, mine, now) for home, mine in _by_home(what, touches)]
    session.connection().execute(insert(AuditEntry), rows)


def _by_home(what: Doing, touches: list[Touch]) -> Iterator[tuple[uuid.UUID | None, list[Touch]]]:
    """The touches of each co-operative; a row that names none belongs to whose deed it was."""
    known = {one.cooperative_id for one in touches if one.cooperative_id}
    own = what.actor.cooperative_id or (next(iter(known)) if len(known) == 1 else None)

    def home(one: Touch) -> uuid.UUID | None:
        return one.cooperative_id or own

    for whose, mine in groupby(sorted(touches, key=lambda one: str(home(one))), key=home):
        yield whose, list(mine)


def _entry(
    what: Doing, home: uuid.UUID | None, touches: list[Touch], now: datetime
) -> dict[str, Any]:
    rows = [_told(one) for one in touches]
    told = {row.get("id") for row in rows}
    named = [{"noun": noun, "id": str(found), "how": "named"} for noun, found in what.named]
    subject = named[0] if named else _subject(rows, what.noun)
    return {
        "id": new_id(),
        "cooperative_id": home,
        "at": now,
        "actor": what.actor.reference,
        "key_id": what.actor.key_id,
        "reference": what.reference,
        "operation": what.operation,
        "subject_noun": subject["noun"],
        "subject_id": subject.get("id"),
        "touched": [*rows, *(one for one in named if one["id"] not in told)],
    }


def _subject(rows: list[dict[str, Any]], noun: str | None) -> dict[str, Any]:
    """The thing itself, or else the first that was added, or touched."""
    of_noun = (row for row in rows if row["noun"] == noun)
    added = (row for row in rows if row["how"] == "added")
    return next(of_noun, None) or next(added, rows[0])


def _told(one: Touch) -> dict[str, Any]:
    told: dict[str, Any] = {"noun": one.noun, "how": one.how}
    told |= {"rows": one.rows} if one.id is None else {"id": one.id}
    return told | ({"of": one.of} if one.of else {})


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
