"""Rail choices: the rail a maker prefers, and the house's rule where she has said nothing.

The house sends to her account at Stripe where transfers to it are active and the sale's money is at
Stripe; else to her bank where that can be paid; else she is paid by hand. A choice of hers is never
changed behind her back: what her rail cannot carry is visibly owed.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists, false, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from core.actors import Actor
from core.errors import Conflict
from core.ids import new_id
from payouts.models import Obligation, PayoutAccount, Rail, RailChoice
from payouts.outbound_models import OutboundPayment, OutboundStatus
from people.cooperatives import own
from people.makers import get_maker

#: How a payment to a bank ends when she does not have the money.
CAME_BACK = (OutboundStatus.FAILED, OutboundStatus.CANCELED, OutboundStatus.RETURNED)


_banks: list[Callable[[], bool]] = [lambda: True]


def use_banks(provider: Callable[[], bool]) -> None:
    """Tell the house whether it pays to banks at all; called once by the factory."""
    _banks[:] = [provider]


def house_pays_banks() -> bool:
    """Whether the house has what payments to banks are made from."""
    return _banks[0]()


class NoFinancialAccount(Conflict):
    """The house has no financial account at Stripe, so no bank is paid."""

    code = "no_financial_account"


def prefer_rail(
    session: Session,
    *,
    maker_id: uuid.UUID,
    rail: str,
    reason: str,
    banks: bool,
    actor: Actor,
    now: datetime,
) -> RailChoice:
    """Write down which rail a maker prefers from now on; what is under way is not changed by it.

    It also says that a bank that sent money back may be tried again. ``banks``: whether the house
    pays to banks. Raises NotFound and NoFinancialAccount.
    """
    maker = get_maker(session, maker_id, actor=actor)
    if rail == Rail.STRIPE_OUTBOUND and not banks:
        raise NoFinancialAccount()
    choice = RailChoice(
        id=new_id(),
        cooperative_id=own(actor),
        maker_id=maker.id,
        rail=rail,
        reason=reason,
        at=now,
        actor=actor.reference,
    )
    session.add(choice)
    session.flush()
    return choice


def list_choices(
    session: Session,
    maker_id: uuid.UUID,
    *,
    actor: Actor,
    limit: int,
    before: uuid.UUID | None = None,
) -> list[RailChoice]:
    """Up to ``limit`` choices of one maker, newest first (it counts), before one id."""
    maker = get_maker(session, maker_id, actor=actor)
    statement = select(RailChoice).where(RailChoice.maker_id == maker.id)
    if before:
        statement = statement.where(RailChoice.id < before)
    return list(session.scalars(statement.order_by(RailChoice.id.desc()).limit(limit)))


def preferred_rails(session: Session, maker_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The rail each of these makers prefers; those who have said nothing are left out."""
    rows = session.execute(
        select(RailChoice.maker_id, RailChoice.rail)
        .where(RailChoice.maker_id.in_(set(maker_ids)))
        .ext(distinct_on(RailChoice.maker_id))
        .order_by(RailChoice.maker_id, RailChoice.id.desc())
    )
    return dict(rows.all())


def goes_by_transfer() -> ColumnElement[bool]:
    """For a query over Obligation: whether it is paid into her account at Stripe when it is due."""
    said = _preferred()
    wanted = said.is_(None) | (said == Rail.STRIPE_TRANSFER)
    return wanted & _has(PayoutAccount.capability == "active") & _at_stripe()


def goes_to_bank() -> ColumnElement[bool]:
    """For a query over Obligation: whether it is paid to her bank when it is due."""
    if not house_pays_banks():
        return false()
    said = _preferred()
    by_rule = said.is_(None) & _at_stripe() & ~_has(PayoutAccount.capability == "active")
    ready = (
        (PayoutAccount.bank_capability == "active")
        & PayoutAccount.payout_method.is_not(None)
        & ~came_back()
    )
    return (by_rule | (said == Rail.STRIPE_OUTBOUND)) & _has(ready)


def goes_by_itself() -> ColumnElement[bool]:
    """For a query over Obligation: whether Stripe carries it, so that nobody pays it by hand."""
    return goes_by_transfer() | goes_to_bank()


def came_back() -> ColumnElement[bool]:
    """For a query over PayoutAccount: whether a payment to the bank account it names did not hold,
    and nobody has chosen her rail since."""
    since, payment = aliased(RailChoice), aliased(OutboundPayment)
    return exists().where(
        payment.maker_id == PayoutAccount.maker_id,
        payment.status.in_(CAME_BACK),
        payment.request[("to", "payout_method")].astext == PayoutAccount.payout_method,
        ~exists().where(since.maker_id == payment.maker_id, since.id > payment.id),
    )


def _preferred() -> ColumnElement[str | None]:
    return (
        select(RailChoice.rail)
        .where(RailChoice.maker_id == Obligation.maker_id)
        .order_by(RailChoice.id.desc())
        .limit(1)
        .correlate(Obligation)
        .scalar_subquery()
    )


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(PayoutAccount.maker_id == Obligation.maker_id, condition)


def _at_stripe() -> ColumnElement[bool]:
    """Not the share of a sale that was paid at the stall: its money is not at Stripe."""
    return Obligation.order_id.is_(None) | Obligation.charge_id.is_not(None)
