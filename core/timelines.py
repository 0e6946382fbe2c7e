"""Timelines: what many tables say of one thing, in one order, page by page.

A floor gives a list of sources; whoever stands above them all puts the lists together. One more
source is one more line.
"""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Text,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from core.money import in_major

CODE = re.compile("[a-z_]+")
#: A place in a timeline: when, which row, what it tells.
Place = tuple[datetime, uuid.UUID, str]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing that happens. ``rows`` selects what ``told`` built, for one subject.

    ``words`` is a sentence with the names of ``facts`` in it. ``scope``: what whoever reads it
    needs; without it the whole entry is left out.
    """

    what: str
    words: str
    rows: Callable[[uuid.UUID], Select[Any]]
    scope: str


@dataclass(frozen=True, slots=True)
class Told:
    """One entry. ``at``: when it was written down; ``happened_at``: when it was, if told later.

    ``actor``: None where the row itself does not say; the step of its life beside it does.
    """

    id: uuid.UUID
    at: datetime
    happened_at: datetime | None
    what: str
    words: str
    why: str | None
    actor: str | None
    references: dict[str, str]

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.at, self.id, self.what


def told(
    row_id: Any,
    at: Any,
    actor: Any = None,
    *,
    happened_at: Any = None,
    why: Any = None,
    refs: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Select[Any]:
    """The columns every source has. ``refs``: ids by name; ``facts``: what the sentence names."""
    return select(
        row_id.label("id"),
        at.label("at"),
        cast(null() if happened_at is None else happened_at, DateTime(timezone=True)).label(
            "happened_at"
        ),
        cast(null() if actor is None else actor, Text).label("actor"),
        cast(null() if why is None else func.nullif(why, ""), Text).label("why"),
        func.jsonb_strip_nulls(_object(refs or {})).label("refs"),
        _object(facts or {}).label("facts"),
    )


def read(
    session: Session,
    sources: Sequence[Source],
    subject_id: uuid.UUID,
    *,
    scopes: frozenset[str],
    limit: int,
    after: Place | None = None,
) -> list[Told]:
    """Up to ``limit`` entries about one thing, as they were written down, after a place.

    One query, whatever the number of sources. What a phone tells late is written down late, so it
    comes after what could be read already, and pages stay what they were.
    """
    open_to = {one.what: one for one in sources if one.scope in scopes}
    parts = [
        one.rows(subject_id).add_columns(literal(what).label("what"))
        for what, one in open_to.items()
    ]
    every = union_all(*parts).subquery()
    place = tuple_(every.c.at, every.c.id, every.c.what)
    statement = select(every).order_by(every.c.at, every.c.id, every.c.what).limit(limit)
    if after:
        statement = statement.where(place > after)
    return [_entry(row, open_to[row.what]) for row in session.execute(statement)]


def _object(columns: Mapping[str, Any]) -> ColumnElement[Any]:
    pairs = [part for name, column in columns.items() for part in (literal(name), column)]
    return func.jsonb_build_object(*pairs)


def _in_words(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as a sentence has them: codes with spaces, ``amount`` of ``minor`` and ``currency``."""
    words = {
        name: value.replace("_", " ") if isinstance(value, str) and CODE.fullmatch(value) else value
        for name, value in facts.items()
    }
    if "minor" in facts:
        currency = facts["currency"]
        words["amount"] = f"{in_major(facts['minor'], currency)} {currency}"
    return words


def _entry(row: Any, source: Source) -> Told:
    return Told(
        id=row.id,
        at=row.at,
        happened_at=row.happened_at,
        what=row.what,
        words=source.words.format_map(_in_words(row.facts)),
        why=row.why,
        actor=row.actor,
        references=row.refs,
    )
