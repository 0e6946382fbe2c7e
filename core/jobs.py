"""Later work: a note left in the same transaction as the row it is about."""

import uuid
from datetime import datetime
from typing import Any

import procrastinate
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    cast,
    column,
    exists,
    func,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from core.touched import Touch, note

_queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

BETWEEN_IDS = ","
_jobs = table(
    "procrastinate_jobs", column("lock"), column("task_name", Text), column("args", JSONB)
)
UNFINISHED = text("procrastinate_jobs.status IN ('todo', 'doing')")
# Whoever else is just leaving a note under the same word is waited for.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:word, 0))")
ONE_AT_ONCE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:word, 0))")
UNDER_WAY = text(
    "SELECT 1 FROM procrastinate_jobs WHERE lock = :word AND status IN ('todo', 'doing') LIMIT 1"
)


def under_way(word: ColumnElement[str]) -> ColumnElement[bool]:
    """For a query: whether a job under this word waits or is being done."""
    return exists().where(_jobs.c.lock == word, UNFINISHED)


def named_under_way(name: str, argument: str) -> Select[tuple[uuid.UUID]]:
    """For a query: the ids that an argument names in jobs of this name that are not finished."""
    listed = func.string_to_array(_jobs.c.args[argument].astext, BETWEEN_IDS)
    one = func.unnest(cast(listed, ARRAY(Uuid)), type_=Uuid)
    return select(one).where(_jobs.c.task_name == name, UNFINISHED)


def only_one(session: Session, word: str) -> bool:
    """Whether nobody else is just at what this word names; until this transaction ends."""
    return session.execute(ONE_AT_ONCE, {"word": word}).scalar() is True


def defer(
    session: Session,
    name: str,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    once: str | None = None,
    patient: bool = True,
    urgent: bool = True,
    **arguments: Any,
) -> int | None:
    """Leave ``name`` to be done by a worker once this transaction commits.

    ``at``: not before then. ``lock``: never beside another job with the same lock.
    ``once``: a lock, and nothing is left while a job under that word waits or is being done; nor,
    where ``patient`` is false, while somebody else is just leaving one: for sweeps, which leave
    many and come again, and would keep each other waiting. (The
    queue's own ``queueing_lock`` is not used: a job that failed or whose worker died could not
    be put back beside the one that waits.) ``urgent``: false for what may wait behind everything
    else. An argument that is a list names several ids. The number of the job, None where none was
    left.
    """
    if once is not None:
        alone = ONE_AT_A_TIME if patient else ONE_AT_ONCE
        if session.execute(alone, {"word": once}).scalar() is False:
            return None
        if session.execute(UNDER_WAY, {"word": once}).first() is not None:
            return None
    written = {key: _written(value) for key, value in arguments.items()}
    return leave(session, name, written, at=at, lock=once or lock, urgent=urgent)


def leave(
    session: Session,
    name: str,
    arguments: dict[str, Any],
    *,
    at: datetime | None = None,
    lock: str | None = None,
    urgent: bool = True,
) -> int:
    """Leave a job with just these arguments, as it may have been left before; its number."""
    connection = session.connection().connection.driver_connection
    job = _queue.configure_task(
        name,
        allow_unknown=True,
        connection=connection,
        schedule_at=at,
        lock=lock,
        priority=0 if urgent else -1,
    )
    note(session, Touch("jobs", name, "left"))
    return job.defer(**arguments)


def ids_in(written: str) -> list[uuid.UUID]:
    """The ids in an argument that names several."""
    return [uuid.UUID(one) for one in written.split(BETWEEN_IDS)]


def _written(value: Any) -> str:
    return BETWEEN_IDS.join(map(str, value)) if isinstance(value, list) else str(value)
