"""The photos of the evidence: of the pieces as they were inspected and shown, and of the parcel.

A bank is a stranger. A photo on which somebody can be seen goes in only while the world may see it,
by her consent; the archive says what was left out and why.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from inventory.listing_models import ListingPhoto
from orders.models import Order
from photos.models import Photo, PhotoStatus
from photos.shown import shown_photos
from photos.sizes import FALLBACK
from photos.storage import NotStored, Store
from photos.subjects import SubjectKind
from quality.models import Defect, Inspection

#: The largest print of each is half a megabyte; a bank reads no hundred of them.
MOST_PHOTOS = 40
OF_THE_SALE = (SubjectKind.ORDER, SubjectKind.PIECE, SubjectKind.LISTING)


@dataclass
class Pictures:
    """What goes into the archive: each file by its name, and what is said of every photo."""

    files: dict[str, bytes] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)


def pictures_of(session: Session, store: Store, order: Order) -> Pictures:
    """The photos of an order, its pieces, their listings and inspections; at most 40 of them.

    Raises StoreUnavailable.
    """
    photos = _photos(session, order)
    seen = [photo.id for photo in photos if photo.others_shown or photo.shown]
    public = set(shown_photos(session, seen))
    found = Pictures()
    for photo in photos:
        why = _left_out(photo, seen, public, len(found.files))
        content = None if why else _printed(store, photo)
        if content is None:
            found.told.append(_told(photo) | {"left_out": why or "lost"})
            continue
        name = f"photos/{len(found.files) + 1:02}-{photo.subject_kind}.jpg"
        found.files[name] = content
        sums = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
        found.told.append(_told(photo) | sums)
    return found


def _photos(session: Session, order: Order) -> Sequence[Photo]:
    pieces = [line.piece_id for line in order.lines]
    listings = {line.listing_id for line in order.lines if line.listing_id}
    looked = select(func.unnest(Inspection.photo_ids)).where(Inspection.piece_id.in_(pieces))
    faults = (
        select(func.unnest(Defect.photo_ids))
        .join(Inspection, Inspection.id == Defect.inspection_id)
        .where(Inspection.piece_id.in_(pieces))
    )
    listed = select(ListingPhoto.photo_id).where(ListingPhoto.listing_id.in_(listings))
    of_the_sale = Photo.subject_kind.in_(OF_THE_SALE) & Photo.subject_id.in_(
        [order.id, *pieces, *listings]
    )
    return session.scalars(
        select(Photo)
        .where(
            Photo.cooperative_id == order.cooperative_id,
            Photo.status == PhotoStatus.READY,
            or_(
                of_the_sale,
                Photo.id.in_(looked),
                Photo.id.in_(faults),
                Photo.id.in_(listed),
            ),
        )
        .order_by(Photo.id)
    ).all()


def _left_out(
    photo: Photo, seen: Iterable[uuid.UUID], public: set[uuid.UUID], so_far: int
) -> str | None:
    if photo.id in seen and photo.id not in public:
        return "somebody_can_be_seen"
    return "too_many" if so_far >= MOST_PHOTOS else None


def _printed(store: Store, photo: Photo) -> bytes | None:
    try:
        return store.read(f"{photo.prints_key}/{FALLBACK}")
    except NotStored:
        return None


def _told(photo: Photo) -> dict[str, Any]:
    return {
        "id": str(photo.id),
        "shows": photo.subject_kind,
        "of": str(photo.subject_id),
        "words": photo.alt,
        "taken_at": photo.taken_at,
        "sent_at": photo.created_at,
        "sent_as_sha256": photo.sha256,
    }
