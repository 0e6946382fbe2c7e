"""The catalogue: what buyers see of published listings, in few queries however many rows."""

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased, joinedload

from core.errors import Invalid, NotFound
from core.words import Words
from inventory.design_models import Design, FibreShare, Measure
from inventory.limits import measures_in_force
from inventory.listing_models import (
    Listing,
    ListingPiece,
    ListingPrice,
    ListingStatus,
)
from inventory.listing_photos import OfferedPhoto, first_photo, offered_photos
from inventory.models import Contribution, Piece, PieceStatus
from people.models import Consent, ConsentRevocation, Purpose
from people.publicity import PublicMaker, public_makers


@dataclass(frozen=True, slots=True)
class CatalogueFilter:
    """What buyers narrow the catalogue to; prices are minor units of ``currency``."""

    kind: str | None = None
    technique: str | None = None
    maker: uuid.UUID | None = None
    min_price: int | None = None
    max_price: int | None = None
    currency: str | None = None
    sort: str = "newest"


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One listing on a page of the catalogue; ``photo`` is as `listing_photos.first_photo` says."""

    id: uuid.UUID
    slug: str
    title: Words
    kind: str
    technique: str
    prices: list[dict[str, Any]]
    photo: dict[str, Any] | None
    available: int
    sort_price: int | None


@dataclass(frozen=True, slots=True)
class PieceOnOffer:
    """A piece a buyer can choose."""

    id: uuid.UUID
    tag: str
    grade: str


@dataclass(frozen=True, slots=True)
class ListingDetail:
    """Everything public about one listing."""

    listing: Listing
    photos: list[OfferedPhoto]
    available: list[PieceOnOffer]
    makers: list[PublicMaker]
    fibres: list[FibreShare]
    measures: list[Measure]


def browse(
    session: Session,
    *,
    wanted: CatalogueFilter,
    limit: int,
    after: tuple[int | None, uuid.UUID] | None = None,
) -> list[CatalogueRow]:
    """Up to ``limit`` published listings after a place; the place is (price or None, id)."""
    _refuse_mixed_currencies(wanted)
    statement = _narrowed(_page(priced=wanted.currency is not None), wanted)
    statement = _ordered(statement, wanted, after)
    rows = session.execute(statement.limit(limit), {"currency": wanted.currency})
    return [CatalogueRow(*row) for row in rows]


def show(session: Session, slug: str) -> ListingDetail:
    """One published listing with its makers under consent. Raises NotFound."""
    wanted = select(Listing).where(Listing.slug == slug, Listing.status == ListingStatus.PUBLISHED)
    found = session.scalars(wanted.options(joinedload(Listing.claims))).unique()
    listing = found.one_or_none()
    if listing is None:
        raise NotFound("no such listing")
    measures = measures_in_force(session, [listing.design_id])
    return ListingDetail(
        listing=listing,
        photos=[one for one in offered_photos(session, listing.photos) if one.visible],
        available=_on_offer(session, listing),
        makers=_makers(session, listing),
        fibres=listing.design.fibres,
        measures=measures.get(listing.design_id, []),
    )


PRICED = aliased(ListingPrice)


@cache
def _page(*, priced: bool) -> Select[Any]:
    """The statement of a page, built once for pages with a currency and once for those without."""
    prices = (
        select(
            func.coalesce(
                func.jsonb_agg(
                    aggregate_order_by(
                        func.jsonb_build_object(
                            "amount_minor",
                            ListingPrice.amount_minor,
                            "currency",
                            ListingPrice.currency,
                        ),
                        ListingPrice.currency,
                    )
                ),
                literal_column("'[]'::jsonb"),
            )
        )
        .where(ListingPrice.listing_id == Listing.id)
        .scalar_subquery()
    )
    available = (
        select(func.count())
        .select_from(ListingPiece)
        .join(Piece, Piece.id == ListingPiece.piece_id)
        .where(ListingPiece.listing_id == Listing.id, Piece.status == PieceStatus.LISTED)
        .scalar_subquery()
    )
    sort_price = PRICED.amount_minor if priced else literal_column("NULL::bigint")
    statement = (
        select(
            Listing.id, Listing.slug, Listing.title, Design.kind, Design.technique, prices,
            first_photo(), available, sort_price,
        )
        .join(Design, Design.id == Listing.design_id)
        .where(Listing.status == ListingStatus.PUBLISHED)
    )  # fmt: skip
    if priced:
        in_currency = and_(
            PRICED.listing_id == Listing.id, PRICED.currency == bindparam("currency")
        )
        statement = statement.join(PRICED, in_currency)
    return statement


def _refuse_mixed_currencies(wanted: CatalogueFilter) -> None:
    by_price = wanted.min_price is not None or wanted.max_price is not None
    if not wanted.currency and (by_price or wanted.sort != "newest"):
        raise Invalid("prices are compared in one currency; name it", pointer="?currency")


def _narrowed(statement: Select[Any], wanted: CatalogueFilter) -> Select[Any]:
    if wanted.kind:
        statement = statement.where(Design.kind == wanted.kind)
    if wanted.technique:
        statement = statement.where(Design.technique == wanted.technique)
    if wanted.maker:
        statement = statement.where(_made_openly_by(wanted.maker))
    if wanted.min_price is not None:
        statement = statement.where(PRICED.amount_minor >= wanted.min_price)
    if wanted.max_price is not None:
        statement = statement.where(PRICED.amount_minor <= wanted.max_price)
    return statement


def _ordered(
    statement: Select[Any],
    wanted: CatalogueFilter,
    after: tuple[int | None, uuid.UUID] | None,
) -> Select[Any]:
    if wanted.sort == "newest":
        place = Listing.id < after[1] if after else None
        statement = statement.order_by(Listing.id.desc())
    elif wanted.sort == "price_asc":
        place = tuple_(PRICED.amount_minor, Listing.id) > after if after else None
        statement = statement.order_by(PRICED.amount_minor, Listing.id)
    else:
        place = tuple_(PRICED.amount_minor, Listing.id) < after if after else None
        statement = statement.order_by(PRICED.amount_minor.desc(), Listing.id.desc())
    return statement if place is None else statement.where(place)


def _made_openly_by(maker_id: uuid.UUID) -> Any:
    """A listing with a piece of hers, as long as she consents to be known for it."""
    made = exists().where(
        ListingPiece.listing_id == Listing.id,
        Contribution.piece_id == ListingPiece.piece_id,
        Contribution.maker_id == maker_id,
    )
    revoked = exists().where(ConsentRevocation.consent_id == Consent.id)
    consents = exists().where(
        Consent.maker_id == maker_id, Consent.purpose == Purpose.PUBLIC_PROFILE, ~revoked
    )
    return and_(made, consents)


def _on_offer(session: Session, listing: Listing) -> list[PieceOnOffer]:
    rows = session.execute(
        select(Piece.id, Piece.tag, Piece.grade)
        .join(ListingPiece, ListingPiece.piece_id == Piece.id)
        .where(ListingPiece.listing_id == listing.id, Piece.status == PieceStatus.LISTED)
        .order_by(Piece.id)
    )
    return [PieceOnOffer(piece_id, tag, grade or "") for piece_id, tag, grade in rows]


def _makers(session: Session, listing: Listing) -> list[PublicMaker]:
    ids = session.scalars(
        select(Contribution.maker_id)
        .join(ListingPiece, ListingPiece.piece_id == Contribution.piece_id)
        .where(ListingPiece.listing_id == listing.id)
        .distinct()
    )
    shown = public_makers(session, ids)
    return [shown[maker_id] for maker_id in sorted(shown)]
