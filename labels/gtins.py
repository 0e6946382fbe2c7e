"""GTINs: numbers of GS1 that a co-operative bought, each for one design and never for another."""

import re
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from inventory.designs import get_design
from labels.models import Gtin, GtinEnding
from people.cooperatives import own

LENGTHS = (8, 12, 13, 14)
DIGITS = re.compile(r"\d+", re.ASCII)
#: GS1 leaves these to each shop for its own use, so nobody owns one: 13 digits that begin so.
IN_SHOP = ("02", "002", "004")


class GtinInvalid(Invalid):
    """This is no GTIN: 8, 12, 13 or 14 digits whose last one checks the others."""

    code = "gtin_invalid"


class GtinTaken(Conflict):
    """This GTIN was given to a design already; it is never given to another."""

    code = "gtin_taken"


class GtinEnded(Conflict):
    """This GTIN is not in use any more."""

    code = "gtin_ended"


def check_digit(digits: str) -> str:
    """GS1's last digit: weights 3, 1, 3, … from the right, and what is missing to a full ten."""
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return str(-weighted % 10)


def read_gtin(written: str, *, pointer: str = "") -> str:
    """The number somebody typed or scanned, padded to 14 digits. Raises GtinInvalid."""
    digits = "".join(written.split()).replace("-", "")
    if not DIGITS.fullmatch(digits) or len(digits) not in LENGTHS:
        raise GtinInvalid(pointer=pointer)
    if check_digit(digits[:-1]) != digits[-1] or not int(digits):
        raise GtinInvalid(pointer=pointer)
    return digits.zfill(14)


def assign_gtin(
    session: Session,
    *,
    design_id: uuid.UUID,
    gtin: str,
    evidence: str,
    actor: Actor,
    now: datetime,
) -> Gtin:
    """Say that the co-operative owns this number for this design; labels carry it from now on.

    Raises GtinInvalid, and GtinTaken for any that was ever given out.
    """
    number = read_gtin(gtin, pointer="/gtin")
    if number.startswith(IN_SHOP):
        raise GtinInvalid("a number for use inside a shop is nobody's own", pointer="/gtin")
    design = get_design(session, design_id, actor=actor)
    row = {
        "id": new_id(),
        "cooperative_id": own(actor),
        "design_id": design.id,
        "gtin": number,
        "evidence": evidence,
        "created_at": now,
        "actor": actor.reference,
    }
    # By the constraint, so that of two at once one is refused.
    written = insert(Gtin).values(row).on_conflict_do_nothing().returning(Gtin.id)
    if session.scalar(written) is None:
        raise GtinTaken()
    return session.get_one(Gtin, row["id"])


def end_gtin(
    session: Session, *, gtin_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> Gtin:
    """Print a GTIN no longer. What carries it leads to its piece as before."""
    gtin = session.get(Gtin, gtin_id)
    if gtin is None or gtin.cooperative_id != own(actor):
        raise NotFound("no such GTIN")
    row = {
        "gtin_id": gtin.id,
        "cooperative_id": gtin.cooperative_id,
        "reason": reason,
        "ended_at": now,
        "actor": actor.reference,
    }
    written = insert(GtinEnding).values(row).on_conflict_do_nothing()
    if session.scalar(written.returning(GtinEnding.gtin_id)) is None:
        raise GtinEnded()
    session.refresh(gtin)
    return gtin


def list_gtins(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Gtin]:
    """Up to ``limit`` of the co-operative's GTINs, oldest first, after one id."""
    statement = select(Gtin).where(Gtin.cooperative_id == own(actor))
    if after:
        statement = statement.where(Gtin.id > after)
    return list(session.scalars(statement.order_by(Gtin.id).limit(limit)))


def gtins_in_use(session: Session, design_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """For each design that has one, the newest GTIN that is not ended."""
    rows = session.scalars(
        select(Gtin)
        .outerjoin(GtinEnding, GtinEnding.gtin_id == Gtin.id)
        .where(Gtin.design_id.in_(list(design_ids)), GtinEnding.gtin_id.is_(None))
        .order_by(Gtin.id)
    )
    return {row.design_id: row.gtin for row in rows}
