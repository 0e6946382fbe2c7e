"""The stage: every real part of the house, started together and stopped together."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from app.config import (
    ROOT,
    STAND_IN_CONNECT_WEBHOOK_SECRET,
    STAND_IN_KEY,
    STAND_IN_THIN_WEBHOOK_SECRET,
    STAND_IN_WEBHOOK_SECRET,
    Settings,
)
from app.demo.processes import Child, answers, free_port
from app.migrating import upgrade_to_head
from app.postgres import EmbeddedPostgres, conninfo

DATABASE = "pallay_demo"


@dataclass
class Stage:
    """A running house: where it answers, and its processes by name."""

    web_url: str
    stripe_url: str
    database_url: str
    environment: dict[str, str]
    web: Child
    worker: Child
    stand_in: Child


@contextmanager
def set_stage(
    settings: Settings,
    *,
    logs: Path,
    web_port: int = 0,
    stripe_port: int = 0,
    database: str = DATABASE,
    durable: bool = True,
    told: Mapping[str, str] | None = None,
) -> Iterator[Stage]:
    """Fresh database, stand-in, web server and worker, for as long as the block lasts.

    ``told``: settings for the processes besides those the stage makes.
    """
    with ExitStack() as stack:
        database_url = stack.enter_context(_fresh_database(settings, database, durable))
        upgrade_to_head(database_url)
        ports = free_port(web_port), free_port(stripe_port)
        stage = _plan(database_url, ports, logs, settings, told or {})
        for child, ready in (
            (stage.stand_in, f"{stage.stripe_url}/_peer/health"),
            (stage.web, f"{stage.web_url}/healthz"),
            (stage.worker, f"{stage.web_url}/readyz"),
        ):
            stack.callback(child.stop)
            child.start()
            child.wait_until(lambda url=ready: answers(url))  # type: ignore[misc]
        yield stage


@contextmanager
def _fresh_database(settings: Settings, name: str, durable: bool) -> Iterator[str]:
    """An empty database on the embedded server, or on the server DATABASE_URL names."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.var / "postgres", durable=durable) as server:
        with psycopg.connect(conninfo(server.url("postgres")), autocommit=True) as connection:
            gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(gone.format(sql.Identifier(name)))
        yield server.url(name)


def _plan(
    database_url: str,
    ports: tuple[int, int],
    logs: Path,
    settings: Settings,
    told: Mapping[str, str],
) -> Stage:
    web_port, stripe_port = ports
    web_url, stripe_url = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{stripe_port}"
    environment = {
        **os.environ,
        "PALLAY_ENV": "development",
        "DATABASE_URL": database_url,
        "STRIPE_SECRET_KEY": STAND_IN_KEY,
        "STRIPE_WEBHOOK_SECRET": STAND_IN_WEBHOOK_SECRET,
        "STRIPE_CONNECT_WEBHOOK_SECRET": STAND_IN_CONNECT_WEBHOOK_SECRET,
        "STRIPE_THIN_WEBHOOK_SECRET": STAND_IN_THIN_WEBHOOK_SECRET,
        "PALLAY_STRIPE_URL": stripe_url,
        "PALLAY_PUBLIC_URL": web_url,
        "PALLAY_SECRET_KEY": settings.secret_key,
        "PYTHONPATH": str(ROOT),
        **told,
    }
    state = logs / "stripe.sqlite"
    state.unlink(missing_ok=True)
    python = [sys.executable, "-m"]
    stand_in = [
        *python, "stripe_peer", "--port", str(stripe_port), "--state", str(state),
        "--api-key", STAND_IN_KEY, *_endpoints(f"{web_url}/v1/webhooks/stripe"),
    ]  # fmt: skip
    web = [*python, "app", "serve", "--port", str(web_port)]
    return Stage(
        web_url=web_url,
        stripe_url=stripe_url,
        database_url=database_url,
        environment=environment,
        stand_in=Child("stand-in", stand_in, environment, logs / "stand-in.log"),
        web=Child("web", web, environment, logs / "web.log"),
        worker=Child("worker", [*python, "app", "worker"], environment, logs / "worker.log"),
    )


def _endpoints(base: str) -> list[str]:
    """Each kind of events to its own endpoint, with its own secret."""
    return [
        "--webhook-url", base, "--webhook-secret", STAND_IN_WEBHOOK_SECRET,
        "--connect-webhook-url", f"{base}/connect",
        "--connect-webhook-secret", STAND_IN_CONNECT_WEBHOOK_SECRET,
        "--thin-webhook-url", f"{base}/thin",
        "--thin-webhook-secret", STAND_IN_THIN_WEBHOOK_SECRET,
    ]  # fmt: skip
