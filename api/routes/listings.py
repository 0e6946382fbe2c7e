"""Listings for the office and the world, and the passports of pieces."""

import re
import uuid
from typing import Any

from sqlalchemy.orm import Session

from api import languages, pictures
from api.access import actor, needs, public
from api.blueprints import Blueprint
from api.etags import if_match, of_version, version_wanted, versioned
from api.idempotency import once, writes
from api.lot_views import resting_claim
from api.paging import CursorInvalid, id_in, opened, page, pages_of, sealed
from api.schemas.fields import MOST_MINOR, UUID_TEXT
from api.schemas.listings import (
    SLUG_FORM,
    ListingChange,
    ListingsWanted,
    ListingView,
    NewListing,
    OfferedInFullView,
    OfferedView,
)
from api.schemas.passports import PassportView
from core import clock
from core.db import current_session
from core.errors import NotFound
from core.words import pick
from inventory import catalogue, listings
from inventory.catalogue import CatalogueFilter, CatalogueRow
from inventory.fastness import every_limit
from inventory.listing_models import Listing
from inventory.listing_photos import offered_photos
from payouts.passports import read_passport

blueprint = Blueprint("listings", "What is offered, and each piece's public page.")
SLUG = re.compile(SLUG_FORM)


@blueprint.get("/listings")
@public
@blueprint.arguments(ListingsWanted, location="query")
@blueprint.response(200, pages_of(OfferedView))
def browse(wanted: dict[str, Any]) -> Any:
    """Browse what is offered.

    Published listings; prices are compared in one `currency`, so naming it is needed for
    `min_price`, `max_price` and sorting by price. `Accept-Language` chooses `name` among en, es
    and qu.
    """
    limit, after = wanted.pop("limit"), wanted.pop("after", None)
    looked_for = CatalogueFilter(**wanted)
    found = catalogue.browse(
        current_session(), wanted=looked_for, limit=limit + 1, after=_place(after, looked_for)
    )
    body, status, headers = page(found, limit, lambda row: _cursor(row, looked_for))
    return {"items": [_named(row) for row in body["items"]]}, status, headers


@blueprint.get("/listings/<slug>")
@public
@versioned
@blueprint.response(200, OfferedInFullView)
def show(slug: str) -> Any:
    """Read one listing.

    With its makers, each as far as she lets herself be known, and the pieces that can be had now.
    """
    if not SLUG.fullmatch(slug):
        raise NotFound("no such listing")
    detail = catalogue.show(current_session(), slug)
    listing, design = detail.listing, detail.listing.design
    of_version(listing.version)
    return {
        "id": listing.id,
        "slug": listing.slug,
        "name": pick(listing.title, languages.wanted()),
        "title": listing.title,
        "description": listing.description,
        "kind": design.kind,
        "technique": design.technique,
        "prices": listing.prices,
        "photos": [pictures.offered(one) for one in detail.photos],
        "available": len(detail.available),
        "pieces": detail.available,
        "makers": detail.makers,
        "claims": listing.claims,
        "fibres": detail.fibres,
        "measures": detail.measures,
        "care": design.care,
    }


@blueprint.post("/listings")
@needs("listings:write")
@blueprint.arguments(NewListing)
@once()
@versioned
@blueprint.response(201, ListingView)
def add_listing(wanted: dict[str, Any]) -> Any:
    """Add a listing.

    Behind it stand accepted pieces of one design. A published one needs a title, a price and a
    piece, and says only what the lots of every piece support: `claims` is what it claims. Without
    a `slug` one is made of the title.
    """
    session = current_session()
    listing = listings.add_listing(session, actor=actor(), now=clock.now(), **wanted)
    return _written(session, listing), 201, {"Location": f"/v1/listings/{listing.slug}"}


