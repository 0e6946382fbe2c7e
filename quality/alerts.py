"""Alerts: pieces at which a person must look, and what she says of it."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, NotFound
from people.cooperatives import own
from quality.bench_models import AlertKind, BenchAlert
from quality.models import Inspection


class AlertAnswered(Conflict):
    """Somebody has answered this already."""

    code = "alert_answered"


def raise_alert(session: Session, look: Inspection, kind: AlertKind, now: datetime) -> None:
    """Say that a person must look at a piece; once while it is open. The piece must be locked."""
    if kind in open_kinds(session, look.piece_id):
        return
    session.add(
        BenchAlert(
            cooperative_id=look.cooperative_id,
            piece_id=look.piece_id,
            inspection_id=look.id,
            kind=kind.value,
            raised_at=now,
        )
    )
    session.flush()


def take_back(
    session: Session,
    piece_id: uuid.UUID,
    kind: AlertKind,
    *,
    because: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Answer an open alert that what came later has settled, if there is one."""
    alert = session.scalar(
        select(BenchAlert).where(
            BenchAlert.piece_id == piece_id,
            BenchAlert.kind == kind,
            BenchAlert.answered_at.is_(None),
        )
    )
    if alert is not None:
        _answer(alert, f"settled: {because}", actor, now)


def open_kinds(session: Session, piece_id: uuid.UUID) -> list[str]:
    """Why a person must look at a piece, as long as nobody has."""
    return list(
        session.scalars(
            select(BenchAlert.kind)
            .where(BenchAlert.piece_id == piece_id, BenchAlert.answered_at.is_(None))
            .order_by(BenchAlert.kind)
        )
    )


def answer_alert(
    session: Session, *, alert_id: uuid.UUID, answer: str, actor: Actor, now: datetime
) -> BenchAlert:
    """Write down what a person found who looked. Raises NotFound, AlertAnswered."""
    found = lock_rows(session, BenchAlert, [alert_id])
    if not found or found[0].cooperative_id != own(actor):
        raise NotFound("no such alert")
    alert = found[0]
    if alert.answered_at is not None:
        raise AlertAnswered()
    _answer(alert, answer, actor, now)
    session.flush()
    return alert


def list_alerts(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    state: str | None = None,
    after: uuid.UUID | None = None,
) -> list[BenchAlert]:
    """Up to ``limit`` alerts of the actor's co-operative, oldest first.

    ``state``: ``open`` or ``answered``; all of them without one.
    """
    statement = select(BenchAlert).where(BenchAlert.cooperative_id == own(actor))
    if state is not None:
        unanswered = BenchAlert.answered_at.is_(None)
        statement = statement.where(unanswered if state == "open" else ~unanswered)
    if after:
        statement = statement.where(BenchAlert.id > after)
    return list(session.scalars(statement.order_by(BenchAlert.id).limit(limit)))


def _answer(alert: BenchAlert, answer: str, actor: Actor, now: datetime) -> None:
    alert.answered_at, alert.answered_by, alert.answer = now, actor.reference, answer
