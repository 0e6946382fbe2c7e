"""The end of a stocktake: differences become movements, if need be with a second person's consent.

The pieces are locked before the differences are looked for a last time, so that whoever sells one
just now is either seen or waits. A piece that a buyer was promised is never lost here.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Forbidden
from core.ids import new_id
from inventory import incidents, stock, stocktake_differences
from inventory.models import Location, LocationStatus, Piece
from inventory.stock_rule_models import StockRules
from inventory.stock_rules import rules_at
from inventory.stocktake_differences import Found
from inventory.stocktake_models import (
    Difference,
    Outcome,
    Stocktake,
    StocktakeDifference,
    StocktakeStatus,
    StocktakeVerdict,
)
from people.models import Cooperative

LEFT_TO_PEOPLE = frozenset({Difference.PROMISED, Difference.ELSEWHERE})


class NotAwaitingApproval(Conflict):
    """Nobody has to agree to this stocktake: it is being counted, or has ended."""

    code = "not_awaiting_approval"


class ApproverNeeded(Forbidden):
    """A stocktake is agreed to by a person of the co-operative."""

    code = "person_needed"


class SecondPersonNeeded(Forbidden):
    """Whoever closed the stocktake does not agree to it herself."""

    code = "second_person_needed"


def currency_of(session: Session, stocktake: Stocktake, rules: StockRules | None) -> str:
    """The currency in which its differences are valued."""
    if stocktake.currency is not None:
        return stocktake.currency
    if rules is not None:
        return rules.currency
    return session.get_one(Cooperative, stocktake.cooperative_id).currency


@dataclass(frozen=True, slots=True)
class Differing:
    """A piece about which the count and the books differ, before or after it was closed."""

    id: uuid.UUID
    tag: str
    kind: str
    location_id: uuid.UUID
    since: datetime
    value_minor: int | None
    currency: str
    outcome: str | None


def differences(
    session: Session,
    stocktake: Stocktake,
    *,
    now: datetime,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[Differing]:
    """Up to ``limit`` differences by the ids of their pieces: while counting, as they would be if
    it were closed now."""
    if stocktake.status == StocktakeStatus.COUNTING:
        rules = rules_at(session, cooperative_id=stocktake.cooperative_id, at=now)
        money = currency_of(session, stocktake, rules)
        found = stocktake_differences.find(
            session, stocktake, currency=money, limit=limit, after=after
        )
        return [
            Differing(
                one.piece_id,
                one.tag,
                one.kind,
                one.location_id,
                one.since,
                one.value_minor,
                money,
                None,
            )
            for one in found
        ]
    rows = stocktake_differences.written(session, stocktake, limit=limit, after=after)
    money = stocktake.currency or ""
    return [
        Differing(
            row.piece_id,
            row.piece.tag,
            row.kind,
            row.location_id,
            row.since,
            row.value_minor,
            money,
            row.outcome,
        )
        for row in rows
    ]


def close(
    session: Session, stocktake: Stocktake, *, reason: str, actor: Actor, now: datetime
) -> Stocktake:
    """Write the differences of a locked stocktake, and apply them unless they need an approval.

    They do when more value is missing than the rules allow, when nobody can say the value of a
    missing piece, and when the co-operative has no rules yet.
    """
    rules = rules_at(session, cooperative_id=stocktake.cooperative_id, at=now)
    stocktake.currency = currency_of(session, stocktake, rules)
    found, pieces = _look_again(session, stocktake)
    missing = [one for one in found if one.kind == Difference.MISSING]
    stocktake.closed_at, stocktake.closed_by = now, actor.reference
    stocktake.missing_minor = sum(one.value_minor or 0 for one in missing)
    stocktake.unvalued = sum(one.value_minor is None for one in missing)
    stocktake.rules_version = rules.version if rules else None
    rows = _write(session, stocktake, found)
    if missing and _needs_approval(stocktake, rules):
        stocktake.become(StocktakeStatus.AWAITING_APPROVAL, actor=actor, why=reason, at=now)
    else:
        _apply(session, stocktake, rows, pieces, actor=actor, now=now)
        stocktake.become(StocktakeStatus.DONE, actor=actor, why=reason, at=now)
    session.flush()
    return stocktake


def approve(
    session: Session, stocktake: Stocktake, *, reason: str, actor: Actor, now: datetime
) -> Stocktake:
    """A second person agrees: what still differs is applied. The stocktake must be locked.

    What the books or a late scan have answered meanwhile is overtaken.
    """
    _judge(session, stocktake, approved=True, reason=reason, actor=actor, now=now)
    found, pieces = _look_again(session, stocktake)
    rows = session.scalars(
        select(StocktakeDifference).where(StocktakeDifference.stocktake_id == stocktake.id)
    ).all()
    known = {row.piece_id for row in rows}
    fresh = _write(session, stocktake, [one for one in found if one.piece_id not in known])
    stands = {one.piece_id: one for one in found}
    standing = []
    for row in rows:
        if row.piece_id not in stands:
            row.outcome = Outcome.OVERTAKEN
        else:
            row.kind = stands[row.piece_id].kind
            standing.append(row)
    _apply(session, stocktake, [*standing, *fresh], pieces, actor=actor, now=now)
    stocktake.become(StocktakeStatus.DONE, actor=actor, why=reason, at=now)
    session.flush()
    return stocktake


def refuse(
    session: Session, stocktake: Stocktake, *, reason: str, actor: Actor, now: datetime
) -> Stocktake:
    """A second person does not agree: nothing is changed. The stocktake must be locked."""
    _judge(session, stocktake, approved=False, reason=reason, actor=actor, now=now)
    stocktake.become(StocktakeStatus.REFUSED, actor=actor, why=reason, at=now)
    session.flush()
    return stocktake


def catch_up(
    session: Session,
    stocktake: Stocktake,
    piece_ids: Collection[uuid.UUID],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Scans that came after the end: what they saw comes back, if nothing happened to it since."""
    if not piece_ids or stocktake.location.status == LocationStatus.CLOSED:
        return
    pieces = {piece.id: piece for piece in stock.lock_pieces(session, piece_ids)}
    currency = stocktake.currency or ""
    found = stocktake_differences.find(session, stocktake, currency=currency, among=pieces)
    reason = f"seen in stocktake {stocktake.id}, heard of late"
    room = stocktake.location
    back = _of(found, pieces, Difference.FOUND)
    incidents.write_found(session, back, room, reason=reason, actor=actor, now=now)
    if moved := _of(found, pieces, Difference.MISPLACED):
        stock.carry(session, moved, room, reason=reason, actor=actor, now=now)


