"""By hand: an obligation met with cash, Yape, Plin or a bank slip; a receipt, and two names."""

import re
import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from orders.freezes import frozen
from payouts import ledger
from payouts.models import Obligation, ObligationStatus, Rail, Settlement
from payouts.obligations import lock_obligations
from payouts.payable import payable_minor
from payouts.receipt_models import Receipt
from payouts.settling import Proof, settle_with
from people.cooperatives import own
from people.models import Staff
from people.numbering import number_alone
from people.witnesses import TwoNames, two_names

#: A rate as a person writes it: no exponent, no sign, and few enough digits to be exact.
RATE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,8})?")


class AlreadySettled(Conflict):
    """This obligation has been met."""

    code = "already_settled"


class NotDue(Conflict):
    """This obligation is not due: it is held, cancelled, or just being paid by Stripe."""

    code = "not_due"


class OrderFrozen(Conflict):
    """Money of its order may go back: a refund is under way, or a bank disputes the payment."""

    code = "order_frozen"


def settle_by_hand(
    session: Session,
    *,
    obligation_id: uuid.UUID,
    method: str,
    witness_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    note: str = "",
    evidence_url: str | None = None,
    paid_minor: int | None = None,
    paid_currency: str | None = None,
    rate: str | None = None,
) -> Settlement:
    """Write down that a due obligation was paid by hand; the actor is who gave the money.

    Paid in another currency than owed: ``paid_minor``, ``paid_currency`` and the ``rate`` used
    (units of the paid currency for one of the owed, as text) go together. Refused while a
    transfer may have succeeded.
    """
    obligation = _due(session, obligation_id, actor)
    payer, witness = _two_names(session, obligation, witness_id, actor)
    paid = _paid(obligation, paid_minor, paid_currency, rate)
    receipt = Receipt(
        id=new_id(),
        cooperative_id=obligation.cooperative_id,
        number=_next_number(session, obligation.cooperative_id, now),
        method=method,
        paid_minor=paid[0],
        paid_currency=paid[1],
        rate=rate,
        paid_by_id=payer.id,
        witness_id=witness.id,
        evidence_url=evidence_url,
        note=note,
        paid_at=now,
        recorded_at=now,
    )
    session.add(receipt)
    return _settle(session, obligation, receipt, actor, now)


def _settle(
    session: Session, obligation: Obligation, receipt: Receipt, actor: Actor, now: datetime
) -> Settlement:
    """The settlement, its posting, the end of the obligation."""
    amount = payable_minor(session, [obligation])[obligation.id]
    proof = Proof(Rail.MANUAL, f"receipt {receipt.number}", receipt_id=receipt.id)
    session.flush()
    return settle_with(
        session, obligation, proof, amount_minor=amount, source=ledger.BY_HAND, actor=actor, now=now
    )


def _due(session: Session, obligation_id: uuid.UUID, actor: Actor) -> Obligation:
    found = lock_obligations(session, [obligation_id])
    if not found or found[0].cooperative_id != own(actor):
        raise NotFound("no such obligation")
    obligation = found[0]
    if obligation.status == ObligationStatus.SETTLED:
        raise AlreadySettled()
    if obligation.status != ObligationStatus.DUE:
        raise NotDue(status=obligation.status)
    if obligation.order_id and frozen(session, [obligation.order_id]):
        raise OrderFrozen()
    return obligation


def _two_names(
    session: Session, obligation: Obligation, witness_id: uuid.UUID, actor: Actor
) -> tuple[Staff, Staff]:
    payer, witness = two_names(
        session, witness_id=witness_id, cooperative_id=obligation.cooperative_id, actor=actor
    )
    if obligation.maker_id in {payer.maker_id, witness.maker_id}:
        raise TwoNames(pointer="/witness_id")
    return payer, witness


def _paid(
    obligation: Obligation, minor: int | None, currency: str | None, rate: str | None
) -> tuple[int, str]:
    """What changed hands: by default what was owed; in another currency with its rate."""
    if minor is None and currency is None and rate is None:
        return obligation.amount_minor, obligation.currency
    if minor is None or currency is None:
        raise Invalid("an amount has a currency", pointer="/paid_minor")
    if currency == obligation.currency:
        if rate is not None or minor != obligation.amount_minor:
            raise Invalid("what is owed is paid whole", pointer="/paid_minor")
        return minor, currency
    if rate is None:
        raise Invalid("another currency needs its rate", pointer="/rate")
    if minor < 1 or abs(_at(obligation.amount_minor, rate) - minor) >= 1:
        raise Invalid("amount and rate do not fit what is owed", pointer="/paid_minor")
    return minor, currency


def _at(amount_minor: int, rate: str) -> Decimal:
    if not RATE.fullmatch(rate):
        raise Invalid("a rate is a decimal number", pointer="/rate")
    return amount_minor * Decimal(rate)


def _next_number(session: Session, cooperative_id: uuid.UUID, now: datetime) -> str:
    """The next receipt number of the year, as ``R-2026-00017``; one at a time a co-operative."""
    number_alone(session, cooperative_id)
    stem = f"R-{now:%Y}-"
    written = session.scalar(
        select(func.count()).where(
            Receipt.cooperative_id == cooperative_id, Receipt.number.startswith(stem)
        )
    )
    return f"{stem}{(written or 0) + 1:05d}"
