"""The OpenAPI document, and a page made from it that needs no script of anybody's."""

import html
import json
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response
from flask_smorest import Api  # type: ignore[import-untyped]

from api.access import MARK, PUBLIC
from api.wire import Blueprint

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
METHODS = ("get", "post", "put", "patch", "delete")


class ReadableApi(Api):  # type: ignore[misc]
    """flask-smorest without its own error answers: ours are problems."""

    def _register_error_handlers(self) -> None:
        return

    def register_blueprint(self, blk: Blueprint, **options: Any) -> None:
        """Register it, and say in the document who may use each of its routes."""
        super().register_blueprint(blk, **options)
        self.spec.components.security_schemes.setdefault(
            "key", {"type": "http", "scheme": "bearer", "description": "An API key of Pallay."}
        )
        for rule in self._app.url_map.iter_rules():
            view = self._app.view_functions[rule.endpoint]
            if rule.endpoint.startswith(f"{blk.name}.") and (mark := getattr(view, MARK, None)):
                self._say_who(rule, mark[0])

    def _say_who(self, rule: Any, scope: str) -> None:
        for path, item in self.spec._paths.items():
            if path == _as_template(rule.rule):
                for method in METHODS:
                    if method.upper() in rule.methods and method in item:
                        item[method]["security"] = [] if scope == PUBLIC else [{"key": []}]
                        item[method]["x-scope"] = scope


def docs_page(api: ReadableApi) -> Callable[[], Response]:
    """A view that shows the document as plain HTML."""

    def docs() -> Response:
        answer = Response("".join(_page(api.spec.to_dict())), content_type="text/html")
        answer.headers["Content-Security-Policy"] = PAGE_POLICY
        return answer

    return docs


def _as_template(rule: str) -> str:
    """``/orders/<uuid:order_id>`` as ``/orders/{order_id}``."""
    parts = [
        "{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part
        for part in rule.split("/")
    ]
    return "/".join(parts)


STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#222}code,pre{background:#f4f1ec;border-radius:4px}pre{padding:.8rem;overflow:auto}"
    "h2{border-top:1px solid #ccc;padding-top:1rem}.m{font-weight:700;color:#8a2b1d}"
)


def _page(spec: dict[str, Any]) -> Iterator[str]:
    yield "<!doctype html><html lang=en><meta charset=utf-8><title>Pallay API</title>"
    yield f"<style>{STYLE}</style>"
    yield "<h1>Pallay API</h1><p>The document itself: <a href='/v1/openapi.json'>openapi.json</a>."
    yield " Errors are <code>application/problem+json</code> with a stable <code>code</code>.</p>"
    for path, item in sorted(spec["paths"].items()):
        for method in METHODS:
            if method in item:
                yield from _operation(path, method, item[method])
    yield "</html>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    summary = html.escape(operation.get("summary", ""))
    scope = html.escape(operation.get("x-scope", ""))
    yield f"<h2><span class=m>{method.upper()}</span> <code>{html.escape(path)}</code></h2>"
    yield f"<p>{summary} <small>(<code>{scope}</code>)</small></p>"
    if description := operation.get("description"):
        yield f"<p>{html.escape(description)}</p>"
    names = [one["name"] for one in operation.get("parameters", []) if one.get("in") == "query"]
    if names:
        yield (
            "<p>Query: " + ", ".join(f"<code>{html.escape(name)}</code>" for name in names) + "</p>"
        )
    yield from _examples("Body", operation.get("requestBody", {}))
    for status, response in operation.get("responses", {}).items():
        if status.startswith("2"):
            yield from _examples(f"Answer {status}", response)


def _examples(title: str, holder: dict[str, Any]) -> Iterator[str]:
    for content in holder.get("content", {}).values():
        if "example" in content:
            shown = html.escape(json.dumps(content["example"], indent=2, ensure_ascii=False))
            yield f"<p>{title}</p><pre>{shown}</pre>"
