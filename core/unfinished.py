"""Unfinished work: jobs as people see them, and one that gave up done again because she said so.

The queue's tables are the library's own; they are read here, and a job is left again through the
library. What runs by the clock is left out: the clock begins it anew.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from core import repetitions
from core.actors import Actor
from core.errors import Conflict, NotFound
from core.jobs import leave
from core.repetitions import Repetition

MOST = 2**63 - 1
IDS = "_id", "_ids"
#: From the name of an argument to the table whose row it names, and whose co-operative is asked.
Owners = Mapping[str, Any]

JOBS = table(
    "procrastinate_jobs",
    column("id", BigInteger),
    column("task_name", Text),
    column("lock", Text),
    column("args", JSONB),
    column("status", Text),
    column("attempts", BigInteger),
    column("scheduled_at", DateTime(timezone=True)),
)
EVENTS = table(
    "procrastinate_events",
    column("job_id", BigInteger),
    column("type", Text),
    column("at", DateTime(timezone=True)),
)
BY_THE_CLOCK = table("procrastinate_periodic_defers", column("job_id", BigInteger))
FAILED: ColumnElement[bool] = JOBS.c.status == literal_column("'failed'")


class JobState(StrEnum):
    """Where a job is: it waits, also for its next try; it is being done; it gave up."""

    WAITING = "waiting"
    WORKING = "working"
    FAILED = "failed"


IN_STATE: dict[JobState, ColumnElement[bool]] = {
    JobState.WAITING: JOBS.c.status == literal_column("'todo'"),
    JobState.WORKING: JOBS.c.status == literal_column("'doing'"),
    JobState.FAILED: FAILED,
}
STATES = {"todo": JobState.WAITING, "doing": JobState.WORKING, "failed": JobState.FAILED}


class JobNotFailed(Conflict):
    """This job has not given up; it is tried again by itself."""

    code = "job_not_failed"


class JobRepeated(Conflict):
    """Somebody had this job repeated already; ``job`` is the new one."""

    code = "job_repeated"


@dataclass(frozen=True, slots=True)
class Job:
    """One job. ``arguments``: ids only; ``repeated_as``: the job left in its place."""

    id: int
    name: str
    arguments: dict[str, str]
    state: JobState
    tries: int
    scheduled_at: datetime | None
    failed_at: datetime | None
    repeated_as: int | None
    repeated_by: str | None
    repeated_at: datetime | None


def list_jobs(
    session: Session,
    *,
    actor: Actor,
    owners: Owners,
    limit: int,
    state: JobState = JobState.FAILED,
    before: int | None = None,
) -> list[Job]:
    """Up to ``limit`` jobs in one state, newest first, before one number."""
    statement = _jobs(actor, owners).where(IN_STATE[state])
    if before is not None:
        statement = statement.where(JOBS.c.id < min(before, MOST))
    rows = session.execute(statement.order_by(JOBS.c.id.desc()).limit(limit))
    return [_shown(row) for row in rows]


def get_job(session: Session, job_id: int, *, actor: Actor, owners: Owners) -> Job:
    """One job that waits, is being done, or gave up; what is done is not kept for reading."""
    wanted = or_(*IN_STATE.values())
    found = (
        job_id <= MOST
        and session.execute(_jobs(actor, owners).where(wanted, JOBS.c.id == job_id)).first()
    )
    if not found:
        raise NotFound("no such job")
    return _shown(found)


def repeat_job(
    session: Session, job_id: int, *, actor: Actor, owners: Owners, now: datetime
) -> Job:
    """Leave a job that gave up once more, with the same arguments and all its tries.

    Each is repeated once; if that gives up too, it is the one to repeat. Raises JobNotFailed and
    JobRepeated.
    """
    job = get_job(session, job_id, actor=actor, owners=owners)
    kept = session.execute(
        select(JOBS.c.task_name, JOBS.c.args, JOBS.c.lock, FAILED.label("failed"))
        .where(JOBS.c.id == job.id)
        .with_for_update()
    ).one()
    if not kept.failed:
        raise JobNotFailed()
    subject = f"job:{job.id}"
    if earlier := repetitions.repetitions_of(session, subject):
        raise JobRepeated(job=earlier[0].job_id)
    new_id = leave(session, kept.task_name, dict(kept.args), lock=kept.lock)
    repetitions.note(session, subject=subject, job_id=new_id, actor=actor, now=now)
    return get_job(session, new_id, actor=actor, owners=owners)


def count_failed(session: Session) -> int:
    """How many jobs gave up that nobody has had repeated."""
    statement = select(func.count()).select_from(JOBS).where(FAILED, ~_scheduled(), ~_repeated())
    return session.execute(statement).scalar_one()


def _jobs(actor: Actor, owners: Owners) -> Select[Any]:
    """Those of the actor's co-operative, and those that are nobody's in particular."""
    failed_at = (
        select(func.max(EVENTS.c.at))
        .where(EVENTS.c.job_id == JOBS.c.id, EVENTS.c.type == literal_column("'failed'"))
        .scalar_subquery()
    )
    return (
        select(
            *(JOBS.c[name] for name in ("id", "task_name", "args", "status", "attempts")),
            JOBS.c.scheduled_at,
            failed_at.label("failed_at"),
            Repetition.job_id.label("repeated_as"),
            Repetition.actor.label("repeated_by"),
            Repetition.at.label("repeated_at"),
        )
        .select_from(JOBS)
        .outerjoin(Repetition, Repetition.subject == func.concat("job:", JOBS.c.id))
        .where(~_scheduled(), or_(_nobodys(owners), *_own(actor.cooperative_id, owners)))
    )


def _scheduled() -> ColumnElement[bool]:
    return exists().where(BY_THE_CLOCK.c.job_id == JOBS.c.id)


def _repeated() -> ColumnElement[bool]:
    return exists().where(Repetition.subject == func.concat("job:", JOBS.c.id))


def _nobodys(owners: Owners) -> ColumnElement[bool]:
    return and_(*(JOBS.c.args[name].astext.is_(None) for name in owners))


def _own(cooperative_id: uuid.UUID | None, owners: Owners) -> list[ColumnElement[bool]]:
    return [
        exists().where(
            model.id == JOBS.c.args[name].astext.cast(Uuid), model.cooperative_id == cooperative_id
        )
        for name, model in owners.items()
    ]


def _shown(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        name=row.task_name,
        arguments={key: str(told) for key, told in row.args.items() if key.endswith(IDS)},
        state=STATES[row.status],
        tries=row.attempts,
        scheduled_at=row.scheduled_at,
        failed_at=row.failed_at,
        repeated_as=row.repeated_as,
        repeated_by=row.repeated_by,
        repeated_at=row.repeated_at,
    )
