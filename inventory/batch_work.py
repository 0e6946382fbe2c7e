"""The work on batches, done by a worker: the check, in pieces, and the application, in one.

Both run through the sheet in the same way. A check leaves its progress after each piece; the
application checks everything again within its one transaction, and writes nothing of a batch in
which anything is wrong.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from core.actors import Actor, ActorKind
from core.columns import Line, Trouble
from core.db import lock_rows, transaction
from core.ids import new_id
from core.sheet_files import SheetUnreadable
from inventory.batch_models import Batch, BatchFile, BatchProblem, BatchStatus
from inventory.batch_sheets import Sheet, open_sheet
from inventory.batches import SWEEPER, end_refused, forget_file

ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:word, 0))")
Tell = Callable[[uuid.UUID, int], None]


class _TakenOver(Exception):
    """Another worker has begun this check anew."""


class _HoldsNoMore(Exception):
    """Something is wrong with a batch that was found good before."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        self.troubles = troubles


def check_batch(*, batch_id: uuid.UUID, now: datetime) -> None:
    """Look at every row of a batch and write down what is wrong; nothing else is changed.

    Begun anew it forgets what it had found; of a batch that was checked before it does nothing.
    """
    content = _begin(batch_id, now)
    if content is None:
        return
    try:
        rows = _check_rows(batch_id, content, now)
    except _TakenOver:
        return
    except SheetUnreadable as problem:
        with transaction() as session:
            batch = _locked(session, batch_id)
            if batch.status == BatchStatus.CHECKING:
                end_refused(session, batch, problem.message, now=now)
        return
    with transaction() as session:
        batch = _locked(session, batch_id)
        if batch.status == BatchStatus.CHECKING:
            batch.row_count, batch.checked_at = rows, now
            batch.become(BatchStatus.CHECKED, actor=SWEEPER, why="every row was read", at=now)


def apply_checked(*, batch_id: uuid.UUID, now: datetime, tell: Tell | None = None) -> None:
    """Write down everything in a batch, or nothing; done twice it is done once.

    ``tell`` is given the number of rows that are written, though not yet kept, as it goes on; it
    must not wait for this transaction.
    """
    try:
        _apply(batch_id, now, tell)
    except (_HoldsNoMore, SheetUnreadable) as problem:
        with transaction() as session:
            batch = _locked(session, batch_id)
            if batch.status == BatchStatus.APPLYING:
                _note(session, batch, getattr(problem, "troubles", ()))
                batch.rows_applied = 0
                why = "what was right when it was checked is so no longer; nothing was applied"
                end_refused(session, batch, why, now=now)


def _begin(batch_id: uuid.UUID, now: datetime) -> bytes | None:
    with transaction() as session:
        batch = _locked(session, batch_id)
        if batch.status == BatchStatus.UPLOADED:
            batch.become(BatchStatus.CHECKING, actor=SWEEPER, why="a worker took it", at=now)
        if batch.status != BatchStatus.CHECKING:
            return None
        session.execute(delete(BatchProblem).where(BatchProblem.batch_id == batch.id))
        batch.rows_checked = batch.problem_count = 0
        return _content(session, batch)


def _check_rows(batch_id: uuid.UUID, content: bytes, now: datetime) -> int:
    """How many rows there are; each thousand in a transaction of its own."""
    with transaction() as session:
        batch = _locked(session, batch_id)
        sheet = open_sheet(batch, content)
        check = sheet.check(batch)
        _note(session, batch, sheet.troubles)
    count = 0
    readable = not sheet.head.troubles
    for lines in sheet.lines():
        with transaction() as session:
            if readable:
                check.examine(session, lines, now=now)
            batch = _locked(session, batch_id)
            if (batch.status, batch.rows_checked) != (BatchStatus.CHECKING, count):
                raise _TakenOver
            count += len(lines)
            batch.rows_checked = count
            if readable:
                _note(session, batch, _wrong(lines))
            session.flush()
            session.expunge_all()
    return count


def _apply(batch_id: uuid.UUID, now: datetime, tell: Tell | None) -> None:
    with transaction() as session:
        # Whoever comes second waits here, and finds it done. The row itself is not locked while
        # it lasts, so that progress can be told beside this transaction.
        session.execute(ALONE, {"word": f"batch:{batch_id}"})
        batch = session.get_one(Batch, batch_id, populate_existing=True)
        if batch.status != BatchStatus.APPLYING:
            return
        sheet = open_sheet(batch, _content(session, batch))
        if sheet.troubles:
            raise _HoldsNoMore(sheet.troubles)
        count = _write_rows(session, batch, sheet, now, tell)
        batch = _locked(session, batch_id)
        batch.rows_applied, batch.applied_at = count, now
        batch.become(BatchStatus.APPLIED, actor=_actor_of(batch), why="applied whole", at=now)
        forget_file(session, batch)


def _write_rows(
    session: Session, batch: Batch, sheet: Sheet, now: datetime, tell: Tell | None
) -> int:
    check, actor, batch_id = sheet.check(batch), _actor_of(batch), batch.id
    session.expunge(batch)
    count = 0
    for lines in sheet.lines():
        check.examine(session, lines, now=now)
        if wrong := _wrong(lines):
            raise _HoldsNoMore(wrong)
        check.write(session, lines, actor=actor, now=now)
        session.flush()
        session.expunge_all()
        count += len(lines)
        if tell is not None:
            tell(batch_id, count)
    return count


def _wrong(lines: Sequence[Line]) -> list[Trouble]:
    return [one for line in lines for one in line.troubles]


def _note(session: Session, batch: Batch, troubles: Sequence[Trouble]) -> None:
    if not troubles:
        return
    batch.problem_count += len(troubles)
    whose = {"batch_id": batch.id, "cooperative_id": batch.cooperative_id}
    rows = [
        {
            "id": new_id(),
            "row": one.row,
            "cell": one.cell,
            "column": one.column,
            "code": one.code,
            "words": one.words,
            **whose,
        }
        for one in troubles
    ]
    session.execute(insert(BatchProblem), rows)


def _content(session: Session, batch: Batch) -> bytes:
    """The bytes that were sent, and no others."""
    found = session.execute(
        select(BatchFile.content, func.encode(func.sha256(BatchFile.content), "hex")).where(
            BatchFile.batch_id == batch.id
        )
    ).one()
    if found[1] != batch.sha256:
        raise SheetUnreadable("the file is no longer what was sent")
    return bytes(found[0])


def _locked(session: Session, batch_id: uuid.UUID) -> Batch:
    return lock_rows(session, Batch, [batch_id])[0]


def _actor_of(batch: Batch) -> Actor:
    """Whoever asked for the application, as she is written on rows."""
    kind, _, who = (batch.applied_by or "").partition(":")
    known = ActorKind(kind)
    named = who if known is ActorKind.SYSTEM else uuid.UUID(who)
    return Actor(known, named, batch.cooperative_id)
