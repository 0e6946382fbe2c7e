"""Critical reviews: a second person looks at what is critical before anything else happens."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.models import Piece
from inventory.pieces import get_piece
from people.cooperatives import own
from people.models import Staff
from quality.bench_models import CriticalReview
from quality.models import Inspection
from quality.standing import settle


class PersonNeeded(Forbidden):
    """An inspection is signed by a person of the co-operative."""

    code = "person_needed"


class InspectorIsMaker(Forbidden):
    """Nobody inspects a piece she worked on."""

    code = "inspector_is_maker"


class SamePersonAgain(Forbidden):
    """Somebody else than who found it looks at something critical."""

    code = "same_person_again"


class NothingCritical(Conflict):
    """This inspection found nothing critical."""

    code = "nothing_critical"


class ReviewSigned(Conflict):
    """Another review was signed under this id; what is signed is not changed."""

    code = "review_signed"


def sign_review(
    session: Session,
    *,
    review_id: uuid.UUID,
    inspection_id: uuid.UUID,
    verdict: str,
    reason: str,
    reviewed_at: datetime,
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[CriticalReview, bool]:
    """Confirm or clear what an inspection found critical: the row, and whether it is new.

    Of several reviews one that confirms outweighs those that clear. Cleared, the piece is looked
    at anew; confirmed, the inspection is carried out, and no acceptance of before counts.
    """
    look = get_inspection(session, inspection_id, actor=actor)
    piece = get_piece(session, look.piece_id, actor=actor, lock=True)
    first = session.get(CriticalReview, review_id)
    if first is not None:
        if first.inspection_id != look.id or first.request_hash != request_hash:
            raise ReviewSigned()
        return first, False
    reviewer = person_for(session, piece, actor)
    if reviewer.id == look.inspector_id:
        raise SamePersonAgain()
    if not look.critical:
        raise NothingCritical()
    if not look.inspected_at <= reviewed_at <= now:
        raise Invalid(
            "a review is made after the inspection and before now", pointer="/reviewed_at"
        )
    review = CriticalReview(
        id=review_id,
        cooperative_id=piece.cooperative_id,
        inspection_id=look.id,
        inspector_id=look.inspector_id,
        reviewer_id=reviewer.id,
        verdict=verdict,
        reason=reason,
        request_hash=request_hash,
        reviewed_at=reviewed_at,
        recorded_at=now,
        actor=actor.reference,
    )
    session.add(review)
    session.flush()
    session.refresh(look, ["reviews"])
    why = f"critical finding {verdict}: {reason}"
    settle(session, piece, because=look, why=why, actor=actor, now=now)
    return review, True


def get_inspection(session: Session, inspection_id: uuid.UUID, *, actor: Actor) -> Inspection:
    """One inspection of the actor's co-operative."""
    look = session.get(Inspection, inspection_id)
    if look is None or look.cooperative_id != own(actor):
        raise NotFound("no such inspection")
    return look


def person_for(session: Session, piece: Piece, actor: Actor) -> Staff:
    """The person who signs for a piece: never an application, never one of its makers."""
    person = session.get(Staff, actor.staff_id) if actor.staff_id else None
    if person is None:
        raise PersonNeeded()
    if person.maker_id in {step.maker_id for step in piece.contributions}:
        raise InspectorIsMaker()
    return person
