"""Receipts: the paper of money given by hand; numbered, two names, and her signature."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, NotFound
from core.ids import new_id
from payouts.receipt_models import Receipt, ReceiptSignature
from people.cooperatives import own
from people.models import Maker
from people.numbering import number_alone
from people.witnesses import TwoNames, two_names


class AlreadySigned(Conflict):
    """There is evidence on this receipt already; a receipt is signed once."""

    code = "already_signed"


def write_receipt(
    session: Session,
    *,
    maker: Maker,
    method: str,
    paid_minor: int,
    paid_currency: str,
    witness_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    rate: str | None = None,
    pay_day_id: uuid.UUID | None = None,
    evidence_url: str | None = None,
    note: str = "",
) -> Receipt:
    """The next receipt: the actor gave the money, the witness saw it, neither is the maker.

    Raises GiverNeeded, TwoNames and Invalid.
    """
    giver, witness = two_names(
        session, witness_id=witness_id, cooperative_id=maker.cooperative_id, actor=actor
    )
    if maker.id in {giver.maker_id, witness.maker_id}:
        raise TwoNames(pointer="/witness_id")
    receipt = Receipt(
        id=new_id(),
        cooperative_id=maker.cooperative_id,
        number=_next_number(session, maker.cooperative_id, now),
        maker_id=maker.id,
        pay_day_id=pay_day_id,
        method=method,
        paid_minor=paid_minor,
        paid_currency=paid_currency,
        rate=rate,
        paid_by_id=giver.id,
        witness_id=witness.id,
        evidence_url=evidence_url,
        note=note,
        paid_at=now,
        recorded_at=now,
    )
    session.add(receipt)
    session.flush()
    return receipt


def sign_receipt(
    session: Session,
    *,
    receipt_id: uuid.UUID,
    evidence_url: str,
    signed_at: datetime,
    actor: Actor,
    now: datetime,
) -> Receipt:
    """Add the photo of her signature, or the image of her fingerprint, to a receipt without one."""
    receipt = get_receipt(session, receipt_id, actor=actor)
    lock_rows(session, Receipt, [receipt.id])
    if receipt.signed:
        raise AlreadySigned()
    session.add(
        ReceiptSignature(
            receipt_id=receipt.id,
            cooperative_id=receipt.cooperative_id,
            evidence_url=evidence_url,
            signed_at=signed_at,
            recorded_at=now,
            recorded_by=actor.reference,
        )
    )
    session.flush()
    session.refresh(receipt, ["signature"])
    return receipt


def get_receipt(session: Session, receipt_id: uuid.UUID, *, actor: Actor) -> Receipt:
    """One receipt of the actor's co-operative."""
    receipt = session.get(Receipt, receipt_id)
    if receipt is None or receipt.cooperative_id != own(actor):
        raise NotFound("no such receipt")
    return receipt


def list_receipts(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Receipt]:
    """Up to ``limit`` receipts of the actor's co-operative, oldest first, after one id."""
    statement = select(Receipt).where(Receipt.cooperative_id == own(actor))
    if after:
        statement = statement.where(Receipt.id > after)
    return list(session.scalars(statement.order_by(Receipt.id).limit(limit)))


def _next_number(session: Session, cooperative_id: uuid.UUID, now: datetime) -> str:
    """The next receipt number of the year, as ``R-2026-00017``; one at a time a co-operative."""
    number_alone(session, cooperative_id)
    stem = f"R-{now:%Y}-"
    written = select(func.count()).where(
        Receipt.cooperative_id == cooperative_id, Receipt.number.startswith(stem)
    )
    return f"{stem}{(session.scalar(written) or 0) + 1:05d}"
