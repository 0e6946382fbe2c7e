"""Batches: a spreadsheet of things to add is sent, checked by a worker, and applied whole or not.

The checks change nothing but the batch itself. Whoever may write one thing may send a sheet of
them, and nobody else may so much as look at it.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.actors import Actor, system
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.jobs import defer
from core.sheet_files import format_of
from core.sheet_kinds import SheetKind
from inventory.batch_models import (
    ENDED,
    Batch,
    BatchFile,
    BatchKind,
    BatchProblem,
    BatchStatus,
)
from inventory.design_sheets import DESIGNS
from inventory.piece_sheets import PIECES
from people.cooperatives import own
from people.maker_sheets import MAKERS
from people.permissions import require

SHEETS: dict[str, SheetKind] = {
    BatchKind.DESIGNS.value: DESIGNS,
    BatchKind.MAKERS.value: MAKERS,
    BatchKind.PIECES.value: PIECES,
}
#: Names of people are in these files; nobody's are kept for longer than it takes to apply them.
KEPT = timedelta(days=30)
AT_ONCE = 500
SWEEPER = system("worker")


class BatchIdTaken(Conflict):
    """Another batch was sent under this id."""

    code = "batch_id_taken"


class BatchTooLarge(Invalid):
    """This file has more bytes than are taken in."""

    code = "batch_too_large"


class BatchNotChecked(Conflict):
    """The batch has not been checked to its end yet."""

    code = "batch_not_checked"


class BatchHasProblems(Conflict):
    """Something is wrong with some row, so nothing of the batch is applied."""

    code = "batch_has_problems"


class BatchRefused(Conflict):
    """This batch was refused; send a corrected file under another id."""

    code = "batch_refused"


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest file, in bytes and in rows under its head."""

    most_bytes: int
    most_rows: int


def send_batch(
    session: Session,
    *,
    batch_id: uuid.UUID,
    kind: str,
    name: str,
    content: bytes,
    limits: Limits,
    actor: Actor,
    now: datetime,
) -> tuple[Batch, bool]:
    """Take in a file and leave a note to check it: the batch, and whether it is new.

    The same file again under the same id is answered with the first. Raises BatchIdTaken,
    BatchTooLarge, SheetUnreadable, ScopeMissing.
    """
    require(actor, SHEETS[kind].writes)
    digest = hashlib.sha256(content).hexdigest()
    first = session.get(Batch, batch_id)
    if first is not None:
        same = (first.cooperative_id, first.kind, first.sha256) == (own(actor), kind, digest)
        if not same:
            raise BatchIdTaken()
        return first, False
    if len(content) > limits.most_bytes:
        raise BatchTooLarge(most_bytes=limits.most_bytes)
    batch = Batch(
        id=batch_id,
        cooperative_id=own(actor),
        kind=kind,
        format=format_of(content),
        name=name,
        sha256=digest,
        byte_length=len(content),
        most_rows=limits.most_rows,
        created_at=now,
        created_by=actor.reference,
    )
    session.add(batch.begin(BatchStatus.UPLOADED, actor=actor, why="sent", at=now))
    session.add(batch)
    session.flush()
    session.add(BatchFile(batch_id=batch_id, cooperative_id=batch.cooperative_id, content=content))
    session.flush()
    take_up(session, [batch])
    return batch, True


def get_batch(session: Session, batch_id: uuid.UUID, *, actor: Actor, lock: bool = False) -> Batch:
    """One batch of the actor's co-operative. Raises NotFound, ScopeMissing."""
    found = lock_rows(session, Batch, [batch_id]) if lock else [session.get(Batch, batch_id)]
    if not found or found[0] is None or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such batch")
    require(actor, SHEETS[found[0].kind].writes)
    return found[0]


def list_batches(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Batch]:
    """Up to ``limit`` batches of kinds the actor may write, by id, after one id."""
    kinds = [kind for kind, sheet in SHEETS.items() if sheet.writes in actor.scopes]
    statement = select(Batch).where(Batch.cooperative_id == own(actor), Batch.kind.in_(kinds))
    if after:
        statement = statement.where(Batch.id > after)
    return list(session.scalars(statement.order_by(Batch.id).limit(limit)))


def list_problems(
    session: Session,
    batch_id: uuid.UUID,
    *,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[BatchProblem]:
    """Up to ``limit`` things wrong with a batch, row by row, after one id."""
    batch = get_batch(session, batch_id, actor=actor)
    statement = select(BatchProblem).where(BatchProblem.batch_id == batch.id)
    if after:
        statement = statement.where(BatchProblem.id > after)
    return list(session.scalars(statement.order_by(BatchProblem.id).limit(limit)))


def apply_batch(session: Session, *, batch_id: uuid.UUID, actor: Actor, now: datetime) -> Batch:
    """Ask that a batch in which nothing is wrong be applied; a second time changes nothing.

    Raises BatchNotChecked, BatchHasProblems, BatchRefused.
    """
    batch = get_batch(session, batch_id, actor=actor, lock=True)
    status = BatchStatus(batch.status)
    if status in {BatchStatus.APPLYING, BatchStatus.APPLIED}:
        return batch
    if status == BatchStatus.REFUSED:
        raise BatchRefused()
    if status != BatchStatus.CHECKED:
        raise BatchNotChecked(status=batch.status, rows_checked=batch.rows_checked)
    if batch.problem_count:
        raise BatchHasProblems(problems=batch.problem_count)
    batch.applied_by = actor.reference
    batch.become(BatchStatus.APPLYING, actor=actor, why="asked for", at=now)
    take_up(session, [batch])
    return batch


def take_up(session: Session, batches: Iterable[Batch]) -> None:
    """Leave a note for each batch that a worker is to go on with."""
    for batch in batches:
        once = f"batch:{batch.id}:{batch.status}"
        if batch.status == BatchStatus.APPLYING:
            defer(session, "batch.application_asked", once=once, batch_id=batch.id)
        elif batch.status in {BatchStatus.UPLOADED, BatchStatus.CHECKING}:
            defer(session, "batch.sent", once=once, batch_id=batch.id)


def take_up_left(session: Session) -> None:
    """Take up again every batch whose worker gave up or died."""
    open_ones = select(Batch).where(Batch.status.not_in(ENDED)).order_by(Batch.id).limit(AT_ONCE)
    take_up(session, session.scalars(open_ones))


def forget_old(session: Session, *, now: datetime) -> None:
    """Refuse what nobody applied for a month, and forget its file."""
    old = select(Batch.id).where(
        Batch.status.in_([BatchStatus.CHECKED]), Batch.created_at < now - KEPT
    )
    for batch in lock_rows(session, Batch, session.scalars(old.limit(AT_ONCE))):
        if batch.status == BatchStatus.CHECKED:
            end_refused(session, batch, "nobody applied it for a month", now=now)


def end_refused(session: Session, batch: Batch, why: str, *, now: datetime) -> None:
    """A batch is refused, for one reason in plain words; its file is forgotten."""
    batch.refusal = why
    batch.become(BatchStatus.REFUSED, actor=SWEEPER, why=why, at=now)
    forget_file(session, batch)


def forget_file(session: Session, batch: Batch) -> None:
    """Delete the bytes of a batch that has ended."""
    session.execute(delete(BatchFile).where(BatchFile.batch_id == batch.id))
    session.flush()
