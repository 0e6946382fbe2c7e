"""The sheet of a batch, read from its first row to its last, so many rows at a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.columns import MOST_COLUMNS, Head, Line, Trouble, is_empty
from core.sheet_files import SheetFormat, SheetUnreadable, csv_rows
from core.sheet_kinds import Check, SheetKind
from core.workbooks import look_over, workbook_rows
from inventory.batch_models import Batch
from inventory.batches import SHEETS

AT_ONCE = 1000


@dataclass
class Sheet:
    """An opened sheet: its head, whatever is wrong with it as a whole, and its rows to come."""

    kind: SheetKind
    head: Head
    troubles: list[Trouble]
    rows: Iterator[tuple[int, Sequence[Any]]]
    most_rows: int

    def check(self, batch: Batch) -> Check:
        """A run through this sheet."""
        return self.kind.check(batch.cooperative_id, self.head)

    def lines(self) -> Iterator[list[Line]]:
        """The rows that are not empty, a thousand at a time. Raises SheetUnreadable."""
        found: list[Line] = []
        count = 0
        for number, cells in self.rows:
            if all(map(is_empty, cells)):
                continue
            count += 1
            if count > self.most_rows:
                raise SheetUnreadable(f"more than {self.most_rows} rows; send them in parts")
            found.append(self.head.read(number, cells))
            if len(found) == AT_ONCE:
                yield found
                found = []
        if found:
            yield found
        if not count:
            raise SheetUnreadable("there is nothing under the head")


def open_sheet(batch: Batch, content: bytes) -> Sheet:
    """Find the head of a file. Raises SheetUnreadable."""
    merged = []
    if batch.format == SheetFormat.XLSX:
        merged = look_over(content)
        rows = workbook_rows(content)
    else:
        rows = csv_rows(content)
    kind = SHEETS[batch.kind]
    for number, cells in rows:
        if not all(map(is_empty, cells)):
            if len(cells) > MOST_COLUMNS:
                raise SheetUnreadable(f"more than {MOST_COLUMNS} columns")
            head = Head(kind.columns, number, cells)
            return Sheet(kind, head, head.troubles + _of_merged(merged), rows, batch.most_rows)
    raise SheetUnreadable("the sheet is empty")


def _of_merged(cells: Sequence[str]) -> list[Trouble]:
    words = "cells are merged here; only the first would hold what stands in all of them"
    return [_at(cell, "merged_cells", words) for cell in cells]


def _at(cell: str, code: str, words: str) -> Trouble:
    letters, row = re.fullmatch(r"([A-Z]+)([0-9]+)", cell).groups()  # type: ignore[union-attr]
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return Trouble(int(row), place - 1, "", code, words)
