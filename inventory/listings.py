"""Listings: words, prices, photos and the accepted pieces behind them."""

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.words import Words, pick
from inventory.claims import publish_in_turn, refuse_unsupported, set_claims
from inventory.designs import get_design
from inventory.listing_models import (
    Listing,
    ListingPhoto,
    ListingPiece,
    ListingPrice,
    ListingStatus,
)
from inventory.models import Piece, PieceStatus
from inventory.stock import lock_pieces
from people.cooperatives import own
from photos.publishing import own_photos, publish_with


class SlugTaken(Conflict):
    """Another listing has this address."""

    code = "slug_taken"


class PieceNotListable(Conflict):
    """Only an accepted piece of the listing's design that stands behind no other can be listed."""

    code = "piece_not_listable"


class ListingChanged(Conflict):
    """Somebody changed the listing since you read it."""

    code = "listing_changed"


class ListingIncomplete(Conflict):
    """A published listing needs a title, a price and a piece."""

    code = "listing_incomplete"


def add_listing(
    session: Session,
    *,
    design_id: uuid.UUID,
    title: Words,
    description: Words,
    prices: Mapping[str, int],
    piece_ids: Sequence[uuid.UUID],
    photos: Sequence[Mapping[str, Any]],
    status: str,
    actor: Actor,
    now: datetime,
    slug: str | None = None,
    claims: Sequence[Mapping[str, Any]] = (),
) -> Listing:
    """Offer pieces of one design. ``prices``: minor units by currency; ``photos``: {url, alt}
    or {photo_id}, each of which is made public with the listing, or refused.

    ``claims``: {kind, fibre?, share_bp?, dye?}; a published listing says only what the lots of
    every piece behind it support. Raises ClaimsRefused.
    """
    publish_in_turn(session, own(actor))
    design = get_design(session, design_id, actor=actor)
    listing = Listing(
        id=new_id(),
        cooperative_id=own(actor),
        slug=_free_slug(session, slug, title),
        design_id=design.id,
        title=title,
        description=description,
        version=1,
        created_at=now,
        created_by=actor.reference,
    )
    session.add(listing.begin(ListingStatus.DRAFT, actor=actor, why="written", at=now))
    session.add(listing)
    _set_prices(listing, prices)
    _set_photos(session, listing, photos, actor)
    session.flush()
    set_claims(session, listing, claims)
    _put_behind(session, listing, piece_ids)
    if status == ListingStatus.PUBLISHED:
        _publish(session, listing, actor, now, said_anew=True)
    session.flush()
    return listing


def change_listing(
    session: Session,
    *,
    listing_id: uuid.UUID,
    version: int,
    actor: Actor,
    now: datetime,
    title: Words | None = None,
    description: Words | None = None,
    prices: Mapping[str, int] | None = None,
    photos: Sequence[Mapping[str, Any]] | None = None,
    add_pieces: Sequence[uuid.UUID] = (),
    remove_pieces: Sequence[uuid.UUID] = (),
    status: str | None = None,
    claims: Sequence[Mapping[str, Any]] | None = None,
) -> Listing:
    """Change what is given and leave the rest; ``version`` is the one that was read.

    What is published is looked at again whenever it says something else, or of another piece.
    """
    publish_in_turn(session, own(actor))
    listing = get_listing(session, listing_id, actor=actor, lock=True)
    if listing.version != version:
        raise ListingChanged(version=listing.version)
    listing.title = title if title is not None else listing.title
    listing.description = description if description is not None else listing.description
    if prices is not None:
        _set_prices(listing, prices)
    if photos is not None:
        _set_photos(session, listing, photos, actor)
    if claims is not None:
        set_claims(session, listing, claims)
    _take_away(session, listing, remove_pieces, actor, now)
    _put_behind(session, listing, add_pieces)
    said_anew = any(one is not None for one in (title, description, photos, claims))
    _settle_status(session, listing, status, actor, now, said_anew=said_anew)
    listing.version += 1
    session.flush()
    return listing


def get_listing(
    session: Session, listing_id: uuid.UUID, *, actor: Actor, lock: bool = False
) -> Listing:
    """One listing of the actor's co-operative, published or not."""
    found = (
        lock_rows(session, Listing, [listing_id]) if lock else [session.get(Listing, listing_id)]
    )
    if not found or found[0] is None or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such listing")
    return found[0]


