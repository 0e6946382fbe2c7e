"""Every way to spoil one field of a good body, read off the schema it is loaded by."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from api.schemas.fields import Choice, Day, Flag, Id, Moment, Some, Text, Whole

NOT_A_TEXT: tuple[Any, ...] = (5, 1.5, True, None, [], {})


@dataclass(frozen=True)
class Spoilt:
    """A body with one thing wrong, and where."""

    what: str
    body: Any
    pointer: str


def spoilt(schema: Schema, good: Any) -> Iterator[Spoilt]:
    """Every spoilt copy of a good body."""
    for wrong in WRONG[fields.Nested]:
        yield Spoilt(f"{wrong!r} for an object", wrong, "")
    yield from _in_object(schema, good, good, ())


def _in_object(schema: Schema, whole: Any, part: Any, path: tuple[Any, ...]) -> Iterator[Spoilt]:
    yield _with(whole, (*path, "no_such_field"), 1, "unknown")
    for name, field in schema.fields.items():
        at = (*path, name)
        if field.required:
            yield _without(whole, at)
        for wrong in wrong_values(field):
            yield _with(whole, at, wrong, f"{str(wrong)[:40]!r}")
        if name in part:
            yield from _within(field, whole, part[name], at)


def _within(field: Any, whole: Any, value: Any, at: tuple[Any, ...]) -> Iterator[Spoilt]:
    if isinstance(field, fields.Nested):
        yield from _in_object(field.schema, whole, value, at)
    elif isinstance(field, Some) and value:
        yield _with(whole, at, [value[0]] * (field.longest + 1), "too many")
        for wrong in wrong_values(field.inner):
            yield _with(whole, (*at, 0), wrong, f"{str(wrong)[:40]!r}")
        yield from _within(field.inner, whole, value[0], (*at, 0))


def wrong_values(field: Any) -> list[Any]:
    """What a field must not take."""
    kind = next(kind for kind in type(field).__mro__ if kind in WRONG)
    return WRONG[kind] + _out_of_bounds(field)


WRONG: dict[type, list[Any]] = {
    Text: [*NOT_A_TEXT, "a\x00b", "a\x07b", "a\ufffe"],
    Choice: [*NOT_A_TEXT, "no such word", "", "a\x00b", "x" * 10_000],
    Whole: [None, True, "5", 5.0, 1.5, [], {}, 2**63, -(2**63), 10**30],
    Flag: [None, 0, 1, "true", [], {}],
    Id: [*NOT_A_TEXT, "", "no id", "{" + "0" * 32 + "}", "0" * 32, "é" * 36],
    Moment: [*NOT_A_TEXT, "", "now", "2026-11-23T10:00:00", "0001-01-01T00:00:00+14:00", "1e9"],
    Day: [*NOT_A_TEXT, "", "2026-02-30", "20261123", "0001-01-01", "9999-12-31"],
    Some: [None, 5, "text", {}, True],
    fields.Nested: [None, 5, "text", [], True],
}


def _out_of_bounds(field: Any) -> list[Any]:
    """Too short, too long, too small, too great."""
    found: list[Any] = []
    for rule in field.validators:
        if type(rule) is validate.Range:
            found += [int(rule.min or 0) - 1, int(rule.max or 0) + 1]
        elif isinstance(rule, validate.Length) and isinstance(field, Text):
            found += ["x" * (int(rule.max or 0) + 1), *(["", "   "] if field.least else [])]
        elif isinstance(rule, validate.Length) and rule.min:
            found.append([])
    return found


def _with(whole: Any, path: tuple[Any, ...], value: Any, what: str) -> Spoilt:
    body = copy.deepcopy(whole)
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return Spoilt(f"{what} at {pointer(path)}", body, pointer(path))


def _without(whole: Any, path: tuple[Any, ...]) -> Spoilt:
    body = copy.deepcopy(whole)
    place = body
    for step in path[:-1]:
        place = place[step]
    place.pop(path[-1], None)
    return Spoilt(f"nothing at {pointer(path)}", body, pointer(path))


def pointer(path: tuple[Any, ...]) -> str:
    """A path as a JSON pointer."""
    return "".join(f"/{step}" for step in path)
