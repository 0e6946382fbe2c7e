"""Reports: what reconcile found, kept for every run."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import transaction
from core.errors import NotFound
from core.ids import new_id
from core.jobs import defer
from payments.gateway import Gateway
from payouts.book_models import Reconciliation
from payouts.differences import Difference
from payouts.reconcile import THE_BEGINNING, reconcile

log = logging.getLogger("pallay.reconcile")
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """One run as somebody of one co-operative is shown it: her rows, and those of nobody."""

    id: uuid.UUID
    since: datetime | None
    started_at: datetime
    ended_at: datetime
    difference_count: int
    rows: list[dict[str, Any]]
    actor: str

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return self.difference_count == 0


def begin(session: Session, *, actor: Actor, since: datetime | None) -> uuid.UUID:
    """Leave word that everything is to be compared; the id its report will have."""
    report_id = new_id()
    defer(
        session,
        "books.reconcile",
        report_id=report_id,
        actor=actor.reference,
        since=since.isoformat() if since else "",
    )
    return report_id


def reconcile_and_keep(
    gateway: Gateway,
    *,
    actor: str,
    clock: Callable[[], datetime],
    since: datetime | None = None,
    report_id: uuid.UUID | None = None,
) -> list[Difference]:
    """Compare everything and keep the report; with an id whose report is kept, nothing is done."""
    report_id, started_at = report_id or new_id(), clock()
    with transaction() as session:
        if session.get(Reconciliation, report_id) is not None:
            return []
    rows = reconcile(gateway, since=since or THE_BEGINNING)
    with transaction() as session:
        session.add(
            Reconciliation(
                id=report_id,
                since=since,
                started_at=started_at,
                ended_at=clock(),
                difference_count=len(rows),
                report={"rows": [asdict(row) for row in rows[:MOST_ROWS]]},
                actor=actor,
            )
        )
    for row in rows:
        log.critical("reconcile: check %s: %s", row.check, row.words, extra={"row": asdict(row)})
    return rows


def newest_report(session: Session, *, actor: Actor) -> Report:
    """The report of the last run that ended."""
    row = session.scalar(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1))
    if row is None:
        raise NotFound("nothing was compared yet")
    return _shown(row, actor)


def get_report(session: Session, report_id: uuid.UUID, *, actor: Actor) -> Report:
    """One report."""
    row = session.get(Reconciliation, report_id)
    if row is None:
        raise NotFound("no such report, or not yet")
    return _shown(row, actor)


def list_reports(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[Report]:
    """Up to ``limit`` reports, newest first, before one id."""
    statement = select(Reconciliation)
    if before:
        statement = statement.where(Reconciliation.id < before)
    rows = session.scalars(statement.order_by(Reconciliation.id.desc()).limit(limit))
    return [_shown(row, actor) for row in rows]


def _shown(kept: Reconciliation, actor: Actor) -> Report:
    mine = {None, str(actor.cooperative_id)}
    rows = [row for row in kept.report["rows"] if row["cooperative"] in mine]
    whole = len(kept.report["rows"]) == kept.difference_count == len(rows)
    return Report(
        id=kept.id,
        since=kept.since,
        started_at=kept.started_at,
        ended_at=kept.ended_at,
        difference_count=kept.difference_count if whole else len(rows),
        rows=rows,
        actor=kept.actor,
    )
