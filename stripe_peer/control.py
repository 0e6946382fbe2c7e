"""`/_peer/`: what a developer or a test does to the stand-in itself."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from stripe_peer import capabilities, clock, deliveries, exchange, mishaps, payments, triggers
from stripe_peer.api import Api
from stripe_peer.books import Books
from stripe_peer.courier import Courier
from stripe_peer.faults import described
from stripe_peer.refusals import NotExecuted, Refusal
from stripe_peer.resources import accounts, checkout_sessions
from stripe_peer.wire import Answer, Call

Told = dict[str, Any]


class Control:
    """JSON in, JSON out, no key: it listens on loopback only."""

    def __init__(self, api: Api, courier: Courier) -> None:
        self.api = api
        self.courier = courier
        self.actions: dict[tuple[str, str], Callable[[Told], Any]] = {
            ("GET", "health"): self.health,
            ("GET", "clock"): self.read_clock,
            ("POST", "clock"): self.advance,
            ("POST", "webhooks/deliver"): self.deliver,
            ("POST", "webhooks/pause"): self.pause,
            ("POST", "webhooks/resume"): self.resume,
            ("POST", "webhooks/resend"): self.resend,
            ("GET", "webhooks/mishaps"): self.mishaps,
            ("POST", "webhooks/mishaps"): self.arrange,
            ("DELETE", "webhooks/mishaps"): self.forget_mishaps,
            ("GET", "faults"): self.faults,
            ("POST", "faults"): self.arm,
            ("DELETE", "faults"): self.disarm,
            ("GET", "requests"): self.requests,
            ("DELETE", "requests"): self.forget_requests,
            ("POST", "rates"): self.move_rates,
            ("POST", "refunds/slow"): self.slow_refunds,
        }

    def answer(self, call: Call) -> Answer:
        """The action of this path; 400 with a sentence when it cannot be done."""
        path = call.path.removeprefix("/_peer/")
        try:
            told = call.json()
            action = self.actions.get((call.method, path))
            if action is not None:
                return Answer.of(action(told))
            return self.about_one_thing(call.method, path.split("/"), told)
        except Refusal as refusal:
            return Answer.of(refusal.body(), refusal.status)
        except (ValueError, TypeError, KeyError) as problem:
            return Answer.of({"error": {"message": str(problem)}}, 400)

    def about_one_thing(self, method: str, parts: list[str], told: Told) -> Answer:
        """`accounts/{id}/capability`, `checkout/{id}/settle`, and the table of triggers."""
        match (method, parts):
            case ("POST", ["accounts", account, "capability"]):
                return Answer.of(self.set_capability(account, told))
            case ("POST", ["checkout", session, "settle"]):
                return Answer.of(self.settle(session, told))
            case ("POST", [kind, one, verb]) if (kind, verb) in triggers.ABOUT_ONE:
                with self.books() as books:
                    return Answer.of(triggers.ABOUT_ONE[kind, verb](books, one, told))
        raise NotExecuted(f"There is no {method} /_peer/{'/'.join(parts)}.", status=404)

    @contextmanager
    def books(self) -> Iterator[Books]:
        """A transaction that no API request caused; its news go out after it."""
        with self.api.store.transaction() as connection:
            books = Books(connection, self.api.settings, clock.now(connection))
            checkout_sessions.end_overdue(books)
            yield books
        self.courier.news()

    def health(self, told: Told) -> Any:
        """That it is up, and how far the outbox is."""
        with self.books() as books:
            outbox = deliveries.counts(books.connection)
            return {"ok": True, "now": books.now, "outbox": outbox}

    def read_clock(self, told: Told) -> Any:
        """The time here."""
        with self.books() as books:
            return self.clock_face(books.connection)

    def advance(self, told: Told) -> Any:
        """{"advance_seconds": n}; what ends by then has ended."""
        with self.books() as books:
            clock.advance(books.connection, int(told["advance_seconds"]))
        return self.read_clock({})

    def clock_face(self, connection: sqlite3.Connection) -> Any:
        """Now, and how far ahead of the machine that is."""
        return {"now": clock.now(connection), "ahead_seconds": clock.moved_by(connection)}

    def deliver(self, told: Told) -> Any:
        """Send everything due now, also while paused; {"order": "newest_first"} turns it round."""
        return self.courier.carry_due(newest_first=told.get("order") == "newest_first")

    def pause(self, told: Told) -> Any:
        """Nothing goes out by itself."""
        self.courier.paused.set()
        return {"paused": True}

    def resume(self, told: Told) -> Any:
        """Go on."""
        self.courier.paused.clear()
        self.courier.news()
        return {"paused": False}

    def resend(self, told: Told) -> Any:
        """{"event": id, "copies": n} to every endpoint it was meant for."""
        return self.courier.resend(str(told["event"]), int(told.get("copies", 1)))

    def mishaps(self, told: Told) -> Any:
        """What is still to happen to webhooks."""
        with self.books() as books:
            return {"mishaps": mishaps.arranged(books.connection)}

    def arrange(self, told: Told) -> Any:
        """Let something happen to the next webhooks that match."""
        with self.books() as books:
            mishaps.arrange(books.connection, mishaps.described(told))
        return self.mishaps({})

    def forget_mishaps(self, told: Told) -> Any:
        """Let nothing more happen to them."""
        with self.books() as books:
            mishaps.forget(books.connection)
        return self.mishaps({})

    def faults(self, told: Told) -> Any:
        """What is armed."""
        return {"faults": self.api.faults.armed()}

    def arm(self, told: Told) -> Any:
        """Arm one more."""
        self.api.faults.arm(described(told))
        return self.faults({})

    def disarm(self, told: Told) -> Any:
        """Arm nothing."""
        self.api.faults.disarm()
        return self.faults({})

    def requests(self, told: Told) -> Any:
        """Every API request since the start, up to the last 20,000."""
        return {"requests": self.api.requests()}

    def forget_requests(self, told: Told) -> Any:
        """Begin the log anew."""
        self.api.log.clear()
        return self.requests({})

    def move_rates(self, told: Told) -> Any:
        """{"eur": "1.10"}: what a unit is worth in dollars from now on."""
        with self.books() as books:
            exchange.set_rates(books, {str(code): str(worth) for code, worth in told.items()})
        return {"dollars_per_unit": told}

    def slow_refunds(self, told: Told) -> Any:
        """{"on": true}: refunds stay pending until they are ended."""
        with self.books() as books:
            triggers.slow_refunds(books, bool(told["on"]))
        return told

    def set_capability(self, account_id: str, told: Told) -> Any:
        """{"status": "active|pending|restricted"}, of transfers unless `capability` says."""
        status = told["status"]
        if status not in capabilities.WAITING:
            raise ValueError(f"The status is one of {', '.join(capabilities.WAITING)}.")
        name = told.get("capability", capabilities.TRANSFERS)
        with self.books() as books:
            account = books.find(accounts.KIND, account_id)
            accounts.set_capability(books, account, status, name)
        return {"account": account_id, "capability": name, "status": status}

    def settle(self, session_id: str, told: Told) -> Any:
        """{"outcome": "succeed|fail"}: how a delayed payment ends."""
        if told.get("outcome") not in ("succeed", "fail"):
            raise ValueError("The outcome is succeed or fail.")
        with self.books() as books:
            session = books.find(checkout_sessions.KIND, session_id)
            payments.late_money(books, session, arrived=told["outcome"] == "succeed")
        return {"session": session_id, "payment_status": session["payment_status"]}
