"""Who may ask what: every route says so once, and a route that says nothing is not served."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, g, request

from api import deeds
from api.blueprints import document
from api.house import settings
from core import actors, audit, clock
from core.actors import Actor
from core.db import transaction
from core.errors import Unauthenticated
from orders import reading
from people import keys
from people.permissions import SCOPES, require
from photos import signing

ORDER_TOKEN = "Order-Token"  # noqa: S105 - the name of a header

_LIKE_A_TIME = re.compile(r"\d{1,12}", re.ASCII)

View = TypeVar("View", bound=Callable[..., Any])


class OrderTokenRefused(Unauthenticated):
    """This token does not open this order."""

    code = "order_token_refused"


@dataclass(frozen=True, slots=True)
class Access:
    """Who a route is for: ``everybody``, ``key``, ``buyer_or_key``, ``everybody_or_key`` or
    ``signature``.
    """

    to: str
    scope: str | None = None


def public(view: View) -> View:
    """Everybody may; nobody is asked who she is."""

    def enter() -> None:
        g.actor = None

    return _guarded(view, enter, Access("everybody"), security=[])


def needs(scope: str) -> Callable[[View], View]:
    """Only a key with this scope may."""

    def decorate(view: View) -> View:
        def enter() -> None:
            g.actor = _by_key(scope)

        return _guarded(view, enter, Access("key", scope), security=[{"key": [scope]}])

    return decorate


def buyer_or(scope: str) -> Callable[[View], View]:
    """The buyer with her order's token may, and a key with this scope."""

    def decorate(view: View) -> View:
        def enter() -> None:
            g.actor = _by_key(scope) if _brings_key() else _by_token()

        security = [{"orderToken": []}, {"key": [scope]}]
        return _guarded(view, enter, Access("buyer_or_key", scope), security=security)

    return decorate


def everybody_or(scope: str) -> Callable[[View], View]:
    """Everybody may; whoever brings a key needs this scope, and acts in its name."""

    def decorate(view: View) -> View:
        def enter() -> None:
            g.actor = _by_key(scope) if _brings_key() else None

        security: list[dict[str, list[str]]] = [{}, {"key": [scope]}]
        return _guarded(view, enter, Access("everybody_or_key", scope), security=security)

    return decorate


def by_signature(view: View) -> View:
    """Whoever holds the signed address may; no key is needed."""

    def enter() -> None:
        assert request.view_args is not None
        given = request.args.get("expires", "")
        signing.check(
            request.view_args["photo_id"],
            expires=int(given) if _LIKE_A_TIME.fullmatch(given) else 0,
            signature=request.args.get("signature", ""),
            now=clock.now(),
            secret_key=settings().secret_key,
        )

    return _guarded(view, enter, Access("signature"), security=[{"uploadSignature": []}])


def actor() -> Actor:
    """Who asks; only on routes where somebody must."""
    return cast("Actor", g.actor)


def actor_if_any() -> Actor | None:
    """Who asks, where nobody need say so."""
    return cast("Actor | None", g.get("actor"))


def access_of(view: Any) -> Access | None:
    """What a view says of who may."""
    return getattr(view, "access", None)


def check_routes(app: Flask) -> None:
    """Refuse to start with a route under /v1 that does not say who may."""
    silent = sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1") and access_of(app.view_functions[rule.endpoint]) is None
    )
    if silent:
        raise AssertionError(f"who may ask {', '.join(silent)}?")


def _guarded(view: View, enter: Callable[[], None], access: Access, **words: Any) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        enter()
        with audit.doing(deeds.asked_for(actor_if_any())):
            return view(*args, **kwargs)

    return _marked(cast("View", guarded), access, **words)


def _marked(view: View, access: Access, **words: Any) -> View:
    assert access.scope is None or access.scope in SCOPES, f"no such scope: {access.scope}"
    assert access_of(view) is None, "who may is said once"
    marked = document(view, **words)
    cast("Any", marked).access = access
    return marked


def _brings_key() -> bool:
    return "Authorization" in request.headers


def _by_key(scope: str) -> Actor:
    """The actor the key speaks for. Its use is noted in a transaction of its own."""
    kind, _, presented = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Unauthenticated()
    with transaction() as session:
        found = keys.authenticate(session, presented.strip(), now=clock.now())
    require(found, scope)
    return found


def _by_token() -> Actor:
    """The buyer of the order in the path. A wrong token says nothing about the order."""
    assert request.view_args is not None
    order_id = request.view_args["order_id"]
    given = request.headers.get(ORDER_TOKEN) or request.args.get("token")
    if not given:
        raise Unauthenticated("a key or the order's token is needed")
    if not reading.token_matches(order_id, given, settings().secret_key):
        raise OrderTokenRefused()
    return actors.buyer(order_id)
