"""Staff: the people who work for a co-operative, and their roles."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from people.cooperatives import own
from people.makers import get_maker
from people.models import Staff, StaffRole
from people.permissions import Role, ScopeMissing, scopes_of_roles


class StaffExists(Conflict):
    """Somebody of this co-operative already has this e-mail address."""

    code = "staff_exists"


def add_staff(
    session: Session,
    *,
    name: str,
    roles: Sequence[str],
    actor: Actor,
    now: datetime,
    email: str | None = None,
    language: str = "es",
    maker_id: uuid.UUID | None = None,
) -> Staff:
    """Add a person with her roles. Nobody grants what she may not do herself."""
    wanted = sorted({Role(role).value for role in roles})
    if not wanted:
        raise Invalid("at least one role is needed", pointer="/roles")
    _refuse_raising_oneself(actor, wanted)
    if maker_id is not None:
        get_maker(session, maker_id, actor=actor)
    _refuse_second(session, email, actor)
    person = Staff(
        cooperative_id=own(actor),
        name=name,
        email=email.lower() if email else None,
        language=language,
        maker_id=maker_id,
        created_at=now,
        created_by=actor.reference,
        roles=[StaffRole(role=role, granted_at=now, granted_by=actor.reference) for role in wanted],
    )
    session.add(person)
    session.flush()
    return person


def get_staff(session: Session, staff_id: uuid.UUID, *, actor: Actor) -> Staff:
    """One staff member of the actor's co-operative."""
    person = session.get(Staff, staff_id)
    if person is None or person.cooperative_id != actor.cooperative_id:
        raise NotFound("no such staff member")
    return person


def list_staff(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Staff]:
    """Up to ``limit`` people of the actor's co-operative, in the order they came, after one id."""
    statement = select(Staff).where(Staff.cooperative_id == own(actor)).order_by(Staff.id)
    if after:
        statement = statement.where(Staff.id > after)
    return list(session.scalars(statement.limit(limit)))


def _refuse_raising_oneself(actor: Actor, roles: list[str]) -> None:
    """A coordinator appoints every role; anyone else only what she holds herself."""
    if "staff:write" in actor.scopes or actor.kind == "system":
        return
    raise ScopeMissing("appointing staff needs staff:write", granted=sorted(scopes_of_roles(roles)))


def _refuse_second(session: Session, email: str | None, actor: Actor) -> None:
    taken = select(func.count()).where(
        Staff.cooperative_id == own(actor), Staff.email == (email or "").lower()
    )
    if email and session.scalar(taken):
        raise StaffExists()
