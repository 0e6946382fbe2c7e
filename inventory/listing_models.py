"""The tables of what is offered: listings, their prices, photos, and the pieces behind them."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.lives import Living, Transitions, one_of
from inventory.claim_models import ListingClaim
from inventory.design_models import Design
from inventory.models import Piece
from people.models import OfCooperative


class ListingStatus(StrEnum):
    """Whether buyers see a listing."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


LISTING_MOVES = Transitions(
    {
        ListingStatus.DRAFT: {ListingStatus.PUBLISHED, ListingStatus.WITHDRAWN},
        ListingStatus.PUBLISHED: {ListingStatus.WITHDRAWN},
        ListingStatus.WITHDRAWN: {ListingStatus.PUBLISHED},
    }
)


class Listing(Identified, OfCooperative, Living[ListingStatus], Base):
    """What is offered: words, photos, prices, and pieces. Availability is counted, never typed."""

    __tablename__ = "listings"
    __table_args__ = (
        one_of("status", ListingStatus),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug"),
        Index(None, "status", "id"),
    )
    MOVES: ClassVar = LISTING_MOVES
    NOUN: ClassVar[str] = "listing"

    slug: Mapped[str] = mapped_column(unique=True)
    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"), index=True)
    title: Mapped[dict[str, str]]
    description: Mapped[dict[str, str]]
    version: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    design: Mapped[Design] = relationship(lazy="joined")
    prices: Mapped[list["ListingPrice"]] = relationship(
        order_by="ListingPrice.currency", lazy="selectin", cascade="all, delete-orphan"
    )
    photos: Mapped[list["ListingPhoto"]] = relationship(
        order_by="ListingPhoto.position", lazy="selectin", cascade="all, delete-orphan"
    )
    claims: Mapped[list[ListingClaim]] = relationship(
        order_by=ListingClaim.id, lazy="select", cascade="all, delete-orphan"
    )
    entries: Mapped[list["ListingPiece"]] = relationship(
        lazy="select", cascade="all, delete-orphan", order_by="ListingPiece.piece_id"
    )


class ListingPrice(Base):
    """The price in one currency."""

    __tablename__ = "listing_prices"
    __table_args__ = (
        CheckConstraint("amount_minor BETWEEN 1 AND 99999999", name="amount_minor"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index(None, "currency", "amount_minor"),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount_minor: Mapped[int]


class ListingPhoto(Base):
    """A picture with words for those who cannot see it: kept elsewhere, or one of our photos.

    One of ours has words of its own; ``alt`` is then empty unless the listing says it otherwise.
    """

    __tablename__ = "listing_photos"
    __table_args__ = (CheckConstraint("num_nonnulls(url, photo_id) = 1", name="one_source"),)

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str | None]
    photo_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("photos.id"), index=True)
    alt: Mapped[dict[str, str]]


class ListingPiece(Base):
    """A piece behind a listing; a piece stands behind one listing at a time."""

    __tablename__ = "listing_pieces"
    __table_args__ = (UniqueConstraint("piece_id"),)

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)

    piece: Mapped[Piece] = relationship(lazy="joined")
