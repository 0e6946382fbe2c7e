"""The tables of groups: makers who take on work together."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from people.models import OfCooperative


class MakerGroup(Identified, OfCooperative, Base):
    """Makers who take on work together, under a name; a maker may be in several groups."""

    __tablename__ = "maker_groups"
    __table_args__ = (UniqueConstraint("cooperative_id", "name"),)

    name: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    members: Mapped[list["Membership"]] = relationship(
        primaryjoin="and_(Membership.group_id == MakerGroup.id, Membership.left_at.is_(None))",
        order_by="Membership.maker_id",
        lazy="selectin",
        viewonly=True,
    )

    @property
    def maker_ids(self) -> list[uuid.UUID]:
        """Who is in it now."""
        return [member.maker_id for member in self.members]


class Membership(Identified, OfCooperative, Base):
    """A maker's time in a group: who wrote down that she joined, and that she left."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_once_at_a_time",
            "group_id",
            "maker_id",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("maker_groups.id"))
    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"), index=True)
    joined_at: Mapped[datetime]
    joined_by: Mapped[str]
    left_at: Mapped[datetime | None]
    left_by: Mapped[str | None]
