"""Idempotency keys: what v1 and v2 keep under them, for how long, and who is using one now."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stripe_peer.clock import DAY
from stripe_peer.refusals import NotExecuted

KEPT_FOR = {"v1": DAY, "v2": 30 * DAY}
LONGEST_KEY = 255


@dataclass(frozen=True)
class Asked:
    """A request under a key; two with the same print ask the same."""

    api: str
    key: str
    print: str


@dataclass(frozen=True)
class Kept:
    """The first executed answer under a key."""

    request_id: str
    status: int
    body: str


def fingerprint(method: str, path: str, account: str, params: dict[str, Any]) -> str:
    """The same for two requests exactly when they ask the same."""
    text = json.dumps([method, path, account, params], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def recall(connection: sqlite3.Connection, asked: Asked, now: int) -> Kept | None:
    """What to replay; refuses the key when it was used for another request."""
    row = connection.execute(
        "SELECT fingerprint, at, request_id, status, body FROM answers WHERE api = ? AND key = ?",
        (asked.api, asked.key),
    ).fetchone()
    if row is None or now >= row[1] + KEPT_FOR[asked.api]:
        return None
    if row[0] != asked.print:
        raise NotExecuted(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{asked.key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    return Kept(row[2], row[3], row[4])


def keep(connection: sqlite3.Connection, asked: Asked, now: int, kept: Kept) -> None:
    """Remember an executed answer."""
    connection.execute(
        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
        (asked.api, asked.key, asked.print, now, kept.request_id, kept.status, kept.body),
    )


def worth_keeping(api: str, status: int) -> bool:
    """v1 keeps whatever was executed, errors too; v2 executes a failed request again."""
    return api == "v1" or status < 400


class InFlight:
    """The keys whose requests are being worked on in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def claim(self, api: str, key: str | None) -> Iterator[None]:
        """Hold the key while the request lasts; a second request meanwhile is refused."""
        if key is None:
            yield
            return
        if len(key) > LONGEST_KEY:
            raise NotExecuted(f"Idempotency keys have up to {LONGEST_KEY} characters.")
        with self._lock:
            if (api, key) in self._keys:
                raise NotExecuted(
                    "There is currently another in-progress request using this Idempotency Key "
                    "(that probably means you submitted twice, and the other request is still "
                    f"going through): {key}. Please try again later.",
                    status=409,
                    code="idempotency_key_in_use",
                )
            self._keys.add((api, key))
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard((api, key))
