"""On every route bad input gets a clear answer with a stable code, and changes nothing."""

import json
import re
import uuid

import pytest
from flask import Flask
from marshmallow import fields

from api.fields import WordsField
from tests.conftest import row_counts
from tests.edge.world import make_world, routes

#: Names and methods only; the bodies are made for each world.
PLACEHOLDER = dict.fromkeys(
    (
        "maker_id",
        "design_id",
        "location_id",
        "shop_id",
        "ready_id",
        "slug",
        "witness_id",
        "staff_id",
    ),
    "x",
)
NAMES = [route.name for route in routes(PLACEHOLDER)]
WRITING = [route.name for route in routes(PLACEHOLDER) if route.sent is not None]
CLOSED = [route.name for route in routes(PLACEHOLDER) if not route.public]
OF_SOMEBODY = [route.name for route in routes(PLACEHOLDER) if route.own and not route.public]
PAGED = [n for n in NAMES if n.startswith("GET") and "{" not in n]

PROBLEM = {"type", "title", "status", "code"}


@pytest.fixture
def world(session):
    return make_world(session)


@pytest.fixture
def ask(client, session, world):
    """Ask a route as it is or with something changed; the answer, and that a no left no trace."""

    def asking(name, *, key="key", body=..., raw=None, path=None, headers=None, method=None):
        route = next(route for route in routes(world.ids) if route.name == name)
        filled = (path or route.path).format(**world.ids)
        sent = {"Content-Type": "application/json"}
        if key:
            sent["Authorization"] = f"Bearer {getattr(world, key)}"
        if route.keyed:
            sent["Idempotency-Key"] = uuid.uuid4().hex
        if name.startswith("PATCH"):
            sent["If-Match"] = '"1-x"'
        wanted = route.sent if body is ... else body
        data = raw if raw is not None else (json.dumps(wanted) if wanted is not None else None)
        before = row_counts(session)
        answer = client.open(
            f"/v1{filled}", method=method or route.method, data=data, headers=sent | (headers or {})
        )
        session.rollback()
        if answer.status_code >= 400:
            assert row_counts(session) == before, name
        return answer

    return asking


