"""Races that are arranged, not hoped for: act while PostgreSQL reports that the other one waits."""

import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

DEADLINE_SECONDS = 15.0
#: Looking costs processor time that whoever is waited for could use.
SHORTEST_LOOK, LONGEST_LOOK = 0.002, 0.05

_BLOCKED_BY = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND :blocker = ANY(pg_blocking_pids(pid))"
)


def backend_of(session: Session) -> int:
    """PostgreSQL's process id for this session's connection."""
    return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def wait_until(
    happened: Callable[[], bool], *, what: str, seconds: float = DEADLINE_SECONDS
) -> None:
    """Look until it has happened; fail with what was awaited when it does not."""
    deadline = time.monotonic() + seconds
    pause = SHORTEST_LOOK
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_LOOK)


def wait_until_blocked(engine: Engine, blocker: int, *, by_thread: threading.Thread) -> None:
    """Return once some connection waits for a lock that ``blocker`` holds."""

    def waits() -> bool:
        assert by_thread.is_alive(), "the second one ended without having waited"
        with engine.connect() as connection:
            return bool(connection.execute(_BLOCKED_BY, {"blocker": blocker}).scalar_one())

    wait_until(waits, what=f"somebody to wait for backend {blocker}")


def commit_while_blocked(first: Session, second: Callable[[], Any]) -> Any:
    """Run ``second`` in a thread, and commit ``first`` once PostgreSQL says the thread waits.

    Returns what ``second`` returned; raises what it raised.
    """
    engine = first.get_bind().engine
    blocker = backend_of(first)
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["value"] = second()
        except BaseException as problem:  # noqa: BLE001 - handed to the test's own thread
            outcome["problem"] = problem

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    wait_until_blocked(engine, blocker, by_thread=thread)
    first.commit()
    thread.join(DEADLINE_SECONDS)
    assert not thread.is_alive(), "the second one never came back"
    if "problem" in outcome:
        raise outcome["problem"]
    return outcome.get("value")
