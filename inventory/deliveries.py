"""Deliveries: the day makers hand pieces over, taken in by one call that can be repeated."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from inventory import stock, tags
from inventory.design_models import Design
from inventory.locations import get_location, open_outside
from inventory.models import (
    IN_STOCK,
    Agreement,
    AgreementKind,
    Contribution,
    Delivery,
    LocationKind,
    Piece,
    PieceStatus,
)
from people.cooperatives import own
from people.makers import makers_by_id
from people.models import Cooperative


class DeliveryIdTaken(Conflict):
    """Another delivery was recorded under this id."""

    code = "delivery_id_taken"


class TagTaken(Conflict):
    """Another piece already carries this tag."""

    code = "tag_taken"


class PieceIdTaken(Conflict):
    """Another piece was recorded under this id."""

    code = "piece_id_taken"


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
) -> tuple[Delivery, bool]:
    """Take in a delivery: the row, and whether it is new.

    ``pieces``: {design_id, agreement: {kind, price_minor?, currency?}, contributions: [{maker_id,
    stage, weight}], id?, tag?}. The same id with the same ``request_hash`` answers with the first;
    with another it raises DeliveryIdTaken.
    """
    location = get_location(session, location_id, actor=actor)
    if LocationKind(location.kind) not in IN_STOCK:
        raise Invalid("a delivery comes into a room of the co-op", pointer="/location_id")
    if delivered_on > now.date():
        raise Invalid("a delivery cannot be dated ahead", pointer="/delivered_on")
    row = {
        "id": delivery_id,
        "cooperative_id": own(actor),
        "delivered_on": delivered_on,
        "location_id": location_id,
        "piece_count": len(pieces),
        "note": note,
        "request_hash": request_hash,
        "recorded_at": now,
        "actor": actor.reference,
    }
    if not _claim_id(session, row):
        return _first(session, delivery_id, request_hash, actor), False
    delivery = session.get_one(Delivery, delivery_id)
    _check_designs(session, pieces, own(actor))
    _check_makers(session, pieces, own(actor))
    fresh = _write_pieces(session, delivery, pieces, actor, now)
    open_outside(session, cooperative_id=delivery.cooperative_id, now=now)
    reason = f"delivery of {delivered_on.isoformat()}"
    stock.receive(session, fresh, at=location, reason=reason, actor=actor, now=now)
    return delivery, True


def get_delivery(session: Session, delivery_id: uuid.UUID, *, actor: Actor) -> Delivery:
    """One delivery of the actor's co-operative, with its pieces."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.cooperative_id != actor.cooperative_id:
        raise NotFound("no such delivery")
    return delivery


def _claim_id(session: Session, row: Mapping[str, Any]) -> bool:
    """Write the delivery's row first, so that an overlapping retry waits here."""
    statement = insert(Delivery).values(**row).on_conflict_do_nothing().returning(Delivery.id)
    return session.scalar(statement) is not None


def _first(session: Session, delivery_id: uuid.UUID, request_hash: str, actor: Actor) -> Delivery:
    delivery = session.get_one(Delivery, delivery_id)
    if delivery.cooperative_id != actor.cooperative_id or delivery.request_hash != request_hash:
        raise DeliveryIdTaken()
    return delivery


def _check_designs(
    session: Session, pieces: Sequence[Mapping[str, Any]], cooperative_id: uuid.UUID
) -> None:
    wanted = {piece["design_id"] for piece in pieces}
    known = set(
        session.scalars(
            select(Design.id).where(Design.id.in_(wanted), Design.cooperative_id == cooperative_id)
        )
    )
    for place, piece in enumerate(pieces):
        if piece["design_id"] not in known:
            raise Invalid("no such design", pointer=f"/pieces/{place}/design_id")


def _check_makers(
    session: Session, pieces: Sequence[Mapping[str, Any]], cooperative_id: uuid.UUID
) -> None:
    makers_by_id(
        session,
        (row["maker_id"] for piece in pieces for row in piece["contributions"]),
        cooperative_id=cooperative_id,
    )
    for place, piece in enumerate(pieces):
        steps = [(row["maker_id"], row["stage"]) for row in piece["contributions"]]
        if not steps:
            raise Invalid("somebody made it", pointer=f"/pieces/{place}/contributions")
        if len(set(steps)) < len(steps):
            raise Invalid("a maker's stage is named once", pointer=f"/pieces/{place}/contributions")


def _write_pieces(
    session: Session,
    delivery: Delivery,
    pieces: Sequence[Mapping[str, Any]],
    actor: Actor,
    now: datetime,
) -> list[Piece]:
    prefix = session.get_one(Cooperative, delivery.cooperative_id).tag_prefix
    written = [_read_tag(piece.get("tag"), prefix, place) for place, piece in enumerate(pieces)]
    _refuse_taken(session, written, [piece.get("id") for piece in pieces])
    fresh = []
    for place, (row, tag) in enumerate(zip(pieces, written, strict=True)):
        piece = _piece(delivery, row, tag or tags.draw(prefix), place, now)
        session.add(piece)
        session.add(
            piece.begin(PieceStatus.DELIVERED, actor=actor, why="handed in by its makers", at=now)
        )
        fresh.append(piece)
    session.flush()
    return fresh


def _piece(
    delivery: Delivery, row: Mapping[str, Any], tag: str, place: int, now: datetime
) -> Piece:
    cooperative_id = delivery.cooperative_id
    return Piece(
        id=row.get("id") or new_id(),
        cooperative_id=cooperative_id,
        tag=tag,
        design_id=row["design_id"],
        delivery_id=delivery.id,
        position=place,
        created_at=now,
        agreement=_agreement(row["agreement"], cooperative_id, place),
        contributions=[
            Contribution(id=new_id(), cooperative_id=cooperative_id, **step)
            for step in row["contributions"]
        ],
    )


def _agreement(agreed: Mapping[str, Any], cooperative_id: uuid.UUID, place: int) -> Agreement:
    kind, price = AgreementKind(agreed["kind"]), agreed.get("price_minor")
    if (kind is AgreementKind.PAY_ON_ACCEPTANCE) != (price is not None):
        raise Invalid(
            "pay_on_acceptance needs a price, share_on_sale has none",
            pointer=f"/pieces/{place}/agreement",
        )
    return Agreement(
        cooperative_id=cooperative_id,
        kind=kind.value,
        price_minor=price,
        currency=agreed.get("currency") if price is not None else None,
    )


def _read_tag(written: str | None, prefix: str, place: int) -> str | None:
    if written is None:
        return None
    try:
        tag = tags.read(written)
    except tags.TagInvalid as refusal:
        raise tags.TagInvalid(pointer=f"/pieces/{place}/tag") from refusal
    if not tag.startswith(f"{prefix}-"):
        raise tags.TagInvalid("this tag is another co-operative's", pointer=f"/pieces/{place}/tag")
    return tag


def _refuse_taken(
    session: Session, written: Iterable[str | None], ids: Iterable[uuid.UUID | None]
) -> None:
    named = [tag for tag in written if tag]
    given = [piece_id for piece_id in ids if piece_id]
    if len(set(named)) < len(named):
        raise Invalid("a tag is used twice in this delivery", pointer="/pieces")
    if len(set(given)) < len(given):
        raise Invalid("a piece id is used twice in this delivery", pointer="/pieces")
    taken = session.execute(
        select(Piece.id, Piece.tag).where(Piece.tag.in_(named) | Piece.id.in_(given))
    ).first()
    if taken is not None:
        raise TagTaken(tag=taken.tag) if taken.tag in named else PieceIdTaken()
