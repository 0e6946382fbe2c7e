"""Later work: a note left in the same transaction as the row it is about."""

from contextlib import suppress
from datetime import datetime
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

_queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def defer(
    session: Session,
    name: str,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    once: str | None = None,
    **arguments: Any,
) -> None:
    """Leave ``name`` to be done by a worker once this transaction commits.

    ``at``: not before then. ``lock``: never beside another job with the same lock.
    ``once``: at most one waiting job under that word; a second is quietly the first.
    """
    wire = {key: str(value) for key, value in arguments.items()}
    options: dict[str, Any] = {"schedule_at": at, "lock": lock, "queueing_lock": once}
    if once is None:
        _leave(session, name, options, wire)
        return
    with suppress(AlreadyEnqueued), session.begin_nested():
        _leave(session, name, options, wire)


def _leave(session: Session, name: str, options: dict[str, Any], wire: dict[str, str]) -> None:
    # Asking the session for its connection is also what makes a savepoint around us begin.
    connection = session.connection().connection.driver_connection
    _queue.configure_task(name, allow_unknown=True, connection=connection, **options).defer(**wire)
