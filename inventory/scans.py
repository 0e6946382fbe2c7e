"""Scans: tags as they were read from a picture or typed by hand, and the pieces they are on."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import tags
from inventory.models import Piece

LONGEST_TAG = 200


def pieces_by_tag(
    session: Session, written: Iterable[str], *, cooperative_id: uuid.UUID
) -> dict[str, Piece]:
    """For each text that is the tag of a piece of the co-operative, that piece. One query.

    A scanned code may be the address of a passport: its last part is the tag.
    """
    spelt = {text: tag for text in set(written) if (tag := _read(text))}
    found = session.scalars(
        select(Piece).where(
            Piece.tag.in_(set(spelt.values())), Piece.cooperative_id == cooperative_id
        )
    )
    by_tag = {piece.tag: piece for piece in found}
    return {text: by_tag[tag] for text, tag in spelt.items() if tag in by_tag}


def _read(text: str) -> str | None:
    last = text.strip().rstrip("/").rpartition("/")[2].partition("?")[0]
    try:
        return tags.read(last)
    except tags.TagInvalid:
        return None
