"""The demo's people of the co-operative, each with a role and a first key."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.config import load
from app.database import db
from app.demo.stage import Stage
from app.frame import create_frame
from app.seed import house_of, seed
from core import clock
from core.db import transaction
from people.keys import create_key
from people.permissions import Role, scopes_of_roles
from people.staff import add_staff


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff: her id, and the key she works with."""

    id: str
    key: str


def appoint(stage: Stage) -> dict[Role, Member]:
    """Seed the co-operative and give each role to one person with a key."""
    now = clock.now()
    app = create_frame(load(stage.environment))
    members: dict[Role, Member] = {}
    with app.app_context():
        _appoint_all(members, now)
        db.session.remove()
        db.engine.dispose()
    return members


def _appoint_all(members: dict[Role, Member], now: datetime) -> None:
    with transaction() as session:
        house = house_of(seed(session, now=now))
        for role in Role:
            person = add_staff(
                session,
                name=f"Demo {role.value.replace('_', ' ')}",
                email=f"{role.value}@demo.invalid",
                roles=[role.value],
                actor=house,
                now=now,
            )
            _row, key = create_key(
                session,
                staff_id=person.id,
                scopes=sorted(scopes_of_roles([role.value])),
                expires_at=now + timedelta(days=7),
                actor=house,
                now=now,
            )
            members[role] = Member(str(person.id), key)