@blueprint.patch("/listings/<slug>")
@needs("listings:write")
@if_match
@blueprint.arguments(ListingChange)
@writes
@versioned
@blueprint.response(200, ListingView)
def change_listing(wanted: dict[str, Any], slug: str) -> Any:
    """Change a listing.

    By its slug while it is published, or by its id. `If-Match` names the ETag that was read: 428
    without one, 412 when somebody changed the listing since. `prices`, `photos` and `claims`
    replace what was there; everything left out stays.
    """
    session, version = current_session(), version_wanted()
    listing = listings.change_listing(
        session,
        listing_id=_id_of(session, slug),
        version=version,
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    session.expire(listing, ["entries"])
    return _written(session, listing)


@blueprint.get("/listings/<uuid:listing_id>/draft")
@needs("listings:read")
@versioned
@blueprint.response(200, ListingView)
def read_as_written(listing_id: uuid.UUID) -> Any:
    """Read a listing as those see it who write it.

    Published or not; with the ETag that a change has to name.
    """
    session = current_session()
    return _written(session, listings.get_listing(session, listing_id, actor=actor()))


@blueprint.get("/passports/<tag>")
@public
@blueprint.response(200, PassportView)
def read_a_passport(tag: str) -> Any:
    """Read a piece's passport.

    Who made it, as far as each lets herself be known; what was measured; what the makers earned
    and were paid, from the ledger, where they consented. It stays after the piece is sold.
    """
    session = current_session()
    passport = read_passport(session, tag, today=clock.now().date())
    design = passport.design
    limits = every_limit(session, cooperative_id=design.cooperative_id)
    columns = {name: getattr(passport, name) for name in PASSPORT}
    return columns | {
        "name": pick(design.name, languages.wanted()),
        "title": design.name,
        "kind": design.kind,
        "technique": design.technique,
        "care": design.care,
        "photos": [pictures.picture(one) for one in passport.photos],
        "claims": [resting_claim(one, limits) for one in passport.claims],
    }


WRITTEN = tuple(name for name in ListingView().fields if name not in {"photos", "piece_ids"})
OF_DESIGN = frozenset({"photos", "claims", "name", "title", "kind", "technique", "care"})
PASSPORT = tuple(name for name in PassportView().fields if name not in OF_DESIGN)


def _named(row: CatalogueRow) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in OFFERED}
    name = pick(row.title, languages.wanted())
    return {**shown, "name": name, "photo": pictures.first(row.photo)}


def _written(session: Session, listing: Listing) -> dict[str, Any]:
    """A listing as those see it who write it."""
    of_version(listing.version)
    photos = offered_photos(session, listing.photos)
    return {
        **{name: getattr(listing, name) for name in WRITTEN},
        "photos": [{**pictures.offered(one), "photo_id": one.row.photo_id} for one in photos],
        "piece_ids": sorted(entry.piece_id for entry in listing.entries),
    }


OFFERED = tuple(name for name in OfferedView().fields if name not in {"name", "photo"})


def _cursor(row: CatalogueRow, looked_for: CatalogueFilter) -> str:
    return sealed(looked_for.sort, row.sort_price, row.id)


def _place(cursor: str | None, looked_for: CatalogueFilter) -> tuple[int | None, uuid.UUID] | None:
    """The place a cursor names, if it is of this order. Raises CursorInvalid."""
    if cursor is None:
        return None
    sort, price, listing_id = opened(cursor, 3)
    priced = looked_for.sort != "newest"
    if sort != looked_for.sort or (
        priced and not (type(price) is int and 0 <= price <= MOST_MINOR)
    ):
        raise CursorInvalid(pointer="?after")
    return price if priced else None, id_in(listing_id)


def _id_of(session: Session, slug: str) -> uuid.UUID:
    """A listing's id from its id as text, or from its slug while it is published."""
    if UUID_TEXT.fullmatch(slug):
        return uuid.UUID(slug)
    if not SLUG.fullmatch(slug):
        raise NotFound("no such listing")
    return catalogue.show(session, slug).listing.id
