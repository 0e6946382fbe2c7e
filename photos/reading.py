"""Reading photos: one, or those of one subject, for whoever may see what they show."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import NotFound
from people.cooperatives import own
from photos.models import Photo, PhotoStatus
from photos.sizes import PRINTS
from photos.storage import Store
from photos.subjects import kinds_open_to, require_kind

ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """What a list of photos is narrowed to; None means everything the actor may see."""

    subject: uuid.UUID | None = None
    kind: str | None = None
    status: str | None = None


def get_photo(session: Session, photo_id: uuid.UUID, *, actor: Actor, lock: bool = False) -> Photo:
    """One photo of the actor's co-operative. Raises NotFound, ScopeMissing."""
    found = lock_rows(session, Photo, [photo_id]) if lock else [session.get(Photo, photo_id)]
    if not found or found[0] is None or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such photo")
    require_kind(actor, found[0].subject_kind)
    return found[0]


def list_photos(
    session: Session,
    *,
    actor: Actor,
    wanted: PhotoFilter,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Photo]:
    """Up to ``limit`` photos of subjects the actor may read, by id, after one id."""
    if wanted.kind:
        require_kind(actor, wanted.kind)
    statement = (
        select(Photo)
        .where(
            Photo.cooperative_id == own(actor),
            Photo.subject_kind.in_([wanted.kind] if wanted.kind else kinds_open_to(actor)),
        )
        .order_by(Photo.id)
    )
    if wanted.subject:
        statement = statement.where(Photo.subject_id == wanted.subject)
    if wanted.status:
        statement = statement.where(Photo.status == wanted.status)
    if after:
        statement = statement.where(Photo.id > after)
    return list(session.scalars(statement.limit(limit)))


def key_of_file(photo: Photo, name: str) -> str:
    """Where a photo's original or one of its prints is kept. Raises NotFound."""
    if name == ORIGINAL and photo.original_key:
        return photo.original_key
    if name in PRINTS and photo.status == PhotoStatus.READY:
        return f"{photo.prints_key}/{name}"
    raise NotFound("this photo has no such file")


def read_file(
    session: Session, store: Store, *, photo_id: uuid.UUID, name: str, actor: Actor
) -> bytes:
    """The bytes of a photo's original or of one of its prints, for whoever may see it."""
    return store.read(key_of_file(get_photo(session, photo_id, actor=actor), name))
