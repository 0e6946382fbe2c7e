"""The document at /v1/openapi.json, and the same made readable at /docs: plain HTML, no scripts."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template

from api.access import public
from api.document import METHODS, finished
from api.errors import every_code
from api.headers import FOR_EVERYBODY

blueprint = Blueprint("documents", __name__, template_folder="templates")

STYLE = (Path(__file__).parent / "templates" / "docs.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
ONLY_OUR_STYLE = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
)


def register(app: Flask, drawn: dict[str, Any]) -> None:
    """Serve the document; it is finished once, when the application is made."""
    document = finished(drawn, public_url=app.extensions["pallay.settings"].public_url)
    app.extensions["pallay.document"] = document
    app.extensions["pallay.document.json"] = orjson.dumps(document)
    app.register_blueprint(blueprint)


@blueprint.get("/v1/openapi.json")
@public
def openapi() -> Response:
    """The document itself."""
    return Response(current_app.extensions["pallay.document.json"], content_type="application/json")


@blueprint.get("/docs")
def docs() -> Response:
    """The document for people."""
    document = current_app.extensions["pallay.document"]
    page = render_template(
        "docs.html",
        document=document,
        style=STYLE,
        operations=_by_tag(document),
        codes=every_code(),
        pretty=pretty,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = ONLY_OUR_STYLE
    response.headers["Cache-Control"] = FOR_EVERYBODY
    return response


def pretty(value: Any) -> str:
    """A value as JSON for reading."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _by_tag(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Each tag with its operations in the order of the routes."""
    tags = {tag["name"]: {**tag, "operations": []} for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                tags[item[method]["tags"][0]]["operations"].append(
                    _operation(document, path, method, item)
                )
    return list(tags.values())


def _operation(
    document: dict[str, Any], path: str, method: str, item: dict[str, Any]
) -> dict[str, Any]:
    told = item[method]
    parameters = [*item.get("parameters", []), *told.get("parameters", [])]
    answers: dict[str, Any] = {
        status: next(iter(response["content"].values()), {})
        for status, response in told["responses"].items()
        if "content" in response
    }
    body = next(iter(told.get("requestBody", {}).get("content", {}).values()), None)
    return {
        "method": method.upper(),
        "path": path,
        "told": told,
        "parameters": [one for one in parameters if one["name"] != "If-None-Match"],
        "body": body,
        "fields": _fields(document, body),
        "answers": answers,
        "who": _who(told.get("security", [])),
    }


def _fields(document: dict[str, Any], body: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The fields of a body, one level deep; deeper ones are named by their schema."""
    reference = (body or {}).get("schema", {}).get("$ref", "")
    schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
    required = schema.get("required", [])
    return [
        {"name": name, "required": name in required, "kind": _kind(shape)}
        for name, shape in schema.get("properties", {}).items()
    ]


def _kind(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    words = [str(shape.get("type", "")), str(shape.get("format", ""))]
    if "items" in shape:
        words = [f"list of {_kind(shape['items'])}"]
    if "enum" in shape:
        words.append("one of " + ", ".join(str(one) for one in shape["enum"]))
    bounds = {"minimum": "from", "maximum": "to", "minLength": "at least", "maxLength": "at most"}
    bounds |= {"minItems": "at least", "maxItems": "at most"}
    words += [f"{word} {shape[key]}" for key, word in bounds.items() if key in shape]
    return " ".join(word for word in words if word)


def _who(security: list[dict[str, list[str]]]) -> str:
    """Who may, in words."""
    if not security:
        return "everybody"
    words = []
    for way in security:
        if "key" in way:
            words.append("a key with " + ", ".join(way["key"]))
        elif "uploadSignature" in way:
            words.append("whoever holds the signed address")
        else:
            words.append("the buyer with the order's token" if way else "everybody")
    return ", or ".join(words)
