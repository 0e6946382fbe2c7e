"""Cells: what stands in one cell of a spreadsheet, read as the thing it is meant to be.

Spreadsheets turn codes into numbers, days into counts of days, and write decimals with a point or
a comma. Whatever can be read in two ways is not guessed at: it is refused with words.
"""

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from core.money import decimals_of

Value = str | int | float | bool | datetime | date | None
Reader = Callable[[Value], Any]

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
#: Day 0 of the 1900 system of spreadsheets, as it comes out for every day after February 1900.
DAY_ZERO = date(1899, 12, 30)
YES = frozenset({"yes", "true", "1", "x", "si", "sí", "verdadero"})
NO = frozenset({"no", "false", "0", "falso"})
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", re.ASCII)
A_NUMBER = re.compile(r"\d[\d.,]*", re.ASCII)
TWO_WAYS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
#: A place between two thousands: a blank, a hard one, a narrow one.
BLANKS = re.compile("[ \u00a0\u202f]")


class Misread(Exception):
    """A cell does not hold what its column asks for: a stable code, and words for people."""

    def __init__(self, code: str, words: str) -> None:
        self.code, self.words = code, words
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell whose contents are nothing to be read: a formula, or a formula's error."""

    code: str
    words: str


FORMULA = Unusable("formula", "a formula; put its value in its place (paste as values)")
ERROR = Unusable("cell_error", "the spreadsheet itself shows an error here")


def plain(value: Value) -> str:
    """A cell as text: 1500.0 is 1500, a day is 2026-11-20; blanks around it are not kept."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if _is_midnight(value) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def text(most: int, *, like: str | None = None, form: str = "") -> Reader:
    """At most ``most`` printable characters; ``form``: in words, what ``like`` asks for."""
    pattern = re.compile(like) if like else None

    def read(value: Value) -> str:
        found = _as_written(value) if pattern is None else plain(value)
        if UNPRINTABLE.search(found):
            raise Misread("unprintable", "a character that cannot be printed")
        if len(found) > most:
            raise Misread("too_long", f"{len(found)} characters; at most {most} are kept")
        if pattern and not pattern.fullmatch(found):
            raise Misread("form", f"not of the form asked for: {form}")
        return found

    return read


def choice(words: Iterable[str]) -> Reader:
    """One of these words, however its letters are cased."""
    known = {word.casefold(): word for word in map(str, words)}

    def read(value: Value) -> str:
        found = plain(value).casefold().replace(" ", "_")
        if found not in known:
            listed = ", ".join(known.values())
            raise Misread("no_such_choice", f"{shown(value)} is not one of: {listed}")
        return known[found]

    return read


def whole(least: int, most: int) -> Reader:
    """A whole number between two."""

    def read(value: Value) -> int:
        number = decimal(value)
        if number != number.to_integral_value():
            raise Misread("not_whole", f"{shown(value)} is not a whole number")
        if not least <= number <= most:
            raise Misread("out_of_range", f"{shown(value)} is not between {least} and {most}")
        return int(number)

    return read


def decimal(value: Value, *, places: int = 2) -> Decimal:
    """A number, exact, with a point or a comma; ``places``: how many decimals are usual here.

    ``1,500`` may be one and a half or fifteen hundred, so it is refused, but where three decimals
    are usual.
    """
    written = BLANKS.sub("", plain(value))
    if isinstance(value, bool) or not A_NUMBER.fullmatch(written):
        raise Misread("not_a_number", f"{shown(value)} is not a number")
    if isinstance(value, str):
        if TWO_WAYS.fullmatch(written) and places != 3:
            words = f"{shown(value)} can be read in two ways; write it without a mark for thousands"
            raise Misread("number_unclear", words)
        written = _with_point(written)
    try:
        return Decimal(written)
    except InvalidOperation:
        raise Misread("not_a_number", f"{shown(value)} is not a number") from None


def minor(value: Value, currency: str, most: int) -> int:
    """An amount as people write it, in minor units of its currency."""
    places = decimals_of(currency)
    amount = decimal(value, places=places).scaleb(places)
    if amount != amount.to_integral_value():
        raise Misread("too_fine", f"{currency} is written with {places} decimals")
    if not 1 <= amount <= most:
        raise Misread("out_of_range", f"{shown(value)} is nothing, or more than is ever paid")
    return int(amount)


def flag(value: Value) -> bool:
    """Yes or no, in English or Spanish."""
    found = plain(value).casefold()
    if found in YES:
        return True
    if found in NO:
        return False
    raise Misread("no_such_choice", f"{shown(value)} is neither yes nor no")


def day(value: Value) -> date:
    """A calendar day: 2026-11-20, 20/11/2026, or the number a spreadsheet has for it."""
    found = _day_in(value)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Misread("out_of_range", f"{found.isoformat()} is not of this century")
    return found


def identifier(value: Value) -> uuid.UUID:
    """An id, as it came out of this house or another."""
    try:
        return uuid.UUID(plain(value))
    except ValueError:
        raise Misread("form", "not an id; leave it empty and one is made") from None


def shown(value: Value) -> str:
    """What stands in a cell, short enough to be repeated to whoever wrote it."""
    found = UNPRINTABLE.sub("?", plain(value))
    return f"“{found[:40]}…”" if len(found) > 40 else f"“{found}”"


def _as_written(value: Value) -> str:
    """A text keeps its blanks; its lines end as everywhere else."""
    if not isinstance(value, str):
        return plain(value)
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _with_point(written: str) -> str:
    """The last mark is the decimal one, unless it comes more than once."""
    marks = [one for one in written if one in ".,"]
    if not marks:
        return written
    last = marks[-1]
    if marks.count(last) > 1:
        groups = written.split(last)
        if len(set(marks)) > 1 or any(len(group) != 3 for group in groups[1:]):
            raise Misread("not_a_number", f"{shown(written)} is not a number")
        return "".join(groups)
    head, _, tail = written.rpartition(last)
    groups = re.split("[.,]", head)
    if any(len(group) != 3 for group in groups[1:]) or not tail:
        raise Misread("not_a_number", f"{shown(written)} is not a number")
    return "".join(groups) + "." + tail


def _day_in(value: Value) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = plain(value)
    try:
        if found := ISO_DAY.fullmatch(written):
            return date(*map(int, found.groups()))
        if found := DAY_FIRST.fullmatch(written):
            day_, month, year = map(int, found.groups())
            return date(year, month, day_)
        if re.fullmatch(r"\d{5}", written, re.ASCII):
            return DAY_ZERO + timedelta(days=int(written))
    except ValueError:
        pass
    raise Misread("not_a_day", f"{shown(value)} is not a day; write it as 2026-11-20")


def _is_midnight(value: datetime) -> bool:
    return (value.hour, value.minute, value.second) == (0, 0, 0)
