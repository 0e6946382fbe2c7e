"""Form parameters against a schema: refused the way Stripe refuses, or turned into values."""

import re
from collections.abc import Callable
from typing import Any

from stripe_peer.refusals import BadParameter, missing, unknown

Schema = dict[str, Any]
WHOLE = re.compile(r"-?\d{1,18}")


def read(given: Any, schema: Schema, name: str = "") -> Any:
    """The value of one parameter, checked; `name` is written as Stripe does, a[b][0]."""
    if "anyOf" in schema:
        return read_any(given, schema["anyOf"], name)
    return READERS[schema.get("type", "string")](given, schema, name)


def read_any(given: Any, choices: list[Schema], name: str) -> Any:
    """The first choice that fits; otherwise the complaint of the one of the same shape."""
    complaints: list[BadParameter] = []
    same_shape = [c for c in choices if isinstance(given, dict) == (shape_of(c) is dict)]
    for choice in same_shape or choices:
        try:
            return read(given, choice, name)
        except BadParameter as complaint:
            complaints.append(complaint)
    raise complaints[0]


def shape_of(schema: Schema) -> type:
    """Whether a parameter of this schema comes with brackets."""
    return dict if schema.get("type") in ("object", "array") else str


def read_object(given: Any, schema: Schema, name: str) -> dict[str, Any]:
    """A hash: closed unless its schema says what other fields may hold."""
    if not isinstance(given, dict):
        raise BadParameter("Invalid object", param=name)
    fields = schema.get("properties", {})
    others = schema.get("additionalProperties", False)
    value: dict[str, Any] = {}
    for key, inner in given.items():
        place = f"{name}[{key}]" if name else key
        if key in fields:
            value[key] = read(inner, fields[key], place)
        elif isinstance(others, dict):
            value[key] = inner if inner == "" else read(inner, others, place)
        else:
            raise unknown(place)
    for key in schema.get("required", []):
        if key not in value:
            raise missing(f"{name}[{key}]" if name else key)
    if name.rpartition("[")[2].rstrip("]") == "metadata":
        check_metadata(value, name)
    return value


def check_metadata(value: dict[str, str], name: str) -> None:
    """50 keys of 40 characters, values of 500."""
    if len(value) > 50:
        raise BadParameter("Metadata can have up to 50 keys.", param=name)
    for key, text in value.items():
        if len(key) > 40 or len(text) > 500:
            raise BadParameter(
                f"Metadata keys have up to 40 characters and values up to 500: '{key[:40]}' "
                "is too long.",
                param=f"{name}[{key}]",
            )


def read_array(given: Any, schema: Schema, name: str) -> list[Any]:
    """A list, which a form spells a[0]=…&a[1]=…."""
    if given == "":
        return []
    if not isinstance(given, dict) or not all(key.isdigit() for key in given):
        raise BadParameter("Invalid array", param=name)
    places = sorted(given, key=int)
    return [read(given[key], schema["items"], f"{name}[{key}]") for key in places]


def read_string(given: Any, schema: Schema, name: str) -> str:
    """Text: not a hash, not empty unless that is how it is unset, one of the allowed words."""
    if not isinstance(given, str):
        raise BadParameter(f"Invalid string: {name} was given fields", param=name)
    words = schema.get("enum")
    if given == "" and "" not in (words or []):
        raise BadParameter(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{name}' cannot be unset. You should remove '{name}' "
            "from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=name,
        )
    if words and given not in words and not schema.get("x-stripeBypassValidation"):
        choices = [word for word in words if word]
        listed = ", ".join(choices[:-1]) + f", or {choices[-1]}" if len(choices) > 1 else choices[0]
        raise BadParameter(f"Invalid {name}: must be one of {listed}", param=name)
    longest = schema.get("maxLength")
    if longest and len(given) > longest:
        raise BadParameter(
            f"Invalid string: {given[:20]}...; must be at most {longest} characters", param=name
        )
    if schema.get("format") == "currency" and not re.fullmatch(r"[A-Za-z]{3}", given):
        raise BadParameter(f"Invalid currency: {given}.", param=name)
    return given.lower() if schema.get("format") == "currency" else given


def read_integer(given: Any, schema: Schema, name: str) -> int:
    """A whole number."""
    if not isinstance(given, str) or not WHOLE.fullmatch(given):
        raise BadParameter(
            f"Invalid integer: {given}", code="parameter_invalid_integer", param=name
        )
    return int(given)


def read_number(given: Any, schema: Schema, name: str) -> float:
    """A decimal number."""
    try:
        return float(given)
    except (TypeError, ValueError):
        raise BadParameter(f"Invalid decimal: {given}", param=name) from None


def read_boolean(given: Any, schema: Schema, name: str) -> bool:
    """`true` or `false`, spelled so."""
    if given not in ("true", "false"):
        raise BadParameter(f"Invalid boolean: {given}", param=name)
    return bool(given == "true")


READERS: dict[str, Callable[[Any, Schema, str], Any]] = {
    "object": read_object,
    "array": read_array,
    "string": read_string,
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
}
