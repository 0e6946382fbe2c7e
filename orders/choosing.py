"""Choosing: from what a buyer wants (listings and numbers, or pieces) to the pieces she gets.

Free pieces that nobody else is just taking are chosen first. Only when those do not suffice does
the buyer wait for the others' transactions to end, so that the last piece is decided by its lock
and not by luck. Nothing is ever locked while waiting for something else.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, lazyload

from core.errors import Invalid
from inventory.listing_models import Listing, ListingPiece, ListingStatus
from inventory.models import Hold, HoldStatus, Piece, PieceStatus
from inventory.on_hand import is_on_hand, refuse_carried
from inventory.stock import PieceUnavailable

MOST_PIECES = 20
Free = Select[uuid.UUID, uuid.UUID]


class OneCooperative(Invalid):
    """An order is for pieces of one co-operative."""

    code = "one_cooperative"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer wants, summed up: named pieces, and how many of each listing besides."""

    cooperative_id: uuid.UUID
    listings: Mapping[uuid.UUID, Listing]
    pieces: Mapping[uuid.UUID, uuid.UUID]
    numbers: Mapping[uuid.UUID, int]

    @property
    def count(self) -> int:
        """How many pieces in all."""
        return len(self.pieces) + sum(self.numbers.values())


def sum_up(
    session: Session, items: Sequence[Mapping[str, Any]], *, cooperative_id: uuid.UUID | None
) -> Wanted:
    """Read ``items``, each {piece_id} or {listing_id or slug, quantity}, and add up repetitions.

    Raises Invalid with a pointer: nothing, too much, unknown, a piece named twice, several co-ops.
    """
    if not 1 <= len(items) <= MOST_PIECES:
        raise Invalid(f"an order has 1 to {MOST_PIECES} pieces", pointer="/items")
    found = [_offered(session, item, place) for place, item in enumerate(items)]
    pieces: dict[uuid.UUID, uuid.UUID] = {}
    numbers: Counter[uuid.UUID] = Counter()
    for place, (item, listing) in enumerate(zip(items, found, strict=True)):
        piece_id = item.get("piece_id")
        if piece_id is None:
            numbers[listing.id] += _quantity(item, place)
        elif piece_id in pieces:
            raise Invalid("this piece is named twice", pointer=f"/items/{place}/piece_id")
        else:
            pieces[piece_id] = listing.id
    owners = {listing.cooperative_id for listing in found} | ({cooperative_id} - {None})
    if len(owners) > 1:
        raise OneCooperative(pointer="/items")
    listings = {listing.id: listing for listing in found}
    wanted = Wanted(found[0].cooperative_id, listings, pieces, numbers)
    if wanted.count > MOST_PIECES:
        raise Invalid(f"an order has 1 to {MOST_PIECES} pieces", pointer="/items")
    return wanted


def choose(
    session: Session, wanted: Wanted, *, now: datetime, on_hand: bool = False
) -> dict[uuid.UUID, uuid.UUID]:
    """Lock free pieces for everything wanted, oldest first: each piece with its listing.

    ``on_hand``: only what can be given into the buyer's hands now, nothing on the way. Raises
    PieceOnTheWay, and PieceUnavailable, which names the orders in the way whose hold is past its
    time.
    """
    if on_hand:
        refuse_carried(session, wanted.pieces)
    chosen = _lock_free(session, wanted, on_hand=on_hand)
    if len(chosen) < wanted.count:
        raise _in_the_way(session, wanted, chosen, now)
    if on_hand:
        refuse_carried(session, chosen)  # what left while its lock was waited for
    return chosen


def _lock_free(session: Session, wanted: Wanted, *, on_hand: bool) -> dict[uuid.UUID, uuid.UUID]:
    free = _behind().where(Piece.status == PieceStatus.LISTED)
    if on_hand:
        free = free.where(is_on_hand())
    with session.begin_nested() as savepoint:
        chosen = _lock_at_once(session, wanted, free)
        if len(chosen) == wanted.count:
            return chosen
        savepoint.rollback()
    return _lock_waiting(session, wanted, free)


