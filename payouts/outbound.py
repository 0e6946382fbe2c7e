"""Outbound: paying a maker's bank through Stripe's Global Payouts, exactly once.

How an attempt is made and what silence means: `payments.attempts`. One payment is of everything
that is due to her in one currency and goes by this rail; its row is the attempt.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import actors
from core.db import lock_rows
from core.ids import new_id
from payments import attempts
from payments.attempts import V2_KEYS_LIVE, Asking, AttemptOutcome, Result
from payments.banks import Banks
from payments.gateway import BankPayment, Gateway
from payouts.advances import open_advances, payable_now
from payouts.bank_due import least_of, lock_due, resting
from payouts.models import Obligation, ObligationStatus, PayoutAccount
from payouts.outbound_models import OutboundPart, OutboundPayment, OutboundStatus
from payouts.outbound_outcomes import lock_payment, record_made, record_refused
from payouts.payable import payable_minor
from people.models import Cooperative

HOUSE = actors.system("payouts")
A_CLOCK_MAY_BE_WRONG_BY = timedelta(days=1)


def pay_to_bank(gateway: Gateway, *, maker_id: uuid.UUID, currency: str, now: datetime) -> Result:
    """Pay what is due to a maker's bank. Raises Unreachable when there was no answer: ask again.

    ``NOT_NOW``: nothing is due, it is less than the least, she is paid otherwise, her bank is not
    ready, or Stripe said no lately.
    """
    return attempts.run(_Paying(gateway.banks, maker_id, currency), now=now)


@dataclass(frozen=True, slots=True)
class _Paying:
    """The errand of one payment to a bank."""

    banks: Banks
    maker_id: uuid.UUID
    currency: str
    keys_live: ClassVar[timedelta] = V2_KEYS_LIVE

    def begin(self, session: Session, now: datetime) -> Asking | None:
        """The payment still open, or a new one if that is allowed now."""
        found = lock_rows(session, PayoutAccount, [self.maker_id])
        if not found:
            return None
        open_one = session.scalar(
            select(OutboundPayment).where(
                OutboundPayment.maker_id == self.maker_id,
                OutboundPayment.currency == self.currency,
                OutboundPayment.status == OutboundStatus.ASKING,
            )
        )
        payment = open_one or self._new(session, found[0], now)
        if payment is None:
            return None
        return Asking(payment.id, payment.key, dict(payment.request), payment.started_at)

    def ask(self, asking: Asking) -> BankPayment:
        """Send the money."""
        return self.banks.pay(asking.request, key=asking.key)

    def find(self, asking: Asking) -> BankPayment | None:
        """What Stripe has made for this row."""
        made = self.banks.payments_to(
            asking.request["to"]["recipient"], since=asking.started_at - A_CLOCK_MAY_BE_WRONG_BY
        )
        wanted = asking.request["metadata"]["outbound_payment"]
        return next((one for one in made if one.metadata.get("outbound_payment") == wanted), None)

    def note_answer(
        self, session: Session, asking: Asking, answer: BankPayment, now: datetime
    ) -> None:
        """Stripe has it; what her bank makes of it comes later."""
        payment, owed = lock_payment(session, asking.attempt_id)
        if payment.outcome is None:
            record_made(session, payment, owed, answer, now=now)

    def note_no(
        self,
        session: Session,
        asking: Asking,
        outcome: AttemptOutcome,
        reason: str | None,
        now: datetime,
    ) -> None:
        """Nothing was sent: after a refusal it is owed as before.

        What Stripe has never heard of in a month is asked again under the same key, whose time
        begins anew: a request that slept all that time is then the same request, not a second.
        """
        payment, owed = lock_payment(session, asking.attempt_id)
        if payment.outcome is not None:
            return
        if outcome is AttemptOutcome.NEVER_ARRIVED:
            payment.started_at = now
        else:
            record_refused(session, payment, owed, reason, now=now)

    def _new(
        self, session: Session, account: PayoutAccount, now: datetime
    ) -> OutboundPayment | None:
        if self.banks.financial_account is None or resting(session, [self.maker_id], now) & {
            (self.maker_id, self.currency)
        }:
            return None
        owed = self._amounts(session, account.cooperative_id, now)
        if not owed:
            return None
        payment = self._written(session, account, sum(minor for _row, minor in owed), now)
        for row, minor in owed:
            session.add(
                OutboundPart(
                    id=new_id(),
                    cooperative_id=row.cooperative_id,
                    outbound_payment_id=payment.id,
                    obligation_id=row.id,
                    round=row.round,
                    amount_minor=minor,
                )
            )
            why = f"bank payment {payment.number}"
            row.become(ObligationStatus.SETTLING, actor=HOUSE, why=why, at=now)
        session.flush()
        return payment

    def _amounts(
        self, session: Session, cooperative_id: uuid.UUID, now: datetime
    ) -> list[tuple[Obligation, int]]:
        """What is paid of each, her advances taken off; nothing when it is less than the least."""
        rows = lock_due(session, self.maker_id, self.currency)
        unpaid = payable_minor(session, rows)
        ahead = sum(minor for _id, minor in open_advances(session, self.maker_id, self.currency))
        total = sum(unpaid.values())
        least = least_of(session, [cooperative_id])[cooperative_id].get(self.currency, 1)
        if 0 < total - min(ahead, total) < least:
            return []
        parts: list[tuple[Obligation, int]] = []
        for row in rows:
            minor = unpaid[row.id]
            if ahead > 0:
                minor = payable_now(session, row, now=now)
                ahead -= unpaid[row.id] - minor
            if minor > 0:
                parts.append((row, minor))
        return parts

    def _written(
        self, session: Session, account: PayoutAccount, amount_minor: int, now: datetime
    ) -> OutboundPayment:
        before = select(func.count()).where(OutboundPayment.maker_id == self.maker_id)
        number = (session.scalar(before) or 0) + 1
        payment_id = new_id()
        payment = OutboundPayment(
            id=payment_id,
            cooperative_id=account.cooperative_id,
            maker_id=self.maker_id,
            number=number,
            key=f"op:{payment_id}",
            request=self._request(session, account, payment_id, amount_minor),
            amount_minor=amount_minor,
            currency=self.currency,
            started_at=now,
        )
        why = f"payment {number}"
        session.add(payment.begin(OutboundStatus.ASKING, actor=HOUSE, why=why, at=now))
        session.add(payment)
        session.flush()
        return payment

    def _request(
        self, session: Session, account: PayoutAccount, payment_id: uuid.UUID, amount_minor: int
    ) -> dict[str, Any]:
        """Everything that is asked, frozen: also which bank account of hers."""
        home = session.get_one(Cooperative, account.cooperative_id)
        return {
            "from": {
                "financial_account": self.banks.financial_account,
                "currency": self.banks.currency.lower(),
            },
            "to": {
                "recipient": account.account_id,
                "payout_method": account.payout_method,
                "currency": home.currency.lower(),
            },
            "amount": {"value": amount_minor, "currency": self.currency.lower()},
            "metadata": {"outbound_payment": str(payment_id), "maker": str(self.maker_id)},
        }
