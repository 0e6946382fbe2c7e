"""Publishing: a photo goes out under an address of its own, resting on the consents of those seen.

A publication is over when it is withdrawn, and, without anybody doing anything, when a consent it
rests on is revoked (`photos.shown`). Consent given anew makes a new publication under a new
address; the old one never comes back.
"""

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, NotFound
from core.ids import new_id
from core.words import Words
from people.consents import standing_consents
from people.models import Purpose
from people.permissions import require
from photos.models import (
    Photo,
    PhotoStatus,
    Publication,
    PublicationConsent,
    PublicationStatus,
)
from photos.reading import get_photo
from photos.shown import shown_photos
from photos.subjects import NEVER_PUBLIC, require_kind
from photos.uploads import received_photo, set_makers


class PhotoNotPublishable(Conflict):
    """This photo cannot be public; ``why`` says what is in the way."""

    code = "photo_not_publishable"


class PhotoNotPublished(Conflict):
    """This photo is not public."""

    code = "photo_not_published"


class PhotoChanged(Conflict):
    """Somebody changed what is said of the photo since you read it."""

    code = "photo_changed"


def publish_photo(
    session: Session, *, photo_id: uuid.UUID, actor: Actor, now: datetime
) -> Publication:
    """Make a photo public; one that is public already stays under its address.

    Raises PhotoNotPublishable: ``not_ready``, ``evidence``, ``no_words``, ``others_shown``,
    ``no_consent`` with the makers who did not consent to photos.
    """
    require(actor, "photos:publish")
    photo = received_photo(session, photo_id, actor=actor)
    return _publish(session, photo, actor=actor, now=now)


def publish_with(
    session: Session, *, photo_ids: Iterable[uuid.UUID], actor: Actor, now: datetime
) -> None:
    """Make photos public together with what shows them; those that are so already stay."""
    wanted = set(photo_ids)
    missing = wanted - set(shown_photos(session, wanted))
    if not missing:
        return
    require(actor, "photos:publish")
    photos = own_photos(session, missing, actor=actor)
    for photo_id in sorted(missing):
        require_kind(actor, photos[photo_id].subject_kind)
        _publish(session, photos[photo_id], actor=actor, now=now)


def own_photos(
    session: Session, photo_ids: Iterable[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, Photo]:
    """Photos of the actor's co-operative, locked. Raises NotFound if one is not, or not there."""
    wanted = set(photo_ids)
    found = {photo.id: photo for photo in lock_rows(session, Photo, wanted)}
    ours = {one for one, photo in found.items() if photo.cooperative_id == actor.cooperative_id}
    if absent := wanted - ours:
        raise NotFound("no such photo", photo_id=str(min(absent)))
    return found


def withdraw_photo(
    session: Session, *, photo_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Publication:
    """Take a photo out of public view. Raises PhotoNotPublished."""
    require(actor, "photos:publish")
    get_photo(session, photo_id, actor=actor, lock=True)
    publication = open_publication(session, photo_id)
    if publication is None:
        raise PhotoNotPublished()
    publication.become(PublicationStatus.WITHDRAWN, actor=actor, why=reason, at=now)
    session.flush()
    return publication


def describe_photo(
    session: Session,
    *,
    photo_id: uuid.UUID,
    version: int,
    actor: Actor,
    now: datetime,
    alt: Words | None = None,
    maker_ids: Sequence[uuid.UUID] | None = None,
    others_shown: bool | None = None,
) -> Photo:
    """Say anew what can be seen on a photo; ``version`` is the one that was read.

    Whoever is seen on it now was not asked for the publication it has, so that one ends when those
    who are seen change. Raises PhotoChanged, PhotoRemoved, Invalid.
    """
    photo = received_photo(session, photo_id, actor=actor)
    if photo.version != version:
        raise PhotoChanged(version=photo.version)
    before = _seen(photo)
    photo.alt = photo.alt if alt is None else alt
    if maker_ids is not None:
        set_makers(session, photo, maker_ids)
    photo.others_shown = photo.others_shown if others_shown is None else others_shown
    publication = open_publication(session, photo.id) if _seen(photo) != before else None
    if publication is not None:
        why = "other people are seen on it"
        publication.become(PublicationStatus.WITHDRAWN, actor=actor, why=why, at=now)
    photo.version += 1
    session.flush()
    return photo


def open_publication(session: Session, photo_id: uuid.UUID) -> Publication | None:
    """The publication nobody has withdrawn, whether or not its consents still stand."""
    return session.scalar(
        select(Publication).where(
            Publication.photo_id == photo_id, Publication.status == PublicationStatus.OPEN
        )
    )


def _publish(session: Session, photo: Photo, *, actor: Actor, now: datetime) -> Publication:
    consents = _what_it_rests_on(session, photo)
    last = open_publication(session, photo.id)
    if last is not None and photo.id in shown_photos(session, [photo.id]):
        return last
    if last is not None:
        last.become(PublicationStatus.WITHDRAWN, actor=actor, why="a consent ended", at=now)
        session.flush()
    publication = Publication(
        id=new_id(),
        cooperative_id=photo.cooperative_id,
        photo_id=photo.id,
        public_name=_fresh_name(photo.sha256),
        published_at=now,
        published_by=actor.reference,
    )
    why = f"photo {photo.id}"
    session.add(publication.begin(PublicationStatus.OPEN, actor=actor, why=why, at=now))
    session.add(publication)
    session.flush()
    session.add_all(
        PublicationConsent(
            cooperative_id=photo.cooperative_id, publication_id=publication.id, consent_id=one
        )
        for one in consents.values()
    )
    session.flush()
    return publication


def _what_it_rests_on(session: Session, photo: Photo) -> Mapping[uuid.UUID, uuid.UUID]:
    """For each maker seen, the consent that allows it. Raises PhotoNotPublishable."""
    if why := _in_the_way(photo):
        raise PhotoNotPublishable(why=why, photo_id=str(photo.id))
    consents = standing_consents(session, photo.maker_ids, purpose=Purpose.PHOTO)
    if silent := sorted(str(one) for one in photo.maker_ids if one not in consents):
        raise PhotoNotPublishable(why="no_consent", photo_id=str(photo.id), maker_ids=silent)
    return consents


def _in_the_way(photo: Photo) -> str | None:
    if photo.subject_kind in NEVER_PUBLIC:
        return "evidence"
    if photo.status != PhotoStatus.READY:
        return "not_ready"
    if photo.others_shown:
        return "others_shown"
    return None if any(photo.alt.values()) else "no_words"


def _fresh_name(sha256: str) -> str:
    """An address nobody can guess, of these contents and this publication only; 160 bits."""
    salted = secrets.token_bytes(32) + bytes.fromhex(sha256)
    return hashlib.sha256(salted).hexdigest()[:40]


def _seen(photo: Photo) -> tuple[frozenset[uuid.UUID], bool]:
    return frozenset(photo.maker_ids), photo.others_shown
