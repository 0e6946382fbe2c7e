"""Fields: what goes over the wire, each with its limits and an example."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from core.money import Money
from core.words import LANGUAGES

SHORT = 100
LONG = 2000
URL = 500
UUID_EXAMPLE = "0199a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b"
MOST_MINOR = 99_999_999


class Text(fields.String):
    """Text with a length, without control characters; blanks at its ends are taken off."""

    def __init__(
        self, most: int = SHORT, *, least: int = 1, example: str = "…", **kwargs: Any
    ) -> None:
        metadata = {"example": example, **kwargs.pop("metadata", {})}
        checks = [validate.Length(least, most), *kwargs.pop("checks", [])]
        super().__init__(validate=checks, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        if any(ord(character) < 32 and character not in "\n\t" for character in text):
            raise ValidationError("Control characters are not text.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("This is not text.")
        return text.strip()


def choice(options: Any, **kwargs: Any) -> fields.String:
    """One word of an enumeration."""
    words = [str(option.value if hasattr(option, "value") else option) for option in options]
    metadata = {"example": kwargs.pop("example", words[0])}
    return fields.String(validate=validate.OneOf(words), metadata=metadata, **kwargs)


def whole(least: int, most: int, *, example: int | None = None, **kwargs: Any) -> fields.Integer:
    """A whole number; no text, no fraction, no true or false."""
    metadata = {"example": least if example is None else example}
    return fields.Integer(
        strict=True, validate=validate.Range(least, most), metadata=metadata, **kwargs
    )


def identifier(**kwargs: Any) -> fields.UUID:
    """A UUID."""
    return fields.UUID(metadata={"example": kwargs.pop("example", UUID_EXAMPLE)}, **kwargs)


def moment(**kwargs: Any) -> fields.AwareDateTime:
    """A time with its zone, ISO 8601."""
    return fields.AwareDateTime(
        format="iso", metadata={"example": "2026-11-23T15:00:00Z"}, **kwargs
    )


def day(**kwargs: Any) -> fields.Date:
    """A date."""
    return fields.Date(metadata={"example": "2026-11-20"}, **kwargs)


def currency(**kwargs: Any) -> fields.String:
    """A currency of ISO 4217."""
    return fields.String(
        validate=validate.Regexp("^[A-Z]{3}$"),
        metadata={"example": kwargs.pop("example", "USD")},
        **kwargs,
    )


def yes_no(*, example: bool = True, **kwargs: Any) -> fields.Boolean:
    """True or false, and nothing that is only taken for it."""
    field = fields.Boolean(metadata={"example": example}, **kwargs)
    field.truthy, field.falsy = {True}, {False}
    return field


def web_address(**kwargs: Any) -> fields.Url:
    """An https address."""
    return fields.Url(
        schemes={"https", "http"},
        validate=validate.Length(max=URL),
        metadata={"example": "https://photos.example/runner.jpg"},
        **kwargs,
    )


def several(
    inner: fields.Field[Any] | type, *, most: int, least: int = 0, **kwargs: Any
) -> "fields.List[Any]":
    """A list with a maximum."""
    return fields.List(inner, validate=validate.Length(least, most), **kwargs)


class WordsField(fields.Dict):
    """Words in one or more of en, es, qu."""

    def __init__(
        self, most: int = SHORT, *, example: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.most = most
        super().__init__(
            keys=fields.String(validate=validate.OneOf(LANGUAGES)),
            values=Text(most),
            metadata={"example": example or {"en": "Table runner", "es": "Camino de mesa"}},
            **kwargs,
        )


class MoneyField(fields.Field[Money]):
    """``{"amount_minor": 4500, "currency": "USD"}``; read from Money."""

    def __init__(self, **kwargs: Any) -> None:
        example = {"amount_minor": 4500, "currency": "USD"}
        metadata = {
            "example": example,
            "type": "object",
            "properties": {
                "amount_minor": {"type": "integer"},
                "currency": {"type": "string"},
            },
            "required": ["amount_minor", "currency"],
        }
        super().__init__(metadata=metadata, **kwargs)

    def _serialize(self, value: Money | None, *_args: Any, **_kwargs: Any) -> Any:
        return None if value is None else {"amount_minor": value.minor, "currency": value.currency}
