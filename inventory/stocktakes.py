"""Stocktakes: a location is counted by scanning or typing tags, on as many phones as there are.

Every scan has an id made on its phone, so bursts may come late, twice and in any order. What nobody
can read is kept as it was typed. What comes after the end is kept too, and brings back what was
lost for want of it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from inventory import stocktake_ending
from inventory.locations import get_room
from inventory.models import Piece
from inventory.scans import pieces_by_tag
from inventory.stocktake_models import Sight, Stocktake, StocktakeCount, StocktakeStatus
from people.cooperatives import own

OPEN = (StocktakeStatus.COUNTING, StocktakeStatus.AWAITING_APPROVAL)


class StocktakeIdTaken(Conflict):
    """Another stocktake was opened under this id."""

    code = "stocktake_id_taken"


class StocktakeOpen(Conflict):
    """This location is being counted already; add to that stocktake."""

    code = "stocktake_open"


class StocktakeClosed(Conflict):
    """This stocktake has ended, or waits for its approval."""

    code = "stocktake_closed"


@dataclass(frozen=True, slots=True)
class Scan:
    """A tag as it was scanned or typed, empty if nobody can read it; ``seen_at``: the phone's."""

    id: uuid.UUID
    tag: str
    seen_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a scan: ``again`` if it had come before, ``taken`` if its id is another's."""

    id: uuid.UUID
    sight: str
    piece_id: uuid.UUID | None
    again: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pieces a stocktake has seen, and how many tags that nobody knows or can read."""

    seen: int = 0
    strange: int = 0


def open_stocktake(
    session: Session,
    *,
    stocktake_id: uuid.UUID,
    location_id: uuid.UUID,
    opened_at: datetime,
    note: str,
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[Stocktake, bool]:
    """Begin to count a location: the stocktake, and whether it is new.

    The same id with the same ``request_hash`` answers with the first. Raises StocktakeIdTaken, and
    StocktakeOpen, which names the stocktake that is under way there.
    """
    location = get_room(session, location_id, actor=actor, pointer="/location_id")
    statement = (
        insert(Stocktake)
        .values(
            id=stocktake_id,
            cooperative_id=own(actor),
            status=StocktakeStatus.COUNTING,
            location_id=location.id,
            note=note,
            request_hash=request_hash,
            opened_at=min(opened_at, now),
            recorded_at=now,
            actor=actor.reference,
        )
        .on_conflict_do_nothing()
        .returning(Stocktake.id)
    )
    if session.scalar(statement) is None:
        return _first(session, stocktake_id, location.id, request_hash, actor), False
    stocktake = session.get_one(Stocktake, stocktake_id)
    session.add(stocktake.begin(StocktakeStatus.COUNTING, actor=actor, why="opened", at=now))
    session.flush()
    return stocktake, True


def add_counts(
    session: Session,
    *,
    stocktake_id: uuid.UUID,
    scans: Sequence[Scan],
    actor: Actor,
    now: datetime,
) -> list[Counted]:
    """Add a burst of scans; each says what became of it. A scan that comes again adds nothing."""
    stocktake = lock_stocktake(session, stocktake_id, actor=actor)
    if len({scan.id for scan in scans}) < len(scans):
        raise Invalid("an id is used twice in this burst", pointer="/scans")
    known = pieces_by_tag(
        session, (scan.tag for scan in scans), cooperative_id=stocktake.cooperative_id
    )
    rows = [
        {
            "id": scan.id,
            "cooperative_id": stocktake.cooperative_id,
            "stocktake_id": stocktake.id,
            "tag": scan.tag,
            "piece_id": known[scan.tag].id if scan.tag in known else None,
            "sight": _sight(scan, known),
            "note": scan.note,
            "seen_at": min(scan.seen_at, now),
            "recorded_at": now,
            "actor": actor.reference,
        }
        for scan in scans
    ]
    statement = insert(StocktakeCount).values(rows).on_conflict_do_nothing()
    new = set(session.scalars(statement.returning(StocktakeCount.id)))
    if stocktake.status == StocktakeStatus.DONE:
        late = {known[scan.tag].id for scan in scans if scan.id in new and scan.tag in known}
        stocktake_ending.catch_up(session, stocktake, late, actor=actor, now=now)
    return _counted(session, stocktake, scans, new)


def cancel_stocktake(
    session: Session, *, stocktake_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Stocktake:
    """End a stocktake without a consequence; what was counted stays to be read."""
    stocktake = lock_stocktake(session, stocktake_id, actor=actor)
    stocktake.become(StocktakeStatus.CANCELLED, actor=actor, why=reason, at=now)
    session.flush()
    return stocktake


def close_stocktake(
    session: Session, *, stocktake_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Stocktake:
    """Compare what was seen with the books, and apply it unless a second person has to agree."""
    stocktake = lock_stocktake(session, stocktake_id, actor=actor)
    if stocktake.status != StocktakeStatus.COUNTING:
        raise StocktakeClosed(status=stocktake.status)
    return stocktake_ending.close(session, stocktake, reason=reason, actor=actor, now=now)


def approve_stocktake(
    session: Session, *, stocktake_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Stocktake:
    """A second person agrees to what the stocktake changes."""
    stocktake = lock_stocktake(session, stocktake_id, actor=actor)
    return stocktake_ending.approve(session, stocktake, reason=reason, actor=actor, now=now)


def refuse_stocktake(
    session: Session, *, stocktake_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Stocktake:
    """A second person does not agree; nothing is changed."""
    stocktake = lock_stocktake(session, stocktake_id, actor=actor)
    return stocktake_ending.refuse(session, stocktake, reason=reason, actor=actor, now=now)


def get_stocktake(session: Session, stocktake_id: uuid.UUID, *, actor: Actor) -> Stocktake:
    """One stocktake of the actor's co-operative."""
    stocktake = session.get(Stocktake, stocktake_id)
    if stocktake is None or stocktake.cooperative_id != actor.cooperative_id:
        raise NotFound("no such stocktake")
    return stocktake


