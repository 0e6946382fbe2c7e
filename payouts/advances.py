"""Advances: money a maker has had ahead, and how it comes off what she is paid later, visibly.

Every rail asks `payable_now` under the obligation's lock before it pays; so no rail can forget it.
What comes off is never more than what is to be paid.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core import actors
from core.actors import Actor
from core.db import lock_rows
from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory.commission_models import AskedMaker
from inventory.models import Delivery
from payouts import ledger
from payouts.advance_models import Advance, AdvanceKind, Deduction
from payouts.ledger import Entry, advance_account, maker_account
from payouts.models import Obligation, ObligationStatus, Rail
from payouts.payable import payable_minor
from payouts.receipts import write_receipt
from payouts.recovery_models import Recovery, RecoveryStatus
from payouts.settling import Proof, settle_with
from people.cooperatives import own
from people.makers import get_maker
from people.models import Maker

HOUSE = actors.system("payouts")


def give_advance(
    session: Session,
    *,
    maker_id: uuid.UUID,
    amount_minor: int,
    currency: str,
    given_for: str,
    method: str,
    witness_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    delivery_id: uuid.UUID | None = None,
    commission_id: uuid.UUID | None = None,
    evidence_url: str | None = None,
    note: str = "",
) -> Advance:
    """Write down money given ahead of what she earns, for a commission or a delivery.

    Raises GiverNeeded, TwoNames, NotFound, and Invalid for a delivery of another co-operative or a
    commission she was not asked for.
    """
    maker = get_maker(session, maker_id, actor=actor)
    _check_reason(session, maker, delivery_id, commission_id)
    receipt = write_receipt(
        session,
        maker=maker,
        method=method,
        paid_minor=amount_minor,
        paid_currency=currency,
        witness_id=witness_id,
        actor=actor,
        now=now,
        evidence_url=evidence_url,
        note=note,
    )
    advance = Advance(
        id=new_id(),
        cooperative_id=maker.cooperative_id,
        maker_id=maker.id,
        kind=AdvanceKind.ADVANCE.value,
        amount_minor=amount_minor,
        currency=currency,
        delivery_id=delivery_id,
        commission_id=commission_id,
        given_for=given_for,
        receipt_id=receipt.id,
        receipt=receipt,
        given_at=now,
        actor=actor.reference,
    )
    session.add(advance)
    session.flush()
    _post(session, advance, actor, now)
    return advance


def payable_now(session: Session, obligation: Obligation, *, now: datetime) -> int:
    """What is to be paid of a locked, due obligation once her advances have come off it.

    Where nothing is left it is met: settled by what she had ahead.
    """
    unpaid = payable_minor(session, [obligation])[obligation.id]
    for advance_id, still_open in open_advances(session, obligation.maker_id, obligation.currency):
        if unpaid <= 0:
            break
        part = min(unpaid, still_open)
        _deduct(session, obligation, advance_id, part, now)
        unpaid -= part
        if unpaid == 0 and obligation.status == ObligationStatus.DUE:
            proof = Proof(Rail.ADVANCE, "met by what she had ahead")
            settle_with(
                session,
                obligation,
                proof,
                amount_minor=0,
                source=ledger.BY_HAND,
                actor=HOUSE,
                now=now,
            )
    return max(unpaid, 0)


def open_advances(
    session: Session, maker_id: uuid.UUID, currency: str
) -> list[tuple[uuid.UUID, int]]:
    """How much is still open of each advance of a maker in a currency; oldest first, locked."""
    hers = select(Advance.id).where(
        Advance.maker_id == maker_id,
        Advance.currency == currency,
        deducted() < Advance.amount_minor,
    )
    ids = session.scalars(hers).all()
    if not ids:
        return []
    rows = lock_rows(session, Advance, ids)
    still_open = open_minor(session, rows)
    return [(row.id, still_open[row.id]) for row in rows if still_open[row.id] > 0]


def with_open_advances(
    session: Session, maker_ids: Iterable[uuid.UUID]
) -> set[tuple[uuid.UUID, str]]:
    """Which of these makers have had something ahead that may come off, and in which currency."""
    rows = session.execute(
        select(Advance.maker_id, Advance.currency)
        .where(Advance.maker_id.in_(set(maker_ids)), deducted() < Advance.amount_minor)
        .distinct()
    )
    return {(maker_id, currency) for maker_id, currency in rows}


def open_minor(session: Session, advances: list[Advance]) -> dict[uuid.UUID, int]:
    """What has not come off yet of each; nothing of an offset that was in vain."""
    vain = set(
        session.scalars(
            select(Recovery.id).where(
                Recovery.id.in_([row.recovery_id for row in advances if row.recovery_id]),
                Recovery.status == RecoveryStatus.RESTORED,
            )
        )
    )
    return {row.id: 0 if row.recovery_id in vain else row.open_minor for row in advances}


def get_advance(session: Session, advance_id: uuid.UUID, *, actor: Actor) -> Advance:
    """One advance of the actor's co-operative."""
    advance = session.get(Advance, advance_id)
    if advance is None or advance.cooperative_id != own(actor):
        raise NotFound("no such advance")
    return advance


