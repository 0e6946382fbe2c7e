"""Removal: a photo is taken away for good. Its row stays and says so; its bytes go."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import transaction
from core.jobs import defer
from people.permissions import require
from photos.models import Photo, PhotoStatus, PublicationStatus
from photos.publishing import open_publication
from photos.reading import get_photo
from photos.storage import Store
from photos.sweeping import sweep_photo


def remove_photo(
    session: Session, *, photo_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Photo:
    """Remove a photo: out of public view at once, out of the store by a worker.

    What can be seen on it is forgotten too. Removed twice it stays as it was.
    """
    require(actor, "photos:publish")
    photo = get_photo(session, photo_id, actor=actor, lock=True)
    if photo.status == PhotoStatus.REMOVED:
        return photo
    publication = open_publication(session, photo.id)
    if publication is not None:
        publication.become(PublicationStatus.WITHDRAWN, actor=actor, why=reason, at=now)
    photo.shown.clear()
    photo.original_key = photo.prints_key = photo.refusal = None
    photo.alt, photo.taken_at = {}, None
    photo.version += 1
    photo.become(PhotoStatus.REMOVED, actor=actor, why=reason, at=now)
    defer(session, "photo.removed", photo_id=photo.id)
    session.flush()
    return photo


def forget_files(store: Store, *, photo_id: uuid.UUID) -> int:
    """Delete everything of a removed photo from the store; how many objects those were."""
    with transaction() as session:
        if session.get_one(Photo, photo_id).status != PhotoStatus.REMOVED:
            return 0
    return sweep_photo(store, photo_id)
