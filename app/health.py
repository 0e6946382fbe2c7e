"""Whether this process lives, and whether it can do its work."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.database import db
from app.migrating import head
from core import unfinished
from payments import inbox

blueprint = Blueprint("health", __name__)

LONGEST_SILENCE_SECONDS = 60
SILENCE = "SELECT extract(epoch FROM now() - max(last_heartbeat))::int FROM procrastinate_workers"

Check = Callable[[Connection], dict[str, Any]]


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return _fresh(jsonify(status="ok"))


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers, is at the newest migration, and a worker was heard of lately."""
    checks = {name: _result(check) for name, check in CHECKS.items()}
    ready = all(check["ok"] for check in checks.values())
    response = jsonify(status="ok" if ready else "unready", checks=checks)
    response.status_code = 200 if ready else 503
    return _fresh(response)


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _result(check: Check) -> dict[str, Any]:
    """What one check says; an error is told by its name only, its text may hold an address."""
    try:
        with db.engine.connect() as connection:
            return check(connection)
    except SQLAlchemyError as error:
        current_app.logger.warning("not ready: %s", type(error).__name__)
        return {"ok": False, "error": type(error).__name__}


def _database(connection: Connection) -> dict[str, Any]:
    connection.execute(text("SELECT 1"))
    return {"ok": True}


def _migrations(connection: Connection) -> dict[str, Any]:
    at = connection.execute(text("SELECT max(version_num) FROM alembic_version")).scalar()
    return {"ok": at == head(), "at": at, "wanted": head()}


def _worker(connection: Connection) -> dict[str, Any]:
    seconds = connection.execute(text(SILENCE)).scalar()
    heard = seconds is not None and seconds <= LONGEST_SILENCE_SECONDS
    return {"ok": heard, "seconds_since_heartbeat": seconds}


def _work(connection: Connection) -> dict[str, Any]:
    """What waits for a person; told, and no reason to take this process out of service."""
    with Session(connection) as session:
        news = inbox.counts(session)
        return {"ok": True, "failed_jobs": unfinished.count_failed(session), "news": news}


CHECKS: dict[str, Check] = {
    "database": _database,
    "migrations": _migrations,
    "worker": _worker,
    "work": _work,
}
