"""The tables of pieces: what comes in, where it is, and who holds it."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from people.models import Maker, OfCooperative


class LocationKind(StrEnum):
    """Rooms the co-operative keeps, and the three ends of the world outside them."""

    WORKSHOP = "workshop"
    STORE = "store"
    ABROAD = "abroad"
    TRANSIT = "transit"
    MAKERS = "makers"
    BUYERS = "buyers"
    LOST = "lost"


#: Where a person can put a piece down; on the way is not such a place.
ROOMS = frozenset({LocationKind.WORKSHOP, LocationKind.STORE, LocationKind.ABROAD})
IN_STOCK = ROOMS | {LocationKind.TRANSIT}


class LocationStatus(StrEnum):
    """Whether a location takes anything in. What is in a closed one may leave it."""

    OPEN = "open"
    CLOSED = "closed"


LOCATION_MOVES = Transitions(
    {
        LocationStatus.OPEN: {LocationStatus.CLOSED},
        LocationStatus.CLOSED: {LocationStatus.OPEN},
    }
)


class Location(Identified, OfCooperative, Living[LocationStatus], Base):
    """A place where pieces are. Makers, buyers and lost are places too, so no piece vanishes."""

    __tablename__ = "locations"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "code"),
        one_of("kind", LocationKind),
        one_of("status", LocationStatus),
        CheckConstraint(
            "status = 'open' OR kind NOT IN ('makers', 'buyers', 'lost')", name="outside_is_open"
        ),
        Index(
            "uq_locations_one_outside_each",
            "cooperative_id",
            "kind",
            unique=True,
            postgresql_where=text("kind IN ('makers', 'buyers', 'lost')"),
        ),
    )

    MOVES: ClassVar = LOCATION_MOVES
    NOUN: ClassVar[str] = "location"

    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]


class PieceStatus(StrEnum):
    """Where a piece is in its life."""

    DELIVERED = "delivered"
    INSPECTING = "inspecting"
    #: Something critical was found: a second person looks before anything else happens.
    QUARANTINED = "quarantined"
    REWORK = "rework"
    REJECTED = "rejected"
    RETURNED_TO_MAKER = "returned_to_maker"
    ACCEPTED = "accepted"
    LISTED = "listed"
    WITHDRAWN = "withdrawn"
    HELD = "held"
    SOLD = "sold"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    LOST = "lost"
    DAMAGED = "damaged"


S = PieceStatus
GONE = {S.LOST, S.DAMAGED}
PIECE_MOVES = Transitions(
    {
        S.DELIVERED: {S.INSPECTING} | GONE,
        S.INSPECTING: {S.ACCEPTED, S.REWORK, S.REJECTED, S.QUARANTINED} | GONE,
        S.QUARANTINED: {S.INSPECTING} | GONE,
        S.REWORK: {S.INSPECTING} | GONE,
        S.REJECTED: {S.RETURNED_TO_MAKER, S.INSPECTING} | GONE,
        S.ACCEPTED: {S.LISTED, S.INSPECTING, S.WITHDRAWN} | GONE,
        S.LISTED: {S.HELD, S.ACCEPTED, S.WITHDRAWN} | GONE,
        S.WITHDRAWN: {S.ACCEPTED, S.RETURNED_TO_MAKER} | GONE,
        S.HELD: {S.LISTED, S.SOLD, S.QUARANTINED},
        S.SOLD: {S.HANDED_OVER, S.LISTED, S.QUARANTINED} | GONE,
        S.HANDED_OVER: {S.RETURNED},
        S.RETURNED: {S.INSPECTING} | GONE,
        S.LOST: {S.INSPECTING},
        S.DAMAGED: {S.INSPECTING, S.LOST},
    }
)


class Grade(StrEnum):
    """A: export and online. B: local shop, its defect disclosed."""

    A = "A"
    B = "B"


class AgreementKind(StrEnum):
    """How the makers of a piece are paid."""

    PAY_ON_ACCEPTANCE = "pay_on_acceptance"
    SHARE_ON_SALE = "share_on_sale"


class DeliveryMode(StrEnum):
    """What becomes of a delivery with a bad row: nothing is taken in, or everything but the row."""

    ALL_OR_NOTHING = "all_or_nothing"
    EACH_ROW = "each_row"


MOST_PIECES = 200


class Delivery(Identified, OfCooperative, Base):
    """The day makers hand pieces over. Its id may be made on a phone."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint(f"piece_count BETWEEN 0 AND {MOST_PIECES}", name="piece_count"),
        one_of("mode", DeliveryMode),
    )

    delivered_on: Mapped[date]
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"))
    piece_count: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    mode: Mapped[str] = mapped_column(server_default=DeliveryMode.ALL_OR_NOTHING.value)
    request_hash: Mapped[str]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]

    pieces: Mapped[list["Piece"]] = relationship(
        back_populates="delivery", order_by="Piece.position", lazy="select"
    )


