"""Sheets: CSV that a spreadsheet opens as it is meant, in any language, and runs nothing of."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: Tells spreadsheets that the file is UTF-8.
MARK = "\ufeff"
#: What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time; None is an empty cell.

    A text that a spreadsheet would run as a formula is given an apostrophe before it (OWASP, "CSV
    injection"); numbers keep their sign.
    """
    yield MARK + _line(header)
    for row in rows:
        yield _line([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _line(cells: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
