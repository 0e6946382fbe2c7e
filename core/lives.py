"""Lives: a status changes only along a table of moves, and every move leaves a row."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, object_session

from core.actors import ACTOR_PATTERN, Actor
from core.db import Base, Identified
from core.errors import Conflict
from core.facts import Fact
from core.touched import Unaudited

Status = TypeVar("Status", bound=StrEnum)


class IllegalMove(Conflict):
    """That cannot follow from the state it is in."""

    code = "illegal_move"


class Transitions(Generic[Status]):
    """From each status, the statuses that may follow."""

    def __init__(self, moves: Mapping[Status, set[Status]]) -> None:
        self.moves = dict(moves)

    def allow(self, current: Status, following: Status) -> bool:
        """Whether ``following`` may come after ``current``."""
        return following in self.moves.get(current, set())


class LifeMove(Fact, Unaudited, Identified, Base):
    """One step of a life: who moved what from where to where, when and why."""

    __tablename__ = "life_moves"
    __table_args__ = (
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        Index(None, "subject_id", "id"),
    )

    cooperative_id: Mapped[uuid.UUID]
    noun: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    actor: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]


class Living(Generic[Status]):
    """Mix-in for a row with a status. Status is assigned here and nowhere else."""

    MOVES: ClassVar[Transitions]  # type: ignore[type-arg]
    NOUN: ClassVar[str]

    status: Mapped[str] = mapped_column()

    if TYPE_CHECKING:
        id: Mapped[uuid.UUID]
        cooperative_id: Mapped[uuid.UUID]

    def begin(self, status: Status, *, actor: Actor, why: str, at: datetime) -> LifeMove:
        """Enter the first status; the caller adds the returned row with the thing itself."""
        self.status = status.value
        return self._step(None, status, actor, why, at)

    def become(self, status: Status, *, actor: Actor, why: str, at: datetime) -> None:
        """Move to ``status`` or raise IllegalMove; leaves a LifeMove."""
        current = type(status)(self.status)
        if not self.MOVES.allow(current, status):
            raise IllegalMove(
                f"a {self.NOUN} that is {current.value} cannot become {status.value}",
                current=current.value,
                wanted=status.value,
            )
        session = object_session(self)
        assert session is not None, "become() needs a row in a session"
        session.add(self._step(current.value, status, actor, why, at))
        self.status = status.value

    def _step(
        self, before: str | None, after: Status, actor: Actor, why: str, at: datetime
    ) -> LifeMove:
        return LifeMove(
            cooperative_id=self.cooperative_id,
            noun=self.NOUN,
            subject_id=self.id,
            from_status=before,
            to_status=after.value,
            actor=actor.reference,
            why=why,
            at=at,
        )


def one_of(column: str, choices: type[StrEnum], *, name: str | None = None) -> CheckConstraint:
    """A CHECK that keeps a text column within an enumeration."""
    listed = ", ".join(f"'{choice.value}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)
