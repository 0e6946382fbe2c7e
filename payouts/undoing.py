"""Undoing: what a refund or a lost dispute takes back of how a sale was divided.

Lock order: the order, its pieces, its obligations. Everything is in settlement currency and leaves
the order's clearing account at zero. What rates cost between payment and refund, the fund bears.
"""

import itertools
import logging
import uuid
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import actors
from core.db import lock_rows
from core.errors import NotFound
from orders.models import Order, StrayPayment
from orders.refund_models import Refund, RefundStatus
from orders.refunds import lock_refund
from payouts import ledger
from payouts.ledger import Entry, order_account, stray_account
from payouts.models import Obligation, SharePolicy
from payouts.obligations import record_sale
from payouts.policies import NoPolicy, policy_at
from payouts.recoveries import recover
from payouts.recovery_models import Recovery, UndonePart
from payouts.restoring import restore
from payouts.sale_left import Place, left_of_sale, over_all
from payouts.undo_shares import Left, taken_of

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")
PLAIN = ("fund", "programme", "fee", "shipping", "tax")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a sale is undone: a refund, or a dispute that was lost. One of the two ids."""

    name: str
    refund_id: uuid.UUID | None = None
    dispute_id: uuid.UUID | None = None


def record_refund(session: Session, *, refund_id: uuid.UUID, now: datetime) -> None:
    """Take back what a refund that was booked takes back; a second time nothing.

    Of one that has failed before this was done, nothing is taken and nothing is to be given again.
    """
    order, refund = lock_refund(session, refund_id)
    event = f"refunded:{refund.id}"
    failed = refund.status == RefundStatus.FAILED
    if failed or refund.settled_minor is None or ledger.happened(session, event):
        return
    refund.undone_at = now
    if stray := _stray_of(session, refund):
        record_stray(session, stray_id=stray.id, now=now)
        give_stray_up(
            session,
            order,
            stray,
            event=event,
            settled_minor=refund.settled_minor,
            source=ledger.STRIPE,
            now=now,
        )
        return
    record_sale(session, order_id=order.id, now=now)
    take_back(
        session,
        order=order,
        cause=Cause(event, refund_id=refund.id),
        settled_minor=refund.settled_minor,
        parts={(part.what, part.line_id): part.amount_minor for part in refund.parts},
        source=ledger.tender_account(refund.tender),
        now=now,
    )


def restore_refund(session: Session, *, refund_id: uuid.UUID, now: datetime) -> None:
    """Give back what a refund took that failed after it was booked; a second time nothing."""
    order, refund = lock_refund(session, refund_id)
    event = f"refund_failed:{refund.id}"
    if not ledger.happened(session, f"refunded:{refund.id}") or ledger.happened(session, event):
        return
    assert refund.settled_minor is not None
    source = ledger.tender_account(refund.tender)
    if stray := _stray_of(session, refund):
        minor = refund.settled_minor
        take_stray_again(
            session, order, stray, event=event, settled_minor=minor, source=source, now=now
        )
        return
    cause = Cause(event, refund_id=refund.id)
    give_back(
        session,
        order=order,
        cause=cause,
        settled_minor=refund.settled_minor,
        source=source,
        now=now,
    )


def record_stray(session: Session, *, stray_id: uuid.UUID, now: datetime) -> None:
    """Write money into the books that no order can keep; a second time nothing."""
    found = lock_rows(session, StrayPayment, [stray_id])
    if not found:
        raise NotFound("no such payment")
    stray = found[0]
    event = f"stray_paid:{stray.id}"
    if ledger.happened(session, event):
        return
    entries = [
        Entry(stray_account(stray.id), ledger.STRIPE, stray.gross_minor, stray.why),
        Entry(ledger.STRIPE, ledger.STRIPE_FEES, stray.fee_minor, "kept by Stripe"),
        Entry(ledger.STRIPE_FEES, ledger.FUND, stray.fee_minor, "fee, borne by the fund"),
    ]
    order = session.get_one(Order, stray.order_id)
    _post(session, order, event, entries, stray.settlement_currency, now=now)


def give_stray_up(
    session: Session,
    order: Order,
    stray: StrayPayment,
    *,
    event: str,
    settled_minor: int,
    source: str,
    now: datetime,
) -> None:
    """Money no order could keep is gone again: ``settled_minor`` left ``source``."""
    account = stray_account(stray.id)
    entries = [Entry(source, account, settled_minor, "went back")]
    entries += _difference(account, settled_minor - stray.gross_minor)
    _post(session, order, event, entries, stray.settlement_currency, now=now)


def take_stray_again(
    session: Session,
    order: Order,
    stray: StrayPayment,
    *,
    event: str,
    settled_minor: int,
    source: str,
    now: datetime,
) -> None:
    """Money no order could keep is here again: ``settled_minor`` came back to ``source``."""
    account = stray_account(stray.id)
    entries = [Entry(account, source, settled_minor, "came back")]
    entries += _difference(account, stray.gross_minor - settled_minor)
    _post(session, order, event, entries, stray.settlement_currency, now=now)


def take_back(
    session: Session,
    *,
    order: Order,
    cause: Cause,
    settled_minor: int,
    parts: Mapping[Place, int] | int,
    source: str,
    now: datetime,
) -> list[Recovery]:
    """Undo parts of a divided sale: ``settled_minor`` left ``source``, and each bears her part.

    ``parts``: how much of the price of each line, of shipping, of tax, in the order's currency; or
    so much over all that is left. What went back beyond that, the fund bears. The order must be
    locked by the caller.
    """
    policy, payment = _policy(session, order), order.payment
    assert payment is not None
    left, owed = left_of_sale(session, order, policy)
    clearing = order_account(order.id)
    entries = [Entry(source, clearing, settled_minor, "went back")]
    recovered: list[tuple[Obligation, int]] = []
    if isinstance(parts, int):
        parts = over_all(left, parts)
    for place, price in sorted(_at_most(left, parts, order).items(), key=str):
        taken = taken_of(left[place], price)
        rows = {"price": price, **{str(one): minor for one, minor in taken.items() if one in PLAIN}}
        _write_parts(session, order, cause, place, rows, now=now)
        entries += _plain_entries(clearing, taken, policy)
        recovered += [(owed[one], minor) for one, minor in taken.items() if one in owed]
    worth = sum(entry.amount_minor for entry in entries[1:])
    worth += sum(minor for _obligation, minor in recovered)
    entries += _difference(clearing, settled_minor - worth)
    made, shares = recover(session, recovered, refund_id=cause.refund_id,
                           dispute_id=cause.dispute_id, clearing=clearing, now=now)  # fmt: skip
    _post(session, order, cause.name, [*entries, *shares], payment.settlement_currency, now=now)
    return made


def give_back(
    session: Session,
    *,
    order: Order,
    cause: Cause,
    settled_minor: int,
    source: str,
    now: datetime,
) -> None:
    """What was taken back was taken in vain: everybody has hers again, and makers are owed it."""
    assert order.payment is not None
    policy, clearing = _policy(session, order), order_account(order.id)
    entries = [Entry(clearing, source, settled_minor, "came back")]
    for place, what, minor in _parts_of(session, cause):
        _write_parts(session, order, cause, place, {what: -minor}, now=now)
        if what != "price":
            forward = _plain_entries(clearing, {what: minor}, policy)
            entries += [
                Entry(one.destination, clearing, one.amount_minor, "again") for one in forward
            ]
    entries += restore(session, refund_id=cause.refund_id, dispute_id=cause.dispute_id,
                       clearing=clearing, now=now)  # fmt: skip
    worth = sum(entry.amount_minor for entry in entries[1:])
    entries += _difference(clearing, worth - settled_minor)
    _post(session, order, cause.name, entries, order.payment.settlement_currency, now=now)


def _at_most(
    left: Mapping[Place, Left], parts: Mapping[Place, int], order: Order
) -> dict[Place, int]:
    """What of these parts is left to be taken; a bank and a refund may have taken the same."""
    fits = {place: min(price, left[place].price_minor) for place, price in parts.items()}
    if sum(fits.values()) < sum(parts.values()):
        log.critical("more went back than was left", extra={"order_id": str(order.id)})
    return {place: price for place, price in fits.items() if price}


def _plain_entries(
    clearing: str, taken: Mapping[Hashable, int], policy: SharePolicy
) -> list[Entry]:
    """Out of the clearing account, to those who are no makers; a fee to whoever bears it now."""
    bearers = {one: one for one in ("fund", "programme", "shipping", "tax")}
    bearers["fee"] = policy.refund_fee_bearer
    return [
        Entry(clearing, bearers[what], taken[what], f"{what} of what went back")
        for what in PLAIN
        if taken.get(what)
    ]


def _difference(clearing: str, minor: int) -> list[Entry]:
    """What the rates cost (above zero) or brought: through an account of its own, to the fund."""
    ends = [clearing, ledger.EXCHANGE_DIFFERENCE, ledger.FUND]
    if minor < 0:
        ends.reverse()
    why = "difference of rates, or more than was left"
    return [Entry(begin, end, abs(minor), why) for begin, end in itertools.pairwise(ends)]


def _write_parts(
    session: Session,
    order: Order,
    cause: Cause,
    place: Place,
    rows: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    session.add_all(
        UndonePart(
            cooperative_id=order.cooperative_id,
            order_id=order.id,
            refund_id=cause.refund_id,
            dispute_id=cause.dispute_id,
            place=place[0],
            line_id=place[1],
            what=what,
            amount_minor=minor,
            at=now,
        )
        for what, minor in rows.items()
        if minor
    )


def _parts_of(session: Session, cause: Cause) -> list[tuple[Place, str, int]]:
    """What of each part stands undone for a cause."""
    of_cause = (
        UndonePart.refund_id == cause.refund_id
        if cause.refund_id
        else UndonePart.dispute_id == cause.dispute_id
    )
    minor = func.sum(UndonePart.amount_minor)
    rows = session.execute(
        select(UndonePart.place, UndonePart.line_id, UndonePart.what, minor)
        .where(of_cause)
        .group_by(UndonePart.place, UndonePart.line_id, UndonePart.what)
        .having(minor != 0)
        .order_by(UndonePart.place, UndonePart.line_id, UndonePart.what)
    )
    return [((place, line_id), what, int(undone)) for place, line_id, what, undone in rows]


def _policy(session: Session, order: Order) -> SharePolicy:
    assert order.paid_at is not None
    policy = policy_at(session, cooperative_id=order.cooperative_id, at=order.paid_at)
    if policy is None:
        raise NoPolicy()
    return policy


def _stray_of(session: Session, refund: Refund) -> StrayPayment | None:
    if refund.charge_id is None:
        return None
    return session.scalar(select(StrayPayment).where(StrayPayment.charge_id == refund.charge_id))


def _post(
    session: Session,
    order: Order,
    event: str,
    entries: Sequence[Entry],
    currency: str,
    *,
    now: datetime,
) -> None:
    ledger.post(
        session,
        event=event,
        entries=entries,
        currency=currency,
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        actor=HOUSE,
        now=now,
    )
