"""Pay days: the treasurer's batch of payments by hand; who is owed what, paid, signed, closed.

Lock order: the pay day, obligations, advances; and last the co-operative, for a number (as whoever
writes a receipt does). What a line says is what is given; what changed since it
was written (a refund, a transfer) is not paid but refused, and the line is put back.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from orders.freezes import frozen
from payouts import ledger
from payouts.cash_count import in_coins
from payouts.ledger import Entry
from payouts.models import Obligation, ObligationStatus, Rail
from payouts.obligations import lock_obligations
from payouts.pay_day_lines import line_for, owed_by_hand
from payouts.pay_day_models import PayDay, PayDayLine, PayDayStatus
from payouts.payable import payable_minor
from payouts.receipt_models import PayMethod, Receipt
from payouts.receipts import write_receipt
from payouts.settling import Proof, settle_with
from people.cooperatives import own
from people.makers import get_maker
from people.numbering import number_alone


class NothingToPay(Conflict):
    """Nothing is due to anybody who is paid by hand."""

    code = "nothing_to_pay"


class PayDayClosed(Conflict):
    """This pay day is over."""

    code = "pay_day_closed"


class PayDayChanged(Conflict):
    """What she is owed has changed since the pay day was opened; release those lines."""

    code = "pay_day_changed"


class UnpaidLines(Conflict):
    """Some lines are neither paid nor put back."""

    code = "unpaid_lines"


class UnsignedReceipt(Conflict):
    """A receipt has no signature or fingerprint yet."""

    code = "unsigned_receipt"


def open_pay_day(
    session: Session,
    *,
    currency: str,
    rates: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> PayDay:
    """Write down who is owed what by hand today, advances taken off, in one currency.

    ``rates``: units of ``currency`` for one of another, as text. Raises NothingToPay, and
    Invalid where a rate is missing.
    """
    cooperative_id = own(actor)
    owed = _still_owed(session, cooperative_id)
    missing = {row.currency for row in owed} - {currency} - set(rates)
    if missing:
        raise Invalid("a rate is needed for " + ", ".join(sorted(missing)), pointer="/rates")
    day = PayDay(
        id=new_id(),
        cooperative_id=cooperative_id,
        currency=currency,
        rates=dict(rates),
        opened_at=now,
        opened_by=actor.reference,
    )
    lines = [line for row in owed if (line := line_for(session, day, row, now))]
    if not lines:
        raise NothingToPay()
    day.number = _next_number(session, cooperative_id, now)
    session.add(day.begin(PayDayStatus.OPEN, actor=actor, why="opened", at=now))
    session.add(day)
    session.flush()
    session.add_all(lines)
    session.flush()
    session.refresh(day, ["lines"])
    return day


def pay_maker(
    session: Session,
    *,
    pay_day_id: uuid.UUID,
    maker_id: uuid.UUID,
    method: str,
    witness_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    evidence_url: str | None = None,
    note: str = "",
) -> Receipt:
    """Give one maker everything of hers on this pay day, with one receipt.

    Cash is rounded up to the smallest coin, and the fund bears the difference. Raises PayDayClosed,
    PayDayChanged, NothingToPay, GiverNeeded, TwoNames.
    """
    day = _lock(session, pay_day_id, actor)
    hers = [line for line in day.lines if line.maker_id == maker_id and _is_open(line)]
    if not hers:
        raise NothingToPay("nothing of hers is left to pay on this day")
    obligations = _unchanged(session, hers)
    total = sum(line.pay_minor for line in hers)
    given = in_coins(total, day.currency) if method == PayMethod.CASH else total
    foreign = sorted({line.owed_currency for line in hers} - {day.currency})
    receipt = write_receipt(
        session,
        maker=get_maker(session, maker_id, actor=actor),
        method=method,
        paid_minor=given,
        paid_currency=day.currency,
        rate=day.rates[foreign[0]] if len(foreign) == 1 else None,
        pay_day_id=day.id,
        witness_id=witness_id,
        actor=actor,
        now=now,
        evidence_url=evidence_url,
        note=note,
    )
    for line in hers:
        line.receipt_id = receipt.id
        _settle(session, day, line, obligations[line.obligation_id], receipt, actor=actor, now=now)
    _post_given(session, day, hers, receipt, given - total, actor=actor, now=now)
    return receipt


def release_lines(
    session: Session,
    *,
    pay_day_id: uuid.UUID,
    maker_id: uuid.UUID,
    reason: str,
    actor: Actor,
    now: datetime,
) -> PayDay:
    """Put what is unpaid of one maker back to another day. Raises PayDayClosed, NothingToPay."""
    day = _lock(session, pay_day_id, actor)
    hers = [line for line in day.lines if line.maker_id == maker_id and _is_open(line)]
    if not hers:
        raise NothingToPay("nothing of hers is left to put back")
    _release(hers, reason, now)
    session.flush()
    return day


def close_pay_day(
    session: Session, *, pay_day_id: uuid.UUID, actor: Actor, now: datetime
) -> PayDay:
    """End a pay day. Raises UnpaidLines and UnsignedReceipt, with whom they are about."""
    day = _lock(session, pay_day_id, actor)
    unpaid = sorted({str(line.maker_id) for line in day.lines if _is_open(line)})
    if unpaid:
        raise UnpaidLines(makers=unpaid)
    receipts = session.scalars(select(Receipt).where(Receipt.pay_day_id == day.id)).all()
    unsigned = sorted(receipt.number for receipt in receipts if not receipt.signed)
    if unsigned:
        raise UnsignedReceipt(receipts=unsigned)
    day.become(PayDayStatus.CLOSED, actor=actor, why="closed", at=now)
    day.closed_at = now
    session.flush()
    return day


def cancel_pay_day(
    session: Session, *, pay_day_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> PayDay:
    """Put everything back, as long as nobody was paid. Raises PayDayClosed, and Conflict."""
    day = _lock(session, pay_day_id, actor)
    if any(line.receipt_id for line in day.lines):
        raise PayDayClosed("somebody has been paid; release the rest and close it")
    _release([line for line in day.lines if _is_open(line)], reason, now)
    day.become(PayDayStatus.CANCELLED, actor=actor, why=reason, at=now)
    day.closed_at = now
    session.flush()
    return day


def get_pay_day(session: Session, pay_day_id: uuid.UUID, *, actor: Actor) -> PayDay:
    """One pay day of the actor's co-operative."""
    day = session.get(PayDay, pay_day_id)
    if day is None or day.cooperative_id != own(actor):
        raise NotFound("no such pay day")
    return day


