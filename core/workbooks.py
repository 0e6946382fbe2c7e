"""Workbooks (.xlsx): read and written a row at a time, and looked at before anything opens them.

A workbook is a zip of XML. Before openpyxl opens it, every part is unpacked once and thrown away:
so much is known of how large it becomes, whatever it says of itself, and that no part declares
entities. Merged cells are found on the way, because only their first cell holds a value.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from core.cells import ERROR, FORMULA, UNPRINTABLE
from core.columns import MOST_COLUMNS
from core.sheet_files import SheetUnreadable

MOST_UNPACKED = 64 << 20
MOST_PARTS = 500
#: What one cell of a workbook can hold; openpyxl would cut off the rest without a word.
MOST_IN_A_CELL = 32_767
TOO_LONG = "(too long for a workbook; take the CSV file)"
_PIECE = 1 << 16
_KEPT_IN_MEMORY = 1 << 20
_OVERLAP = 80
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]{0,40}?ref=[\"']([A-Z]{1,3}[0-9]{1,7})[:\"']")
#: Whatever openpyxl stumbles over in a file that is not what it says.
_STUMBLES = (
    ArithmeticError, AssertionError, AttributeError, EOFError, InvalidFileException, LookupError,
    MemoryError, OSError, RuntimeError, SyntaxError, TypeError,
    ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def look_over(content: bytes) -> list[str]:
    """The first cell of each merged range, wherever in the book. Raises SheetUnreadable."""
    merged: list[str] = []
    with _in_plain_words(), zipfile.ZipFile(BytesIO(content)) as book:
        parts = book.infolist()
        if len(parts) > MOST_PARTS:
            raise SheetUnreadable(f"a workbook of {len(parts)} parts; at most {MOST_PARTS} are")
        left = MOST_UNPACKED
        for part in parts:
            if part.filename.endswith("vbaProject.bin"):
                raise SheetUnreadable("a workbook with macros; save it as .xlsx")
            with book.open(part) as opened:
                left = _unpack(opened, left, merged)
    return merged


def workbook_rows(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Each row of the first sheet with its number, blank ones too; look it over first.

    A formula and an error are `core.cells.Unusable`. Raises SheetUnreadable.
    """
    with _in_plain_words():
        book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            # One column more than may be used, so that one too many is noticed.
            rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1)
            for number, cells in enumerate(rows, 1):
                end = len(cells)
                while end and cells[end - 1].value is None:
                    end -= 1
                yield number, [_value(cell) for cell in cells[:end]]
        finally:
            book.close()


def as_workbook(
    title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    """The bytes of a workbook with one sheet, in pieces; a text stays a text, whatever it says."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in chain([header], rows):
        sheet.append([_cell(sheet, value) for value in row])
    with SpooledTemporaryFile(_KEPT_IN_MEMORY) as kept:
        book.save(kept)
        kept.seek(0)
        while piece := kept.read(_PIECE):
            yield piece


def _unpack(opened: IO[bytes], left: int, merged: list[str]) -> int:
    """How many bytes may still come after this part."""
    tail = first = opened.read(_PIECE)
    if b"\x00" in first[:200] and first[:2] in {b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<"}:
        raise SheetUnreadable("a workbook in letters that no spreadsheet writes")
    while tail:
        left -= len(first)
        if left < 0:
            raise SheetUnreadable("the workbook becomes too large when it is unpacked")
        if _ENTITIES.search(tail):
            raise SheetUnreadable("the workbook declares entities, which no spreadsheet does")
        merged += (found.decode() for found in _MERGED.findall(tail) if len(merged) < 100)
        first = opened.read(_PIECE)
        tail = tail[-_OVERLAP:] + first if first else b""
    return left


def _value(cell: Any) -> Any:
    kind = getattr(cell, "data_type", "n")
    if kind == "f":
        return FORMULA
    return ERROR if kind == "e" else cell.value


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        if not isinstance(value, date):
            return value
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    text = TOO_LONG if len(value) > MOST_IN_A_CELL else UNPRINTABLE.sub("\ufffd", value)
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


@contextmanager
def _in_plain_words() -> Iterator[None]:
    try:
        yield
    except SheetUnreadable:
        raise
    except _STUMBLES as problem:
        raise SheetUnreadable(
            "the workbook cannot be opened; save it anew as .xlsx from a spreadsheet"
        ) from problem
