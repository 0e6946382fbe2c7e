"""The worker: a job that has used up its tries is said loudly, and only then."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.worker import RETRY, build_queue


@pytest.fixture
def failing(flask_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A handler that always breaks, as a worker would call it at a given try."""

    def breaks(_gateway: object, *, order_id: str) -> None:
        raise ValueError(order_id)

    monkeypatch.setattr("app.worker.HANDLERS", {"order.paid": breaks})
    task = build_queue(flask_app, settings).tasks["order.paid"]

    def at_try(attempts: int) -> None:
        job = SimpleNamespace(id=17, attempts=attempts, task_name="order.paid")
        with pytest.raises(ValueError, match="its-id"):
            task.func(SimpleNamespace(job=job, task=task), order_id="its-id")

    return at_try


def test_only_the_last_try_is_said_loudly(failing: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert RETRY.max_attempts == 12
    with caplog.at_level(logging.CRITICAL):
        for attempts in (0, 1, 11):
            failing(attempts)
        assert caplog.records == []
        failing(12)

    (said,) = caplog.records
    assert said.message == "job given up: order.paid"
    assert said.__dict__["job"] == 17
