"""What requests and views have in common."""

from typing import Any, ClassVar

from marshmallow import EXCLUDE, RAISE, Schema, fields


class Request(Schema):
    """A request: the arguments of one operation. Unknown fields are refused."""

    EXAMPLE: ClassVar[dict[str, Any]] = {}

    class Meta:
        """marshmallow's options."""

        unknown = RAISE


class Nothing(Request):
    """A request without a body; an empty object is one too."""

    EXAMPLE: ClassVar[dict[str, Any]] = {}


class View(Schema):
    """A view: exactly these fields, each always there."""

    EXAMPLE: ClassVar[dict[str, Any]] = {}

    class Meta:
        """marshmallow's options; readers are to expect that fields may be added one day."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Views are only dumped; ``required`` tells readers that the key is always there."""
        field_obj.required = True
