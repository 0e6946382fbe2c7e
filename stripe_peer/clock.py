"""The stand-in's clock: the machine's, plus what somebody moved it forward."""

import sqlite3
import time
from datetime import UTC, datetime

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def moved_by(connection: sqlite3.Connection) -> int:
    """Seconds the clock stands ahead of the machine's."""
    row = connection.execute("SELECT value FROM facts WHERE name = 'clock'").fetchone()
    return int(row[0]) if row else 0


def now(connection: sqlite3.Connection) -> int:
    """Unix seconds on the stand-in's clock."""
    return int(time.time()) + moved_by(connection)


def advance(connection: sqlite3.Connection, seconds: int) -> int:
    """Move the clock forward for good (it survives a restart); never back."""
    if seconds < 0:
        raise ValueError("The clock only moves forward.")
    moved = moved_by(connection) + seconds
    connection.execute("INSERT OR REPLACE INTO facts VALUES ('clock', ?)", (str(moved),))
    return now(connection)


def rfc3339(seconds: int) -> str:
    """A time as the v2 API writes it: 2026-11-03T15:00:00.000Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
