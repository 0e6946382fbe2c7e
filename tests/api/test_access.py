"""Who may: every route says so once, and a private answer is kept by nobody else."""

import ast
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from api import access
from orders.models import Order
from people.permissions import SCOPES
from tests.api.asking import GOOD, operations
from tests.api.world import World
from tests.architecture.code import calls, modules
from tests.support.make import make_key

MARKS = ("public", "needs", "buyer_or", "everybody_or", "by_signature")

FOR_EVERYBODY = {
    "GET /v1/openapi.json",
    "GET /v1/listings",
    "GET /v1/listings/{slug}",
    "GET /v1/passports/{tag}",
    "POST /v1/orders",
    "POST /v1/webhooks/stripe",
    "POST /v1/webhooks/stripe/connect",
    "POST /v1/webhooks/stripe/thin",
}
FOR_BUYERS = {"GET /v1/orders/{order_id}", "POST /v1/orders/{order_id}/cancellation"}


def test_every_route_says_who_may(flask_app: Flask) -> None:
    silent = [name for name, view in operations(flask_app).items() if not access.access_of(view)]

    assert silent == []


def test_every_resource_function_is_marked_exactly_once() -> None:
    for path in modules("api"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef) or path.parent.name != "routes":
                continue
            named = [ast.unparse(one) for one in node.decorator_list]
            if any(re.match(r"blueprint\.(get|post|put|patch|delete)\(", one) for one in named):
                marks = [one for one in named if one.partition("(")[0] in MARKS]
                assert len(marks) == 1, f"{path.name}: {node.name} {marks}"


def test_a_route_that_says_nothing_stops_the_house_from_starting(flask_app: Flask) -> None:
    lax = Flask("lax")
    lax.add_url_rule("/v1/lax", "lax", lambda: "everything")

    with pytest.raises(AssertionError, match="/v1/lax"):
        access.check_routes(lax)


def test_only_these_routes_are_open(flask_app: Flask) -> None:
    to = {name: access.access_of(view) for name, view in operations(flask_app).items()}

    assert {name for name, one in to.items() if one and one.to.startswith("everybody")} == (
        FOR_EVERYBODY
    )
    assert {name for name, one in to.items() if one and one.to == "buyer_or_key"} == FOR_BUYERS
    assert {name for name, one in to.items() if one and one.to == "signature"} == (
        {"PUT /v1/photos/{photo_id}/content"}
    )


def test_every_scope_opens_something(flask_app: Flask) -> None:
    used = {one.scope for view in operations(flask_app).values() if (one := access.access_of(view))}

    # This one opens no route: it allows more at the bench.
    assert set(SCOPES) == (used - {None}) | {"quality:overrule"}


@pytest.mark.parametrize("operation", sorted(FOR_BUYERS))
def test_a_buyers_token_opens_her_order_and_no_other(
    operation: str, world: World, asks: FlaskClient
) -> None:
    ask = GOOD[operation](world).of(key=None)
    own = world.paid_order if "cancellation" not in operation else world.waiting_order
    other: Order = world.waiting_order if own is world.paid_order else world.paid_order

    refused = ask.of(headers={"Order-Token": world.token(other)}).send(asks)
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (
        401,
        "order_token_refused",
    )
    assert ask.of(headers={"Order-Token": "é"}).send(asks).status_code == 401
    opened = ask.of(headers={"Order-Token": world.token(own)}).send(asks)
    assert opened.status_code in {200, 201}
    assert opened.get_json()["id"] == str(own.id)


def test_the_token_may_stand_in_the_address(world: World, asks: FlaskClient) -> None:
    path, token = f"/v1/orders/{world.paid_order.id}", world.token(world.paid_order)

    assert asks.get(path, query_string={"token": token}).status_code == 200
    assert asks.get(path, query_string={"token": token[:-1]}).status_code == 401


def test_a_wrong_token_does_not_tell_whether_the_order_exists(
    world: World, asks: FlaskClient
) -> None:
    there = asks.get(f"/v1/orders/{world.paid_order.id}", headers={"Order-Token": "x"})
    nowhere = asks.get(f"/v1/orders/{world.maker.id}", headers={"Order-Token": "x"})

    problems = [answer.get_json(force=True) | {"instance": ""} for answer in (there, nowhere)]
    assert problems[0] == problems[1]


def test_the_legal_name_is_shown_only_with_its_scope(world: World, asks: FlaskClient) -> None:
    path = f"/v1/makers/{world.maker.id}"
    narrow = world.key_with({"makers:read"})

    full = asks.get(path, headers={"Authorization": f"Bearer {world.key}"}).get_json()
    public = asks.get(path, headers={"Authorization": f"Bearer {narrow}"}).get_json()

    assert full["legal_name"] == world.maker.legal_name
    assert set(full) - set(public) == {"legal_name"}


def test_using_a_key_is_noted(world: World, asks: FlaskClient, seen: Session) -> None:
    used = text("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL")
    before = seen.execute(used).scalar_one()

    GOOD["GET /v1/makers"](world).send(asks)

    assert seen.execute(used).scalar_one() == before + 1


@pytest.mark.parametrize("operation", [name for name in GOOD if name.startswith("GET")])
def test_only_what_is_for_everybody_may_be_kept(
    operation: str, world: World, asks: FlaskClient
) -> None:
    answer = GOOD[operation](world).send(asks)

    if operation in FOR_EVERYBODY:
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert answer.headers["Vary"] == "Accept-Language"
    else:
        assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_nothing_is_said_to_pages_of_other_sites(world: World, asks: FlaskClient) -> None:
    ask = GOOD["GET /v1/makers"](world).of(headers={"Origin": "https://elsewhere.test"})

    assert not [name for name, _ in ask.send(asks).headers if name.startswith("Access-Control")]


def test_routes_open_no_transaction_of_their_own_making() -> None:
    """The edge commits nowhere by itself: transactions come from core.db alone."""
    committing: list[Any] = [call for path in modules("api") for call in calls(path, "commit")]

    assert committing == []


@pytest.mark.parametrize(
    ("operation", "scope"),
    [
        ("GET /v1/exports/liquidaciones.csv", "books:read"),
        ("POST /v1/makers/{maker_id}/papers", "makers:write"),
    ],
)
def test_what_names_makers_papers_needs_their_scope_too(
    operation: str, scope: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = GOOD[operation](world).of(key=make_key(seen, world.boss, scope))

    answer = ask.send(asks)

    assert answer.status_code == 403
    assert answer.get_json(force=True)["details"] == {"scope": "makers:private"}
