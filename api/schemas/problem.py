"""The shape of every refusal (RFC 9457)."""

from marshmallow import fields

from api.schemas.base import View


class PlaceView(View):
    """One thing that is wrong, and where."""

    pointer = fields.String(
        metadata={"description": "JSON pointer into the body, or ?name for a query parameter"}
    )
    message = fields.String()


class ProblemView(View):
    """A refusal: ``code`` is stable and made for programs, ``detail`` for people."""

    EXAMPLE = {
        "type": "https://shop.example/docs#invalid",
        "title": "What was sent cannot be understood or breaks a rule.",
        "status": 422,
        "code": "invalid",
        "detail": "What was sent cannot be understood or breaks a rule.",
        "instance": "urn:request:0197f1a5c2d07a31b2c3d4e5f6a7b8c9",
        "details": {},
        "errors": [{"pointer": "/items/0/quantity", "message": "Not a valid integer."}],
    }

    type = fields.String(metadata={"description": "where the code is explained"})
    title = fields.String()
    status = fields.Integer()
    code = fields.String()
    detail = fields.String()
    instance = fields.String(metadata={"description": "names this one request, as in the logs"})
    details = fields.Dict(metadata={"description": "facts that belong to the code"})
    errors = fields.List(fields.Nested(PlaceView))
