"""Photos for tests: real files made here, announced and developed without a worker."""

import hashlib
import io
import uuid
from collections.abc import Sequence
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from core.ids import new_id
from people.models import Cooperative, Maker
from photos import uploads
from photos.darkroom import develop
from photos.models import Photo, PhotoStatus
from photos.storage import Store, current_store, fresh_key
from photos.uploads import Expected
from tests.support.make import NOW, house

ALT = {"en": "A red runner on a table", "es": "Un camino rojo"}


def a_picture(width: int = 96, height: int = 64, colour: str = "firebrick") -> Image.Image:
    """A picture with something on it: its first quarter is white."""
    picture = Image.new("RGB", (width, height), colour)
    picture.paste("white", (0, 0, width // 2, height // 2))
    return picture


def a_file(kind: str = "JPEG", picture: Image.Image | None = None, **how: Any) -> bytes:
    """The bytes of a picture in a format of Pillow's."""
    written = io.BytesIO()
    (picture or a_picture()).save(written, kind, **how)
    return written.getvalue()


def expected(contents: bytes, content_type: str = "image/jpeg") -> Expected:
    """What an announcement says of these bytes."""
    return Expected(content_type, len(contents), hashlib.sha256(contents).hexdigest())


def announce(
    session: Session,
    cooperative: Cooperative,
    contents: bytes,
    *,
    content_type: str = "image/jpeg",
    photo_id: uuid.UUID | None = None,
    shows: Sequence[Maker] = (),
    **given: Any,
) -> Photo:
    """A photo whose bytes are still to come."""
    values: dict[str, Any] = {
        "subject_kind": "piece",
        "subject_id": new_id(),
        "request_hash": uuid.uuid4().hex,
        "most_bytes": 16 << 20,
        "alt": ALT,
    } | given
    photo, _new = uploads.announce_photo(
        session,
        photo_id=photo_id or new_id(),
        expected=expected(contents, content_type),
        maker_ids=[maker.id for maker in shows],
        actor=house(cooperative),
        now=NOW,
        **values,
    )
    return photo


def make_photo(
    session: Session, cooperative: Cooperative, *, contents: bytes | None = None, **given: Any
) -> Photo:
    """A photo that is ready, printed here instead of in a process of its own."""
    contents = contents or a_file()
    photo = announce(session, cooperative, contents, **given)
    keep(current_store(), photo, contents)
    session.flush()
    return photo


def keep(store: Store, photo: Photo, contents: bytes) -> None:
    """Put a photo's original and prints into the store, and say so on its row."""
    photo.original_key, photo.prints_key = (
        fresh_key(photo.id, "original"),
        fresh_key(photo.id),
    )
    store.put(photo.original_key, io.BytesIO(contents))
    made = develop(contents)
    for name, printed in made.prints.items():
        store.put(f"{photo.prints_key}/{name}", io.BytesIO(printed))
    photo.width, photo.height = made.width, made.height
    actor = uploads.PHONE
    photo.become(PhotoStatus.RECEIVED, actor=actor, why="made for a test", at=NOW)
    photo.become(PhotoStatus.READY, actor=actor, why="made for a test", at=NOW)
