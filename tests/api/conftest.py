"""One world for a module of tests, and a client that changes none of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from app.config import Settings
from app.database import db
from core.db import use_sessions
from photos.storage import Store, use_store
from tests.api.world import World, make_world
from tests.support.peer import PeerProcess

HERE = Path(__file__).parent
SAVEPOINTS: Literal["create_savepoint"] = "create_savepoint"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run a whole module, so that its world is made once."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose transaction is never committed."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture(scope="module")
def made(connection: Connection, settings: Settings) -> Iterator[tuple[World, Session]]:
    """The world, made once for the tests of a module."""
    with Session(bind=connection, join_transaction_mode=SAVEPOINTS) as session:
        use_sessions(lambda: session)
        store = Store(settings.photo_store)
        use_store(lambda: store)
        world = make_world(session, secret_key=settings.secret_key)
        session.flush()
        yield world, session


@pytest.fixture
def seen(made: tuple[World, Session], connection: Connection) -> Iterator[Session]:
    """A session to look with; whatever happens in the test is undone after it."""
    made[1].flush()
    point = connection.begin_nested()
    with Session(bind=connection, join_transaction_mode=SAVEPOINTS) as session:
        yield session
    if point.is_active:
        point.rollback()


@pytest.fixture
def world(made: tuple[World, Session], seen: Session) -> World:
    """One of everything."""
    return made[0]


@pytest.fixture
def asks(
    flask_app: Flask, connection: Connection, seen: Session, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """A client of the real application, inside the test's savepoint."""
    make = sessionmaker(bind=connection, join_transaction_mode=SAVEPOINTS)
    monkeypatch.setattr(db, "session", scoped_session(make))
    use_sessions(lambda: db.session())
    return flask_app.test_client()


@pytest.fixture(autouse=True)
def _no_fault_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one test armed does not go off in the next."""
    yield
    if "peer" in request.fixturenames:
        peer: PeerProcess = request.getfixturevalue("peer")
        peer.disarm()