def list_pay_days(
    session: Session, *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[PayDay]:
    """Up to ``limit`` pay days of the actor's co-operative, newest first, before one id."""
    statement = select(PayDay).where(PayDay.cooperative_id == own(actor))
    if before:
        statement = statement.where(PayDay.id < before)
    return list(session.scalars(statement.order_by(PayDay.id.desc()).limit(limit)))


def _still_owed(session: Session, cooperative_id: uuid.UUID) -> list[Obligation]:
    """What is owed by hand, locked; without what another pay day took while this one waited."""
    rows = lock_obligations(session, owed_by_hand(session, cooperative_id))
    still = set(owed_by_hand(session, cooperative_id))
    return [row for row in rows if row.id in still]


def _unchanged(session: Session, lines: Sequence[PayDayLine]) -> dict[uuid.UUID, Obligation]:
    """The obligations of these lines, locked, each still owed as its line says."""
    rows = {row.id: row for row in lock_obligations(session, [one.obligation_id for one in lines])}
    unpaid = payable_minor(session, list(rows.values()))
    cold = frozen(session, [row.order_id for row in rows.values() if row.order_id])
    changed = [
        str(line.obligation_id)
        for line in lines
        if rows[line.obligation_id].status != ObligationStatus.DUE
        or rows[line.obligation_id].order_id in cold
        or unpaid[line.obligation_id] != line.owed_minor
    ]
    if changed:
        raise PayDayChanged(obligations=changed)
    return rows


def _settle(
    session: Session,
    day: PayDay,
    line: PayDayLine,
    obligation: Obligation,
    receipt: Receipt,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    same = line.owed_currency == day.currency
    settle_with(
        session,
        obligation,
        Proof(Rail.MANUAL, f"receipt {receipt.number}", receipt_id=receipt.id),
        amount_minor=line.owed_minor,
        source=ledger.BY_HAND if same else ledger.EXCHANGE,
        actor=actor,
        now=now,
    )


def _post_given(
    session: Session,
    day: PayDay,
    lines: Sequence[PayDayLine],
    receipt: Receipt,
    rounded_minor: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """What was given for other currencies, through the exchange; what coins cost, to the fund."""
    foreign = sum(line.pay_minor for line in lines if line.owed_currency != day.currency)
    ledger.post(
        session,
        event=f"given:{receipt.id}",
        entries=[
            Entry(ledger.BY_HAND, ledger.EXCHANGE, foreign, f"receipt {receipt.number}"),
            Entry(ledger.BY_HAND, ledger.FUND, rounded_minor, "rounded up to the smallest coin"),
        ],
        currency=day.currency,
        cooperative_id=day.cooperative_id,
        actor=actor,
        now=now,
    )


def _release(lines: Iterable[PayDayLine], reason: str, now: datetime) -> None:
    for line in lines:
        line.released_at, line.released_why = now, reason


def _is_open(line: PayDayLine) -> bool:
    return line.receipt_id is None and line.released_at is None


def _lock(session: Session, pay_day_id: uuid.UUID, actor: Actor) -> PayDay:
    get_pay_day(session, pay_day_id, actor=actor)
    (day,) = lock_rows(session, PayDay, [pay_day_id])
    if day.status != PayDayStatus.OPEN:
        raise PayDayClosed(status=day.status)
    session.refresh(day, ["lines"])
    return day


def _next_number(session: Session, cooperative_id: uuid.UUID, now: datetime) -> str:
    """The next number of the year, as ``P-2026-017``; one at a time a co-operative."""
    number_alone(session, cooperative_id)
    stem = f"P-{now:%Y}-"
    written = select(func.count()).where(
        PayDay.cooperative_id == cooperative_id, PayDay.number.startswith(stem)
    )
    return f"{stem}{(session.scalar(written) or 0) + 1:03d}"
