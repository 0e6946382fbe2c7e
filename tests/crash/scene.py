"""Where crashes are arranged: a real worker on a database of its own, and a stand-in of its own.

Nothing waits for time to pass. A worker is held at a step by a lock or by Stripe's silence, and
killed when PostgreSQL or the stand-in says that it is there; what would take hours (a dead
worker's silence, a retry's pause, a day under one key) is written into the past.
"""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from app.config import ROOT
from payments.gateway import Gateway
from tests.support.peer import FINANCIAL_ACCOUNT, PeerProcess
from tests.support.races import wait_until

DAY_SECONDS = 86_400
ATTEMPT_TABLES = ("settlement_attempts", "refund_attempts", "reversal_attempts")
BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND :blocker = ANY(pg_blocking_pids(pid))"
)


@dataclass
class Scene:
    """The parts, and what can be done to them."""

    engine: Engine
    url: str
    peer: PeerProcess
    gateway: Gateway
    log: Path
    worker: subprocess.Popen[bytes] | None = field(default=None)

    def start_worker(self) -> None:
        """A worker process; it is at work once it has said so in its table."""
        environment = {name: value for name, value in os.environ.items() if "PALLAY" not in name}
        environment |= {
            "PALLAY_ENV": "development",
            "DATABASE_URL": self.url,
            "STRIPE_SECRET_KEY": self.peer.api_key,
            "STRIPE_WEBHOOK_SECRET": self.peer.webhook_secret,
            "PALLAY_STRIPE_URL": self.peer.url,
            "STRIPE_FINANCIAL_ACCOUNT": FINANCIAL_ACCOUNT,
            "PALLAY_SECRET_KEY": "for the tests of crashes, long enough to be taken",
            "PALLAY_WORKER_HEARTBEAT_SECONDS": "5",
            "PALLAY_WORKER_STALLED_SECONDS": "30",
            "PYTHONPATH": str(ROOT),
        }
        with self.log.open("ab") as output:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "app", "worker"],
                env=environment,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    def kill_worker(self) -> None:
        """A power cut."""
        assert self.worker is not None
        assert self.worker.poll() is None, self.log.read_text()[-3000:]
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait(15)
        self.worker = None

    def stop_worker(self) -> None:
        """End it, if one is there."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait(15)
            self.worker = None

    def silent_for_long(self) -> None:
        """The dead have been silent for an hour; pauses before a next try are over."""
        self.change("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        self.no_pause()

    def no_pause(self) -> None:
        """Whatever waits for a later time is tried now."""
        self.change("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")

    def a_day_passes(self) -> None:
        """For Stripe, and for the attempts that have no answer or rest after a no."""
        self.peer.advance(DAY_SECONDS + 3600)
        for table in ATTEMPT_TABLES:
            self.change(
                f"UPDATE {table} SET started_at = started_at - interval '25 hours',"  # noqa: S608
                " ended_at = ended_at - interval '25 hours'"
            )
        self.change(
            "UPDATE outbound_payments SET started_at = started_at - interval '30 days',"
            " ended_at = ended_at - interval '30 days'"
        )

    def change(self, statement: str, **values: Any) -> None:
        """Change rows, as time would."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def ask(self, statement: str, **values: Any) -> Any:
        """One value."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement), values).scalar()

    @contextmanager
    def holding(self, lock: str, values: dict[str, Any] | None = None) -> Iterator[Connection]:
        """Rows held, so that whoever wants them stands still."""
        with self.engine.connect() as connection, connection.begin():
            connection.execute(text(lock), values or {})
            yield connection

    def wait_for_somebody_behind(self, connection: Connection) -> None:
        """Until PostgreSQL says that a worker waits for what this connection holds."""
        blocker = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()

        def waits() -> bool:
            return bool(self.ask(BLOCKED.text, blocker=blocker))

        wait_until(waits, what="the worker to reach the lock")


def row(table: str, subject: uuid.UUID) -> tuple[str, dict[str, Any]]:
    """The lock of one row."""
    return f"SELECT 1 FROM {table} WHERE id = :id FOR UPDATE", {"id": subject}  # noqa: S608
