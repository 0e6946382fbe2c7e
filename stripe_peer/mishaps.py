"""Mishaps of the post: the next webhooks that match are dropped, lost, late, doubled, overtaken.

They are kept in the store, so that they outlive a restart as the outbox does.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from stripe_peer.books import Books, Document

#: What may happen, in words.
KINDS = {
    "drop": "never sent, and listed as not delivered",
    "lose": "never sent, and counted as delivered",
    "delay": "sent `seconds` later",
    "duplicate": "sent `copies` times",
    "hold_back": "sent once `behind` later ones to the same endpoint have gone out",
}


@dataclass(frozen=True)
class Mishap:
    """What happens to which deliveries, how often.

    ``type``: a pattern like ``charge.*``. ``endpoint``: an id or a URL, or ``own``, ``connected``,
    ``thin``. ``idempotency_key``: of the request that caused the event.
    """

    kind: str
    type: str = "*"
    endpoint: str = "*"
    idempotency_key: str | None = None
    times: int = 1
    seconds: int = 0
    copies: int = 2
    behind: int = 1

    def concerns(self, event: Document, endpoint: Document) -> bool:
        """Whether this delivery is one of those."""
        cause = event.get("request") or (event.get("reason") or {}).get("request") or {}
        known_as = {"*", endpoint["id"], endpoint["url"], *endpoint["_peer"]["hears"]}
        return (
            fnmatchcase(event["type"], self.type)
            and self.endpoint in known_as
            and self.idempotency_key in (None, cause.get("idempotency_key"))
        )


def described(wanted: Mapping[str, Any]) -> Mishap:
    """A mishap from JSON; ValueError says what is wrong with it."""
    fields = Mishap.__dataclass_fields__
    unknown = set(wanted) - set(fields)
    if unknown or wanted.get("kind") not in KINDS:
        raise ValueError(
            f"A mishap has a kind out of {', '.join(sorted(KINDS))}, and may have "
            f"{', '.join(name for name in fields if name != 'kind')}; not "
            f"{', '.join(sorted(unknown)) or repr(wanted.get('kind'))}."
        )
    mishap = Mishap(**wanted)
    if min(mishap.times, mishap.copies, mishap.behind) < 1 or mishap.seconds < 0:
        raise ValueError("times, copies and behind are 1 or more, seconds 0 or more.")
    return mishap


def arrange(connection: sqlite3.Connection, mishap: Mishap) -> None:
    """Add one; first arranged, first met."""
    connection.execute("INSERT INTO mishaps (rule) VALUES (?)", (json.dumps(asdict(mishap)),))


def forget(connection: sqlite3.Connection) -> None:
    """Nothing more happens to what is sent from now on."""
    connection.execute("DELETE FROM mishaps")


def arranged(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """What is still to happen."""
    rows = connection.execute("SELECT rule FROM mishaps ORDER BY seq")
    return [json.loads(rule) for (rule,) in rows]


def met(books: Books, event: Document, endpoint: Document) -> Mishap | None:
    """The mishap this delivery meets, counted down."""
    rows = books.connection.execute("SELECT seq, rule FROM mishaps ORDER BY seq").fetchall()
    for seq, rule in rows:
        mishap = Mishap(**json.loads(rule))
        if not mishap.concerns(event, endpoint):
            continue
        if mishap.times > 1:
            left = json.dumps(asdict(replace(mishap, times=mishap.times - 1)))
            books.connection.execute("UPDATE mishaps SET rule = ? WHERE seq = ?", (left, seq))
        else:
            books.connection.execute("DELETE FROM mishaps WHERE seq = ?", (seq,))
        return mishap
    return None
