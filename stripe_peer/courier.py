"""Carries events from the outbox to their endpoints, signed, in the background or on demand."""

import hashlib
import hmac
import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from urllib.parse import urlsplit

from stripe_peer import clock, deliveries
from stripe_peer.books import Books
from stripe_peer.deliveries import Delivery
from stripe_peer.settings import Settings
from stripe_peer.store import Store
from stripe_peer.views import show

PATIENCE_SECONDS = 10.0
LOOKS_EVERY_SECONDS = 0.5
ENDS_WITHIN_SECONDS = 2.0


def signature(payload: bytes, secret: str, at: int) -> str:
    """The Stripe-Signature header: the time, and an HMAC of time and body."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def post(url: str, payload: bytes, secret: str) -> int | None:
    """The endpoint's status; nothing when it could not be reached. Redirects are not followed.

    Signed with the machine's time, not the stand-in's: that is what the receiver compares with.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(payload, secret, int(time.time())),
        "User-Agent": "Stripe/1.0 (stand-in)",
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(kind(parts.netloc, timeout=PATIENCE_SECONDS)) as connection:
            connection.request("POST", path, payload, headers)
            return connection.getresponse().status
    except (OSError, OverflowError, http.client.HTTPException):
        return None


class Courier:
    """One at a time, so that what is due is sent once and in order."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.paused = threading.Event()
        self._news = threading.Event()
        self._stop = threading.Event()
        self._carrying = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        """Begin to carry in the background."""
        self._thread.start()

    def stop(self) -> bool:
        """End after the delivery at hand; False when that one takes too long to wait for."""
        self._stop.set()
        self._news.set()
        self._thread.join(timeout=ENDS_WITHIN_SECONDS)
        return not self._thread.is_alive()

    def news(self) -> None:
        """Something may have been put into the outbox."""
        self._news.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._news.wait(LOOKS_EVERY_SECONDS)
            self._news.clear()
            if not self.paused.is_set() and not self._stop.is_set():
                self.carry_due()

    def carry_due(self, *, newest_first: bool = False) -> dict[str, int]:
        """Send everything due now; how many were taken and how many were not."""
        result = {"delivered": 0, "failed": 0}
        with self._carrying:
            while waiting := self._due():  # what was held back is due after what overtook it
                carried = self._carry(reversed(waiting) if newest_first else waiting)
                result = {name: number + carried[name] for name, number in result.items()}
            with self.store.transaction() as connection:
                return {**result, "pending": deliveries.counts(connection)["pending"]}

    def _due(self) -> list[Delivery]:
        with self.store.transaction() as connection:
            return deliveries.due(connection, clock.now(connection))

    def resend(self, event: str, copies: int = 1) -> dict[str, int]:
        """Send one event again to every endpoint it was meant for, delivered or not."""
        with self._carrying:
            with self.store.transaction() as connection:
                again = deliveries.of_event(connection, event)
            return self._carry(again * copies)

    def _carry(self, waiting: Iterable[Delivery]) -> dict[str, int]:
        result = {"delivered": 0, "failed": 0}
        for sent in waiting:
            with self.store.transaction() as connection:
                letter = self._letter(connection, sent)
            status = post(*letter) if letter else None
            with self.store.transaction() as connection:
                done = deliveries.record(connection, sent, status, clock.now(connection))
            result["delivered" if done else "failed"] += 1
        return result

    def _letter(
        self, connection: sqlite3.Connection, sent: Delivery
    ) -> tuple[str, bytes, str] | None:
        books = Books(connection, self.settings, clock.now(connection))
        event, endpoint = books.look_up(sent.event), books.look_up(sent.endpoint)
        if event is None or endpoint is None:
            return None
        shown = show(books, event)
        if event["object"] == "v2.core.event":
            shown = {
                name: value for name, value in shown.items() if name not in ("data", "changes")
            }
        return endpoint["url"], json.dumps(shown).encode(), endpoint["_peer"]["secret"]