def refused(answer, status, code=None):
    """A problem, in the one shape."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert set(problem) >= PROBLEM
    assert problem["status"] == status
    assert re.fullmatch("[a-z_]+", problem["code"])
    if code:
        assert problem["code"] == code
    return problem


def test_the_table_names_every_route_there_is(flask_app: Flask):
    there = set()
    for rule in flask_app.url_map.iter_rules():
        if (
            rule.rule.startswith("/v1/")
            and "openapi" not in rule.rule
            and "webhooks" not in rule.rule
        ):
            path = re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule.removeprefix("/v1"))
            there |= {
                f"{method} {path}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            }

    assert {name.partition("?")[0] for name in NAMES} == there


@pytest.mark.parametrize("name", CLOSED)
def test_without_a_key_every_route_that_is_not_public_is_closed(ask, name):
    answer = ask(name, key=None)

    refused(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", CLOSED)
def test_a_key_without_the_scope_is_told_which_one_is_needed(ask, name):
    assert refused(ask(name, key="weak_key"), 403, "scope_missing")["scope"]


@pytest.mark.parametrize("name", OF_SOMEBODY)
def test_another_cooperatives_things_are_not_there(ask, name):
    answer = ask(name, key="other_key")

    assert answer.status_code in {404, 422}, answer.text
    refused(answer, answer.status_code)


@pytest.mark.parametrize("name", [name for name in NAMES if "{" in name])
def test_what_nobody_knows_and_what_is_no_id_is_not_found(ask, name):
    path = name.partition(" ")[2]
    for unknown in (
        str(uuid.uuid4()),
        "no-such-thing",
        "%00",
        "'; DROP TABLE pieces; --",
        "é" * 300,
    ):
        first = re.sub(r"\{\w+\}", "@", path, count=1).replace("@", unknown)
        answer = ask(name, path=first.replace("%00", "\x00"))
        # Under /listings/ a word that is no id is read as an address, which only GET knows.
        assert answer.status_code in {404, 405, 422}, (unknown, answer.status_code, answer.text)
        refused(answer, answer.status_code)


@pytest.mark.parametrize("name", WRITING)
def test_a_body_that_is_not_json_is_refused(ask, name):
    for raw in ("{", "nonsense", '{"a": NaN}', b"\xff\xfe", '{"x": "\\ud800"}'):
        refused(ask(name, raw=raw), 400, "malformed_json")
    for wrong in ("[]", '"text"', "7", "null"):
        assert ask(name, raw=wrong).status_code == 422
    plain = ask(name, headers={"Content-Type": "text/plain"}, raw="{}")
    refused(plain, 415, "unsupported_media_type")


@pytest.mark.parametrize("name", WRITING)
def test_a_field_nobody_asked_for_is_refused_by_its_name(ask, world, name):
    route = next(route for route in routes(world.ids) if route.name == name)

    problem = refused(ask(name, body=route.body | {"surprise": 1}), 422, "validation_failed")

    assert {"pointer": "/surprise", "message": "Unknown field."} in problem["errors"]


def wrong_values(field):
    """Values a field must not take."""
    yield {}
    yield [[]]
    if not isinstance(field, fields.Boolean):
        yield True
    if isinstance(field, fields.Integer):
        yield from ("5", 1.5, -(10**30), 10**30, 10**10)
    elif isinstance(field, (fields.List, fields.Nested)):
        yield from ("text", 7, [7] * 1000, [None])
    elif isinstance(field, (WordsField, fields.Dict)):
        yield from ("text", {"xx": "y"}, {"en": 7}, {"en": "y" * 10_000})
    else:
        yield from (7, "x" * 10_000, "\u0000", "\u0007bell")
    if not field.allow_none:
        yield None


@pytest.mark.parametrize("name", WRITING)
def test_every_field_refuses_what_it_is_not_and_names_its_place(ask, world, flask_app, name):
    route = next(route for route in routes(world.ids) if route.name == name)
    schema = schema_of(flask_app, route)
    for field_name, field in schema.fields.items():
        if field.required:
            without = {k: v for k, v in route.body.items() if k != field_name}
            problem = refused(ask(name, body=without), 422, "validation_failed")
            assert f"/{field_name}" in {error["pointer"] for error in problem["errors"]}
        for wrong in wrong_values(field):
            if wrong == {} and isinstance(field, (fields.Dict, fields.Nested)):
                continue
            problem = refused(ask(name, body=route.body | {field_name: wrong}), 422)
            pointers = [error["pointer"] for error in problem.get("errors", [])]
            assert any(p.startswith(f"/{field_name}") for p in pointers), (
                field_name,
                wrong,
                problem,
            )


def schema_of(flask_app, route):
    """The request schema of a route, from what its view says to the document."""
    adapter = flask_app.url_map.bind("x")
    example = re.sub(r"\{\w+\}", str(uuid.uuid4()), route.path)
    endpoint, _ = adapter.match(f"/v1{example}", method=route.method)
    documented = flask_app.view_functions[endpoint]._apidoc["arguments"]["parameters"]
    (body,) = [one["schema"] for one in documented if one["in"] == "json"]
    return body() if isinstance(body, type) else body


@pytest.mark.parametrize("name", PAGED)
def test_unknown_filters_and_odd_pages_are_refused(ask, name):
    path = name.partition(" ")[2]
    glue = "&" if "?" in path else "?"
    for query in (
        "colour=red",
        "limit=0",
        "limit=101",
        "limit=x",
        "after=nonsense",
        "after=WzFd",
        "after=W251bGxd",
        "limit=1&limit=99999999999999999999",
        "after=%00",
    ):
        answer = ask(name, path=f"{path}{glue}{query}")
        problem = refused(answer, 422)
        assert problem["errors"][0]["pointer"].startswith("?"), (query, problem)


def test_a_method_nobody_offers_is_answered_with_those_there_are(ask):
    answer = ask("GET /pieces/{piece_id}", method="DELETE")

    refused(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_body_that_is_too_large_is_not_read(ask):
    refused(ask("POST /makers", raw=b" " * 2_000_000), 413, "body_too_large")


def test_a_place_nobody_made_is_not_found(client):
    refused(client.get("/v1/nowhere"), 404, "not_found")
    refused(client.get("/elsewhere"), 404, "not_found")


@pytest.mark.parametrize("presented", ["Bearer", "Bearer ", "Basic abc", "Bearer \xff", "pk_x"])
def test_what_is_no_key_is_refused(client, presented):
    refused(client.get("/v1/makers", headers={"Authorization": presented}), 401)


@pytest.mark.parametrize(
    ("payload", "header"),
    [(b"", ""), (b"{}", "t=1,v1=x"), (b"\xff", "t=1,v1=x"), (b"[]", "nonsense"), (b"{}", "\xff")],
)
def test_news_that_is_not_from_stripe_is_refused(client, session, payload, header):
    before = row_counts(session)
    answer = client.post("/v1/webhooks/stripe", data=payload, headers={"Stripe-Signature": header})

    refused(answer, 400, "webhook_refused")
    assert row_counts(session) == before


def test_a_fault_of_ours_says_nothing_of_itself(flask_app, client, monkeypatch, caplog):
    def fall(*_args, **_kwargs):
        raise RuntimeError("a secret inside")

    monkeypatch.setattr("api.routes.catalogue.catalogue.browse", fall)
    answer = client.get("/v1/listings")

    problem = refused(answer, 500, "internal_error")
    assert "secret" not in json.dumps(problem)
