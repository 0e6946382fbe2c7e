"""What a transaction touched: every row that was added, changed or removed, as the session saw it.

Kept with the session until the transaction ends; what a savepoint undid is forgotten again.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Result, Update, Uuid, event, inspect
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, SessionTransaction

TOUCHED = "touched"
MARKS = "touched_before_savepoint"
#: An execution option: this statement is the house's own and nobody's deed.
UNAUDITED = "unaudited"


class Unaudited:
    """Mix-in for a table whose rows are no deed of their own."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One row of a table (``noun``) and what was done to it: added, changed, removed, left.

    ``id`` is the first part of its primary key; None where a statement changed ``rows`` rows
    without saying which. ``of``: the ids of whatever it refers to.
    """

    noun: str
    id: str | None
    how: str
    cooperative_id: uuid.UUID | None = None
    rows: int = 1
    of: tuple[str, ...] = ()


def note(session: Session, touch: Touch) -> None:
    """Remember a touch until this transaction ends."""
    session.info.setdefault(TOUCHED, []).append(touch)


def take_touches(session: Session) -> list[Touch]:
    """What was touched since the transaction began, each row once; it is forgotten with this."""
    noted: list[Touch] = session.info.pop(TOUCHED, [])
    whose = {(one.noun, one.id) for one in noted if one.how == "added" and one.id}
    kept: dict[tuple[str, str | None, str], Touch] = {}
    for one in noted:
        if one.how != "changed" or (one.noun, one.id) not in whose:
            same = kept.setdefault((one.noun, one.id, one.how), one)
            of = tuple(dict.fromkeys((*same.of, *one.of)))
            more = one.rows if one.id is None and same is not one else 0
            kept[one.noun, one.id, one.how] = replace(same, of=of, rows=same.rows + more)
    return list(kept.values())


@event.listens_for(Session, "after_flush")
def _note_flushed(session: Session, _context: Any) -> None:
    changed = (row for row in session.dirty if session.is_modified(row, include_collections=False))
    for how, rows in (("added", session.new), ("changed", changed), ("removed", session.deleted)):
        _note_rows(session, how, rows)


def _note_rows(session: Session, how: str, rows: Iterable[Any]) -> None:
    for row in rows:
        if isinstance(row, Unaudited):
            continue
        mapper = inspect(row).mapper
        key = mapper.primary_key_from_instance(row)[0]
        known = row.__dict__
        of = tuple(str(known[name]) for name in _references(mapper) if known.get(name))
        noun = str(mapper.local_table.description)
        home = known.get("cooperative_id")
        note(session, Touch(noun, str(key), how, home, of=of))


@cache
def _references(mapper: Mapper[Any]) -> list[str]:
    """The attributes that hold the id of something else."""
    return [
        mapper.get_property_by_column(column).key
        for column in mapper.local_table.columns
        if isinstance(column.type, Uuid)
        and column is not mapper.primary_key[0]
        and column.name != "cooperative_id"
    ]


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> Result[Any] | None:
    """Note what a statement changed that no flush sees: which rows, if it returns them."""
    statement: Any = state.statement
    how = _how(statement)
    mapper = state.bind_mapper
    if how is None or mapper is None or issubclass(mapper.class_, Unaudited):
        return None
    if state.execution_options.get(UNAUDITED):
        return None
    result = state.invoke_statement()
    noun = str(mapper.local_table.description)
    key = str(mapper.primary_key[0].key)
    if key in statement.exported_columns and key in tuple(result.keys()):
        frozen = result.freeze()
        for found in frozen().mappings():
            note(state.session, Touch(noun, str(found[key]), how))
        return frozen()
    rows = getattr(result, "rowcount", -1)
    if rows:
        note(state.session, Touch(noun, None, how, rows=max(rows, 1)))
    return result


def _how(statement: Any) -> str | None:
    if isinstance(statement, Insert):
        return "added"
    if isinstance(statement, Update):
        return "changed"
    return "removed" if isinstance(statement, Delete) else None


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        marks = session.info.setdefault(MARKS, {})
        marks[transaction] = len(session.info.get(TOUCHED, []))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """Forget what was undone: since the savepoint, or all of it."""
    if previous.nested:
        mark = session.info.get(MARKS, {}).get(previous, 0)
        del session.info.get(TOUCHED, [])[mark:]
    elif previous.parent is None:
        session.info.pop(TOUCHED, None)


@event.listens_for(Session, "after_transaction_end")
def _unmark(session: Session, transaction: SessionTransaction) -> None:
    # A savepoint ends before it is said to have been rolled back, so its mark outlives it.
    if transaction.parent is None:
        session.info.pop(MARKS, None)
