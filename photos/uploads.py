"""Uploads: a photo is announced under an id made on the phone, then its bytes come, once.

The row is first, the object second, the mark on the row last: a row never points at nothing, and
an object without a row is swept (`photos.sweeping`).
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile

from sqlalchemy.orm import Session

from core.actors import Actor, system
from core.db import lock_rows, transaction
from core.errors import Conflict, Invalid, NotFound
from core.jobs import defer
from core.words import Words
from people.cooperatives import own
from people.makers import makers_by_id
from photos.formats import HEIC, KINDS, kind_of
from photos.models import Photo, PhotoMaker, PhotoStatus
from photos.reading import get_photo
from photos.storage import Store, fresh_key
from photos.subjects import SubjectKind, require_kind

PHONE = system("upload")
#: As phones name what they send; both names of HEIC are one kind.
HEIF = "image/heif"
CONTENT_TYPES = (*KINDS, HEIF)
_KEPT_IN_MEMORY = 1 << 20


class PhotoIdTaken(Conflict):
    """Another photo was announced under this id."""

    code = "photo_id_taken"


class PhotoTooLarge(Invalid):
    """This photo has more bytes than are taken in."""

    code = "photo_too_large"


class WrongBytes(Invalid):
    """The bytes are not those that were announced."""

    code = "wrong_bytes"


class PhotoRemoved(Conflict):
    """This photo was removed."""

    code = "photo_removed"


@dataclass(frozen=True, slots=True)
class Expected:
    """The bytes that will come: of which kind, how many, with which SHA-256 (hexadecimal)."""

    content_type: str
    byte_length: int
    sha256: str


def announce_photo(
    session: Session,
    *,
    photo_id: uuid.UUID,
    subject_kind: str,
    subject_id: uuid.UUID,
    expected: Expected,
    request_hash: str,
    most_bytes: int,
    actor: Actor,
    now: datetime,
    maker_ids: Sequence[uuid.UUID] = (),
    others_shown: bool = False,
    alt: Words | None = None,
    taken_at: datetime | None = None,
) -> tuple[Photo, bool]:
    """Say that a photo will come: the row, and whether it is new.

    ``others_shown``: somebody can be seen who is no maker and so has no consent on record; such a
    photo is never public. The same announcement again is answered with the first. Raises
    PhotoIdTaken, PhotoTooLarge, ScopeMissing, Invalid.
    """
    require_kind(actor, subject_kind)
    first = session.get(Photo, photo_id)
    if first is not None:
        if first.cooperative_id != own(actor) or first.request_hash != request_hash:
            raise PhotoIdTaken()
        return first, False
    if expected.byte_length > most_bytes:
        raise PhotoTooLarge(pointer="/byte_length", most_bytes=most_bytes)
    photo = Photo(
        id=photo_id,
        cooperative_id=own(actor),
        subject_kind=subject_kind,
        subject_id=subject_id,
        content_type=expected.content_type,
        byte_length=expected.byte_length,
        sha256=expected.sha256,
        alt=alt or {},
        others_shown=others_shown,
        version=1,
        request_hash=request_hash,
        taken_at=taken_at,
        created_at=now,
        created_by=actor.reference,
    )
    set_makers(session, photo, maker_ids)
    session.add(photo.begin(PhotoStatus.AWAITED, actor=actor, why="announced", at=now))
    session.add(photo)
    session.flush()
    return photo, True


def set_makers(session: Session, photo: Photo, maker_ids: Sequence[uuid.UUID]) -> None:
    """Say which makers can be seen; a photo of a maker shows at least her. Raises Invalid."""
    wanted = set(maker_ids)
    if photo.subject_kind == SubjectKind.MAKER:
        wanted.add(photo.subject_id)
    makers_by_id(session, wanted, cooperative_id=photo.cooperative_id)
    named = {row.maker_id: row for row in photo.shown}
    for maker_id in set(named) - wanted:
        photo.shown.remove(named[maker_id])
    for maker_id in sorted(wanted - set(named)):
        photo.shown.append(PhotoMaker(cooperative_id=photo.cooperative_id, maker_id=maker_id))


def receive(
    store: Store,
    *,
    photo_id: uuid.UUID,
    content_type: str,
    pieces: Iterable[bytes],
    now: datetime,
) -> None:
    """Take the bytes of an announced photo, piece by piece.

    Reading stops at the first byte too many. Bytes sent again are compared and change nothing.
    Raises NotFound, WrongBytes, PhotoRemoved, StoreUnavailable.
    """
    with transaction() as session:
        photo = session.get(Photo, photo_id, populate_existing=True)
        if photo is None:
            raise NotFound("no such photo")
        expected = Expected(photo.content_type, photo.byte_length, photo.sha256)
        awaited = _is_awaited(photo)
    if content_type != expected.content_type:
        raise WrongBytes(f"this was announced as {expected.content_type}")
    with SpooledTemporaryFile(_KEPT_IN_MEMORY) as kept:
        _copy(pieces, kept, expected)
        if awaited:
            key = fresh_key(photo_id, "original")
            store.put(key, kept)
            _mark(store, photo_id, key, now)


def take_up(session: Session, *, photo_ids: Iterable[uuid.UUID]) -> int:
    """Leave a note for each photo that waits to be developed; how many those are."""
    waiting = list(photo_ids)
    for photo_id in waiting:
        defer(session, "photo.received", once=f"photo:{photo_id}", photo_id=photo_id)
    return len(waiting)


def received_photo(session: Session, photo_id: uuid.UUID, *, actor: Actor) -> Photo:
    """One photo, locked, that can still be changed. Raises NotFound, PhotoRemoved."""
    photo = get_photo(session, photo_id, actor=actor, lock=True)
    if photo.status == PhotoStatus.REMOVED:
        raise PhotoRemoved()
    return photo


def _is_awaited(photo: Photo) -> bool:
    if photo.status == PhotoStatus.REMOVED:
        raise PhotoRemoved()
    return photo.status == PhotoStatus.AWAITED


def _copy(pieces: Iterable[bytes], kept: "SpooledTemporaryFile[bytes]", expected: Expected) -> None:
    """Copy what comes, and refuse it unless it is exactly what was announced."""
    digest, seen = hashlib.sha256(), 0
    for piece in pieces:
        seen += len(piece)
        if seen > expected.byte_length:
            raise WrongBytes("longer than was announced", byte_length=expected.byte_length)
        digest.update(piece)
        kept.write(piece)
    if seen < expected.byte_length:
        raise WrongBytes("shorter than was announced", byte_length=expected.byte_length)
    if digest.hexdigest() != expected.sha256:
        raise WrongBytes("other bytes than were announced")
    kept.seek(0)
    announced = HEIC if expected.content_type == HEIF else expected.content_type
    if kind_of(kept.read(32)) != announced:
        raise WrongBytes(f"this is no {expected.content_type}")
    kept.seek(0)


def _mark(store: Store, photo_id: uuid.UUID, key: str, now: datetime) -> None:
    """Point the row at the object, and leave the note; whoever came second puts hers away."""
    with transaction() as session:
        (photo,) = lock_rows(session, Photo, [photo_id])
        first = photo.status == PhotoStatus.AWAITED
        if first:
            photo.original_key = key
            photo.become(PhotoStatus.RECEIVED, actor=PHONE, why="its bytes came", at=now)
            take_up(session, photo_ids=[photo_id])
    if not first:
        store.delete([key])
