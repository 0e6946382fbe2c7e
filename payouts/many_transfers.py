"""Many transfers: a pay run, obligation by obligation as ever, but written down many at a time.

Each has its own attempt, committed before any is sent, its own key and its own settlement. Only
what is asked for the first time in its round, and has nothing else to it, is paid here. Where an
advance comes off, where something was asked before, where Stripe was silent, where what came back
is not what was sent, word is left, and it is settled in a job of its own (`payouts.transfers`).
"""

import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import actors
from core.db import lock_rows
from core.money import Money
from payments import attempts
from payments.attempts import Asking, AttemptOutcome, Result
from payments.gateway import Gateway, Transfer
from payouts import ledger, transfers
from payouts.advances import with_open_advances
from payouts.models import Obligation, ObligationStatus, PayoutAccount, SettlementAttempt
from payouts.obligations import lock_obligations, settle_later
from payouts.payable import payable_minor
from payouts.recoveries import follow_payment
from payouts.recovery_models import Recovery, RecoveryStatus
from payouts.settling import add_settlement

log = logging.getLogger("pallay.payouts")
HOUSE = actors.system("payouts")
UNMET = frozenset({ObligationStatus.DUE, ObligationStatus.SETTLING})


def settle_many(
    gateway: Gateway,
    *,
    cooperative_id: uuid.UUID,
    obligation_ids: Iterable[uuid.UUID],
    now: datetime,
) -> Counter[Result]:
    """Pay due obligations of one co-operative by transfer, exactly once each; how many were done,
    and refused. Whatever else is to be said of one, its own job says."""
    errands = _SendingMany(gateway, cooperative_id, frozenset(obligation_ids))
    return attempts.run_many(errands, now=now)


@dataclass(frozen=True)
class _SendingMany(transfers.Sending):
    """The errands of many transfers."""

    cooperative_id: uuid.UUID
    obligation_ids: frozenset[uuid.UUID]

    def begin(self, session: Session, now: datetime) -> list[Asking]:
        """A first attempt for each that may be paid now; word of those that are not so simple."""
        locked = lock_obligations(session, self.obligation_ids)
        rows = [row for row in locked if row.cooperative_id == self.cooperative_id]
        asked = _asked(session, rows)
        fresh = [
            row
            for row in rows
            if row.status == ObligationStatus.DUE and not asked.get(row.id, _NEVER).this_round
        ]
        begun = []
        alone = [row for row in rows if row.status in UNMET and row not in fresh]
        for row, account_id, amount in _payable(session, fresh):
            if amount is None:
                alone.append(row)
                continue
            number = asked.get(row.id, _NEVER).number + 1
            attempt = transfers.begin(session, row, account_id, amount, number=number, now=now)
            begun.append(attempt)
        session.flush()
        for row in alone:
            settle_later(session, row.id)
        return [transfers.asking_of(attempt) for attempt in begun]

    def note_answers(
        self,
        session: Session,
        answers: Sequence[tuple[Asking, Transfer]],
        silent: Sequence[Asking],
        now: datetime,
    ) -> None:
        """Record every transfer; what was not answered as it should be is looked at alone."""
        said = {asking.attempt_id: answer for asking, answer in answers}
        rows = {row.id: row for row in lock_obligations(session, self.obligation_ids)}
        met = []
        for attempt in lock_rows(session, SettlementAttempt, [*said, *_ids(silent)]):
            row, answer = rows[attempt.obligation_id], said.get(attempt.id)
            if attempt.outcome is not None:
                continue
            if answer is None or answer.amount != Money(attempt.request["amount"], row.currency):
                settle_later(session, row.id)
                continue
            _meet(session, row, attempt, answer, now)
            met.append(row)
        _follow(session, met, now)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The number of the last attempt, and whether there was one in this round."""

    number: int
    this_round: bool


_NEVER = _Asked(0, this_round=False)


def _asked(session: Session, rows: Sequence[Obligation]) -> dict[uuid.UUID, _Asked]:
    counted = session.execute(
        select(
            Obligation.id,
            func.max(SettlementAttempt.number),
            func.bool_or(SettlementAttempt.round == Obligation.round),
        )
        .join(SettlementAttempt, SettlementAttempt.obligation_id == Obligation.id)
        .where(Obligation.id.in_([row.id for row in rows]))
        .group_by(Obligation.id)
    )
    return {found: _Asked(number, this_round) for found, number, this_round in counted}


def _payable(
    session: Session, rows: Sequence[Obligation]
) -> Iterable[tuple[Obligation, str, int | None]]:
    """Each that may be sent now, with where to and how much; None where an advance comes off."""
    stopped = transfers.stopped(session, rows)
    free = [row for row in rows if row.id not in stopped]
    accounts = _accounts(session, free)
    amounts = payable_minor(session, free)
    advanced = with_open_advances(session, [row.maker_id for row in free])
    for row in free:
        account_id, amount = accounts.get(row.maker_id), amounts[row.id]
        if account_id is not None and amount > 0:
            has_advance = (row.maker_id, row.currency) in advanced
            yield row, account_id, None if has_advance else amount


def _accounts(session: Session, rows: Sequence[Obligation]) -> dict[uuid.UUID, str]:
    """The account of each maker who has one that takes transfers."""
    found = session.execute(
        select(PayoutAccount.maker_id, PayoutAccount.account_id).where(
            PayoutAccount.maker_id.in_({row.maker_id for row in rows}),
            PayoutAccount.account_id.is_not(None),
            PayoutAccount.capability == "active",
        )
    )
    return {maker_id: str(account_id) for maker_id, account_id in found}


def _meet(
    session: Session,
    obligation: Obligation,
    attempt: SettlementAttempt,
    transfer: Transfer,
    now: datetime,
) -> None:
    attempt.end(AttemptOutcome.DONE, now)
    add_settlement(
        session,
        obligation,
        transfers.proof_of(transfer, attempt),
        amount_minor=transfer.amount.minor,
        source=ledger.STRIPE,
        actor=HOUSE,
        now=now,
    )


def _follow(session: Session, obligations: Sequence[Obligation], now: datetime) -> None:
    """Each payment has come to its end; few have anything that waited for that."""
    left = payable_minor(session, obligations)
    ids = [row.id for row in obligations]
    waiting = set(
        session.scalars(
            select(Recovery.obligation_id).where(
                Recovery.obligation_id.in_(ids), Recovery.status == RecoveryStatus.WAITING
            )
        )
    )
    for obligation in obligations:
        if obligation.id in waiting or left[obligation.id] > 0:
            follow_payment(session, obligation, now=now)


def _ids(askings: Sequence[Asking]) -> list[uuid.UUID]:
    return [asking.attempt_id for asking in askings]
