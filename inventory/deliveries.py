"""Deliveries: the day makers hand pieces over, taken in by one call that can be repeated.

In one mode everything is taken in or nothing is. In the other each row stands for itself: the good
ones are taken in, the bad ones reported, and those are sent again under the same id.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound, PallayError
from inventory.delivery_models import Attendance, PhotoToCome
from inventory.delivery_rows import PieceIdTaken, Row, TagTaken, examine, pointer_of, row_hash
from inventory.locations import get_location, open_outside
from inventory.models import (
    IN_STOCK,
    MOST_PIECES,
    Delivery,
    DeliveryMode,
    LocationKind,
    Piece,
)
from inventory.taking_in import take_in
from people.cooperatives import own
from people.makers import makers_by_id


class DeliveryIdTaken(Conflict):
    """Another delivery was recorded under this id."""

    code = "delivery_id_taken"


class DeliveryFull(Conflict):
    """A delivery has at most 200 pieces; the rest is another delivery."""

    code = "delivery_full"


@dataclass(frozen=True, slots=True)
class Day:
    """A delivery without its rows."""

    delivery_id: uuid.UUID
    delivered_on: date
    location_id: uuid.UUID
    note: str = ""
    makers_present: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: ``taken``, ``taken_before`` or ``refused`` with its problem.

    ``differs``: it was taken in before with other contents; what was taken in stands.
    """

    number: int
    outcome: str
    piece: Piece | None = None
    problem: PallayError | None = None
    differs: bool = False

    @property
    def pointer(self) -> str | None:
        """The place in the request that a refusal is about."""
        return pointer_of(self.problem, self.number) if self.problem else None


def record_delivery(
    session: Session,
    *,
    delivery_id: uuid.UUID,
    delivered_on: date,
    location_id: uuid.UUID,
    pieces: Sequence[Mapping[str, Any]],
    request_hash: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    makers_present: Sequence[uuid.UUID] = (),
) -> tuple[Delivery, bool]:
    """Take in a delivery whole or not at all: the row, and whether it is new.

    ``pieces``: {design_id, contributions: [{maker_id, stage, weight, minutes?}], agreement: {kind,
    price_minor?, currency?} or commission_line_id, surplus?, id?, tag?, photo_ids?}. The same id
    with the same ``request_hash`` answers with the first; with another it raises DeliveryIdTaken.
    """
    day = Day(delivery_id, delivered_on, location_id, note, makers_present)
    strict = DeliveryMode.ALL_OR_NOTHING.value
    claimed = {"mode": strict, "piece_count": len(pieces), "request_hash": request_hash}
    if not _claim_id(session, day, claimed, actor, now):
        return _first(session, delivery_id, request_hash, actor), False
    delivery = session.get_one(Delivery, delivery_id)
    attend(session, delivery, makers_present)
    rows, refused = examine(
        session, dict(enumerate(pieces)), cooperative_id=delivery.cooperative_id
    )
    for problem in refused.values():
        raise problem
    taken = take_in(session, delivery, rows, first_position=0, actor=actor, now=now)
    for row in rows:
        if row.number not in taken:
            raise _overtaken(session, row)
    return delivery, True


def record_rows(
    session: Session,
    *,
    day: Day,
    rows: Mapping[int, Mapping[str, Any]],
    actor: Actor,
    now: datetime,
) -> tuple[Delivery, bool, list[Outcome]]:
    """Take in every good row: the delivery, whether it is new, and what became of each row.

    ``rows`` as the pieces of `record_delivery`, each with its id, by number. Sent again under the
    same id and head, rows that were taken in before are answered with the first and the others
    follow; another head, or a delivery that was taken in whole, raises DeliveryIdTaken.
    """
    claimed = {"mode": DeliveryMode.EACH_ROW.value, "piece_count": 0, "request_hash": ""}
    new = _claim_id(session, day, claimed, actor, now)
    delivery = _reopened(session, day, actor)
    attend(session, delivery, day.makers_present)
    fresh, outcomes = _taken_before(session, delivery, rows)
    fresh, repeated = _repeated(fresh)
    room = MOST_PIECES - delivery.piece_count
    good, refused = examine(session, fresh, cooperative_id=delivery.cooperative_id)
    refused |= {row.number: DeliveryFull() for row in good[room:]}
    taken = take_in(
        session,
        delivery,
        good[:room],
        first_position=_next_position(session, delivery),
        actor=actor,
        now=now,
    )
    refused |= {
        row.number: _overtaken(session, row) for row in good[:room] if row.number not in taken
    }
    delivery.piece_count += len(taken)
    session.flush()
    session.expire(delivery, ["pieces"])
    outcomes += [Outcome(number, "taken", piece) for number, piece in taken.items()]
    outcomes += [Outcome(number, "refused", None, problem) for number, problem in refused.items()]
    outcomes += _said_of_repeats(rows, repeated, taken, refused)
    return delivery, new, sorted(outcomes, key=lambda one: one.number)


