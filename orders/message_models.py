"""The table of what buyers and the house said to each other."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from people.models import OfCooperative


class SaidBy(StrEnum):
    """Who said it."""

    BUYER = "buyer"
    HOUSE = "house"


class Medium(StrEnum):
    """How it was said."""

    EMAIL = "email"
    CHAT = "chat"
    PHONE = "phone"
    IN_PERSON = "in_person"
    LETTER = "letter"


class OrderMessage(Fact, Identified, OfCooperative, Base):
    """One thing that was said about an order, as it was said; what was spoken, in short."""

    __tablename__ = "order_messages"
    __table_args__ = (
        one_of("said_by", SaidBy),
        one_of("medium", Medium),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        CheckConstraint("said_at <= recorded_at", name="said_before"),
        Index(None, "order_id", "id"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    said_by: Mapped[str]
    medium: Mapped[str]
    words: Mapped[str]
    said_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
