"""Bad input on every endpoint: a problem with a stable code, and nothing is changed by it."""

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.access import access_of
from api.parsing import declared_query
from tests.api.asking import (
    DOWNLOADS,
    GOOD,
    RAW,
    WITHOUT_IDS,
    as_json,
    body_schema,
    operations,
)
from tests.api.spoiling import spoilt
from tests.api.world import World, nobody
from tests.conftest import row_counts

KEYS = {"type", "title", "status", "code", "detail", "instance", "details", "errors"}
WRITES = [name for name in GOOD if not name.startswith("GET") and name not in RAW]
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def assert_refused(answer: TestResponse, status: int | set[int], code: str | None = None) -> Any:
    """It is a problem of the one shape, with this status and code; its body."""
    said = answer.get_data(as_text=True)
    assert answer.status_code in ({status} if isinstance(status, int) else status), said
    assert answer.content_type == "application/problem+json", said
    body = answer.get_json(force=True)
    assert set(body) == KEYS
    assert body["status"] == answer.status_code
    assert code is None or body["code"] == code, said
    assert body["instance"].endswith(answer.headers["X-Request-Id"])
    return body


@pytest.mark.parametrize("operation", WRITES)
def test_a_body_with_one_thing_wrong_is_refused_and_the_place_is_named(
    operation: str, world: World, asks: FlaskClient, seen: Session, flask_app: Flask
) -> None:
    schema = body_schema(operations(flask_app)[operation])
    assert schema is not None
    ask, before = GOOD[operation](world), row_counts(seen)

    for wrong in spoilt(schema, ask.body):
        answer = ask.send(asks, **as_json(wrong.body))
        problem = assert_refused(answer, 422, "invalid")
        places = [error["pointer"] for error in problem["errors"]]
        assert any(place.startswith(wrong.pointer) for place in places), (wrong.what, places)

    assert row_counts(seen) == before


BROKEN_BODIES = {
    "not JSON": (b"{", 400, "malformed_json"),
    "NaN": (b'{"a": NaN}', 400, "malformed_json"),
    "not UTF-8": (b'{"name": "\xff\xfe"}', 400, "malformed_json"),
    "half a surrogate pair": (b'{"name": "\\ud800"}', 400, "malformed_json"),
    "too deep": (b"[" * 5000 + b"]" * 5000, 400, "malformed_json"),
}


