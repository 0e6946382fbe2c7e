"""The outbox: which event goes to which endpoint, how often it was tried, when next."""

import sqlite3
from dataclasses import dataclass

from stripe_peer import mishaps
from stripe_peer.books import Books, Document
from stripe_peer.clock import DAY, HOUR, MINUTE
from stripe_peer.mishaps import Mishap

BACK_OFF = (10, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR)
LONGEST_WAIT = 12 * HOUR
GIVE_UP_AFTER = 3 * DAY


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint."""

    seq: int
    event: str
    endpoint: str
    first_at: int
    attempts: int


def enqueue(books: Books, event: Document, endpoint: Document) -> None:
    """Send it as soon as this transaction is committed, unless a mishap was arranged for it."""
    mishap = mishaps.met(books, event, endpoint) or Mishap("none", copies=1)
    state = {"drop": "dropped", "lose": "delivered"}.get(mishap.kind, "pending")
    at = books.now + (mishap.seconds if mishap.kind == "delay" else 0)
    for _ in range(mishap.copies if mishap.kind == "duplicate" else 1):
        written = books.connection.execute(
            "INSERT INTO deliveries (event, endpoint, first_at, next_at, state)"
            " VALUES (?, ?, ?, ?, ?)",
            (event["id"], endpoint["id"], at, at, state),
        )
        if mishap.kind == "hold_back":
            books.connection.execute(
                "INSERT INTO held_back VALUES (?, ?)", (written.lastrowid, mishap.behind)
            )


def due(connection: sqlite3.Connection, now: int) -> list[Delivery]:
    """What should go out now, oldest first; what is held back, once enough has overtaken it."""
    rows = connection.execute(
        "SELECT seq, event, endpoint, first_at, attempts FROM deliveries AS one"
        " WHERE state = 'pending' AND next_at <= ? AND NOT EXISTS ("
        "  SELECT 1 FROM held_back WHERE delivery = one.seq AND behind > ("
        "   SELECT COUNT(*) FROM deliveries AS later WHERE later.endpoint = one.endpoint"
        "   AND later.seq > one.seq AND later.attempts > 0))"
        " ORDER BY seq",
        (now,),
    )
    return [Delivery(*row) for row in rows]


def of_event(connection: sqlite3.Connection, event: str) -> list[Delivery]:
    """Every delivery of one event, done or not."""
    rows = connection.execute(
        "SELECT seq, event, endpoint, first_at, attempts FROM deliveries WHERE event = ?"
        " ORDER BY seq",
        (event,),
    )
    return [Delivery(*row) for row in rows]


def record(connection: sqlite3.Connection, sent: Delivery, status: int | None, now: int) -> bool:
    """Note the endpoint's answer (nothing when it gave none) and when to try again."""
    done = status is not None and 200 <= status < 300
    wait = BACK_OFF[sent.attempts] if sent.attempts < len(BACK_OFF) else LONGEST_WAIT
    over = now + wait > sent.first_at + GIVE_UP_AFTER
    state = "delivered" if done else "given_up" if over else "pending"
    connection.execute(
        "UPDATE deliveries SET attempts = attempts + 1, last_status = ?, next_at = ?,"
        " state = CASE WHEN state = 'delivered' THEN state ELSE ? END WHERE seq = ?",
        (status, now + wait, state, sent.seq),
    )
    return done


def forget_endpoint(books: Books, endpoint: str) -> None:
    """A deleted endpoint gets nothing more."""
    books.connection.execute("DELETE FROM deliveries WHERE endpoint = ?", (endpoint,))


NOT_TAKEN = (
    "SELECT event, endpoint FROM deliveries AS one WHERE state <> 'delivered' AND NOT EXISTS ("
    " SELECT 1 FROM deliveries AS other WHERE other.event = one.event"
    " AND other.endpoint = one.endpoint AND other.state = 'delivered')"
)
"""Events with each endpoint that has not taken any copy of them."""


def undelivered(books: Books, event: str) -> int:
    """How many endpoints have not taken this event yet."""
    row = books.connection.execute(
        f"SELECT COUNT(DISTINCT endpoint) FROM ({NOT_TAKEN}) WHERE event = ?",  # noqa: S608 our own
        (event,),
    ).fetchone()
    return int(row[0])


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many deliveries are in each state."""
    rows = connection.execute("SELECT state, COUNT(*) FROM deliveries GROUP BY state")
    return {"pending": 0, "delivered": 0, "given_up": 0, **dict(rows)}
