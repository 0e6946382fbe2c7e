"""The OpenAPI document: whole, valid, with an example of everything, and readable by people."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from api.errors import every_code
from api.idempotency import HEADER
from tests.api.asking import (
    DOWNLOADS,
    GOOD,
    NEEDS_KEY,
    PICTURES,
    RAW,
    TAKES_KEY,
    body_schema,
    operations,
)
from tests.api.world import World

METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture(scope="module")
def document(flask_app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = flask_app.extensions["pallay.document"]
    return found


def operations_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]})


def test_the_document_names_every_operation(document: dict[str, Any]) -> None:
    assert set(operations_of(document)) | {"GET /v1/openapi.json"} == set(GOOD)


def test_the_document_is_served_as_it_is(document: dict[str, Any], asks: FlaskClient) -> None:
    assert asks.get("/v1/openapi.json").get_json() == document


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for name, operation in operations_of(document).items():
        assert re.fullmatch(r"[A-Z][^\n]{4,70}\.", operation["summary"]), name
        assert len(operation["description"]) > 20, name
        assert operation["security"] is not None, name
        assert operation["tags"], name


def test_every_operation_has_an_example_of_request_and_answer_that_fits_its_schema(
    document: dict[str, Any],
) -> None:
    for name, operation in operations_of(document).items():
        shown = [
            next(iter(response["content"].values()))
            for status, response in operation["responses"].items()
            if status.startswith("2")
        ]
        if "requestBody" in operation:
            shown += operation["requestBody"]["content"].values()
        assert len(shown) >= (1 if name.startswith("GET") else 2), name
        for one in shown:
            assert "example" in one, name
            problems = list(validator(document, one["schema"]).iter_errors(one["example"]))
            assert problems == [], (name, problems[0].message)


def test_every_example_of_a_body_is_loaded_by_its_route(
    document: dict[str, Any], flask_app: Flask
) -> None:
    views = operations(flask_app)
    for name, operation in operations_of(document).items():
        schema = body_schema(views[name])
        if schema is not None:
            (content,) = operation["requestBody"]["content"].values()
            assert schema.validate(content["example"]) == {}, name


@pytest.mark.parametrize(
    "operation", [name for name in GOOD if "openapi" not in name and name not in DOWNLOADS]
)
def test_the_answer_is_as_the_document_says(
    operation: str, document: dict[str, Any], world: World, asks: FlaskClient
) -> None:
    answer = GOOD[operation](world).send(asks)
    told = operations_of(document)[operation]["responses"]
    if answer.status_code >= 400:
        schema = {"$ref": "#/components/schemas/Problem"}
    else:
        (content,) = told[str(answer.status_code)]["content"].values()
        schema = content["schema"]

    problems = list(validator(document, schema).iter_errors(answer.get_json(force=True)))
    assert problems == [], problems[0].message


@pytest.mark.parametrize("operation", sorted(DOWNLOADS - PICTURES))
def test_a_file_is_of_the_kind_the_document_says(
    operation: str, document: dict[str, Any], world: World, asks: FlaskClient
) -> None:
    answer = GOOD[operation](world).send(asks, buffered=True)

    (kind,) = operations_of(document)[operation]["responses"]["200"]["content"]
    assert answer.mimetype == kind
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.get_data()


def test_operation_ids_are_unique_names(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations_of(document).values()]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z][a-z_]+", name) for name in names)


def test_no_two_paths_are_the_same_but_for_their_parameters_names(document: dict[str, Any]) -> None:
    shapes = [re.sub(r"\{[^}]+\}", "{}", path) for path in document["paths"]]

    assert len(set(shapes)) == len(shapes)


def test_parameters_in_the_path_are_declared_and_required(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            told = [*item.get("parameters", []), *item[method].get("parameters", [])]
            in_path = {one["name"] for one in told if one["in"] == "path" and one["required"]}
            assert in_path == set(re.findall(r"\{([^}]+)\}", path)), (path, method)
            places = [(one["in"], one["name"]) for one in told]
            assert len(set(places)) == len(places), (path, method)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*(references(inner) for inner in part.values()))
        if isinstance(part, list):
            return set().union(*(references(inner) for inner in part))
        return set()

    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_the_document_has_the_structure_of_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert {"title", "version", "description"} <= set(document["info"])
    assert set(document) <= {"openapi", "info", "servers", "paths", "components", "tags"}
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for name, operation in operations_of(document).items():
        assert set(operation) <= OF_OPERATION, name
        assert operation["responses"], name
        for status, response in operation["responses"].items():
            assert re.fullmatch("[1-5][0-9]{2}|default", status), name
            assert "$ref" in response or response["description"], name
        for one in operation.get("parameters", []):
            assert {"name", "in", "schema"} <= set(one), name
            assert one["in"] in {"query", "header"}, name
        for way in operation["security"]:
            assert set(way) <= set(document["components"]["securitySchemes"]), name


OF_OPERATION = {
    "tags", "summary", "description", "operationId", "parameters", "requestBody", "responses",
    "security",
}  # fmt: skip


def test_requests_refuse_what_they_do_not_name(document: dict[str, Any]) -> None:
    for name, operation in operations_of(document).items():
        if "requestBody" in operation and name not in RAW:
            (content,) = operation["requestBody"]["content"].values()
            schema = content["schema"]["$ref"].rpartition("/")[2]
            assert document["components"]["schemas"][schema]["additionalProperties"] is False, name


def test_every_list_and_text_of_a_request_has_an_end(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if schema.get("additionalProperties") is not False:
            continue
        for field, shape in schema.get("properties", {}).items():
            kinds = shape.get("type", [])
            if "array" in kinds:
                assert shape["maxItems"] > 0, (name, field)
            if "integer" in kinds:
                assert "maximum" in shape, (name, field)
            if "string" in kinds and not {"enum", "format"} & set(shape):
                assert shape["maxLength"] > 0, (name, field)


def test_what_may_be_repeated_safely_says_so(document: dict[str, Any]) -> None:
    taking = {
        name: [one for one in operation.get("parameters", []) if one["name"] == HEADER]
        for name, operation in operations_of(document).items()
    }

    assert {name for name, found in taking.items() if found} == TAKES_KEY
    required = {name for name, found in taking.items() if found and found[0]["required"]}
    assert required == NEEDS_KEY


def test_every_error_code_is_listed_with_its_meaning(
    document: dict[str, Any], asks: FlaskClient
) -> None:
    codes = every_code()
    page = asks.get("/docs").get_data(as_text=True)

    assert document["components"]["schemas"]["ErrorCode"]["enum"] == list(codes)
    for code, (status, sentence) in codes.items():
        assert re.fullmatch("[a-z][a-z_]+", code)
        assert 400 <= status < 600
        assert sentence.endswith("."), code
        assert f'id="{code}"' in page


class Page(HTMLParser):
    """What a page loads from elsewhere, and how its tags are nested."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[tuple[str, str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)
        for name, value in attrs:
            if name in {"src", "href"} and not (value or "").startswith(("#", "/")):
                self.outside.append((tag, value or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_readable_page_needs_no_script_and_nothing_from_outside(asks: FlaskClient) -> None:
    answer = asks.get("/docs")
    page = Page()
    page.feed(answer.get_data(as_text=True))

    assert answer.content_type == "text/html; charset=utf-8"
    assert page.outside == []
    assert page.open == []
    assert "<script" not in answer.get_data(as_text=True)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_the_readable_page_names_every_operation(
    document: dict[str, Any], asks: FlaskClient
) -> None:
    page = asks.get("/docs").get_data(as_text=True)

    for name, operation in operations_of(document).items():
        method, path = name.split()
        assert f'<span class="method">{method}</span> {path}</code>' in page
        assert f'id="{operation["operationId"]}"' in page
