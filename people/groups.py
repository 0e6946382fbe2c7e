"""Groups: a named set of makers, and who was in it from when to when."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, NotFound
from people.cooperatives import own
from people.group_models import MakerGroup, Membership
from people.makers import makers_by_id


class GroupExists(Conflict):
    """There is already a group of this name."""

    code = "group_exists"


def add_group(
    session: Session, *, name: str, maker_ids: Sequence[uuid.UUID], actor: Actor, now: datetime
) -> MakerGroup:
    """Add a group with its first members."""
    cooperative_id = own(actor)
    taken = select(MakerGroup.id).where(
        MakerGroup.cooperative_id == cooperative_id, MakerGroup.name == name
    )
    if session.scalar(taken) is not None:
        raise GroupExists()
    group = MakerGroup(
        cooperative_id=cooperative_id, name=name, created_at=now, created_by=actor.reference
    )
    session.add(group)
    session.flush()
    return _write_members(session, group, maker_ids, actor, now)


def set_members(
    session: Session,
    *,
    group_id: uuid.UUID,
    maker_ids: Sequence[uuid.UUID],
    actor: Actor,
    now: datetime,
) -> MakerGroup:
    """Say who is in a group from now on; those who are no longer named have left it."""
    get_group(session, group_id, actor=actor)
    (group,) = lock_rows(session, MakerGroup, [group_id])
    return _write_members(session, group, maker_ids, actor, now)


def get_group(session: Session, group_id: uuid.UUID, *, actor: Actor) -> MakerGroup:
    """One group of the actor's co-operative."""
    group = session.get(MakerGroup, group_id)
    if group is None or group.cooperative_id != actor.cooperative_id:
        raise NotFound("no such group")
    return group


def list_groups(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[MakerGroup]:
    """Up to ``limit`` groups of the actor's co-operative, oldest first, after one id."""
    statement = select(MakerGroup).where(MakerGroup.cooperative_id == own(actor))
    if after:
        statement = statement.where(MakerGroup.id > after)
    return list(session.scalars(statement.order_by(MakerGroup.id).limit(limit)))


def _write_members(
    session: Session,
    group: MakerGroup,
    maker_ids: Sequence[uuid.UUID],
    actor: Actor,
    now: datetime,
) -> MakerGroup:
    whose = {"cooperative_id": group.cooperative_id}
    wanted = set(makers_by_id(session, maker_ids, **whose, pointer="/maker_ids"))
    present = session.scalars(
        select(Membership).where(Membership.group_id == group.id, Membership.left_at.is_(None))
    ).all()
    for member in present:
        if member.maker_id not in wanted:
            member.left_at, member.left_by = now, actor.reference
    session.add_all(
        Membership(
            **whose,
            group_id=group.id,
            maker_id=maker_id,
            joined_at=now,
            joined_by=actor.reference,
        )
        for maker_id in sorted(wanted - {member.maker_id for member in present})
    )
    session.flush()
    session.refresh(group, ["members"])
    return group