def slugify(words: str) -> str:
    """Words as an address: plain letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")


def take_down(session: Session, listing: Listing, *, why: str, actor: Actor, now: datetime) -> None:
    """Take a published listing away from buyers; pieces nobody holds are accepted again."""
    listing.become(ListingStatus.WITHDRAWN, actor=actor, why=why, at=now)
    _become(_pieces(session, listing), PieceStatus.LISTED, PieceStatus.ACCEPTED, actor, now)


def _settle_status(
    session: Session,
    listing: Listing,
    status: str | None,
    actor: Actor,
    now: datetime,
    *,
    said_anew: bool,
) -> None:
    wanted = ListingStatus(status) if status else ListingStatus(listing.status)
    if wanted is ListingStatus.PUBLISHED:
        _publish(session, listing, actor, now, said_anew=said_anew)
    elif wanted is ListingStatus.WITHDRAWN and wanted is not ListingStatus(listing.status):
        take_down(session, listing, why="taken down", actor=actor, now=now)
    elif wanted is not ListingStatus(listing.status):
        listing.become(wanted, actor=actor, why="taken down", at=now)


def _publish(
    session: Session, listing: Listing, actor: Actor, now: datetime, *, said_anew: bool
) -> None:
    pieces = _pieces(session, listing)
    if not (listing.title and listing.prices and pieces):
        raise ListingIncomplete()
    fresh = listing.status != ListingStatus.PUBLISHED
    said_anew |= fresh or any(piece.status == PieceStatus.ACCEPTED for piece in pieces)
    if fresh:
        listing.become(ListingStatus.PUBLISHED, actor=actor, why="offered", at=now)
    _become(pieces, PieceStatus.ACCEPTED, PieceStatus.LISTED, actor, now)
    publish_with(session, photo_ids=_own_photos(listing), actor=actor, now=now)
    if said_anew:  # at the end, when the words of its photos are to be seen too
        refuse_unsupported(session, listing, day=now.date())


def _own_photos(listing: Listing) -> list[uuid.UUID]:
    return [row.photo_id for row in listing.photos if row.photo_id is not None]


def _become(
    pieces: Iterable[Piece], before: PieceStatus, after: PieceStatus, actor: Actor, now: datetime
) -> None:
    for piece in pieces:
        if piece.status == before:
            piece.become(after, actor=actor, why="its listing", at=now)


def _pieces(session: Session, listing: Listing) -> list[Piece]:
    return lock_pieces(
        session,
        session.scalars(select(ListingPiece.piece_id).where(ListingPiece.listing_id == listing.id)),
    )


def _put_behind(session: Session, listing: Listing, piece_ids: Sequence[uuid.UUID]) -> None:
    if not piece_ids:
        return
    pieces = lock_pieces(session, piece_ids)
    taken = set(
        session.scalars(
            select(ListingPiece.piece_id).where(ListingPiece.piece_id.in_(list(piece_ids)))
        )
    )
    fit = {
        piece.id
        for piece in pieces
        if piece.design_id == listing.design_id
        and piece.status == PieceStatus.ACCEPTED
        and piece.id not in taken
    }
    if refused := sorted(set(piece_ids) - fit):
        raise PieceNotListable(pieces=[str(piece_id) for piece_id in refused])
    session.add_all(
        ListingPiece(listing_id=listing.id, piece_id=piece_id) for piece_id in sorted(fit)
    )
    session.flush()


def _take_away(
    session: Session, listing: Listing, piece_ids: Sequence[uuid.UUID], actor: Actor, now: datetime
) -> None:
    if not piece_ids:
        return
    entries = session.scalars(
        select(ListingPiece).where(
            ListingPiece.listing_id == listing.id, ListingPiece.piece_id.in_(list(piece_ids))
        )
    ).all()
    pieces = lock_pieces(session, piece_ids)
    if len(entries) < len(set(piece_ids)):
        raise Invalid("this piece is not behind the listing", pointer="/remove_pieces")
    for piece in pieces:
        if piece.status not in {PieceStatus.ACCEPTED, PieceStatus.LISTED}:
            raise PieceNotListable("a held or sold piece stays", pieces=[str(piece.id)])
    _become(pieces, PieceStatus.LISTED, PieceStatus.ACCEPTED, actor, now)
    for entry in entries:
        session.delete(entry)
    session.flush()


def _set_prices(listing: Listing, prices: Mapping[str, int]) -> None:
    current = {row.currency: row for row in listing.prices}
    for currency, amount in prices.items():
        if currency in current:
            current[currency].amount_minor = amount
        else:
            listing.prices.append(ListingPrice(currency=currency, amount_minor=amount))
    for currency in set(current) - set(prices):
        listing.prices.remove(current[currency])


def _set_photos(
    session: Session, listing: Listing, photos: Sequence[Mapping[str, Any]], actor: Actor
) -> None:
    ours = {photo["photo_id"] for photo in photos if "photo_id" in photo}
    own_photos(session, ours, actor=actor)
    current = {row.position: row for row in listing.photos}
    for place, photo in enumerate(photos):
        row = current.pop(place, None)
        if row is None:
            row = ListingPhoto(position=place)
            listing.photos.append(row)
        row.url, row.photo_id = photo.get("url"), photo.get("photo_id")
        row.alt = photo.get("alt") or {}
    for row in current.values():
        listing.photos.remove(row)


def _free_slug(session: Session, wanted: str | None, title: Words) -> str:
    slug = wanted or f"{slugify(pick(title, ('en',)) or '') or 'piece'}-{new_id().hex[-6:]}"
    if session.scalar(select(Listing.id).where(Listing.slug == slug)) is not None:
        raise SlugTaken(slug=slug)
    return slug
