"""The wire: how a route says what it takes and gives, strictly, and with an example of each."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import orjson
from flask import Request, request
from flask_smorest import Blueprint as SmorestBlueprint  # type: ignore[import-untyped]
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from api.errors import MalformedJson
from api.fields import MoneyField, WordsField

View = TypeVar("View", bound=Callable[..., Any])
LARGEST_NUMBER = 2**63 - 1


class StrictParser(FlaskParser):
    """Refuses unknown fields everywhere, and a body that is not the JSON it says it is."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return {}
        if not req.is_json:
            raise UnsupportedMediaType("send application/json")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise MalformedJson() from None

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The query, in which nothing is said twice."""
        for name, values in req.args.lists():
            if len(values) > 1:
                raise ValidationError({name: ["Given more than once."]})
        return super().load_querystring(req, schema)


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    """Routes of one noun."""

    ARGUMENTS_PARSER = StrictParser()

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

    def says(self, **words: Any) -> Callable[[View], View]:
        """Add to what the document says of a route."""
        return cast("Callable[[View], View]", self.doc(**words))


class Strict(Schema):
    """What goes over the wire: nothing unknown, in the order it was written."""

    class Meta:
        unknown = RAISE

    @classmethod
    def page(cls) -> type[Schema]:
        """A page of these."""
        return _page_of(cls)


@cache
def _page_of(schema: type[Schema]) -> type[Schema]:
    members: dict[str, fields.Field[Any]] = {
        "items": fields.List(fields.Nested(schema)),
        "next": fields.String(allow_none=True, metadata={"example": None}),
    }
    made = Schema.from_dict(members, name=f"{schema.__name__}Page")
    made.__doc__ = "One page, and where the next one begins."
    return made


def takes(
    blueprint: Blueprint, schema: type[Schema], *, where: str = "json"
) -> Callable[[View], View]:
    """This route takes a body (or a query) of this schema."""
    if where == "query":
        decorate: Callable[[View], View] = blueprint.arguments(schema, location="query")
        return decorate
    made: Callable[[View], View] = blueprint.arguments(schema, example=example_of(schema))
    return made


def gives(blueprint: Blueprint, status: int, schema: type[Schema]) -> Callable[[View], View]:
    """This route answers with this schema."""
    made: Callable[[View], View] = blueprint.response(status, schema, example=example_of(schema))
    return made


def example_of(schema: type[Schema]) -> dict[str, Any]:
    """An example of a schema, from the examples of its fields."""
    return {
        field.data_key or name: _example(field)
        for name, field in schema().fields.items()
        if not field.metadata.get("left_out")
    }


def raw_request() -> bytes:
    """What identifies this request to its Idempotency-Key: method, path and body."""
    return b"\n".join(
        [request.method.encode(), request.path.encode(), request.get_data(cache=True)]
    )


def _example(field: fields.Field[Any]) -> Any:
    if isinstance(field, fields.Nested):
        inner = example_of(type(field.schema))
        return [inner] if field.many else inner
    if isinstance(field, fields.List):
        return [_example(field.inner)]
    if isinstance(field, (MoneyField, WordsField)) or "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.Dict):
        return {}
    raise AssertionError(f"no example on {field.name}")