class Piece(Identified, OfCooperative, Living[PieceStatus], Base):
    """One woven thing with one tag. Never a quantity: ten purses are ten pieces."""

    __tablename__ = "pieces"
    __table_args__ = (
        one_of("status", PieceStatus),
        CheckConstraint("grade IN ('A', 'B')", name="grade"),
        CheckConstraint(
            "grade IS NOT NULL OR status NOT IN ('accepted','listed','held','sold','handed_over')",
            name="graded_before_sale",
        ),
        CheckConstraint(
            "(quarantined_at IS NULL OR status IN"
            " ('quarantined','inspecting','held','sold','lost','damaged'))"
            " AND (status <> 'quarantined' OR quarantined_at IS NOT NULL)",
            name="quarantine",
        ),
        UniqueConstraint("delivery_id", "position"),
        Index(None, "cooperative_id", "status", "id"),
    )
    MOVES: ClassVar = PIECE_MOVES
    NOUN: ClassVar[str] = "piece"

    tag: Mapped[str] = mapped_column(unique=True)
    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"), index=True)
    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deliveries.id"))
    position: Mapped[int]
    grade: Mapped[str | None]
    #: The row it came in, as a fingerprint: whether what is sent again is still the same.
    row_hash: Mapped[str | None]
    #: Since when a critical finding keeps it here; it is promised to nobody new and does not leave.
    quarantined_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    delivery: Mapped[Delivery] = relationship(back_populates="pieces")
    agreement: Mapped["Agreement"] = relationship(back_populates="piece", lazy="joined")
    contributions: Mapped[list["Contribution"]] = relationship(
        order_by="Contribution.id", lazy="selectin"
    )


class Agreement(Fact, OfCooperative, Base):
    """How this piece is paid, as agreed on delivery day."""

    __tablename__ = "agreements"
    __table_args__ = (
        one_of("kind", AgreementKind),
        CheckConstraint(
            "(kind = 'pay_on_acceptance') = (price_minor IS NOT NULL)"
            " AND (price_minor IS NULL) = (currency IS NULL) AND price_minor > 0",
            name="price",
        ),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    kind: Mapped[str]
    price_minor: Mapped[int | None]
    currency: Mapped[str | None]

    piece: Mapped[Piece] = relationship(back_populates="agreement")


class Stage(StrEnum):
    """A maker's step on a piece."""

    SPIN = "spin"
    DYE = "dye"
    WARP = "warp"
    WEAVE = "weave"
    KNIT = "knit"
    SEW = "sew"
    FINISH = "finish"


class Contribution(Fact, Identified, OfCooperative, Base):
    """What one maker did on one piece, with the weight that divides the share."""

    __tablename__ = "contributions"
    __table_args__ = (
        one_of("stage", Stage),
        CheckConstraint("weight BETWEEN 1 AND 1000000", name="weight"),
        CheckConstraint("minutes BETWEEN 1 AND 1000000", name="minutes"),
        CheckConstraint("materials_minor > 0", name="materials_minor"),
        UniqueConstraint("piece_id", "maker_id", "stage"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"), index=True)
    stage: Mapped[str]
    weight: Mapped[int]
    #: How long it took her, where she said; the design's own time otherwise.
    minutes: Mapped[int | None]
    #: What she paid herself for yarn and dyes, where she said; in her co-operative's own currency.
    materials_minor: Mapped[int | None]

    maker: Mapped[Maker] = relationship(lazy="joined")


class Movement(Fact, Identified, OfCooperative, Base):
    """A piece went from here to there. Its place is the sum of its movements."""

    __tablename__ = "movements"
    __table_args__ = (
        CheckConstraint("source_id <> destination_id", name="two_ends"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        UniqueConstraint("piece_id", "sequence"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    sequence: Mapped[int]
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"), index=True)
    destination_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("locations.id"), index=True)
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]

    source: Mapped[Location] = relationship(foreign_keys=[source_id], lazy="joined")
    destination: Mapped[Location] = relationship(foreign_keys=[destination_id], lazy="joined")


class HoldStatus(StrEnum):
    """Whether a hold still keeps its piece."""

    HELD = "held"
    SOLD = "sold"
    RELEASED = "released"


class Hold(Identified, OfCooperative, Base):
    """A piece promised to one order. The partial unique index is what sells a piece only once."""

    __tablename__ = "holds"
    __table_args__ = (
        one_of("status", HoldStatus),
        Index(
            "uq_holds_one_per_piece",
            "piece_id",
            unique=True,
            postgresql_where=text("status IN ('held', 'sold')"),
        ),
        Index(None, "order_id"),
        CheckConstraint("(status = 'released') = (released_at IS NOT NULL)", name="released_at"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), index=True)
    order_id: Mapped[uuid.UUID]
    status: Mapped[str]
    held_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
