"""Sheets: CSV that a spreadsheet opens as it is meant, in any language, and runs nothing of."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: Tells spreadsheets that the file is UTF-8.
MARK = "\ufeff"
#: What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: The beginning of a formula, behind any number of apostrophes: one more is what we write.
_GUARDED = re.compile(r"'*[=+\-@\t\r]")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time; None is an empty cell.

    A text that a spreadsheet would run as a formula is given an apostrophe before it (OWASP, "CSV
    injection"); numbers keep their sign. `as_it_was` takes the apostrophe off again.
    """
    yield MARK + _line(header)
    for row in rows:
        yield _line([_cell(value) for value in row])


def as_it_was(written: str) -> str:
    """A cell of such a file as it was before its apostrophe was put there."""
    return written[1:] if written[:1] == "'" and _GUARDED.match(written) else written


def _cell(value: Any) -> Any:
    if isinstance(value, str) and _GUARDED.match(value):
        return f"'{value}"
    return "" if value is None else value


def _line(cells: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
