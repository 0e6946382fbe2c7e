"""What is there, taken out as a sheet that can be sent in again."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor
from core.sheets import as_csv
from core.workbooks import as_workbook
from inventory.batches import SHEETS
from people.cooperatives import own


def sheet_as_csv(session: Session, kind: str, *, actor: Actor) -> Iterator[str]:
    """The lines of a CSV file; a column that the actor may not read is left out."""
    names = SHEETS[kind].shown_to(actor)
    return as_csv(names, _rows(session, kind, names, actor))


def sheet_as_workbook(session: Session, kind: str, *, actor: Actor) -> Iterator[bytes]:
    """The bytes of a workbook; a column that the actor may not read is left out."""
    names = SHEETS[kind].shown_to(actor)
    return as_workbook(kind, names, _rows(session, kind, names, actor))


def _rows(session: Session, kind: str, names: list[str], actor: Actor) -> Iterator[list[Any]]:
    for row in SHEETS[kind].rows(session, own(actor)):
        yield [row.get(name) for name in names]
