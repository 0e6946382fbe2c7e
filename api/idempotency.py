"""Idempotency at the edge: a creating POST under a key is done once and answered the same again."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import orjson
import psycopg
from flask import Response, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.errors import KeyRequired
from api.wire import raw_request
from core import clock
from core.db import transaction
from core.errors import Invalid
from core.idempotency import Claim, KeyInFlight, claim

View = TypeVar("View", bound=Callable[..., Any])

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
SHORTEST, SHORTEST_FOR_ANYBODY, LONGEST = 8, 16, 200
ANYBODY = "anybody"


class KeyInvalid(Invalid):
    """An Idempotency-Key is plain characters: 8 to 200, for a buyer without a key at least 16."""

    code = "idempotency_key_invalid"


def once(*, required: bool = False, hide: tuple[str, ...] = ()) -> Callable[[View], View]:
    """The route's work and its key are kept in one transaction, with the answer.

    ``hide``: members of the answer that are never stored; a repetition shows them as null.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            given = key(required=required)
            if given is None:
                return cast("Response", view(*args, **kwargs))
            with transaction() as session:
                kept = claimed(session, given)
                if kept.answered:
                    return replay(kept)
                response = cast("Response", view(*args, **kwargs))
                body = orjson.loads(response.get_data())
                kept.settle(response.status_code, body | dict.fromkeys(hide))
                return response

        return cast("View", answered)

    return decorate


def key(*, required: bool) -> str | None:
    """The Idempotency-Key of this request. Raises KeyRequired or KeyInvalid."""
    given = request.headers.get(HEADER)
    if given is None:
        if required:
            raise KeyRequired()
        return None
    shortest = SHORTEST if "actor" in g else SHORTEST_FOR_ANYBODY
    if not (shortest <= len(given) <= LONGEST and given.isascii() and given.isprintable()):
        raise KeyInvalid()
    return given


def claimed(session: Session, given: str) -> Claim:
    """Claim the key for this request. Raises KeyReused, or KeyInFlight after a while of waiting."""
    owner = g.actor.reference if "actor" in g else ANYBODY
    try:
        kept, _new = claim(
            session,
            owner=owner,
            operation=request.endpoint or "",
            key=given,
            request=raw_request(),
            now=clock.now(),
        )
    except OperationalError as trouble:
        if isinstance(trouble.orig, psycopg.errors.LockNotAvailable):
            raise KeyInFlight() from trouble
        raise
    return kept


def replay(kept: Claim) -> Response:
    """The answer the first request got."""
    answer = Response(
        orjson.dumps(kept.answer), kept.answer_status, content_type="application/json"
    )
    answer.headers[REPLAYED] = "true"
    return answer
