"""Consents: a maker's yes to one purpose, her no, and what may be shown now."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from people.makers import get_maker
from people.models import Consent, ConsentRevocation


class ConsentStands(Conflict):
    """She has already consented to this purpose."""

    code = "consent_stands"


class ConsentRevoked(Conflict):
    """This consent was already revoked."""

    code = "consent_revoked"


def record_consent(
    session: Session,
    *,
    maker_id: uuid.UUID,
    purpose: str,
    text_version: str,
    language: str,
    medium: str,
    given_on: date,
    witness: str,
    actor: Actor,
    now: datetime,
    evidence_sha256: str | None = None,
) -> Consent:
    """Write down a maker's consent. Raises ConsentStands while an earlier one is in force."""
    maker = get_maker(session, maker_id, actor=actor, lock=True)
    if given_on > now.date():
        raise Invalid("a consent cannot be dated ahead", pointer="/given_on")
    if purpose in purposes_allowed(session, [maker.id]).get(maker.id, set()):
        raise ConsentStands()
    consent = Consent(
        cooperative_id=maker.cooperative_id,
        maker_id=maker.id,
        purpose=purpose,
        text_version=text_version,
        language=language,
        medium=medium,
        given_on=given_on,
        witness=witness,
        evidence_sha256=evidence_sha256,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(consent)
    session.flush()
    return consent


def revoke_consent(
    session: Session, *, consent_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> ConsentRevocation:
    """End a consent. From the commit on, nothing public shows what it allowed."""
    consent = session.get(Consent, consent_id)
    if consent is None or consent.cooperative_id != actor.cooperative_id:
        raise NotFound("no such consent")
    get_maker(session, consent.maker_id, actor=actor, lock=True)
    session.refresh(consent)
    if consent.revocation is not None:
        raise ConsentRevoked()
    revocation = ConsentRevocation(
        cooperative_id=consent.cooperative_id,
        consent_id=consent.id,
        reason=reason,
        revoked_at=now,
        recorded_by=actor.reference,
    )
    session.add(revocation)
    session.flush()
    session.expire(consent)
    return revocation


def purposes_allowed(session: Session, maker_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """For each maker, the purposes she allows at this moment."""
    revoked = exists().where(ConsentRevocation.consent_id == Consent.id)
    rows = session.execute(
        select(Consent.maker_id, Consent.purpose).where(
            Consent.maker_id.in_(list(maker_ids)), ~revoked
        )
    )
    allowed: dict[uuid.UUID, set[str]] = {}
    for maker_id, purpose in rows:
        allowed.setdefault(maker_id, set()).add(purpose)
    return allowed


def standing_consents(
    session: Session, maker_ids: Iterable[uuid.UUID], *, purpose: str
) -> dict[uuid.UUID, uuid.UUID]:
    """For each maker who allows a purpose now, the consent that says so."""
    revoked = exists().where(ConsentRevocation.consent_id == Consent.id)
    rows = session.execute(
        select(Consent.maker_id, Consent.id).where(
            Consent.maker_id.in_(list(maker_ids)), Consent.purpose == purpose, ~revoked
        )
    )
    return {row.maker_id: row.id for row in rows}


def list_consents(
    session: Session, maker_id: uuid.UUID, *, limit: int = 100, before: uuid.UUID | None = None
) -> list[Consent]:
    """Up to ``limit`` consents a maker ever gave, newest first, before one id."""
    statement = select(Consent).where(Consent.maker_id == maker_id).order_by(Consent.id.desc())
    if before:
        statement = statement.where(Consent.id < before)
    return list(session.scalars(statement.limit(limit)))
