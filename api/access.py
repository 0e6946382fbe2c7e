"""Access: every route says who may use it, and what says nothing is closed."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from core import actors, clock
from core.actors import Actor
from core.db import transaction
from core.errors import Forbidden, Unauthenticated
from orders.reading import token_matches
from people.keys import authenticate
from people.permissions import SCOPES, require

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
#: A view's attribute: (scope or ``public``, whether the order's own token opens it too).
MARK = "pallay_access"
TOKEN_HEADER = "Order-Token"  # noqa: S105 - a name
BESIDE_THE_API = frozenset({None, "health", "api-docs"})


class TokenRefused(Unauthenticated):
    """This token does not open this order."""

    code = "token_refused"


def public(view: View) -> View:
    """Anybody may use this route."""
    setattr(view, MARK, (PUBLIC, False))
    return view


def needs(scope: str, *, or_buyer: bool = False) -> Callable[[View], View]:
    """Only a key with this scope; with ``or_buyer`` also the order's own token."""
    assert scope in SCOPES, scope

    def mark(view: View) -> View:
        setattr(view, MARK, (scope, or_buyer))
        return view

    return mark


def actor() -> Actor:
    """Who asks; only on routes that are not public."""
    who: Actor = g.actor
    return who


def guard(app: Flask) -> None:
    """Check every request before anything of it is read."""
    app.before_request(_check)


def _check() -> None:
    if request.endpoint is None or request.blueprint in BESIDE_THE_API:
        return
    view = current_app.view_functions[request.endpoint]
    scope, or_buyer = getattr(view, MARK, (None, False))
    if scope is None:
        raise Forbidden("this is closed")
    if scope == PUBLIC:
        return
    if or_buyer and (token := request.headers.get(TOKEN_HEADER) or request.args.get("token")):
        g.actor = _buyer(token)
        return
    g.actor = _bearer()
    require(g.actor, scope)


def _bearer() -> Actor:
    """Who speaks with the key of this request; noting its use is a transaction of its own."""
    kind, _, presented = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not presented:
        raise Unauthenticated()
    with transaction() as session:
        return authenticate(session, presented.strip(), now=clock.now())


def _buyer(token: str) -> Actor:
    order_id: uuid.UUID = (request.view_args or {})["order_id"]
    sane = token.isascii() and len(token) < 200
    if not sane or not token_matches(order_id, token, current_app.config["SECRET_KEY"]):
        raise TokenRefused()
    return actors.buyer(order_id)
