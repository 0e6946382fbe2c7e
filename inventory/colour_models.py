"""The table of colour standards: what a commission means by a colour."""

import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Identified
from core.facts import Fact
from people.models import OfCooperative


class ColourStandard(Fact, Identified, OfCooperative, Base):
    """A colour by code, with its names and its swatch; another shade is another code."""

    __tablename__ = "colour_standards"
    __table_args__ = (UniqueConstraint("cooperative_id", "code"),)

    code: Mapped[str]
    name: Mapped[dict[str, str]]
    #: The photo of its swatch; its id is made where the photo was taken.
    swatch_photo_id: Mapped[uuid.UUID | None]
    #: Where the yarn or cloth sample itself is kept.
    swatch_place: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str]
