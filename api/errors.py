"""From refusals to answers: one table, one shape (RFC 9457), one code for programs to read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, json
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from api.house import settings
from core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PallayError,
    Unauthenticated,
    Unavailable,
)

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = "2"

STATUS: tuple[tuple[type[PallayError], int], ...] = (
    (NotFound, 404),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (Invalid, 422),
    (Conflict, 409),
    (Unavailable, 503),
)

#: Codes whose status says more than their family's.
STATUS_OF_CODE = {
    "malformed_json": 400,
    "idempotency_key_required": 400,
    "idempotency_key_invalid": 400,
    "webhook_refused": 400,
    "listing_changed": 412,
    "location_changed": 412,
    "photo_changed": 412,
    "photo_gone": 410,
    "precondition_required": 428,
}

#: What HTTP itself refuses, with the sentence people read.
CODE_OF_STATUS = {
    400: ("bad_request", "The request cannot be understood."),
    404: ("not_found", "There is no such thing here."),
    405: ("method_not_allowed", "This address does not take this method."),
    406: ("not_acceptable", "Answers are JSON, and the request accepts none."),
    408: ("request_timeout", "The request took too long to arrive."),
    413: ("body_too_large", "The body is longer than is read here."),
    414: ("address_too_long", "The address is too long."),
    415: ("unsupported_media_type", "The body has to be application/json."),
    429: ("too_many_requests", "Too many requests; wait a little."),
    431: ("headers_too_large", "The headers are too long."),
    500: ("internal_error", "Something went wrong on our side."),
}

#: Codes of several refusals, or whose class speaks to developers.
SENTENCES = {
    "invalid": "What was sent cannot be understood or breaks a rule.",
    "person_needed": "This is done in the name of a person of the co-operative, by her own key.",
}


class Busy(Unavailable):
    """Somebody else is working on the same thing; try the same request again."""

    code = "busy"


class DatabaseUnavailable(Unavailable):
    """The database gives no answer; try the same request again."""

    code = "database_unavailable"


class AlreadyExists(Conflict):
    """Somebody wrote the same thing at the same moment."""

    code = "already_exists"


#: PostgreSQL's codes: waited too long for a lock, or was chosen to end a deadlock.
BUSY_STATES = frozenset({"55P03", "57014", "40P01", "40001"})
UNIQUE_VIOLATION = "23505"
RULE_VIOLATION = re.compile("22...|23...")


def register(app: Flask) -> None:
    """Answer every refusal and every mishap with a problem."""
    app.register_error_handler(PallayError, of_refusal)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(DBAPIError, of_database)
    app.register_error_handler(PoolTimeout, lambda _problem: of_refusal(Busy()))
    app.register_error_handler(Exception, of_mishap)


def of_refusal(refusal: PallayError) -> Response:
    """A refusal of the domain or of the edge."""
    status = status_of(type(refusal))
    if status is None:
        return of_mishap(refusal)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="pallay"'
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return problem(
        status,
        refusal.code,
        sentence_of(type(refusal)),
        detail=refusal.message,
        details=refusal.details,
        errors=_places(refusal),
        headers=headers,
    )


def of_http(refusal: HTTPException) -> Response:
    """A refusal of HTTP itself; a redirect stays what it is."""
    status = refusal.code or 500
    if status < 400:
        return current_app.make_response(refusal.get_response())
    code, sentence = CODE_OF_STATUS.get(status, (f"http_{status}", refusal.name))
    kept = {"Allow", "Retry-After", "WWW-Authenticate"}
    headers = {name: value for name, value in refusal.get_headers() if name in kept}
    return problem(status, code, sentence, headers=headers)


def of_database(trouble: DBAPIError) -> Response:
    """What PostgreSQL refused: a wait that was too long, a rule of its own, or its own death."""
    state = getattr(trouble.orig, "sqlstate", None) or ""
    if state in BUSY_STATES:
        return of_refusal(Busy())
    if state == UNIQUE_VIOLATION:
        current_app.logger.warning("a rule was left to the database: %s", state)
        return of_refusal(AlreadyExists())
    if RULE_VIOLATION.fullmatch(state) or isinstance(trouble, DataError):
        current_app.logger.warning("a rule was left to the database: %s", state)
        return of_refusal(Invalid())
    if isinstance(trouble, OperationalError):
        current_app.logger.error("database trouble: %s", state or type(trouble.orig).__name__)
        return of_refusal(DatabaseUnavailable())
    return of_mishap(trouble)


def of_mishap(mishap: Exception) -> Response:
    """A bug: the log has everything under the request's id, the answer says nothing."""
    assert mishap.__traceback__ is not None, "it was raised"
    current_app.log_exception((type(mishap), mishap, mishap.__traceback__))
    code, sentence = CODE_OF_STATUS[500]
    return problem(500, code, sentence)


def problem(
    status: int,
    code: str,
    title: str,
    *,
    detail: str | None = None,
    details: Mapping[str, Any] | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One answer of the one shape."""
    body = {
        "type": f"{settings().public_url}/docs#{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail or title,
        "instance": f"urn:request:{g.get('request_id', 'unknown')}",
        "details": dict(details or {}),
        "errors": errors or [],
    }
    return Response(json.dumps(body), status, headers=dict(headers or {}), content_type=PROBLEM)


def status_of(kind: type[PallayError]) -> int | None:
    """The HTTP status of a refusal; None for what nobody outside should ever meet."""
    if kind.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[kind.code]
    return next((status for family, status in STATUS if issubclass(kind, family)), None)


def sentence_of(kind: type[PallayError]) -> str:
    """What a code means: as a rule the first line of its class."""
    return SENTENCES.get(kind.code) or (kind.__doc__ or kind.code).strip().splitlines()[0]


def every_code() -> dict[str, tuple[int, str]]:
    """Each code an answer may carry, with its status and its meaning, by code."""
    codes = {code: (status, sentence) for status, (code, sentence) in CODE_OF_STATUS.items()}
    for kind in _kinds(PallayError):
        status = status_of(kind)
        if status is not None and "code" in vars(kind):
            codes.setdefault(kind.code, (status, sentence_of(kind)))
    return dict(sorted(codes.items()))


def _kinds(parent: type[PallayError]) -> Iterator[type[PallayError]]:
    for kind in parent.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _places(refusal: PallayError) -> list[dict[str, str]]:
    found: list[dict[str, str]] | None = getattr(refusal, "errors", None)
    if found is not None:
        return found
    if isinstance(refusal, Invalid) and refusal.pointer:
        return [{"pointer": refusal.pointer, "message": refusal.message}]
    return []
