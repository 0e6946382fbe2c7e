"""The photos of listings: those others keep, and those of ours that may be seen now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select, true
from sqlalchemy.orm import Session

from core.words import Words
from inventory.listing_models import Listing, ListingPhoto
from photos.shown import ShownPhoto, shown_beside, shown_photos


@dataclass(frozen=True, slots=True)
class OfferedPhoto:
    """One photo of a listing. Without ``url`` and ``shown`` it is not to be seen now."""

    row: ListingPhoto
    shown: ShownPhoto | None

    @property
    def alt(self) -> Words:
        """The listing's own words, or else the photo's."""
        return self.row.alt or (self.shown.alt if self.shown else {})

    @property
    def visible(self) -> bool:
        """Whether the world may see it."""
        return self.row.url is not None or self.shown is not None


def offered_photos(session: Session, rows: Iterable[ListingPhoto]) -> list[OfferedPhoto]:
    """The photos of a listing in their order; a query only where some of them are ours."""
    rows = list(rows)
    shown = shown_photos(session, (row.photo_id for row in rows if row.photo_id is not None))
    return [OfferedPhoto(row, shown.get(row.photo_id) if row.photo_id else None) for row in rows]


def first_photo() -> ScalarSelect[Any]:
    """The first photo of a listing that may be seen: an object of ``url``, ``alt``, ``shown``."""
    shown = shown_beside(ListingPhoto.photo_id)
    built = func.jsonb_build_object(
        "url", ListingPhoto.url, "alt", ListingPhoto.alt, "shown", shown.c.photo
    )
    return (
        select(built)
        .select_from(ListingPhoto)
        .outerjoin(shown, true())
        .where(
            ListingPhoto.listing_id == Listing.id,
            or_(ListingPhoto.url.is_not(None), shown.c.photo.is_not(None)),
        )
        .order_by(ListingPhoto.position)
        .limit(1)
        .correlate(Listing)
        .scalar_subquery()
    )
