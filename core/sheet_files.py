"""Sheet files: the bytes of a CSV file or a workbook, read row by row, trusting nothing in them.

Whoever saved the file is told in plain words what to do where it cannot be read.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from core.cells import FORMULA
from core.errors import Invalid
from core.sheets import as_it_was

csv.field_size_limit(131_072)
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
SEPARATORS = ",;\t"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: The beginnings of what people take for a sheet, with its name.
NOT_A_SHEET = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture"}
NOT_A_SHEET |= {b"GIF8": "a picture", b"{\\rtf": "a text document", b"<": "a web page"}
CLUE = "sep="


class SheetUnreadable(Invalid):
    """This is no CSV file and no workbook that can be read."""

    code = "sheet_unreadable"


class SheetFormat(StrEnum):
    """The two kinds of file that are read."""

    CSV = "csv"
    XLSX = "xlsx"


def format_of(content: bytes) -> SheetFormat:
    """What a file is by its first bytes, whatever it is called. Raises SheetUnreadable."""
    if not content.strip():
        raise SheetUnreadable("the file is empty")
    if content.startswith(ZIP):
        return SheetFormat.XLSX
    if content.startswith(OLE):
        raise SheetUnreadable(
            "an old workbook (.xls) or one with a password; save it as .xlsx without a password"
        )
    for beginning, name in NOT_A_SHEET.items():
        if content.lstrip().startswith(beginning):
            raise SheetUnreadable(f"this is {name}; save the sheet as .xlsx or as CSV UTF-8")
    return SheetFormat.CSV


def csv_rows(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Each row with its number in a spreadsheet, blank ones too. Raises SheetUnreadable.

    UTF-8 and UTF-16; comma, semicolon or tab. An apostrophe before a formula is taken off
    (`core.sheets`); a formula without one is no value.
    """
    with _in_plain_words():
        lines = _lines(content)
        start = lines.readline()
        skipped = 0
        if start.strip().strip('"').casefold().startswith(CLUE):
            skipped, start = 1, lines.readline()
        separator = max(SEPARATORS, key=start.count)
        lines.seek(0)
        for number, cells in enumerate(csv.reader(lines, delimiter=separator, strict=True), 1):
            if number > skipped:
                yield number, [_cell(cell) for cell in cells]


def _lines(content: bytes) -> io.TextIOWrapper:
    coding = next((name for bom, name in BOMS.items() if content.startswith(bom)), "utf-8")
    if coding == "utf-8" and b"\x00" in content[:1000]:
        raise SheetUnreadable("letters of an unknown kind; save the sheet as CSV UTF-8")
    return io.TextIOWrapper(io.BytesIO(content), encoding=coding, errors="strict", newline="")


def _cell(written: str) -> Any:
    if written[:1] == "=":
        return FORMULA
    return as_it_was(written)


@contextmanager
def _in_plain_words() -> Iterator[None]:
    try:
        yield
    except UnicodeError:
        raise SheetUnreadable(
            "letters that are not UTF-8 (Excel's plain CSV is Windows-1252, where é and ñ go "
            "wrong elsewhere); save it as CSV UTF-8, or as .xlsx"
        ) from None
    except csv.Error as problem:
        raise SheetUnreadable(f"the CSV file breaks off or is torn: {problem}") from None