def list_advances(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
    maker_id: uuid.UUID | None = None,
    commission_id: uuid.UUID | None = None,
) -> list[Advance]:
    """Up to ``limit`` advances of the actor's co-operative, oldest first, after one id."""
    statement = select(Advance).where(Advance.cooperative_id == own(actor))
    if maker_id:
        statement = statement.where(Advance.maker_id == maker_id)
    if commission_id:
        statement = statement.where(Advance.commission_id == commission_id)
    if after:
        statement = statement.where(Advance.id > after)
    return list(session.scalars(statement.order_by(Advance.id).limit(limit)))


def _check_reason(
    session: Session,
    maker: Maker,
    delivery_id: uuid.UUID | None,
    commission_id: uuid.UUID | None,
) -> None:
    """What it is given for is of her co-operative, and a commission is one she was asked for."""
    if commission_id is not None and session.get(AskedMaker, (commission_id, maker.id)) is None:
        raise Invalid("no such commission of hers", pointer="/commission_id")
    if delivery_id is not None:
        delivery = session.get(Delivery, delivery_id)
        if delivery is None or delivery.cooperative_id != maker.cooperative_id:
            raise Invalid("no such delivery", pointer="/delivery_id")


def deducted() -> ColumnElement[int]:
    """For a query over Advance: what has come off each already."""
    return (
        select(func.coalesce(func.sum(Deduction.amount_minor), 0))
        .where(Deduction.advance_id == Advance.id)
        .correlate(Advance)
        .scalar_subquery()
    )


def _post(session: Session, advance: Advance, actor: Actor, now: datetime) -> None:
    assert advance.receipt is not None
    account, why = advance_account(advance.maker_id), f"receipt {advance.receipt.number}"
    ledger.post(
        session,
        event=f"advanced:{advance.id}",
        entries=[Entry(ledger.BY_HAND, account, advance.amount_minor, why)],
        currency=advance.currency,
        cooperative_id=advance.cooperative_id,
        actor=actor,
        now=now,
    )


def _deduct(
    session: Session, obligation: Obligation, advance_id: uuid.UUID, minor: int, now: datetime
) -> None:
    deduction = Deduction(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        advance_id=advance_id,
        obligation_id=obligation.id,
        round=obligation.round,
        amount_minor=minor,
        at=now,
    )
    session.add(deduction)
    session.flush()
    maker = obligation.maker_id
    entry = Entry(
        advance_account(maker), maker_account(maker), minor, "she had it ahead", obligation.id
    )
    ledger.post(
        session,
        event=f"deducted:{deduction.id}",
        entries=[entry],
        currency=obligation.currency,
        cooperative_id=obligation.cooperative_id,
        order_id=obligation.order_id,
        actor=HOUSE,
        now=now,
    )
