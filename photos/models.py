"""The tables of photos."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from people.models import OfCooperative
from photos.subjects import SubjectKind


class PhotoStatus(StrEnum):
    """How far a photo has come."""

    AWAITED = "awaited"
    RECEIVED = "received"
    READY = "ready"
    REFUSED = "refused"
    REMOVED = "removed"


PHOTO_MOVES = Transitions(
    {
        PhotoStatus.AWAITED: {PhotoStatus.RECEIVED, PhotoStatus.REMOVED},
        PhotoStatus.RECEIVED: {PhotoStatus.READY, PhotoStatus.REFUSED, PhotoStatus.REMOVED},
        PhotoStatus.READY: {PhotoStatus.REMOVED},
        PhotoStatus.REFUSED: {PhotoStatus.REMOVED},
    }
)


class Photo(OfCooperative, Living[PhotoStatus], Base):
    """One photo, announced by a phone before its bytes come; what it shows may come later still.

    ``subject_id`` names what is on it and is no foreign key: phones send in any order.
    """

    __tablename__ = "photos"
    __table_args__ = (
        one_of("status", PhotoStatus),
        one_of("subject_kind", SubjectKind),
        CheckConstraint("byte_length > 0", name="byte_length"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint(f"created_by ~ '{ACTOR_PATTERN}'", name="created_by"),
        CheckConstraint(
            "(original_key IS NOT NULL) = (status IN ('received', 'ready'))", name="original_key"
        ),
        CheckConstraint("(prints_key IS NOT NULL) = (status = 'ready')", name="prints_key"),
        CheckConstraint("(refusal IS NOT NULL) = (status = 'refused')", name="refusal"),
        CheckConstraint(
            "status <> 'ready' OR (width IS NOT NULL AND height IS NOT NULL)", name="measured"
        ),
        Index(None, "cooperative_id", "id"),
        Index(None, "subject_id", "id"),
        Index("ix_photos_received", "id", postgresql_where=text("status = 'received'")),
    )
    MOVES: ClassVar = PHOTO_MOVES
    NOUN: ClassVar[str] = "photo"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    content_type: Mapped[str]
    byte_length: Mapped[int]
    sha256: Mapped[str]
    alt: Mapped[dict[str, str]]
    others_shown: Mapped[bool]
    version: Mapped[int]
    request_hash: Mapped[str]
    original_key: Mapped[str | None]
    prints_key: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    refusal: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    shown: Mapped[list["PhotoMaker"]] = relationship(
        order_by="PhotoMaker.maker_id", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def maker_ids(self) -> list[uuid.UUID]:
        """The makers that can be seen on it."""
        return [one.maker_id for one in self.shown]


class PhotoMaker(OfCooperative, Base):
    """A maker who can be seen on a photo."""

    __tablename__ = "photo_makers"

    photo_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("photos.id"), primary_key=True)
    maker_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("makers.id"), primary_key=True, index=True
    )


class PublicationStatus(StrEnum):
    """Whether a photo is out under one address."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"


class Publication(Identified, OfCooperative, Living[PublicationStatus], Base):
    """A photo made public under one address, which no other publication ever has again."""

    __tablename__ = "photo_publications"
    __table_args__ = (
        one_of("status", PublicationStatus),
        CheckConstraint("public_name ~ '^[0-9a-f]{40}$'", name="public_name"),
        Index(
            "uq_photo_publications_one_open",
            "photo_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index(None, "photo_id"),
    )
    MOVES: ClassVar = Transitions({PublicationStatus.OPEN: {PublicationStatus.WITHDRAWN}})
    NOUN: ClassVar[str] = "photo publication"

    photo_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("photos.id"))
    public_name: Mapped[str] = mapped_column(unique=True)
    published_at: Mapped[datetime]
    published_by: Mapped[str]


class PublicationConsent(Fact, OfCooperative, Base):
    """A consent that a publication rests on. When it is revoked, the publication is over."""

    __tablename__ = "photo_publication_consents"

    publication_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("photo_publications.id"), primary_key=True
    )
    consent_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consents.id"), primary_key=True, index=True
    )
