"""Files that are no sheets, or want to do harm: refused in plain words, and nothing breaks."""

import io
import zipfile
from collections.abc import Callable

import pytest

from core.cells import FORMULA
from core.sheet_files import SheetUnreadable, csv_rows, format_of
from core.workbooks import MOST_UNPACKED, look_over, workbook_rows
from tests.batches.sending import a_csv, a_workbook

ROWS = [["legal_name", "public_name"], ["Ñusta", "Ñ"]]
BOOK = a_workbook(*ROWS)
SHEET = "xl/worksheets/sheet1.xml"


def with_part(name: str, change: Callable[[bytes], bytes], book: bytes = BOOK) -> bytes:
    """The workbook with one part written anew, or one more part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old:
        parts = {one.filename: old.read(one) for one in old.infolist()}
    parts[name] = change(parts.get(name, b""))
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for path, content in parts.items():
            new.writestr(path, content)
    return made.getvalue()


def only(parts: dict[str, bytes]) -> bytes:
    """A zip of just these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for path, content in parts.items():
            new.writestr(path, content)
    return made.getvalue()


def read(content: bytes) -> list[list[object]]:
    if format_of(content) == "csv":
        return [cells for _number, cells in csv_rows(content)]
    look_over(content)
    return [cells for _number, cells in workbook_rows(content)]


READ = {
    "UTF-8": a_csv(*ROWS),
    "UTF-8 with a mark": a_csv(*ROWS, coding="utf-8-sig"),
    "UTF-16 with a mark": a_csv(*ROWS, coding="utf-16"),
    "semicolons": a_csv(*ROWS, separator=";"),
    "tabs": a_csv(*ROWS, separator="\t"),
    "the separator named": b"sep=;\r\n" + a_csv(*ROWS, separator=";"),
    "a workbook": BOOK,
}


@pytest.mark.parametrize("what", READ)
def test_what_spreadsheets_write_is_read(what: str) -> None:
    assert read(READ[what]) == ROWS


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book, book.open(SHEET, "w") as part:
        for _ in range(MOST_UNPACKED // (1 << 20) + 1):
            part.write(bytes(1 << 20))
    return made.getvalue()


LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;'
    b"</worksheet>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "blanks": (b" \n ", "empty"),
    "Windows-1252": ("legal_name\nPeña".encode("cp1252"), "Windows-1252"),
    "UTF-16 without a mark": ("legal_name,public_name".encode("utf-16-le"), "unknown kind"),
    "half a UTF-16 letter": (b"\xff\xfea\x00b", "UTF-8"),
    "a quote that never ends": (b'a,b\n"x', "torn"),
    "a cell that never ends": (b'a,b\n"' + b"x" * 200_000, "torn"),
    "a PDF": (b"%PDF-1.7 x", "a PDF"),
    "a page": (b"<html>", "web page"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
    "no zip after all": (b"PK\x03\x04" + bytes(50), "cannot be opened"),
    "half a workbook": (BOOK[: len(BOOK) // 2], "cannot be opened"),
    "a zip without a book": (only({"a.txt": b"x"}), "cannot be opened"),
    "macros": (with_part("xl/vbaProject.bin", lambda _: b"x"), "macros"),
    "a bomb": (bomb(), "too large"),
    "laughs": (with_part(SHEET, lambda _: LAUGHS), "entities"),
    "laughs in UTF-16": (with_part(SHEET, lambda _: LAUGHS.decode().encode("utf-16")), "letters"),
    "a file from outside": (with_part(SHEET, lambda _: OUTSIDE), "entities"),
    "XML that breaks off": (with_part(SHEET, lambda old: old[:-20]), "cannot be opened"),
    "a cell nowhere": (
        with_part(SHEET, lambda old: old.replace(b'r="A1"', b'r="1A"', 1)),
        "cannot be opened",
    ),
    "a text that is not there": (
        with_part(SHEET, lambda _: b"<worksheet xmlns='http://schemas.openxmlformats.org/"
        b"spreadsheetml/2006/main'><sheetData><row r='1'><c r='A1' t='s'><v>999</v></c></row>"
        b"</sheetData></worksheet>"),
        "cannot be opened",
    ),
    "too many parts": (only({f"{n}.xml": b"" for n in range(501)}), "501 parts"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_sheet_is_refused_in_plain_words(what: str) -> None:
    content, words = REFUSED[what]

    with pytest.raises(SheetUnreadable, match=words):
        read(content)


def main_sheet(rows: bytes, after: bytes = b"") -> bytes:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        b"<worksheet xmlns='" + main + b"'><sheetData>" + rows + b"</sheetData>" + after
        + b"</worksheet>"
    )  # fmt: skip


def test_a_cell_far_away_costs_nothing() -> None:
    far = main_sheet(
        b"<row r='1'><c r='A1'><v>1</v></c><c r='XFD1'><v>2</v></c></row>"
        b"<row r='1048576'><c r='A1048576'><v>3</v></c></row>"
    )
    content = with_part(SHEET, lambda _: far)

    look_over(content)
    rows = workbook_rows(content)

    assert next(rows) == (1, [1])
    assert next(rows) == (2, [])


def test_formulas_and_errors_of_a_workbook_are_no_values() -> None:
    odd = main_sheet(
        b"<row r='1'><c r='A1'><f>1+1</f><v>2</v></c><c r='B1' t='e'><v>#N/A</v></c></row>"
    )
    ((_number, cells),) = workbook_rows(with_part(SHEET, lambda _: odd))

    assert [cell.code for cell in cells] == [FORMULA.code, "cell_error"]


def test_merged_cells_are_found() -> None:
    merged = main_sheet(
        b"<row r='1'><c r='A1'><v>1</v></c></row>",
        b'<mergeCells count="1"><mergeCell ref="B2:B5"/></mergeCells>',
    )

    assert look_over(with_part(SHEET, lambda _: merged)) == ["B2"]