def _lock_at_once(session: Session, wanted: Wanted, free: Free) -> dict[uuid.UUID, uuid.UUID]:
    """Lock only as many as are wanted, leaving out what somebody else is just taking."""
    free = free.with_for_update(of=Piece, skip_locked=True, key_share=True)
    rows: list[Any] = []
    if wanted.pieces:
        rows += session.execute(free.where(Piece.id.in_(wanted.pieces))).all()
    for listing_id, number in wanted.numbers.items():
        others = free.where(ListingPiece.listing_id == listing_id, Piece.id.not_in(wanted.pieces))
        rows += session.execute(others.limit(number)).all()
    return {row.id: row.listing_id for row in rows}


def _lock_waiting(session: Session, wanted: Wanted, free: Free) -> dict[uuid.UUID, uuid.UUID]:
    """Lock everything that is free, by id, waiting for whoever has it; keep what is wanted."""
    rows = session.execute(
        free.where(
            Piece.id.in_(wanted.pieces) | ListingPiece.listing_id.in_(wanted.numbers)
        ).with_for_update(of=Piece, key_share=True)
    ).all()
    missing = Counter(wanted.numbers)
    chosen = {}
    for row in rows:
        piece_id, listing_id = row.id, row.listing_id
        if piece_id in wanted.pieces:
            chosen[piece_id] = listing_id
        elif missing[listing_id] > 0:
            missing[listing_id] -= 1
            chosen[piece_id] = listing_id
    return chosen


def _in_the_way(
    session: Session, wanted: Wanted, chosen: Mapping[uuid.UUID, uuid.UUID], now: datetime
) -> PieceUnavailable:
    """The refusal: which pieces could not be had, and which holds on them are late."""
    got = Counter(listing for piece, listing in chosen.items() if piece not in wanted.pieces)
    short = [listing for listing, number in wanted.numbers.items() if got[listing] < number]
    refused = [piece_id for piece_id in wanted.pieces if piece_id not in chosen]
    holds = session.execute(
        select(Hold.piece_id, Hold.order_id, Hold.expires_at)
        .join(ListingPiece, ListingPiece.piece_id == Hold.piece_id)
        .where(
            Hold.status == HoldStatus.HELD,
            Hold.piece_id.in_(refused) | ListingPiece.listing_id.in_(short),
        )
    ).all()
    late = {order_id for _, order_id, expires_at in holds if expires_at <= now}
    return PieceUnavailable(sorted({*refused, *(piece for piece, _, _ in holds)}), sorted(late))


def _behind() -> Select[uuid.UUID, uuid.UUID]:
    return (
        select(Piece.id, ListingPiece.listing_id)
        .join(ListingPiece, ListingPiece.piece_id == Piece.id)
        .order_by(Piece.id)
    )


def _offered(session: Session, item: Mapping[str, Any], place: int) -> Listing:
    """The published listing an item is about, locked against being changed meanwhile.

    Listings before pieces: whoever changes a listing locks in the same order.
    """
    given = [name for name in ("piece_id", "listing_id", "slug") if item.get(name) is not None]
    if len(given) != 1:
        raise Invalid("name one piece or one listing", pointer=f"/items/{place}")
    statement = (
        select(Listing)
        .where(Listing.status == ListingStatus.PUBLISHED)
        .options(lazyload(Listing.design), lazyload(Listing.photos))
        .with_for_update(of=Listing, read=True)
        .execution_options(populate_existing=True)
    )
    if given == ["piece_id"]:
        if item.get("quantity", 1) != 1:
            raise Invalid("a piece is one piece", pointer=f"/items/{place}/quantity")
        behind = ListingPiece.piece_id == item["piece_id"]
        statement = statement.join(ListingPiece).where(behind)
    elif given == ["listing_id"]:
        statement = statement.where(Listing.id == item["listing_id"])
    else:
        statement = statement.where(Listing.slug == item["slug"])
    listing = session.scalar(statement)
    if listing is None:
        raise Invalid("nothing like this is offered", pointer=f"/items/{place}/{given[0]}")
    return listing


def _quantity(item: Mapping[str, Any], place: int) -> int:
    quantity = item.get("quantity", 1)
    if type(quantity) is not int or not 1 <= quantity <= MOST_PIECES:
        raise Invalid(f"a whole number from 1 to {MOST_PIECES}", pointer=f"/items/{place}/quantity")
    return quantity
