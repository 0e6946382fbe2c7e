"""JSON by orjson: quick, strict, and times always in UTC with a Z."""

from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

OPTIONS = orjson.OPT_UTC_Z


class OrjsonProvider(JSONProvider):
    """Flask's reading and writing of JSON."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """The value as text."""
        return orjson.dumps(obj, option=OPTIONS).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """The text as a value; a ValueError when it is none."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """The value as an answer, without going through text."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), option=OPTIONS)
        return Response(body, mimetype="application/json")
