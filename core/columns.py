"""Columns: the head of a sheet, and its rows read cell by cell, with what is wrong in each.

A sheet is read by its head, in English or Spanish, in any order. Nothing is dropped in silence: a
column nobody knows is as wrong as one that is missing.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.cells import Misread, Reader, Unusable, Value, shown

MOST_COLUMNS = 100
MOST_OF_A_ROW = 8
_GAPS = re.compile(r"[\s_./-]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its two names, how its cells are read, and what it is for.

    ``told``: it comes out for people to read, and is passed over when it comes in.
    """

    name: str
    spanish: str
    read: Reader
    says: str
    needed: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong with a sheet: where, a stable code, and plain words."""

    row: int
    place: int
    column: str
    code: str
    words: str

    @property
    def cell(self) -> str:
        """The cell as spreadsheets name it: ``B17``."""
        return f"{letters(self.place)}{self.row}"


@dataclass(slots=True)
class Line:
    """One row: its number in the spreadsheet, what was read, and what could not be."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)


class Head:
    """Which column stands where in one sheet."""

    def __init__(self, columns: Sequence[Column], number: int, cells: Sequence[Any]) -> None:
        self.number = number
        self.places: dict[str, int] = {}
        self.troubles: list[Trouble] = []
        self._columns: dict[int, Column] = {}
        by_name = {known: column for column in columns for known in _names(column)}
        for place, cell in enumerate(cells):
            self._take(place, cell, by_name)
        absent = [one for one in columns if one.needed and one.name not in self.places]
        end = len(cells)
        for nth, one in enumerate(absent):
            words = f"there is no column {one.name} ({one.spanish}); it is needed"
            self.troubles.append(Trouble(number, end + nth, one.name, "column_missing", words))

    def read(self, number: int, cells: Sequence[Any]) -> Line:
        """One row; a problem for each cell that cannot be read."""
        line = Line(number)
        for place, column in self._columns.items():
            if not column.told:
                cell = cells[place] if place < len(cells) else None
                self._read_cell(line, place, column, cell)
        for place in range(len(cells)):
            if place not in self._columns and not is_empty(cells[place]):
                words = "this cell stands under no head"
                line.troubles.append(Trouble(number, place, "", "no_head", words))
        del line.troubles[MOST_OF_A_ROW:]
        return line

    def trouble(self, number: int, name: str, code: str, words: str) -> Trouble:
        """Something wrong with one column of a row; where there is no such column, with its end."""
        return Trouble(number, self.places.get(name, len(self.places)), name, code, words)

    def _take(self, place: int, cell: Any, by_name: Mapping[str, Column]) -> None:
        if is_empty(cell):
            return
        column = None if isinstance(cell, Unusable) else by_name.get(plain_name(cell))
        if column is None:
            words = (
                cell.words if isinstance(cell, Unusable) else f"no column is called {shown(cell)}"
            )
            self.troubles.append(Trouble(self.number, place, "", "column_unknown", words))
        elif column.name in self.places:
            words = f"the column {column.name} is there twice"
            self.troubles.append(Trouble(self.number, place, column.name, "column_twice", words))
        else:
            self.places[column.name] = place
            self._columns[place] = column

    def _read_cell(self, line: Line, place: int, column: Column, cell: Any) -> None:
        try:
            if isinstance(cell, Unusable):
                raise Misread(cell.code, cell.words)
            if not is_empty(cell):
                line.values[column.name] = column.read(cell)
            elif column.needed:
                raise Misread("missing", f"{column.name} is needed")
        except Misread as wrong:
            found = Trouble(line.number, place, column.name, wrong.code, wrong.words)
            line.troubles.append(found)


def is_empty(cell: Any) -> bool:
    """Whether nothing is in a cell but blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def letters(place: int) -> str:
    """The letters of a column, from 0: A, B, … Z, AA."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def plain_name(cell: Value) -> str:
    """A head's words without case, accents, and the kind of gap between them."""
    parts = unicodedata.normalize("NFKD", str(cell).strip().casefold())
    return _GAPS.sub("_", "".join(one for one in parts if not unicodedata.combining(one)))


def _names(column: Column) -> Iterator[str]:
    yield plain_name(column.name)
    yield plain_name(column.spanish)
