"""By hand: an obligation met with cash, Yape, Plin or a bank slip; a receipt, and two names."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from orders.freezes import frozen
from payouts import ledger
from payouts.advances import payable_now
from payouts.models import Obligation, ObligationStatus, Rail, Settlement
from payouts.obligations import lock_obligations
from payouts.rates import exactly_at
from payouts.receipts import write_receipt
from payouts.settling import Proof, settle_with
from people.cooperatives import own
from people.models import Maker


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

    Her advances come off first; where they meet all of it, nothing is given, without a receipt.
    Paid in another currency than owed: ``paid_minor``, ``paid_currency`` and the ``rate`` used
    (units of the paid currency for one of the owed, as text) go together. Refused while a
    transfer may have succeeded.
    """
    obligation = _due(session, obligation_id, actor)
    amount = payable_now(session, obligation, now=now)
    if amount == 0:
        session.refresh(obligation, ["settlements"])
        met = obligation.settlement
        assert met is not None, "an advance she had has met it"
        return met
    given = _paid(Money(amount, obligation.currency), paid_minor, paid_currency, rate)
    receipt = write_receipt(
        session,
        maker=session.get_one(Maker, obligation.maker_id),
        method=method,
        paid_minor=given.minor,
        paid_currency=given.currency,
        rate=rate,
        witness_id=witness_id,
        actor=actor,
        now=now,
        evidence_url=evidence_url,
        note=note,
    )
    proof = Proof(Rail.MANUAL, f"receipt {receipt.number}", receipt_id=receipt.id)
    settled = settle_with(
        session, obligation, proof, amount_minor=amount, source=ledger.BY_HAND, actor=actor, now=now
    )
    session.flush()
    return settled


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


def _paid(owed: Money, minor: int | None, currency: str | None, rate: str | None) -> Money:
    """What changed hands: by default what was owed; in another currency with its rate."""
    if minor is None and currency is None and rate is None:
        return owed
    if minor is None or currency is None:
        raise Invalid("an amount has a currency", pointer="/paid_minor")
    if currency == owed.currency:
        if rate is not None or minor != owed.minor:
            raise Invalid("what is owed is paid whole", pointer="/paid_minor")
        return owed
    if rate is None:
        raise Invalid("another currency needs its rate", pointer="/rate")
    if minor < 1 or abs(exactly_at(owed.minor, owed.currency, currency, rate) - minor) >= 1:
        raise Invalid("amount and rate do not fit what is owed", pointer="/paid_minor")
    return Money(minor, currency)
