"""Two names: money that changes hands is given by one person of the co-op and seen by another."""

import uuid

from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Forbidden, Invalid
from people.models import Staff


class TwoNames(Invalid):
    """Two different people of the co-operative sign, and neither is the maker herself."""

    code = "two_names"


class GiverNeeded(Forbidden):
    """Money is given by a person of the co-operative."""

    code = "person_needed"


def two_names(
    session: Session, *, witness_id: uuid.UUID, cooperative_id: uuid.UUID, actor: Actor
) -> tuple[Staff, Staff]:
    """Who gives the money, the actor, and who sees it. Raises GiverNeeded, TwoNames, Invalid."""
    giver = session.get(Staff, actor.staff_id) if actor.staff_id else None
    if giver is None:
        raise GiverNeeded()
    witness = session.get(Staff, witness_id)
    if witness is None or witness.cooperative_id != cooperative_id:
        raise Invalid("no such staff member", pointer="/witness_id")
    if not witness.active:
        raise Invalid("she no longer works here", pointer="/witness_id")
    if giver.id == witness.id:
        raise TwoNames(pointer="/witness_id")
    return giver, witness
