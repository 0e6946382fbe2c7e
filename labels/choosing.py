"""What labels are wanted for: pieces, a delivery, or tags that may have no piece yet."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid, NotFound
from inventory import tags
from inventory.models import Piece
from people.cooperatives import own
from people.models import Cooperative


@dataclass(frozen=True, slots=True)
class Chosen:
    """Exactly one of the three is given."""

    piece_ids: Sequence[uuid.UUID] | None = None
    delivery_id: uuid.UUID | None = None
    tags: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag, with its piece where there is one."""

    tag: str
    piece: Piece | None


def choose(session: Session, chosen: Chosen, *, actor: Actor) -> list[Tagged]:
    """Every tag that is to be printed, in the order asked for, each once.

    Raises Invalid, NotFound for what is not the actor's, and TagInvalid.
    """
    given = [one for one in (chosen.piece_ids, chosen.delivery_id, chosen.tags) if one is not None]
    if len(given) != 1:
        raise Invalid("name pieces, or a delivery, or tags", pointer="/piece_ids")
    if chosen.tags is not None:
        return _by_tags(session, chosen.tags, actor)
    pieces = (
        _by_ids(session, chosen.piece_ids, actor)
        if chosen.piece_ids is not None
        else _of_delivery(session, chosen.delivery_id, actor)
    )
    return [Tagged(piece.tag, piece) for piece in pieces]


def _by_ids(session: Session, ids: Sequence[uuid.UUID], actor: Actor) -> list[Piece]:
    _refuse_repeats(ids, "/piece_ids")
    ours = select(Piece).where(Piece.cooperative_id == own(actor), Piece.id.in_(ids))
    found = {piece.id: piece for piece in session.scalars(ours)}
    if len(found) < len(ids):
        raise NotFound("no such piece")
    return [found[piece_id] for piece_id in ids]


def _of_delivery(session: Session, delivery_id: uuid.UUID | None, actor: Actor) -> list[Piece]:
    ours = select(Piece).where(Piece.cooperative_id == own(actor), Piece.delivery_id == delivery_id)
    found = list(session.scalars(ours.order_by(Piece.position)))
    if not found:
        raise NotFound("no such delivery")
    return found


def _by_tags(session: Session, written: Sequence[str], actor: Actor) -> list[Tagged]:
    prefix = session.get_one(Cooperative, own(actor)).tag_prefix
    wanted = [_read(one, prefix, place) for place, one in enumerate(written)]
    _refuse_repeats(wanted, "/tags")
    found = {
        piece.tag: piece for piece in session.scalars(select(Piece).where(Piece.tag.in_(wanted)))
    }
    return [Tagged(tag, found.get(tag)) for tag in wanted]


def _read(written: str, prefix: str, place: int) -> str:
    try:
        tag = tags.read(written)
    except tags.TagInvalid as refusal:
        raise tags.TagInvalid(pointer=f"/tags/{place}") from refusal
    if not tag.startswith(f"{prefix}-"):
        raise tags.TagInvalid("this tag is another co-operative's", pointer=f"/tags/{place}")
    return tag


def _refuse_repeats(given: Sequence[object], pointer: str) -> None:
    for one, count in Counter(given).items():
        if count > 1:
            raise Invalid(f"{one} is named twice", pointer=pointer)
