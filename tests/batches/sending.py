"""Sheets for tests, and the way of one from the sender to the end."""

import csv
import io
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.ids import new_id
from core.workbooks import as_workbook
from inventory import batch_work, batches
from inventory.batch_models import Batch, BatchProblem
from inventory.batches import Limits

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LIMITS = Limits(most_bytes=1 << 20, most_rows=2000)
Rows = Sequence[Sequence[Any]]


def a_csv(*rows: Sequence[Any], separator: str = ",", coding: str = "utf-8") -> bytes:
    """A CSV file with these rows, as any spreadsheet writes it."""
    written = io.StringIO()
    csv.writer(written, delimiter=separator).writerows(rows)
    return written.getvalue().encode(coding)


def a_workbook(*rows: Sequence[Any]) -> bytes:
    """A workbook with these rows."""
    return b"".join(as_workbook("sheet", [str(cell) for cell in rows[0]], rows[1:]))


def send(
    session: Session,
    actor: Actor,
    kind: str,
    content: bytes,
    *,
    batch_id: uuid.UUID | None = None,
    limits: Limits = LIMITS,
) -> uuid.UUID:
    """A file is sent; the id of its batch."""
    batch, _new = batches.send_batch(
        session,
        batch_id=batch_id or new_id(),
        kind=kind,
        name="a sheet",
        content=content,
        limits=limits,
        actor=actor,
        now=NOW,
    )
    found = batch.id
    session.commit()
    return found


def check(session: Session, actor: Actor, kind: str, content: bytes, **given: Any) -> Batch:
    """A file is sent and checked."""
    batch_id = send(session, actor, kind, content, **given)
    batch_work.check_batch(batch_id=batch_id, now=NOW)
    return session.get_one(Batch, batch_id)


def problems(session: Session, batch: Batch) -> list[tuple[str, str, str]]:
    """(cell, column, code) of everything that is wrong, in order."""
    rows = session.scalars(
        select(BatchProblem).where(BatchProblem.batch_id == batch.id).order_by(BatchProblem.id)
    )
    return [(row.cell, row.column, row.code) for row in rows]


def apply(session: Session, actor: Actor, kind: str, content: bytes, **given: Any) -> Batch:
    """A file is sent, checked, and applied."""
    batch = check(session, actor, kind, content, **given)
    batch_id = batch.id
    assert problems(session, batch) == []
    assert (batch.status, batch.refusal) == ("checked", None)
    batches.apply_batch(session, batch_id=batch_id, actor=actor, now=NOW)
    session.commit()
    batch_work.apply_checked(batch_id=batch_id, now=NOW)
    return session.get_one(Batch, batch_id)
