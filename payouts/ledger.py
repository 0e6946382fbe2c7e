"""The ledger: postings from one account to another, written once for each thing that happened.

Accounts (a balance is what came in minus what went out):

``order:<id>``    one order while it is divided; zero once it is
``stripe``        what Stripe holds for the co-operative; equals Stripe's own balance
``stripe_fees``   what Stripe kept; passed on at once to whoever bears it, so it ends at zero
``maker:<id>``    minus what she is owed
``fund``, ``programme``, ``shipping``, ``tax``   minus what is set aside for each
``pieces_bought`` what was agreed for pieces paid on acceptance
``stripe_outbound``  what Stripe holds for payments to banks; equals the financial account
``exchange``      what was paid in another currency than owed: minus in one, plus in the other
``by_hand``       minus what was given by hand: cash, Yape, Plin, a bank slip
``cash_box``, ``bank``   what was taken at the stall in cash, or by Yape, Plin, a bank slip
``undecided``     what makers were paid of sales that were undone, until somebody has decided
``reserve``       minus what is set aside to bear that
``advance:<id>``  what a maker has had ahead of what she earns
``stray:<id>``    a payment no order can keep, until it has gone back
``disputed:<id>`` what a bank called back of an order, until that is decided
``exchange_difference``  zero: what rates cost between payment and refund, passed on to the fund
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from payouts.models import Posting

STRIPE = "stripe"
STRIPE_FEES = "stripe_fees"
FUND = "fund"
PROGRAMME = "programme"
SHIPPING = "shipping"
TAX = "tax"
PIECES_BOUGHT = "pieces_bought"
BY_HAND = "by_hand"
STRIPE_OUTBOUND = "stripe_outbound"
EXCHANGE = "exchange"
CASH_BOX = "cash_box"
BANK = "bank"
UNDECIDED = "undecided"
RESERVE = "reserve"
EXCHANGE_DIFFERENCE = "exchange_difference"


def tender_account(tender: str) -> str:
    """Where money that was paid this way is."""
    return {"stripe": STRIPE, "cash": CASH_BOX}.get(tender, BANK)


def stray_account(stray_id: uuid.UUID) -> str:
    """A payment no order can keep."""
    return f"stray:{stray_id}"


def disputed_account(order_id: uuid.UUID) -> str:
    """What a bank called back of one order."""
    return f"disputed:{order_id}"


def advance_account(maker_id: uuid.UUID) -> str:
    """What one maker has had ahead."""
    return f"advance:{maker_id}"


def order_account(order_id: uuid.UUID) -> str:
    """The clearing account of one order."""
    return f"order:{order_id}"


def maker_account(maker_id: uuid.UUID) -> str:
    """The account of one maker."""
    return f"maker:{maker_id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount on its way; an entry of nothing is left out when it is posted."""

    source: str
    destination: str
    amount_minor: int
    why: str
    obligation_id: uuid.UUID | None = None


def post(
    session: Session,
    *,
    event: str,
    entries: Sequence[Entry],
    currency: str,
    cooperative_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    order_id: uuid.UUID | None = None,
) -> None:
    """Write what happened as postings. The same event a second time is refused by the database."""
    add(
        session,
        event=event,
        entries=entries,
        currency=currency,
        cooperative_id=cooperative_id,
        actor=actor,
        now=now,
        order_id=order_id,
    )
    session.flush()


def add(
    session: Session,
    *,
    event: str,
    entries: Sequence[Entry],
    currency: str,
    cooperative_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    order_id: uuid.UUID | None = None,
) -> None:
    """The same, for whoever writes of many events at once: written when the session is flushed."""
    session.add_all(
        Posting(
            cooperative_id=cooperative_id,
            event=event,
            position=position,
            source=entry.source,
            destination=entry.destination,
            amount_minor=entry.amount_minor,
            currency=currency,
            why=entry.why,
            order_id=order_id,
            obligation_id=entry.obligation_id,
            actor=actor.reference,
            at=now,
        )
        for position, entry in enumerate(entry for entry in entries if entry.amount_minor)
    )


def hold_still(session: Session, cooperative_id: uuid.UUID, account: str) -> None:
    """Let nobody else spend what is in an account until the transaction ends, who asks here too."""
    word = f"account:{cooperative_id}:{account}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(word, 0))))


def happened(session: Session, event: str) -> bool:
    """Whether an event has been posted."""
    return session.scalar(select(Posting.id).where(Posting.event == event).limit(1)) is not None


def destination_of(session: Session, event: str) -> str:
    """Where the first amount of an event went."""
    return (
        session.scalars(
            select(Posting.destination).where(Posting.event == event).order_by(Posting.position)
        ).first()
        or ""
    )


def balances(
    session: Session, cooperative_id: uuid.UUID | None = None, *, at: datetime | None = None
) -> dict[tuple[str, str], int]:
    """The balance of every account in every currency, by (account, currency); zeros left out.

    ``at``: as it was at that moment, with what was posted in it.
    """
    came = select(
        Posting.destination.label("account"), Posting.currency, Posting.amount_minor.label("amount")
    )
    went = select(Posting.source, Posting.currency, -Posting.amount_minor)
    if cooperative_id is not None:
        came = came.where(Posting.cooperative_id == cooperative_id)
        went = went.where(Posting.cooperative_id == cooperative_id)
    if at is not None:
        came, went = came.where(Posting.at <= at), went.where(Posting.at <= at)
    both = came.union_all(went).subquery()
    total = func.sum(both.c.amount)
    rows = session.execute(
        select(both.c.account, both.c.currency, total)
        .group_by(both.c.account, both.c.currency)
        .having(total != 0)
    )
    return {(account, currency): int(amount) for account, currency, amount in rows}
