"""A piece's whole history: what every floor says of it, in one timeline.

It stands here because this floor sees all the others. A new table that tells something of a piece
is one more source in its own floor's list.
"""

import uuid

from sqlalchemy.orm import Session

from core import timelines
from core.actors import Actor
from core.timelines import Place, Source, Told
from inventory import piece_timeline as of_the_stock_room
from inventory.pieces import get_piece
from orders import piece_timeline as of_the_orders
from payouts import piece_timeline as of_the_books
from photos import piece_timeline as of_the_photos
from quality import piece_timeline as of_the_bench

SOURCES: tuple[Source, ...] = (
    *of_the_stock_room.SOURCES,
    *of_the_photos.SOURCES,
    *of_the_bench.SOURCES,
    *of_the_orders.SOURCES,
    *of_the_books.SOURCES,
)


def history_of(
    session: Session,
    piece_id: uuid.UUID,
    *,
    actor: Actor,
    limit: int,
    after: Place | None = None,
) -> list[Told]:
    """Up to ``limit`` entries about a piece of the actor's co-operative, oldest first.

    What she may not read is not among them.
    """
    piece = get_piece(session, piece_id, actor=actor)
    return timelines.read(session, SOURCES, piece.id, scopes=actor.scopes, limit=limit, after=after)
