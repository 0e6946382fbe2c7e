"""Configuration with dates: of each kind the row that holds on a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session


class Dated(Protocol):
    """One version of a rule of one kind, from a day on."""

    @property
    def kind(self) -> Any:
        """What it is a rule about."""

    @property
    def version(self) -> Any:
        """Which of several for the same day."""

    @property
    def valid_from(self) -> Any:
        """The first day it holds."""


Row = TypeVar("Row", bound=Dated)


def in_force(rows: Sequence[Row], kinds: Iterable[str], day: date) -> list[Row]:
    """Of each kind, in that order, what began last; none before the first began."""
    found = []
    for kind in kinds:
        begun = [row for row in rows if row.kind == kind and row.valid_from <= day]
        if begun:
            found.append(max(begun, key=lambda row: (row.valid_from, row.version)))
    return found


def next_version(session: Session, table: Any, *, cooperative_id: Any, kind: str) -> int:
    """The number of a co-operative's next version of one kind; lock its numbering before."""
    last = session.scalar(
        select(func.max(table.version)).where(
            table.cooperative_id == cooperative_id, table.kind == kind
        )
    )
    return (last or 0) + 1
