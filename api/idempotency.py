"""Idempotency-Key: what was asked once is done once, and asked again it is answered the same."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

import orjson
from flask import Response, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.access import actor_if_any
from api.blueprints import document
from core import clock
from core.db import transaction
from core.errors import Invalid
from core.idempotency import Claim, KeyInFlight, claim

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("Location", "ETag")
LOCK_NOT_AVAILABLE = "55P03"
KEY = re.compile(r"[\x21-\x7e]{8,200}")
SHORTEST_ANONYMOUS = 16

PARAMETER = {
    "in": "header",
    "name": HEADER,
    "description": "Under one key the request is carried out once; repeat it at will.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200},
    "example": "0197f1a5-c2d0-7a31-b2c3-d4e5f6a7b8c9",
}

View = TypeVar("View", bound=Callable[..., Any])


class KeyRequired(Invalid):
    """This request needs an Idempotency-Key, so that it can be repeated safely."""

    code = "idempotency_key_required"


class KeyInvalid(Invalid):
    """An Idempotency-Key is 8 to 200 visible ASCII characters; without an API key at least 16."""

    code = "idempotency_key_invalid"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as its claim knows it: whose, what, under which key, with which contents."""

    owner: str
    operation: str
    key: str
    contents: bytes

    def claim(self, session: Session, now: datetime) -> Claim:
        """Claim the key, or meet the claim of an earlier request. Raises KeyReused."""
        try:
            found, _new = claim(
                session,
                owner=self.owner,
                operation=self.operation,
                key=self.key,
                request=self.contents,
                now=now,
            )
        except DBAPIError as trouble:
            if getattr(trouble.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise KeyInFlight() from trouble
            raise
        return found


def asked(*, required: bool) -> Asked | None:
    """This request's key and contents; None when it brings no key and need not."""
    who = actor_if_any()
    given = request.headers.get(HEADER)
    if given is None:
        if required:
            raise KeyRequired()
        return None
    if not KEY.fullmatch(given) or (who is None and len(given) < SHORTEST_ANONYMOUS):
        raise KeyInvalid()
    return Asked(
        owner=who.reference if who else "anybody",
        operation=f"{request.method} {request.path}",
        key=given,
        contents=canonical(request.get_data(cache=True)),
    )


def canonical(body: bytes) -> bytes:
    """JSON with its keys in order, so that two spellings of one request are the same."""
    return orjson.dumps(orjson.loads(body or b"{}"), option=orjson.OPT_SORT_KEYS)


def writes(view: View) -> View:
    """Everything the view does, and its answer, in one transaction."""

    @wraps(view)
    def within(*args: Any, **kwargs: Any) -> Any:
        with transaction():
            return view(*args, **kwargs)

    return cast("View", within)


def once(*, required: bool = False, secret: Sequence[str] = ()) -> Callable[[View], View]:
    """In one transaction, and for one Idempotency-Key only once.

    The answer is kept with the claim in that same transaction, so a refusal, which undoes
    everything, leaves no claim. ``secret``: fields that are not kept; a repetition shows null.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def within(*args: Any, **kwargs: Any) -> Any:
            wanted = asked(required=required)
            with transaction() as session:
                if wanted is None:
                    return view(*args, **kwargs)
                met = wanted.claim(session, clock.now())
                if met.answered:
                    return replay(met)
                response = view(*args, **kwargs)
                keep(met, response, secret=secret)
                return response

        return parameter(required=required)(cast("View", within))

    return decorate


def parameter(*, required: bool) -> Callable[[View], View]:
    """Document that the view takes an Idempotency-Key."""

    def decorate(view: View) -> View:
        return document(view, parameters=[{**PARAMETER, "required": required}])

    return decorate


def keep(met: Claim, response: Response, *, secret: Sequence[str] = ()) -> None:
    """Write the answer on its claim, letter for letter."""
    text = response.get_data(as_text=True)
    if secret:
        hidden = dict.fromkeys(secret)
        text = orjson.dumps({**orjson.loads(text), **hidden}).decode()
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    met.settle(response.status_code, {"text": text, "headers": headers})


def replay(met: Claim) -> Response:
    """The answer the first request got."""
    assert met.answer is not None
    headers = {**met.answer["headers"], REPLAYED: "true"}
    return Response(
        met.answer["text"], met.answer_status, headers=headers, content_type="application/json"
    )
