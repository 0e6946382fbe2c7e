"""Idempotency: a key is claimed first, by one INSERT; a retry meets the claim and its answer."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, Identified
from core.errors import Conflict, Invalid
from core.ids import new_id
from core.touched import Unaudited


class KeyReused(Invalid):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


class KeyInFlight(Conflict):
    """The first request with this Idempotency-Key is still being answered."""

    code = "idempotency_key_in_flight"


class Claim(Unaudited, Identified, Base):
    """One client's key, what it was used for, and the answer it got."""

    __tablename__ = "idempotency_claims"
    __table_args__ = (UniqueConstraint("owner", "operation", "key"),)

    owner: Mapped[str]
    operation: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str]
    subject_id: Mapped[uuid.UUID | None]
    answer_status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None]
    claimed_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def answered(self) -> bool:
        """Whether the first request was answered for good."""
        return self.answer_status is not None

    def settle(self, status: int, answer: dict[str, Any]) -> None:
        """Keep the answer, so that a repetition gets the same."""
        self.answer_status = status
        self.answer = answer


#: For how long a repetition is answered as the first; an answer may hold somebody's address.
KEPT_FOR = timedelta(days=30)


def forget_old_claims(session: Session, *, now: datetime) -> int:
    """Delete claims older than 30 days with their answers; how many those were."""
    old = delete(Claim).where(Claim.claimed_at < now - KEPT_FOR).returning(Claim.id)
    return len(session.scalars(old).all())


def claim(
    session: Session, *, owner: str, operation: str, key: str, request: bytes, now: datetime
) -> tuple[Claim, bool]:
    """Claim a key: the claim, and whether it is new.

    An overlapping retry waits here for the first transaction (up to the lock timeout) and then
    meets its claim. Raises KeyReused when the key stands for another request.
    """
    digest = hashlib.sha256(request).hexdigest()
    identity = {"owner": owner, "operation": operation, "key": key}
    new = session.scalar(
        insert(Claim)
        .values(id=new_id(), **identity, request_hash=digest, claimed_at=now)
        .on_conflict_do_nothing()
        .returning(Claim.id)
    )
    found = session.scalars(select(Claim).filter_by(**identity).with_for_update()).one()
    if found.request_hash != digest:
        raise KeyReused()
    return found, new is not None
