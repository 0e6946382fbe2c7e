"""Rechecking: what is published rests on lots; when a lot turns out otherwise, it comes down."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from inventory.claims import unsupported
from inventory.listing_models import Listing, ListingPiece, ListingStatus
from inventory.listings import take_down


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A listing that buyers see no longer, and what was not supported any more."""

    id: uuid.UUID
    slug: str
    why: str


def recheck(
    session: Session, piece_ids: Collection[uuid.UUID], *, actor: Actor, now: datetime
) -> list[TakenDown]:
    """Take down every published listing whose claims these pieces support no longer.

    A piece that somebody holds stays hers: what to tell a buyer is for a person to decide.
    """
    found = []
    for listing in _published_behind(session, piece_ids):
        problems = unsupported(session, listing, day=now.date())
        if problems:
            why = f"not supported any more: {problems[0].message}"
            take_down(session, listing, why=why, actor=actor, now=now)
            listing.version += 1
            found.append(TakenDown(listing.id, listing.slug, why))
    session.flush()
    return found


def _published_behind(session: Session, piece_ids: Collection[uuid.UUID]) -> list[Listing]:
    """The published listings of these pieces, locked."""
    ids = session.scalars(
        select(Listing.id)
        .join(ListingPiece, ListingPiece.listing_id == Listing.id)
        .where(ListingPiece.piece_id.in_(piece_ids), Listing.status == ListingStatus.PUBLISHED)
        .distinct()
    )
    return [
        listing
        for listing in lock_rows(session, Listing, ids)
        if listing.status == ListingStatus.PUBLISHED
    ]
