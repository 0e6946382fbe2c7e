"""Facts: rows written once. The ORM refuses to change them, and so does a database trigger."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from core.db import Base
from core.errors import PallayError


class WrittenOnce(PallayError):
    """A fact is never edited; answer it with another one."""

    code = "written_once"


class Fact:
    """Mix-in for a table whose rows are never updated or deleted."""


def written_once_tables() -> list[str]:
    """The names of all tables of facts, sorted; the migration gives each the trigger."""
    return sorted(
        str(mapper.local_table.description)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Fact)
    )


@event.listens_for(Session, "before_flush")
def _refuse_edits(session: Session, _context: Any, _instances: Any) -> None:
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, Fact) and (row in session.deleted or session.is_modified(row)):
            raise WrittenOnce(f"{type(row).__name__} is written once")