def get_delivery(session: Session, delivery_id: uuid.UUID, *, actor: Actor) -> Delivery:
    """One delivery of the actor's co-operative, with its pieces."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.cooperative_id != actor.cooperative_id:
        raise NotFound("no such delivery")
    return delivery


def attend(session: Session, delivery: Delivery, maker_ids: Sequence[uuid.UUID]) -> None:
    """Write down who came; whoever is named again was there already."""
    if not maker_ids:
        return
    whose = {"cooperative_id": delivery.cooperative_id}
    present = makers_by_id(session, maker_ids, **whose, pointer="/makers_present")
    rows = [
        {"delivery_id": delivery.id, "maker_id": maker_id, **whose} for maker_id in sorted(present)
    ]
    session.execute(insert(Attendance).values(rows).on_conflict_do_nothing())


def makers_present(session: Session, delivery: Delivery) -> list[uuid.UUID]:
    """Who was written down as having come, by id."""
    return list(
        session.scalars(
            select(Attendance.maker_id)
            .where(Attendance.delivery_id == delivery.id)
            .order_by(Attendance.maker_id)
        )
    )


def photos_to_come(session: Session, delivery: Delivery) -> list[PhotoToCome]:
    """The photos that were taken of its pieces, in the order they were handed in."""
    return list(
        session.scalars(
            select(PhotoToCome)
            .join(Piece, Piece.id == PhotoToCome.piece_id)
            .where(Piece.delivery_id == delivery.id)
            .order_by(Piece.position, PhotoToCome.position)
        )
    )


def _claim_id(
    session: Session, day: Day, claimed: Mapping[str, Any], actor: Actor, now: datetime
) -> bool:
    """Write the delivery's row first, so that an overlapping retry waits here."""
    location = get_location(session, day.location_id, actor=actor)
    if LocationKind(location.kind) not in IN_STOCK:
        raise Invalid("a delivery comes into a room of the co-op", pointer="/location_id")
    if day.delivered_on > now.date():
        raise Invalid("a delivery cannot be dated ahead", pointer="/delivered_on")
    row = {
        "id": day.delivery_id,
        "cooperative_id": own(actor),
        "delivered_on": day.delivered_on,
        "location_id": day.location_id,
        "note": day.note,
        "recorded_at": now,
        "actor": actor.reference,
        **claimed,
    }
    statement = insert(Delivery).values(**row).on_conflict_do_nothing().returning(Delivery.id)
    open_outside(session, cooperative_id=own(actor), now=now)
    return session.scalar(statement) is not None


def _first(session: Session, delivery_id: uuid.UUID, request_hash: str, actor: Actor) -> Delivery:
    delivery = session.get_one(Delivery, delivery_id)
    if delivery.cooperative_id != actor.cooperative_id or delivery.request_hash != request_hash:
        raise DeliveryIdTaken()
    return delivery


def _reopened(session: Session, day: Day, actor: Actor) -> Delivery:
    """The delivery, locked, so that one phone after the other adds its rows."""
    (delivery,) = lock_rows(session, Delivery, [day.delivery_id])
    head = (delivery.delivered_on, delivery.location_id, delivery.note)
    if (
        delivery.cooperative_id != actor.cooperative_id
        or delivery.mode != DeliveryMode.EACH_ROW
        or head != (day.delivered_on, day.location_id, day.note)
    ):
        raise DeliveryIdTaken()
    return delivery


def _taken_before(
    session: Session, delivery: Delivery, rows: Mapping[int, Mapping[str, Any]]
) -> tuple[dict[int, Mapping[str, Any]], list[Outcome]]:
    """The rows that are new, and what is to be said of the others."""
    here = {
        piece.id: piece
        for piece in session.scalars(
            select(Piece).where(
                Piece.delivery_id == delivery.id, Piece.id.in_([row["id"] for row in rows.values()])
            )
        )
    }
    before = [
        Outcome(
            number,
            "taken_before",
            here[row["id"]],
            differs=here[row["id"]].row_hash != row_hash(row),
        )
        for number, row in rows.items()
        if row["id"] in here
    ]
    return {number: row for number, row in rows.items() if row["id"] not in here}, before


def _repeated(
    rows: Mapping[int, Mapping[str, Any]],
) -> tuple[dict[int, Mapping[str, Any]], dict[int, int]]:
    """Each piece's first row, and for every further row of the same id the number of its first."""
    first: dict[uuid.UUID, int] = {}
    for number, row in rows.items():
        first.setdefault(row["id"], number)
    numbers = set(first.values())
    again = {number: first[row["id"]] for number, row in rows.items() if number not in numbers}
    return {number: row for number, row in rows.items() if number in numbers}, again


def _said_of_repeats(
    rows: Mapping[int, Mapping[str, Any]],
    repeated: Mapping[int, int],
    taken: Mapping[int, Piece],
    refused: Mapping[int, PallayError],
) -> list[Outcome]:
    """A row that stands twice in one request is answered as its first."""
    return [
        Outcome(
            number,
            "taken_before" if first in taken else "refused",
            taken.get(first),
            refused.get(first),
            differs=row_hash(rows[number]) != row_hash(rows[first]),
        )
        for number, first in repeated.items()
    ]


def _next_position(session: Session, delivery: Delivery) -> int:
    newest = (
        select(Piece.position)
        .where(Piece.delivery_id == delivery.id)
        .order_by(Piece.position.desc())
        .limit(1)
    )
    last = session.scalar(newest)
    return 0 if last is None else last + 1


def _overtaken(session: Session, row: Row) -> PallayError:
    """Somebody took its tag or its id in the same moment."""
    at = f"/pieces/{row.number}"
    if row.tag and session.scalar(select(Piece.id).where(Piece.tag == row.tag)):
        return TagTaken(tag=row.tag, pointer=f"{at}/tag")
    return PieceIdTaken(pointer=f"{at}/id")
