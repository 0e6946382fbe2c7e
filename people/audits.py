"""Reading the audit of one co-operative."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import Session

from core.actors import Actor
from core.audit import AuditEntry as Entry
from people.cooperatives import own

#: Of what one entry touched, so many are shown; ``touched_count`` says how many there are.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the audit is narrowed to; None means everything. From ``since``, before ``until``.

    ``subject``: whatever named or touched the thing with this id, or something that refers to it.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    key: uuid.UUID | None = None
    operation: str | None = None
    subject: uuid.UUID | None = None


def list_entries(
    session: Session,
    *,
    actor: Actor,
    wanted: AuditFilter,
    limit: int,
    before: tuple[datetime, uuid.UUID] | None = None,
) -> Sequence[Row[Any]]:
    """Up to ``limit`` entries of the actor's co-operative, newest first, before a time and id."""
    first = cast(f"$[0 to {MOST_SHOWN - 1}]", JSONPATH)
    shown = func.jsonb_path_query_array(Entry.touched, first, type_=JSONB)
    statement = select(
        *(Entry.id, Entry.at, Entry.actor, Entry.key_id, Entry.reference, Entry.operation),
        *(Entry.subject_noun, Entry.subject_id, shown.label("touched")),
        func.jsonb_array_length(Entry.touched).label("touched_count"),
    ).where(Entry.cooperative_id == own(actor))
    if before:
        statement = statement.where(tuple_(Entry.at, Entry.id) < before)
    for condition in _narrowed(wanted):
        statement = statement.where(condition)
    newest_first = statement.order_by(Entry.at.desc(), Entry.id.desc())
    return session.execute(newest_first.limit(limit)).all()


def _narrowed(wanted: AuditFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.since:
        conditions.append(Entry.at >= wanted.since)
    if wanted.until:
        conditions.append(Entry.at < wanted.until)
    if wanted.actor:
        conditions.append(Entry.actor == wanted.actor)
    if wanted.key:
        conditions.append(Entry.key_id == wanted.key)
    if wanted.operation:
        conditions.append(Entry.operation == wanted.operation)
    if wanted.subject:
        itself, of_it = [{"id": str(wanted.subject)}], [{"of": [str(wanted.subject)]}]
        conditions.append(Entry.touched.contains(itself) | Entry.touched.contains(of_it))
    return conditions
