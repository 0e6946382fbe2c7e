"""What the stock is worth and how old it is, location by location; currencies are never added."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, cast, func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.lives import LifeMove
from core.money import Money
from inventory.listing_models import ListingPiece, ListingPrice
from inventory.models import IN_STOCK, Agreement, Location, Piece, PieceStatus
from inventory.place_models import PiecePlace
from inventory.stock_rules import rules_at
from people.cooperatives import own

#: What passed inspection and is still ours to sell. What is sold is its buyer's, what did not pass
#: its maker's, and what is damaged worth nothing until it is mended.
OURS = (
    PieceStatus.ACCEPTED,
    PieceStatus.LISTED,
    PieceStatus.HELD,
    PieceStatus.WITHDRAWN,
    PieceStatus.RETURNED,
)
OFFERED = (PieceStatus.LISTED, PieceStatus.HELD)


@dataclass(frozen=True, slots=True)
class Worth:
    """A location's stock in money: what was agreed with makers, and what is asked of buyers.

    ``without_cost`` pieces are paid as a share of their sale; ``without_price`` stand behind no
    listing. A piece with prices in several currencies is in each of their totals.
    """

    location: Location
    pieces: int
    cost: list[Money]
    without_cost: int
    price: list[Money]
    without_price: int


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Pieces from so many days on, up to (not including) so many; None is without end."""

    from_days: int
    to_days: int | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Ages:
    """How long a location's pieces have been with us, and how long those offered have been so."""

    location: Location
    since_received: list[AgeBand]
    since_listed: list[AgeBand]


@dataclass(slots=True)
class _Sums:
    cost: list[Money] = field(default_factory=list)
    price: list[Money] = field(default_factory=list)
    costed: int = 0


def worth(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Worth]:
    """Up to ``limit`` locations with what lies in them, at cost and at price, after one id."""
    locations = _locations(session, actor, limit, after)
    ids = [location.id for location in locations]
    sums: defaultdict[uuid.UUID, _Sums] = defaultdict(_Sums)
    for place, currency, minor, pieces in session.execute(_cost(ids)):
        sums[place].cost.append(Money(int(minor), currency))
        sums[place].costed += pieces
    for place, currency, minor in session.execute(_price(ids)):
        sums[place].price.append(Money(int(minor), currency))
    numbers = {place: rest for place, *rest in session.execute(_numbers(ids))}
    return [
        Worth(
            location=location,
            pieces=(number := numbers.get(location.id, (0, 0)))[0],
            cost=sums[location.id].cost,
            without_cost=number[0] - sums[location.id].costed,
            price=sums[location.id].price,
            without_price=number[1],
        )
        for location in locations
    ]


def ages(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Ages]:
    """Up to ``limit`` locations with the ages of what lies in them, after one id.

    Whole days of 24 hours; the bands are those of the stock rules, and one band without any.
    """
    locations = _locations(session, actor, limit, after)
    ids = [location.id for location in locations]
    rules = rules_at(session, cooperative_id=own(actor), at=now)
    steps = list(rules.age_steps) if rules else []
    received = _banded(session, _received(ids, now, steps))
    listed = _banded(session, _listed(ids, now, steps))
    return [
        Ages(location, _bands(steps, received[location.id]), _bands(steps, listed[location.id]))
        for location in locations
    ]


def _locations(
    session: Session, actor: Actor, limit: int, after: uuid.UUID | None
) -> Sequence[Location]:
    statement = select(Location).where(
        Location.cooperative_id == own(actor), Location.kind.in_(sorted(IN_STOCK))
    )
    if after:
        statement = statement.where(Location.id > after)
    return session.scalars(statement.order_by(Location.id).limit(limit)).all()


def _ours(location_ids: Sequence[uuid.UUID], *columns: Any) -> Select[Any]:
    return (
        select(PiecePlace.location_id, *columns)
        .join(Piece, Piece.id == PiecePlace.piece_id)
        .where(PiecePlace.location_id.in_(location_ids), Piece.status.in_(OURS))
    )


def _cost(location_ids: Sequence[uuid.UUID]) -> Select[Any]:
    return (
        _ours(location_ids, Agreement.currency, func.sum(Agreement.price_minor), func.count())
        .join(Agreement, Agreement.piece_id == Piece.id)
        .where(Agreement.price_minor.is_not(None))
        .group_by(PiecePlace.location_id, Agreement.currency)
        .order_by(PiecePlace.location_id, Agreement.currency)
    )


def _price(location_ids: Sequence[uuid.UUID]) -> Select[Any]:
    return (
        _ours(location_ids, ListingPrice.currency, func.sum(ListingPrice.amount_minor))
        .join(ListingPiece, ListingPiece.piece_id == Piece.id)
        .join(ListingPrice, ListingPrice.listing_id == ListingPiece.listing_id)
        .group_by(PiecePlace.location_id, ListingPrice.currency)
        .order_by(PiecePlace.location_id, ListingPrice.currency)
    )


def _numbers(location_ids: Sequence[uuid.UUID]) -> Select[Any]:
    unlisted = func.count().filter(ListingPiece.piece_id.is_(None))
    return (
        _ours(location_ids, func.count(), unlisted)
        .outerjoin(ListingPiece, ListingPiece.piece_id == Piece.id)
        .group_by(PiecePlace.location_id)
    )


def _band(since: Any, now: datetime, steps: Sequence[int]) -> ColumnElement[int]:
    days = func.floor(func.extract("epoch", now - since) / 86400)
    return func.width_bucket(cast(days, BigInteger), cast(list(steps), ARRAY(BigInteger)))


def _received(location_ids: Sequence[uuid.UUID], now: datetime, steps: Sequence[int]) -> Any:
    band = _band(Piece.created_at, now, steps).label("band")
    return (
        select(PiecePlace.location_id, band, func.count())
        .join(Piece, Piece.id == PiecePlace.piece_id)
        .where(PiecePlace.location_id.in_(location_ids))
        .group_by(PiecePlace.location_id, band)
    )


def _listed(location_ids: Sequence[uuid.UUID], now: datetime, steps: Sequence[int]) -> Any:
    """Since the piece was last offered anew; what a hold gives back was offered all the while."""
    last = (
        select(LifeMove.at)
        .where(
            LifeMove.subject_id == Piece.id,
            LifeMove.to_status == PieceStatus.LISTED,
            LifeMove.from_status == PieceStatus.ACCEPTED,
        )
        .order_by(LifeMove.id.desc())
        .limit(1)
        .lateral()
    )
    band = _band(last.c.at, now, steps).label("band")
    return (
        select(PiecePlace.location_id, band, func.count())
        .join(Piece, Piece.id == PiecePlace.piece_id)
        .join(last, Piece.id.is_not(None))
        .where(PiecePlace.location_id.in_(location_ids), Piece.status.in_(OFFERED))
        .group_by(PiecePlace.location_id, band)
    )


def _banded(session: Session, statement: Any) -> defaultdict[uuid.UUID, dict[int, int]]:
    found: defaultdict[uuid.UUID, dict[int, int]] = defaultdict(dict)
    for place, band, pieces in session.execute(statement):
        found[place][band] = pieces
    return found


def _bands(steps: Sequence[int], numbers: dict[int, int]) -> list[AgeBand]:
    """Every band, those without a piece too."""
    edges = [0, *steps]
    return [
        AgeBand(edge, edges[place + 1] if place < len(steps) else None, numbers.get(place, 0))
        for place, edge in enumerate(edges)
    ]
