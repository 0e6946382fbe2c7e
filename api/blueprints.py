"""The blueprint every noun uses: strict parsing, examples from the schemas, typed decorators."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import flask_smorest  # type: ignore[import-untyped]
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema

from api.parsing import Parser
from api.schemas.problem import ProblemView

View = TypeVar("View", bound=Callable[..., Any])


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """One noun's routes under ``/v1``; a schema brings its own example along."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix="/v1", description=description)

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        """A route that reads."""
        return cast("Callable[[View], View]", super().get(rule, **options))

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:
        """A route that creates, or writes down a change of state."""
        return cast("Callable[[View], View]", super().post(rule, **options))

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:
        """A route that creates under an id made by the client."""
        return cast("Callable[[View], View]", super().put(rule, **options))

    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:
        """A route that edits."""
        return cast("Callable[[View], View]", super().patch(rule, **options))

    def arguments(
        self, schema: type[Schema], *, location: str = "json", **given: Any
    ) -> Callable[[View], View]:
        """Load the request's body (or query) by ``schema`` and hand it to the view first."""
        if location == "json":
            given.setdefault("example", vars(schema).get("EXAMPLE", {}))
        return cast("Callable[[View], View]", super().arguments(schema, location=location, **given))

    def response(
        self, status_code: int, schema: type[Schema] | None = None, **given: Any
    ) -> Callable[[View], View]:
        """Dump what the view returns by ``schema``."""
        if schema is not None:
            given.setdefault("example", vars(schema).get("EXAMPLE", {}))
        return cast("Callable[[View], View]", super().response(status_code, schema, **given))

    def also_answers(
        self, status_code: int, schema: type[Schema], what: str
    ) -> Callable[[View], View]:
        """Document a second status that is part of the normal course."""
        example = vars(schema).get("EXAMPLE", {})
        return cast(
            "Callable[[View], View]",
            self.alt_response(
                status_code, schema=schema, description=what, example=example, success=True
            ),
        )


def document(view: View, **words: Any) -> View:
    """Add to what the OpenAPI document says of a view; dicts are merged, lists replaced."""
    return cast("View", flask_smorest.Blueprint.doc(**words)(view))


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest with our problems instead of its errors; it serves no pages of its own."""

    ERROR_SCHEMA = ProblemView

    def __init__(self, app: Flask, *, title: str, version: str, openapi_version: str) -> None:
        names = MarshmallowPlugin(schema_name_resolver=_component_name)
        super().__init__(
            app,
            spec_kwargs={
                "title": title,
                "version": version,
                "openapi_version": openapi_version,
                "marshmallow_plugin": names,
            },
        )

    def _register_error_handlers(self) -> None:
        """Errors are answered by ``api.errors``."""


def _component_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("View")
