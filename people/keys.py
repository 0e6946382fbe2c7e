"""API keys: shown once, stored hashed, scoped, expiring; each speaks for somebody with a name."""

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actors import Actor, ActorKind
from core.db import lock_rows
from core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from core.touched import UNAUDITED
from people.cooperatives import own
from people.models import ApiKey, Application
from people.permissions import APPLICATION_SCOPES, scopes_of_roles
from people.staff import get_staff

LONGEST_LIFE = timedelta(days=366)
USE_IS_NOTED_EVERY = timedelta(minutes=1)
PREFIX_LENGTH = 15
KEY = re.compile(r"pk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")


class KeyRefused(Unauthenticated):
    """This key is unknown, expired or revoked."""

    code = "key_refused"


class ScopesTooWide(Forbidden):
    """A key cannot carry more than its owner, or its maker, may do."""

    code = "scopes_too_wide"


def name_application(session: Session, *, name: str, actor: Actor, now: datetime) -> Application:
    """The application of this name, written down if it is new."""
    found = session.scalar(
        select(Application).where(
            Application.cooperative_id == own(actor), Application.name == name
        )
    )
    if found is None:
        found = Application(
            cooperative_id=own(actor), name=name, created_at=now, created_by=actor.reference
        )
        session.add(found)
        session.flush()
    return found


def create_key(
    session: Session,
    *,
    scopes: Sequence[str],
    expires_at: datetime,
    actor: Actor,
    now: datetime,
    staff_id: uuid.UUID | None = None,
    application: str | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for one staff member or one named application: the row, and the key itself.

    The key is ``pk_<12 characters>_<secret>``; only a SHA-256 of the 256-bit secret is kept, so
    this is the one moment at which it can be read.
    """
    if (staff_id is None) == (application is None):
        raise Invalid("name either a staff member or an application", pointer="/staff_id")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Invalid("a key lives at most 366 days", pointer="/expires_at")
    person = get_staff(session, staff_id, actor=actor) if staff_id else None
    program = (
        name_application(session, name=application, actor=actor, now=now) if application else None
    )
    allowed = scopes_of_roles(person.role_names) if person else APPLICATION_SCOPES
    if actor.kind is not ActorKind.SYSTEM:
        allowed &= actor.scopes
    if excess := sorted(set(scopes) - allowed):
        raise ScopesTooWide(scopes=excess)
    secret = secrets.token_urlsafe(32)
    key = ApiKey(
        cooperative_id=own(actor),
        prefix=f"pk_{secrets.token_hex(6)}",
        secret_hash=_digest(secret),
        staff=person,
        application=program,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_at=now,
        created_by=actor.reference,
    )
    session.add(key)
    session.flush()
    return key, f"{key.prefix}_{secret}"


def authenticate(session: Session, presented: str, *, now: datetime) -> Actor:
    """Who speaks with this key. Raises KeyRefused without saying what was wrong."""
    if not KEY.fullmatch(presented):
        raise KeyRefused()
    prefix, secret = presented[:PREFIX_LENGTH], presented[PREFIX_LENGTH + 1 :]
    key = session.scalar(select(ApiKey).where(ApiKey.prefix == prefix))
    expected = key.secret_hash if key else bytes(32)
    if not hmac.compare_digest(expected, _digest(secret)) or key is None:
        raise KeyRefused()
    if key.revoked_at is not None or key.expires_at <= now:
        raise KeyRefused()
    if key.staff is not None and not key.staff.active:
        raise KeyRefused()
    _note_use(session, key, now)
    return _actor_of(key)


def revoke_key(session: Session, *, key_id: uuid.UUID, actor: Actor, now: datetime) -> ApiKey:
    """Make a key useless from now on; revoking twice changes nothing."""
    found = lock_rows(session, ApiKey, [key_id])
    if not found or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such key")
    key = found[0]
    key.revoked_at = key.revoked_at or now
    session.flush()
    return key


def list_keys(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[ApiKey]:
    """Up to ``limit`` keys of the actor's co-operative, oldest first; never a secret."""
    statement = select(ApiKey).where(ApiKey.cooperative_id == own(actor)).order_by(ApiKey.id)
    if after:
        statement = statement.where(ApiKey.id > after)
    return list(session.scalars(statement.limit(limit)))


def _actor_of(key: ApiKey) -> Actor:
    if key.staff is not None:
        scopes = scopes_of_roles(key.staff.role_names) & frozenset(key.scopes)
        return Actor(ActorKind.STAFF, key.staff.id, key.cooperative_id, scopes, key.id)
    assert key.application is not None, "the database keeps one owner per key"
    scopes = APPLICATION_SCOPES & frozenset(key.scopes)
    return Actor(ActorKind.APPLICATION, key.application.id, key.cooperative_id, scopes, key.id)


def _note_use(session: Session, key: ApiKey, now: datetime) -> None:
    if key.last_used_at is None or now - key.last_used_at > USE_IS_NOTED_EVERY:
        used = update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now)
        session.execute(used, execution_options={UNAUDITED: True})


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
