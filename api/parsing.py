"""Reading what was sent, strictly: real JSON, declared parameters, nothing given twice."""

from typing import Any

import orjson
from flask import Request, current_app, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.core import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import UnsupportedMediaType

from core.errors import Invalid


class MalformedJson(Invalid):
    """The body is not JSON: RFC 8259, in UTF-8, without lone surrogates, NaN or Infinity."""

    code = "malformed_json"


class Misplaced(Invalid):
    """What was sent does not have the shape that was asked for."""

    code = "invalid"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__("what was sent is not of the shape asked for")


class Parser(FlaskParser):
    """Refuses unknown fields and parameters everywhere, and every body that is not JSON."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return missing
        if not is_json_request(req):
            raise UnsupportedMediaType()
        return read_json(body)

    def handle_error(  # type: ignore[override]
        self, error: ValidationError, req: Request, schema: Schema, **_options: Any
    ) -> None:
        """Say what is wrong, and where."""
        assert isinstance(error.messages, dict)
        raise Misplaced(
            [
                {"pointer": pointer, "message": message}
                for location, messages in error.messages.items()
                for pointer, message in flat(messages, "?" if location == "query" else "/", "")
            ][:MOST_ERRORS]
        )


MOST_ERRORS = 50
LONGEST_NAME = 80


def read_json(body: bytes) -> Any:
    """The body as a value; raises MalformedJson."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise MalformedJson(f"the body is not JSON: {problem.msg}") from None


def declared_query(view: Any) -> frozenset[str]:
    """The query parameters a view declares."""
    told = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    return frozenset(
        field.data_key or name
        for one in told
        if one["in"] == "query"
        for name, field in one["schema"]().fields.items()
    )


def refuse_stray_query() -> None:
    """Before each request: no query parameter that is not declared, and none given twice."""
    if not request.args or request.endpoint is None or not request.path.startswith("/v1"):
        return
    declared = declared_query(current_app.view_functions[request.endpoint])
    errors = []
    for name, values in request.args.lists():
        if name not in declared:
            errors.append({"pointer": f"?{name[:LONGEST_NAME]}", "message": "Unknown parameter."})
        elif len(values) > 1:
            errors.append({"pointer": f"?{name}", "message": "Given more than once."})
    if errors:
        raise Misplaced(errors[:MOST_ERRORS])


def flat(messages: Any, mark: str, path: str) -> list[tuple[str, str]]:
    """marshmallow's nested messages as (JSON pointer, sentence); a parameter is ``?name``."""
    if isinstance(messages, dict):
        found = []
        for key, inner in messages.items():
            step = "" if key == "_schema" else mark + _escaped(str(key))
            found += flat(inner, "/", path + step)
        return found
    if isinstance(messages, list):
        return [pair for inner in messages for pair in flat(inner, "/", path)]
    return [(path, str(messages))]


def _escaped(token: str) -> str:
    return token[:LONGEST_NAME].replace("~", "~0").replace("/", "~1")
