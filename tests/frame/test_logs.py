"""Logs: every line tells its request, none tells what is somebody's own."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from flask import g
from flask.testing import FlaskClient

from app import logs
from core.actors import system

TOKEN = "tok_of_one_order"
REFUSED_ROW = "boom\nDETAIL:  Key (name)=(Rosa) already exists.\nHINT:  none"
Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What was logged so far, read back line by line."""
    out = StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", out)
    logs.configure("INFO")
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers[:], level = before
    root.setLevel(level)


@pytest.fixture
def small_client(written: Lines) -> FlaskClient:
    """A small application under the same watch as the real one."""
    app = logs.Discreet("small")
    logs.watch(app)

    @app.get("/orders/<token>")
    def order(token: str) -> str:
        g.actor = system("worker")
        logging.getLogger("pallay.orders").info("looked up")
        return token[:3]

    @app.get("/broken/<token>")
    def broken(token: str) -> str:
        raise RuntimeError(REFUSED_ROW)

    return app.test_client()


def test_one_line_a_request_with_the_route_and_not_the_path(
    small_client: FlaskClient, written: Lines
) -> None:
    small_client.get(f"/orders/{TOKEN}?token={TOKEN}")

    (line,) = [line for line in written() if line["logger"] == "pallay.access"]
    assert line["route"] == "/orders/<token>"
    assert line["method"] == "GET"
    assert line["status"] == 200
    assert line["actor"] == "system:worker"
    assert isinstance(line["ms"], float)
    assert TOKEN not in json.dumps(written())


def test_an_unknown_path_is_not_repeated(small_client: FlaskClient, written: Lines) -> None:
    small_client.get(f"/nowhere/{TOKEN}")

    (line,) = written()
    assert line["status"] == 404
    assert line["route"] is None
    assert TOKEN not in json.dumps(line)


def test_every_line_of_a_request_carries_its_id(small_client: FlaskClient, written: Lines) -> None:
    answer = small_client.get("/orders/x", headers={"X-Request-Id": "phone-0001"})

    assert answer.headers["X-Request-Id"] == "phone-0001"
    assert [line["request_id"] for line in written()] == ["phone-0001", "phone-0001"]


@pytest.mark.parametrize("sent", ["short", "x" * 65, "has a blank", 'quote"s-and-more', ""])
def test_an_odd_request_id_is_replaced(small_client: FlaskClient, sent: str) -> None:
    answer = small_client.get("/orders/x", headers={"X-Request-Id": sent})

    assert answer.headers["X-Request-Id"] != sent
    assert len(answer.headers["X-Request-Id"]) == 32


def test_two_requests_have_two_ids(small_client: FlaskClient) -> None:
    first, second = small_client.get("/orders/x"), small_client.get("/orders/x")

    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_a_traceback_does_not_repeat_values_of_rows(
    small_client: FlaskClient, written: Lines
) -> None:
    small_client.get(f"/broken/{TOKEN}")

    failure = next(line for line in written() if line["level"] == "ERROR")
    assert "boom" in str(failure["exc_info"])
    assert "HINT" in str(failure["exc_info"])
    assert "Rosa" not in json.dumps(written())
    assert TOKEN not in json.dumps(written())


def test_a_job_gives_its_lines_an_id_too(written: Lines) -> None:
    with logs.known_as("job-12"):
        logging.getLogger("pallay").info("inside")
    logging.getLogger("pallay").info("outside")

    assert [line["request_id"] for line in written()] == ["job-12", None]
