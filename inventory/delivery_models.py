"""The tables beside a delivery: who came, which photos follow, which tags were reserved for it."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from people.models import OfCooperative


class Attendance(Fact, OfCooperative, Base):
    """A maker who came on delivery day."""

    __tablename__ = "attendances"

    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    maker_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("makers.id"), primary_key=True, index=True
    )


class PhotoToCome(Fact, OfCooperative, Base):
    """A photo of a piece that was taken on delivery day; it follows when there is a signal."""

    __tablename__ = "photos_to_come"

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    #: Made on the phone; what it shows is kept elsewhere once it has come.
    photo_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    position: Mapped[int]


class TagReservation(Fact, Identified, OfCooperative, Base):
    """A run of tags printed for a place and a day, to be used without a network."""

    __tablename__ = "tag_reservations"
    __table_args__ = (CheckConstraint("tag_count BETWEEN 1 AND 500", name="tag_count"),)

    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    reserved_for: Mapped[date]
    tag_count: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    tags: Mapped[list["ReservedTag"]] = relationship(
        order_by="ReservedTag.position", lazy="select", back_populates="reservation"
    )


class ReservedTag(Fact, OfCooperative, Base):
    """A tag that nobody else is given; the piece that carries it says that it was used."""

    __tablename__ = "reserved_tags"

    tag: Mapped[str] = mapped_column(primary_key=True)
    reservation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tag_reservations.id"), index=True)
    position: Mapped[int]

    reservation: Mapped[TagReservation] = relationship(back_populates="tags")