def _look_again(
    session: Session, stocktake: Stocktake
) -> tuple[list[Found], dict[uuid.UUID, Piece]]:
    """The differences, looked for once more when nobody can change their pieces any longer."""
    session.flush()
    currency = stocktake.currency or ""
    about = stocktake_differences.find(session, stocktake, currency=currency)
    ids = [one.piece_id for one in about]
    pieces = {piece.id: piece for piece in stock.lock_pieces(session, ids)}
    found = stocktake_differences.find(session, stocktake, currency=currency, among=ids)
    return found, pieces


def _needs_approval(stocktake: Stocktake, rules: StockRules | None) -> bool:
    return (
        rules is None
        or bool(stocktake.unvalued)
        or (stocktake.missing_minor or 0) > rules.approval_above_minor
    )


def _judge(
    session: Session,
    stocktake: Stocktake,
    *,
    approved: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    if stocktake.status != StocktakeStatus.AWAITING_APPROVAL:
        raise NotAwaitingApproval(status=stocktake.status)
    if actor.staff_id is None:
        raise ApproverNeeded()
    if actor.reference == stocktake.closed_by:
        raise SecondPersonNeeded()
    session.add(
        StocktakeVerdict(
            cooperative_id=stocktake.cooperative_id,
            stocktake_id=stocktake.id,
            approved=approved,
            reason=reason,
            at=now,
            actor=actor.reference,
        )
    )


def _write(
    session: Session, stocktake: Stocktake, found: Iterable[Found]
) -> list[StocktakeDifference]:
    rows = [
        StocktakeDifference(
            id=new_id(),
            cooperative_id=stocktake.cooperative_id,
            stocktake_id=stocktake.id,
            piece_id=one.piece_id,
            kind=one.kind,
            location_id=one.location_id,
            since=one.since,
            last_movement_id=one.movement_id,
            value_minor=one.value_minor,
        )
        for one in found
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _apply(
    session: Session,
    stocktake: Stocktake,
    rows: Sequence[StocktakeDifference],
    pieces: dict[uuid.UUID, Piece],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Move what differs, and write by which movement; the rest is left to people."""
    room = session.get_one(Location, stocktake.location_id)
    shut = room.status == LocationStatus.CLOSED
    takes = {Difference.MISSING} if shut else set(Difference) - LEFT_TO_PEOPLE
    moving = [row for row in rows if row.kind in takes]
    unseen, seen = f"not seen in stocktake {stocktake.id}", f"seen in stocktake {stocktake.id}"
    lost = _of(moving, pieces, Difference.MISSING)
    incidents.write_lost(session, lost, reason=unseen, actor=actor, now=now)
    back = _of(moving, pieces, Difference.FOUND)
    incidents.write_found(session, back, room, reason=seen, actor=actor, now=now)
    if moved := _of(moving, pieces, Difference.MISPLACED):
        stock.carry(session, moved, room, reason=seen, actor=actor, now=now)
    last = stock.last_movements(session, [row.piece_id for row in moving])
    for row in rows:
        row.outcome = Outcome.APPLIED if row.kind in takes else Outcome.LEFT_TO_PEOPLE
        row.movement_id = last[row.piece_id].id if row.kind in takes else None
    session.flush()


def _of(
    found: Sequence[Found] | Sequence[StocktakeDifference],
    pieces: dict[uuid.UUID, Piece],
    kind: Difference,
) -> list[Piece]:
    return [pieces[one.piece_id] for one in found if one.kind == kind]
