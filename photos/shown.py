"""What of photos the world may see now: published, not withdrawn, with every consent standing.

It is worked out from the rows each time, so nothing has to run for a revoked consent to count.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import LateralFromClause

from core.errors import NotFound, PallayError
from core.words import Words
from people.models import ConsentRevocation
from photos.models import (
    Photo,
    PhotoMaker,
    PhotoStatus,
    Publication,
    PublicationConsent,
    PublicationStatus,
)
from photos.sizes import PRINTS
from photos.storage import Store
from photos.subjects import SubjectKind

MOST_OF_ONE = 50


class PhotoGone(PallayError):
    """This photo was public once and is no longer."""

    code = "photo_gone"


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo as the world sees it: the name in its address, its words, its size in pixels."""

    photo_id: uuid.UUID
    public_name: str
    alt: Words
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of one public print, and whether somebody can be seen on it."""

    contents: bytes
    shows_somebody: bool


def is_shown() -> ColumnElement[bool]:
    """The condition under which a publication, joined with its photo, may be seen."""
    revoked = (
        select(PublicationConsent.consent_id)
        .join(ConsentRevocation, ConsentRevocation.consent_id == PublicationConsent.consent_id)
        .where(PublicationConsent.publication_id == Publication.id)
        .exists()
    )
    return and_(
        Publication.status == PublicationStatus.OPEN,
        Photo.status == PhotoStatus.READY,
        ~revoked,
    )


def shown_photos(session: Session, photo_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ShownPhoto]:
    """Those of these photos that may be seen, by id; one query, none without ids."""
    wanted = set(photo_ids)
    if not wanted:
        return {}
    rows = session.execute(_shown().where(Photo.id.in_(wanted)))
    return {row.id: ShownPhoto(*row) for row in rows}


def shown_beside(photo_id: Any) -> LateralFromClause:
    """To be joined: beside a column with a photo's id, ``photo``, how it may be seen, if it may."""
    built = func.jsonb_build_object(
        "photo_id", Photo.id,
        "public_name", Publication.public_name,
        "alt", Photo.alt,
        "width", Photo.width,
        "height", Photo.height,
    )  # fmt: skip
    return (
        select(built.label("photo"))
        .select_from(Publication)
        .join(Photo, Photo.id == Publication.photo_id)
        .where(is_shown(), Publication.photo_id == photo_id)
        .lateral("shown_photo")
    )


def shown_of(
    session: Session, *, kind: SubjectKind, subject_id: uuid.UUID, cooperative_id: uuid.UUID
) -> list[ShownPhoto]:
    """Up to 50 public photos of one thing, in the order of their ids."""
    rows = session.execute(
        _shown()
        .where(
            Photo.subject_id == subject_id,
            Photo.subject_kind == kind,
            Photo.cooperative_id == cooperative_id,
        )
        .order_by(Photo.id)
        .limit(MOST_OF_ONE)
    )
    return [ShownPhoto(*row) for row in rows]


def read_picture(session: Session, store: Store, *, public_name: str, print_name: str) -> Picture:
    """One public print by its address. Raises NotFound, PhotoGone, StoreUnavailable."""
    if print_name not in PRINTS:
        raise NotFound("no such photo")
    row = session.execute(
        select(
            Photo.prints_key,
            is_shown().label("shown"),
            Photo.others_shown.label("others"),
            exists().where(PhotoMaker.photo_id == Photo.id).label("makers"),
        )
        .select_from(Publication)
        .join(Photo, Photo.id == Publication.photo_id)
        .where(Publication.public_name == public_name)
    ).one_or_none()
    if row is None:
        raise NotFound("no such photo")
    if not row.shown:
        raise PhotoGone()
    return Picture(store.read(f"{row.prints_key}/{print_name}"), bool(row.makers or row.others))


def _shown() -> Any:
    return (
        select(Photo.id, Publication.public_name, Photo.alt, Photo.width, Photo.height)
        .select_from(Publication)
        .join(Photo, Photo.id == Publication.photo_id)
        .where(is_shown())
    )
