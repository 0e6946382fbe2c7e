"""Problems: every refusal as RFC 9457 problem+json with a stable code; a 500 says nothing."""

import logging
from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PallayError,
    Unauthenticated,
    Unavailable,
)

log = logging.getLogger("pallay.api")


class PreconditionRequired(PallayError):
    """An edit names the version it was made from, in If-Match."""

    code = "precondition_required"


class PreconditionFailed(PallayError):
    """Somebody changed it since you read it; read it again."""

    code = "precondition_failed"


class KeyRequired(PallayError):
    """This request needs an Idempotency-Key."""

    code = "idempotency_key_required"


class MalformedJson(PallayError):
    """The body is not JSON."""

    code = "malformed_json"


class Busy(Unavailable):
    """Others are working on the same thing; try the same request again."""

    code = "busy"


#: From the kind of refusal to the status; the first that fits.
STATUS: tuple[tuple[type[PallayError], int], ...] = (
    (PreconditionRequired, 428),
    (PreconditionFailed, 412),
    (KeyRequired, 400),
    (MalformedJson, 400),
    (NotFound, 404),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (Invalid, 422),
    (Conflict, 409),
    (Unavailable, 503),
)

#: Codes of what is refused before any rule of ours is asked.
HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "validation_failed",
}
RETRY_AFTER_SECONDS = "5"


def register(app: Flask) -> None:
    """Answer every exception as a problem."""
    app.register_error_handler(PallayError, _refusal)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _bug)


def problem(
    status: int, code: str, title: str, *, headers: dict[str, str] | None = None, **members: Any
) -> Response:
    """A problem+json answer."""
    body = {
        "type": f"urn:pallay:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        **members,
    }
    answer = Response(orjson.dumps(body), status, content_type="application/problem+json")
    answer.headers.update(headers or {})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def status_of(refusal: PallayError) -> int:
    """The status of one of our refusals; one that fits no kind is a fault of ours."""
    for kind, status in STATUS:
        if isinstance(refusal, kind):
            return status
    return 500


def _refusal(refusal: PallayError) -> Response:
    status = status_of(refusal)
    if status == 500:
        return _bug(refusal)
    # What a refusal tells besides never takes the place of a problem's own members.
    members = {
        f"found_{name}" if name in {"status", "code", "title", "type"} else name: value
        for name, value in refusal.details.items()
    }
    if isinstance(refusal, Invalid) and refusal.pointer:
        members["errors"] = [{"pointer": refusal.pointer, "message": refusal.message}]
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return problem(status, refusal.code, refusal.message, headers=headers, **members)


def _http(refusal: HTTPException) -> Response:
    status = refusal.code or 500
    if status >= 500:
        return _bug(getattr(refusal, "original_exception", None) or refusal)
    messages = getattr(refusal, "data", {}).get("messages")
    members = {"errors": list(_pointed(messages))} if messages else {}
    headers = {}
    if allowed := getattr(refusal, "valid_methods", None):
        headers["Allow"] = ", ".join(sorted(allowed))
    title = "what was sent is not valid" if messages else refusal.name.lower()
    return problem(status, HTTP_CODES.get(status, "refused"), title, headers=headers, **members)


def _database(trouble: DBAPIError) -> Response:
    """A lock that could not be had, or a rule only the database saw broken, is nobody's bug."""
    cause = trouble.orig
    if isinstance(cause, (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)):
        return _refusal(Busy())
    if isinstance(trouble, IntegrityError) and isinstance(cause, psycopg.errors.UniqueViolation):
        log.warning("refused by %s", cause.diag.constraint_name)
        return _refusal(Conflict("somebody else just did the same"))
    if isinstance(cause, psycopg.DataError):
        return _refusal(Invalid("something in this cannot be a value: a number or a character"))
    if isinstance(trouble, OperationalError) and not isinstance(
        cause, psycopg.errors.QueryCanceled
    ):
        log.error("the database does not answer: %s", type(cause).__name__)
        return _refusal(Busy("the database does not answer; try the same request again"))
    return _bug(trouble)


def _bug(fault: BaseException) -> Response:
    log.error("unhandled error in %s", request.endpoint, exc_info=fault)
    return problem(500, "internal_error", "something went wrong here; we have been told")


def _pointed(messages: Any) -> Iterator[dict[str, str]]:
    """Marshmallow's nested messages as JSON pointers; a query parameter as ``?name``."""
    for location, found in messages.items():
        yield from _flat(found, "?" if location == "query" else "")


def _flat(found: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(found, dict):
        for name, inner in found.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            glue = "" if path == "?" else "/"
            yield from _flat(inner, path if name == "_schema" else f"{path}{glue}{escaped}")
        return
    for message in found if isinstance(found, list) else [found]:
        yield {"pointer": path, "message": str(message)}
