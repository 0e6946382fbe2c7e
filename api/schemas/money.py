"""Money and words on the wire."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from api.schemas.base import Request, View
from api.schemas.fields import MOST_MINOR, Text, Whole, currency


class NewMoney(Request):
    """An amount in minor units (cents, céntimos) of one currency."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"amount_minor": 4500, "currency": "USD"}

    amount_minor = Whole(1, MOST_MINOR, required=True)
    currency = currency(required=True)


class _Words(Request):
    @validates_schema(skip_on_field_errors=True)
    def _in_some_language(self, data: dict[str, Any], **_options: Any) -> None:
        if not data:
            raise ValidationError("Say it in at least one of en, es and qu.")


class ShortWords(_Words):
    """A name or a title in English, Spanish and Quechua; at least one of them."""

    en = Text(200)
    es = Text(200)
    qu = Text(200)


class LongWords(_Words):
    """A text in English, Spanish and Quechua; at least one of them."""

    en = Text(5000)
    es = Text(5000)
    qu = Text(5000)


class WordsView(View):
    """What somebody has written, by language; a language nobody wrote is not there."""

    en = fields.String()
    es = fields.String()
    qu = fields.String()

    def on_bind_field(self, field_name: str, field_obj: Any) -> None:
        """No language is always there."""
