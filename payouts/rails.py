"""Rails: for an obligation, which of the three ways to her it goes, and why it waits if it does.

The one place that says so to people; what is really sent asks the same rules under the same locks.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from payments.attempts import AttemptOutcome
from payouts.bank_due import Purse, due_by_purse, least_of
from payouts.models import Obligation, ObligationStatus, PayoutAccount, Rail
from payouts.outbound_models import OutboundPayment, OutboundStatus
from payouts.rail_choices import CAME_BACK, came_back, house_pays_banks, preferred_rails

UNPAID = frozenset({ObligationStatus.HELD, ObligationStatus.DUE, ObligationStatus.SETTLING})


@dataclass(frozen=True, slots=True)
class Way:
    """The rail an obligation goes by, and why that is not open; None: it is."""

    rail: Rail
    waiting: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of some makers: their accounts, what they prefer, what goes to their banks.

    ``came_back``: how her last payment to the bank she has now ended, where it did not hold.
    ``refused``: whose last payment Stripe said no to; ``too_little``: whose dues are less than the
    least; ``banks``: whether the house pays to banks at all.
    """

    accounts: dict[uuid.UUID, PayoutAccount]
    preferred: dict[uuid.UUID, str]
    came_back: dict[uuid.UUID, str] = field(default_factory=dict)
    refused: frozenset[Purse] = frozenset()
    too_little: frozenset[Purse] = frozenset()
    banks: bool = field(default_factory=house_pays_banks)


def ways_of(session: Session, obligations: Sequence[Obligation]) -> dict[uuid.UUID, Way]:
    """The way of each: that of its attempt while one is under way, that of its settlement once met,
    else the one that would be chosen now."""
    standing = standing_of(session, {row.maker_id for row in obligations if row.status in UNPAID})
    by_transfer = {
        row.id for row in obligations if row.attempts and row.attempts[-1].outcome is None
    }
    ways = {}
    for row in obligations:
        if row.status == ObligationStatus.SETTLING:
            rail = Rail.STRIPE_TRANSFER if row.id in by_transfer else Rail.STRIPE_OUTBOUND
            ways[row.id] = Way(rail, None)
        elif row.status in UNPAID:
            ways[row.id] = choose(row, standing)
        elif row.settlement is not None:
            ways[row.id] = Way(Rail(row.settlement.rail), None)
    return ways


def choose(obligation: Obligation, standing: Standing) -> Way:
    """The way of an unpaid obligation: what she prefers, else what the house's rule says."""
    account = standing.accounts.get(obligation.maker_id)
    said = standing.preferred.get(obligation.maker_id)
    if said == Rail.MANUAL:
        return Way(Rail.MANUAL, "paid_by_hand")
    by_rule = standing.banks and _bank_by_rule(obligation, account)
    if said == Rail.STRIPE_OUTBOUND or (said is None and by_rule):
        return Way(Rail.STRIPE_OUTBOUND, _bank_waits(obligation, account, standing))
    why = _transfer_waits(obligation, account)
    by_hand = said is None and why not in {None, "stripe_refused"}
    return Way(Rail.MANUAL if by_hand else Rail.STRIPE_TRANSFER, why)


def standing_of(session: Session, maker_ids: Collection[uuid.UUID]) -> Standing:
    """What is known of these makers, in one query for each kind of thing."""
    rows = session.scalars(select(PayoutAccount).where(PayoutAccount.maker_id.in_(maker_ids)))
    accounts = {account.maker_id: account for account in rows}
    preferred = preferred_rails(session, maker_ids)
    with_bank = {
        maker_id for maker_id, account in accounts.items() if account.bank_capability == "active"
    }
    if not with_bank:
        return Standing(accounts, preferred)
    due = due_by_purse(session, with_bank)
    least = least_of(session, {home for home, _minor in due.values()})
    return Standing(
        accounts,
        preferred,
        _came_back(session, with_bank),
        frozenset(_refused(session, with_bank)),
        frozenset(
            purse for purse, (home, minor) in due.items() if minor < least[home].get(purse[1], 1)
        ),
    )


def _bank_by_rule(obligation: Obligation, account: PayoutAccount | None) -> bool:
    return (
        account is not None
        and account.capability != "active"
        and account.bank_capability == "active"
        and account.payout_method is not None
        and not obligation.paid_by_hand
    )


def _bank_waits(
    obligation: Obligation, account: PayoutAccount | None, standing: Standing
) -> str | None:
    if not standing.banks:
        return "no_financial_account"
    if missing := _missing_at_bank(account):
        return missing
    if ended := standing.came_back.get(obligation.maker_id):
        return f"bank_payment_{ended}"
    purse = obligation.maker_id, obligation.currency
    if purse in standing.refused:
        return "stripe_refused"
    return "below_minimum" if purse in standing.too_little else None


def _missing_at_bank(account: PayoutAccount | None) -> str | None:
    if account is None or account.account_id is None:
        return "no_bank_account"
    if account.bank_capability != "active":
        return f"bank_account_{account.bank_capability}"
    return "no_payout_method" if account.payout_method is None else None


def _transfer_waits(obligation: Obligation, account: PayoutAccount | None) -> str | None:
    if obligation.paid_by_hand:
        return "money_not_at_stripe"
    last = obligation.attempts[-1] if obligation.attempts else None
    if last is not None and last.outcome == AttemptOutcome.REFUSED:
        return "stripe_refused"
    if account is None or account.account_id is None:
        return "no_stripe_account"
    return None if account.capability == "active" else f"stripe_account_{account.capability}"


def _came_back(session: Session, maker_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """How the newest payment of each ended, whose bank account may not be tried again by itself."""
    rows = session.execute(
        select(OutboundPayment.maker_id, OutboundPayment.status)
        .join(PayoutAccount, PayoutAccount.maker_id == OutboundPayment.maker_id)
        .where(
            OutboundPayment.maker_id.in_(maker_ids),
            OutboundPayment.status.in_(CAME_BACK),
            came_back(),
        )
        .ext(distinct_on(OutboundPayment.maker_id))
        .order_by(OutboundPayment.maker_id, OutboundPayment.number.desc())
    )
    return dict(rows.all())


def _refused(session: Session, maker_ids: Collection[uuid.UUID]) -> set[Purse]:
    rows = session.execute(
        select(OutboundPayment.maker_id, OutboundPayment.currency, OutboundPayment.status)
        .where(OutboundPayment.maker_id.in_(maker_ids))
        .ext(distinct_on(OutboundPayment.maker_id, OutboundPayment.currency))
        .order_by(OutboundPayment.maker_id, OutboundPayment.currency, OutboundPayment.number.desc())
    )
    return {
        (maker_id, currency)
        for maker_id, currency, status in rows
        if status == OutboundStatus.REFUSED
    }
