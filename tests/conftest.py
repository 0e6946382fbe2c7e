"""What every test stands on: a real, migrated PostgreSQL, the real app, the stand-in for Stripe."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

import app.tables  # noqa: F401 - every table, so that relationships resolve
from app.config import Settings
from app.migrating import upgrade_to_head
from app.postgres import EmbeddedPostgres
from core.db import Base, use_sessions
from payments.gateway import Gateway
from payouts.rail_choices import use_banks
from tests.support.databases import fresh_database
from tests.support.peer import FINANCIAL_ACCOUNT, PeerProcess

pytest_plugins = ["tests.support.house"]
#: `pytest --hypothesis-profile=long`: what is looked at in any sequence is looked at for longer.
hypothesis.settings.register_profile("long")

ROOT = Path(__file__).resolve().parent.parent
KEPT = {"alembic_version", "procrastinate_workers"}


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL: the one DATABASE_URL names, or one of our own for all test processes."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with EmbeddedPostgres(ROOT / "var" / "test-postgres", durable=False) as server:
        yield server.url("postgres")


@pytest.fixture(scope="session")
def database_url(postgres_url: str, worker_id: str) -> Iterator[str]:
    """A database of this test process's own, fresh and migrated to the newest revision."""
    with fresh_database(postgres_url, f"pallay_test_{worker_id}") as url:
        upgrade_to_head(url)
        yield url


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The engine of the tests' database."""
    engine = create_engine(database_url, pool_size=10, max_overflow=20)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def _banks_are_paid() -> None:
    """Whatever an app of another test was told: this house pays to banks."""
    use_banks(lambda: True)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session in a savepoint: what it commits is gone after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
            use_sessions(lambda: session)
            yield session
        outer.rollback()


Committed = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def committed(engine: Engine) -> Iterator[Committed]:
    """Makes sessions that really commit, for races; every table is emptied after the test.

    Conversations with Stripe, which open transactions of their own, get one session a thread.
    """
    make = sessionmaker(engine, expire_on_commit=False)
    per_thread = scoped_session(sessionmaker(engine))
    use_sessions(per_thread)

    @contextmanager
    def transacting() -> Iterator[Session]:
        with make() as session:
            yield session
            session.commit()

    yield transacting
    per_thread.remove()
    empty(engine)


def empty(engine: Engine) -> None:
    """Delete every row of ours and of the queue; the guards of facts are switched off for it."""
    with engine.begin() as connection:
        names = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        tables = ", ".join(sorted(set(names) - KEPT))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in tables.split(", "):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608


@pytest.fixture(scope="session")
def peer() -> Iterator[PeerProcess]:
    """The stand-in for Stripe, one process for all tests of this test process."""
    with PeerProcess() as running:
        yield running


def gateway_to(peer: PeerProcess) -> Gateway:
    """The real gateway with the real SDK, pointed at a stand-in."""
    return Gateway(
        secret_key=peer.api_key,
        webhook_secret=peer.webhook_secret,
        connect_webhook_secret=peer.connect_webhook_secret,
        thin_webhook_secret=peer.thin_webhook_secret,
        base_url=peer.url,
        financial_account=FINANCIAL_ACCOUNT,
    )


@pytest.fixture(scope="session")
def gateway(peer: PeerProcess) -> Gateway:
    """The real gateway with the real SDK, pointed at the stand-in."""
    return gateway_to(peer)


@pytest.fixture(scope="session")
def settings(
    database_url: str, peer: PeerProcess, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings of a test process: its own database, the stand-in, a folder for photos."""
    return Settings(
        env="test",
        database_url=database_url,
        stripe_secret_key=peer.api_key,
        stripe_webhook_secret=peer.webhook_secret,
        stripe_connect_webhook_secret=peer.connect_webhook_secret,
        stripe_thin_webhook_secret=peer.thin_webhook_secret,
        stripe_url=peer.url,
        photos_url=tmp_path_factory.mktemp("photos").as_uri(),
        stripe_financial_account=FINANCIAL_ACCOUNT,
        secret_key="only-for-tests-only-for-tests-only-for-tests",
    )


@pytest.fixture(scope="session")
def flask_app(settings: Settings) -> Flask:
    """The real application."""
    from app import create_app  # noqa: PLC0415 - the factory is only built where it is used

    return create_app(settings)


@pytest.fixture
def client(flask_app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client whose every request works inside the test's savepoint."""
    from app.database import db  # noqa: PLC0415

    connection = session.connection()
    make: Any = sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
    monkeypatch.setattr(db, "session", scoped_session(make))
    use_sessions(lambda: db.session())
    return flask_app.test_client()


@pytest.fixture
def committing_client(flask_app: Flask, committed: Committed) -> FlaskClient:
    """A client whose requests really commit; everything is emptied after the test."""
    from app.database import db  # noqa: PLC0415

    use_sessions(lambda: db.session())
    return flask_app.test_client()


def row_counts(session: Session) -> dict[str, int]:
    """How many rows each table has; what a refused request must leave as it was."""
    union = " UNION ALL ".join(
        f"SELECT '{name}' AS name, count(*) AS rows FROM {name}"  # noqa: S608
        for name in sorted(Base.metadata.tables)
    )
    return {name: rows for name, rows in session.execute(text(union))}  # noqa: C416
