"""Publicity: what the world may know of a maker at this moment, purpose by purpose."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.words import Words
from people.consents import purposes_allowed
from people.models import Maker, Purpose


@dataclass(frozen=True, slots=True)
class PublicMaker:
    """A maker as buyers see her; everything is None that she did not allow."""

    id: uuid.UUID | None
    public_name: str | None
    story: Words | None
    photo_url: str | None
    shows_price_share: bool


def public_makers(session: Session, maker_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, PublicMaker]:
    """How each maker may be shown now; without a profile consent she is a weaver of the co-op."""
    wanted = set(maker_ids)
    allowed = purposes_allowed(session, wanted)
    return {
        maker.id: _as_shown(maker, allowed.get(maker.id, set()))
        for maker in session.scalars(select(Maker).where(Maker.id.in_(wanted)))
    }


def _as_shown(maker: Maker, allowed: set[str]) -> PublicMaker:
    profile = Purpose.PUBLIC_PROFILE in allowed
    return PublicMaker(
        id=maker.id if profile else None,
        public_name=maker.public_name if profile else None,
        story=maker.story if profile else None,
        photo_url=maker.photo_url if profile and Purpose.PHOTO in allowed else None,
        shows_price_share=Purpose.PRICE_SHARE in allowed,
    )
