"""Health: alive is not the same as ready, and readiness says which part is not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app import create_app, health
from app.config import Settings
from app.migrating import head
from core.jobs import defer
from tests.api.world import make_news
from tests.conftest import Committed
from tests.support.make import NOW


@pytest.fixture(autouse=True)
def no_worker(engine: Engine) -> Iterator[None]:
    """Before and after each test no worker was ever heard of."""
    for pause in (True, False):
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM procrastinate_workers"))
        if pause:
            yield


def heartbeat(engine: Engine, seconds_ago: int) -> None:
    """A worker that was last heard of so long ago."""
    beat = (
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :ago * interval '1s')"
    )
    with engine.begin() as connection:
        connection.execute(text(beat), {"ago": seconds_ago})


@pytest.fixture
def outside(flask_app: Flask) -> FlaskClient:
    """A client outside any savepoint: the checks use connections of their own."""
    return flask_app.test_client()


def test_alive_asks_nothing(outside: FlaskClient) -> None:
    answer = outside.get("/healthz")

    assert answer.status_code == 200
    assert answer.json == {"status": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_ready_when_database_migrations_and_worker_are(
    outside: FlaskClient, engine: Engine
) -> None:
    heartbeat(engine, seconds_ago=5)

    answer = outside.get("/readyz")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["checks"]["database"] == {"ok": True}
    assert answer.json["checks"]["migrations"] == {"ok": True, "at": head(), "wanted": head()}
    assert answer.json["checks"]["worker"]["ok"]
    assert answer.json["checks"]["work"] == {
        "ok": True,
        "failed_jobs": 0,
        "news": {"waiting": 0, "failed": 0, "given_up": 0},
    }


def test_what_waits_for_a_person_is_counted_and_keeps_nobody_out(
    committed: Committed, outside: FlaskClient, engine: Engine
) -> None:
    heartbeat(engine, seconds_ago=5)
    with committed() as session:
        make_news(session, NOW)
        defer(session, "stripe.news", event_id="evt_world")
        for state in ("doing", "failed"):
            session.execute(text("UPDATE procrastinate_jobs SET status = :s"), {"s": state})

    answer = outside.get("/readyz")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["checks"]["work"] == {
        "ok": True,
        "failed_jobs": 1,
        "news": {"waiting": 1, "failed": 0, "given_up": 0},
    }


def test_unready_without_a_worker(outside: FlaskClient) -> None:
    answer = outside.get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["worker"] == {"ok": False, "seconds_since_heartbeat": None}
    assert answer.json["checks"]["database"]["ok"]


def test_unready_when_the_worker_fell_silent(outside: FlaskClient, engine: Engine) -> None:
    heartbeat(engine, seconds_ago=90)

    assert outside.get("/readyz").status_code == 503


def test_unready_behind_the_newest_migration(
    outside: FlaskClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat(engine, seconds_ago=1)
    monkeypatch.setattr(health, "head", lambda: "9999")

    answer = outside.get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["migrations"] == {"ok": False, "at": head(), "wanted": "9999"}


def test_unready_without_a_database_and_silent_about_where_it_is(settings: Settings) -> None:
    nowhere = "postgresql+psycopg://someone:hidden@127.0.0.1:1/nothing"
    answer = create_app(replace(settings, database_url=nowhere)).test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["database"] == {"ok": False, "error": "OperationalError"}
    assert "hidden" not in answer.get_data(as_text=True)
    assert "127.0.0.1" not in answer.get_data(as_text=True)
