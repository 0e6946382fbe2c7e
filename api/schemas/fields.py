"""Fields that take nothing for what it is not: whole numbers, plain texts, real dates and ids."""

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate
from marshmallow.utils import get_value

from api.schemas.base import View

MOST_MINOR = 99_999_999
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: Control characters, but for tab and the two ends of a line; surrogates; what Unicode calls none.
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Like(validate.Regexp):
    """The whole text has this form; `$` alone would let a line's end through."""

    def __init__(self, form: str) -> None:
        super().__init__(f"^(?:{form})$")
        self._whole = re.compile(form)

    def __call__(self, value: Any) -> Any:
        """The text, if it has the form."""
        if self._whole.fullmatch(value) is None:
            raise ValidationError("Not of the form asked for.")
        return value


class Text(fields.String):
    """``least`` to ``most`` characters that can be printed; not blank unless it may be empty."""

    def __init__(self, most: int, *, least: int = 1, like: str | None = None, **kwargs: Any):
        rules: list[Any] = [validate.Length(min=least, max=most)]
        if like is not None:
            rules.append(Like(like))
        self.least = least
        super().__init__(validate=rules, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if NO_TEXT.search(value):
            raise ValidationError("Holds a character that cannot be printed.")
        if self.least and not value.strip():
            raise ValidationError("Must not be blank.")
        return value


class Choice(fields.String):
    """One word of a list."""

    def __init__(self, choices: type[StrEnum] | Iterable[str], **kwargs: Any):
        super().__init__(validate=validate.OneOf([str(one) for one in choices]), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or len(value) > 100:
            raise self.make_error("invalid")
        return value


class Whole(fields.Integer):
    """A whole number as JSON has it: no boolean, no 1.0, no text."""

    def __init__(self, least: int, most: int, **kwargs: Any):
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class WholeText(Whole):
    """A whole number in a query: decimal digits and nothing else."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16):
            raise self.make_error("invalid")
        return int(value)


class Flag(fields.Boolean):
    """True or false as JSON has them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


class Id(fields.UUID):
    """A UUID in its usual spelling."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> uuid.UUID:
        if not (isinstance(value, str) and UUID_TEXT.fullmatch(value)):
            raise self.make_error("invalid_uuid")
        return uuid.UUID(value)


class Moment(fields.AwareDateTime):
    """A time with its zone, within this century; written in UTC with a Z."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            moment = super()._deserialize(value, attr, data, **kwargs)
            assert isinstance(moment, datetime)
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        _of_this_century(moment.year)
        return moment

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


class Day(fields.Date):
    """A calendar day of this century, as 2026-11-23."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        if not (isinstance(value, str) and DAY.fullmatch(value)):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        day = super()._deserialize(value, attr, data, **kwargs)
        assert isinstance(day, date)
        _of_this_century(day.year)
        return day


class Some(fields.List[Any]):
    """A list of ``least`` to ``most`` things."""

    def __init__(self, inner: Any, most: int, *, least: int = 0, **kwargs: Any):
        self.longest = most
        super().__init__(inner, validate=validate.Length(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        # Before looking at each of them, so that a very long list is a short refusal.
        if isinstance(value, list) and len(value) > self.longest:
            raise ValidationError(f"Longer than maximum length {self.longest}.")
        found: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        return found


class MoneyView(View):
    """An amount in minor units (cents, céntimos) of one currency."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"amount_minor": 4500, "currency": "USD"}

    amount_minor = fields.Integer()
    currency = fields.String()


class Ready(fields.Nested):
    """What the database built already, exactly as the view says; it is not gone through again."""

    def serialize(self, attr: str, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """The value as it is."""
        return get_value(obj, attr, None)


class Amount(fields.Nested):
    """Money in a view, from the row's two columns; null where the row has none."""

    def __init__(
        self, minor: str = "amount_minor", currency: str = "currency", **kwargs: Any
    ) -> None:
        self.minor, self.currency = minor, currency
        super().__init__(MoneyView, **kwargs)

    def serialize(self, attr: str, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """The pair, read from the row."""
        minor = get_value(obj, self.minor, None)
        if minor is None:
            return None
        return {"amount_minor": minor, "currency": get_value(obj, self.currency, None)}


def currency(**kwargs: Any) -> Text:
    """An ISO 4217 code."""
    return Text(3, least=3, like="[A-Z]{3}", **kwargs)


def email(**kwargs: Any) -> Text:
    """An e-mail address."""
    field = Text(254, least=3, metadata={"format": "email"}, **kwargs)
    field.validators.append(validate.Email())
    return field


def web_address(**kwargs: Any) -> Text:
    """An address on the web that begins with https://."""
    return Text(2000, like=r"https://[^\s\"<>\\^`{|}]+", **kwargs)


def _of_this_century(year: int) -> None:
    if not FIRST_YEAR <= year < LAST_YEAR:
        raise ValidationError(f"Must be between {FIRST_YEAR} and {LAST_YEAR}.")