def lock_stocktake(session: Session, stocktake_id: uuid.UUID, *, actor: Actor) -> Stocktake:
    """One stocktake of the actor's co-operative, to be changed."""
    found = lock_rows(session, Stocktake, [stocktake_id])
    if not found or found[0].cooperative_id != actor.cooperative_id:
        raise NotFound("no such stocktake")
    return found[0]


def list_stocktakes(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    status: str | None = None,
    location_id: uuid.UUID | None = None,
    after: uuid.UUID | None = None,
) -> list[Stocktake]:
    """Up to ``limit`` stocktakes by their ids, after one."""
    statement = select(Stocktake).where(Stocktake.cooperative_id == own(actor))
    if status:
        statement = statement.where(Stocktake.status == status)
    if location_id:
        statement = statement.where(Stocktake.location_id == location_id)
    if after:
        statement = statement.where(Stocktake.id > after)
    return list(session.scalars(statement.order_by(Stocktake.id).limit(limit)))


def tallies(session: Session, stocktake_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Tally]:
    """What each of these stocktakes has seen so far."""
    strange = func.count().filter(StocktakeCount.piece_id.is_(None))
    rows = session.execute(
        select(StocktakeCount.stocktake_id, func.count(StocktakeCount.piece_id.distinct()), strange)
        .where(StocktakeCount.stocktake_id.in_(list(stocktake_ids)))
        .group_by(StocktakeCount.stocktake_id)
    )
    return {stocktake_id: Tally(seen, odd) for stocktake_id, seen, odd in rows}


def counts_of(
    session: Session,
    *,
    stocktake_id: uuid.UUID,
    actor: Actor,
    limit: int,
    sight: str | None = None,
    after: uuid.UUID | None = None,
) -> list[StocktakeCount]:
    """Up to ``limit`` scans of a stocktake by their ids, after one."""
    get_stocktake(session, stocktake_id, actor=actor)
    statement = select(StocktakeCount).where(StocktakeCount.stocktake_id == stocktake_id)
    if sight:
        statement = statement.where(StocktakeCount.sight == sight)
    if after:
        statement = statement.where(StocktakeCount.id > after)
    return list(session.scalars(statement.order_by(StocktakeCount.id).limit(limit)))


def _first(
    session: Session,
    stocktake_id: uuid.UUID,
    location_id: uuid.UUID,
    request_hash: str,
    actor: Actor,
) -> Stocktake:
    first = session.get(Stocktake, stocktake_id)
    if first is None:
        under_way = session.scalar(
            select(Stocktake.id).where(
                Stocktake.location_id == location_id, Stocktake.status.in_(OPEN)
            )
        )
        raise StocktakeOpen(stocktake=str(under_way) if under_way else None)
    if first.cooperative_id != actor.cooperative_id or first.request_hash != request_hash:
        raise StocktakeIdTaken()
    return first


def _sight(scan: Scan, known: dict[str, Piece]) -> str:
    if scan.tag in known:
        return Sight.SEEN
    return Sight.UNKNOWN if scan.tag.strip() else Sight.UNREADABLE


def _counted(
    session: Session, stocktake: Stocktake, scans: Sequence[Scan], new: set[uuid.UUID]
) -> list[Counted]:
    """Each scan beside what is written under its id."""
    rows = session.scalars(
        select(StocktakeCount).where(StocktakeCount.id.in_([scan.id for scan in scans]))
    )
    written = {row.id: row for row in rows}
    found = []
    for scan in scans:
        row = written[scan.id]
        taken = row.stocktake_id != stocktake.id or row.tag != scan.tag
        found.append(
            Counted(
                id=scan.id,
                sight=row.sight if not taken else Sight.UNKNOWN,
                piece_id=row.piece_id if not taken else None,
                again=scan.id not in new and not taken,
                taken=taken,
            )
        )
    return found
