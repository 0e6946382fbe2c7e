"""A kind of sheet: its columns, and how its rows are compared with what is known and written down.

Each noun has one. A dry run and an application call the very same things in the same order; a dry
run only leaves out `Check.write`.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor
from core.columns import Column, Head, Line


@dataclass
class Check(ABC):
    """One run through one sheet, which remembers what its rows before have used."""

    cooperative_id: uuid.UUID
    head: Head

    def __post_init__(self) -> None:
        self._used: dict[tuple[str, Any], int] = {}

    @abstractmethod
    def examine(self, session: Session, lines: Sequence[Line], *, now: datetime) -> None:
        """Compare rows with the database, with as many queries for many as for one.

        What is wrong is added to each line; nothing is written.
        """

    @abstractmethod
    def write(
        self, session: Session, lines: Sequence[Line], *, actor: Actor, now: datetime
    ) -> None:
        """Write down rows in which nothing is wrong."""

    def refuse(self, line: Line, name: str, code: str, words: str) -> None:
        """Note what is wrong with one cell of a row."""
        line.troubles.append(self.head.trouble(line.number, name, code, words))

    def use(self, line: Line, name: str) -> None:
        """What a row says here, no other row may say."""
        value = line.values.get(name)
        if value is None:
            return
        first = self._used.setdefault((name, value), line.number)
        if first != line.number:
            self.refuse(line, name, "twice_in_file", f"{value} is in row {first} already")


@dataclass(frozen=True, slots=True)
class SheetKind:
    """What the rows of a sheet are; ``rows`` gives what is there as such rows, oldest first."""

    columns: Sequence[Column]
    reads: str
    writes: str
    check: Callable[[uuid.UUID, Head], Check]
    rows: Callable[[Session, uuid.UUID], Iterator[dict[str, Any]]]
    #: A column that is not for everybody, with the scope that shows it.
    private: tuple[str, str] = ("", "")

    def shown_to(self, actor: Actor) -> list[str]:
        """The names of the columns that somebody may take out."""
        hidden, scope = self.private
        return [one.name for one in self.columns if one.name != hidden or scope in actor.scopes]