@pytest.mark.parametrize("operation", WRITES)
def test_a_body_that_is_not_json_is_refused(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask, before = GOOD[operation](world), row_counts(seen)

    for body, status, code in BROKEN_BODIES.values():
        answer = ask.send(asks, data=body, content_type="application/json")
        assert_refused(answer, status, code)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"):
        answer = ask.send(asks, data=b'{"a": 1}', content_type=kind)
        assert_refused(answer, 415, "unsupported_media_type")

    assert row_counts(seen) == before


@pytest.mark.parametrize("operation", WRITES)
def test_a_body_that_is_too_long_is_not_read(
    operation: str, world: World, asks: FlaskClient, flask_app: Flask
) -> None:
    long = b'{"a": "' + b"x" * int(flask_app.config["MAX_CONTENT_LENGTH"]) + b'"}'

    answer = GOOD[operation](world).send(asks, data=long, content_type="application/json")

    assert_refused(answer, 413, "body_too_large")


@pytest.mark.parametrize("operation", [name for name in GOOD if name not in RAW])
def test_only_a_valid_key_with_the_scope_opens_a_route(
    operation: str, world: World, asks: FlaskClient, seen: Session, flask_app: Flask
) -> None:
    access = access_of(operations(flask_app)[operation])
    assert access is not None
    ask, before = GOOD[operation](world), row_counts(seen)
    if access.to == "everybody":
        assert ask.of(key=None).send(asks).status_code == 200
        return

    if access.to != "everybody_or_key":
        assert_refused(ask.of(key=None).send(asks), 401, "unauthenticated")
    basic = {**ask.headers, "Authorization": "Basic YTpi"}
    assert_refused(ask.of(key=None, headers=basic).send(asks), 401, "unauthenticated")
    unknown = "pk_0123456789ab_" + "A" * 43
    answer = ask.of(key=unknown).send(asks)
    assert_refused(answer, 401, "key_refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    narrow = world.key_with({"makers:read", "designs:read"} - {access.scope or ""})
    problem = assert_refused(ask.of(key=narrow).send(asks), 403, "scope_missing")
    assert problem["details"] == {"scope": access.scope}

    assert row_counts(seen) == before


#: What is the house's and no co-operative's: Stripe's ids, and nothing about anybody.
HOUSES = ("/reconciliations/", "/news/")
#: Their id is made by whoever sends them, so one that nobody knows is as good as any.
MADE_BY_PHONES = {
    "PUT /v1/journeys/{journey_id}",
    "PUT /v1/stocktakes/{stocktake_id}",
    "PUT /v1/inspection-lots/{lot_id}",
}


@pytest.mark.parametrize(
    "operation",
    [
        name
        for name in GOOD
        if ("_id}" in name or name.startswith("PATCH"))
        and not any(one in name for one in HOUSES)
        and name not in {*RAW, "PUT /v1/photos/{photo_id}"}
    ],
)
def test_what_is_anothers_or_nobodys_is_not_there(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask, before = GOOD[operation](world), row_counts(seen)

    assert_refused(ask.of(key=world.stranger_key).send(asks), 404, "not_found")
    absent = IDS.sub(str(nobody()), ask.path, count=1)
    if absent != ask.path:
        if operation not in MADE_BY_PHONES:
            assert_refused(ask.of(path=absent).send(asks), 404, "not_found")
        malformed = IDS.sub("not-an-id", ask.path, count=1)
        assert_refused(ask.of(path=malformed).send(asks), 404, "not_found")

    assert row_counts(seen) == before


NO_LISTS = DOWNLOADS | {
    "GET /v1/openapi.json",
    "GET /v1/reconciliation",
    "GET /v1/inspection-fairness",
    "GET /v1/label-rules",
    "GET /v1/inspection-chart",
}
LISTS = [
    name for name in GOOD if name.startswith("GET") and "{" not in name and name not in NO_LISTS
]
#: Lists whose things have no id, or are shown to every co-operative.
SHARED = WITHOUT_IDS | {"GET /v1/fair-pay", "GET /v1/reconciliations", "GET /v1/listings"}
SHARED |= {"GET /v1/news"}


@pytest.mark.parametrize(
    "operation", [name for name in LISTS if "listings" not in name and name not in SHARED]
)
def test_a_list_shows_nothing_of_another_cooperative(
    operation: str, world: World, asks: FlaskClient
) -> None:
    ask = GOOD[operation](world)
    ours = ask.of(query={"state": "waiting"} if "inspections" in operation else {}).send(asks)
    theirs = ask.of(key=world.stranger_key, query=dict(ours.request.args)).send(asks)

    assert ours.status_code == theirs.status_code == 200
    seen_by_us = {item["id"] for item in ours.get_json()["items"]}
    assert not seen_by_us & {item["id"] for item in theirs.get_json()["items"]}


@pytest.mark.parametrize("operation", [name for name in GOOD if "webhooks" not in name])
def test_a_parameter_nobody_declared_is_refused(
    operation: str, world: World, asks: FlaskClient, flask_app: Flask, seen: Session
) -> None:
    ask, before = GOOD[operation](world), row_counts(seen)

    problem = assert_refused(ask.of(query={**ask.query, "nope": "1"}).send(asks), 422, "invalid")
    assert problem["errors"] == [{"pointer": "?nope", "message": "Unknown parameter."}]
    for name in declared_query(operations(flask_app)[operation]):
        answer = ask.send(asks, query_string=f"{name}=1&{name}=2")
        assert_refused(answer, 422, "invalid")

    assert row_counts(seen) == before


WRONG_PARAMETERS = {
    "limit": ["0", "101", "-1", "1.5", "", "x", "9" * 30, "٣"],
    "after": ["x", "AAAA", "%00", "bm9wZQ", "W10", "WyJ4Il0", "x" * 301, "WzFd"],
    "min_price": ["-1", "x", "9" * 30],
    "max_price": ["-1", "x", "9" * 30],
    "currency": ["usd", "US", "", "USDX"],
    "kind": ["no such", ""],
    "technique": ["", "x" * 61],
    "maker": ["x", ""],
    "sort": ["x", ""],
    "status": ["x", ""],
    "channel": ["x", ""],
    "reason": ["x", ""],
    "since": ["x", "2026-11-23", ""],
    "design_id": ["x", ""],
    "location_id": ["x", ""],
    "maker_id": ["x", ""],
    "order_id": ["x", ""],
    "group_id": ["x", ""],
    "commission_id": ["x", ""],
    "language": ["en", "ES", ""],
    "state": ["x", ""],
    "to_id": ["x", ""],
    "sight": ["x", ""],
    "month": ["2026-13", "2026", "2026-1", "x"],
    "account": ["", "x" * 81, "Maker:1"],
    "at": ["yesterday", "2026-13-01T00:00:00Z", "2026-11-24T15:00:00"],
    "below": ["x", "", "living_wage"],
    "delivery_id": ["x", ""],
    "from": ["yesterday", "2026-02-30", "20261123", "0001-01-01"],
    "to": ["yesterday", "2026-02-30", "2025-12-31"],
    "until": ["yesterday", "2026-11-24"],
    "obligation_id": ["", "7", "x" * 36],
    "number": ["", "x" * 21],
    "tag": ["", "x" * 41],
    "token": ["", "x" * 101],
    "subject": ["x", ""],
    "actor": ["x", "", "weaver:1", "staff:" + "x" * 80],
    "key": ["x", ""],
    "operation": ["", "x" * 121],
}


@pytest.mark.parametrize("operation", [name for name in GOOD if name.startswith("GET")])
def test_a_wrong_parameter_is_refused_and_named(
    operation: str, world: World, asks: FlaskClient, flask_app: Flask
) -> None:
    ask = GOOD[operation](world)

    for name in declared_query(operations(flask_app)[operation]):
        for wrong in WRONG_PARAMETERS[name]:
            problem = assert_refused(ask.of(query={**ask.query, name: wrong}).send(asks), 422)
            assert problem["errors"][0]["pointer"] == f"?{name}", (name, wrong)


@pytest.mark.parametrize("operation", GOOD)
def test_a_method_that_is_not_taken_names_those_that_are(
    operation: str, world: World, asks: FlaskClient
) -> None:
    answer = asks.delete(GOOD[operation](world).path)

    assert_refused(answer, 405, "method_not_allowed")
    assert operation.split(maxsplit=1)[0] in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1/makers/", "/v1", "/nowhere", "/v1/%00"])
def test_an_address_nobody_knows_is_a_problem_too(path: str, asks: FlaskClient) -> None:
    assert_refused(asks.get(path), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    ["/v1/listings/%00", "/v1/listings/A", "/v1/listings/%ff", "/v1/listings/no-such-listing"],
)
def test_an_odd_slug_is_not_there(path: str, asks: FlaskClient) -> None:
    assert_refused(asks.get(path), 404, "not_found")


@pytest.mark.parametrize("tag", ["%00", "HUK", "%ff", "x" * 3000])
def test_an_odd_tag_is_no_tag(tag: str, asks: FlaskClient) -> None:
    assert_refused(asks.get(f"/v1/passports/{tag}"), 422, "tag_invalid")


def test_whoever_takes_no_json_is_told_so(asks: FlaskClient) -> None:
    assert_refused(asks.get("/v1/listings", headers={"Accept": "image/png"}), 406, "not_acceptable")
    assert asks.get("/v1/listings", headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200


def test_a_bug_says_nothing_of_itself_and_is_logged_under_the_requests_id(
    world: World, asks: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("her name is Sabina")

    monkeypatch.setattr("people.makers.get_maker", broken)
    answer = asks.get(
        f"/v1/makers/{uuid.uuid4()}", headers={"Authorization": f"Bearer {world.key}"}
    )

    problem = assert_refused(answer, 500, "internal_error")
    assert "Sabina" not in str(problem)
    assert any(record.exc_info for record in caplog.records)
