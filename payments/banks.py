"""The part of the gateway that pays to makers' banks, from a financial account of ours."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import stripe

from payments import bank_answers
from payments.bank_answers import BankPayment
from payments.errors import translated

if TYPE_CHECKING:
    from stripe.params.v2.money_management import OutboundPaymentCreateParams

PAGE = 100


class Banks:
    """Asks Stripe's Global Payouts. Raises Declined for a no and Unreachable for silence.

    ``financial_account``: what the payments are made from; None where the house has none, and then
    nothing is asked. ``currency``: what it is kept in.
    """

    def __init__(
        self, client: stripe.StripeClient, financial_account: str | None, currency: str
    ) -> None:
        self._client = client
        self.financial_account = financial_account
        self.currency = currency

    def pay(self, request: dict[str, Any], *, key: str) -> BankPayment:
        """Send money from our financial account to a maker's bank; it cannot be called back."""
        params = cast("OutboundPaymentCreateParams", request)
        with translated():
            made = self._client.v2.money_management.outbound_payments.create(
                params, {"idempotency_key": key}
            )
            return bank_answers.bank_payment(made)

    def read(self, payment_id: str) -> BankPayment:
        """One payment to a bank as it is now."""
        with translated():
            made = self._client.v2.money_management.outbound_payments.retrieve(payment_id)
            return bank_answers.bank_payment(made)

    def payments_to(self, recipient: str, *, since: datetime) -> list[BankPayment]:
        """Every payment to one maker's bank made at or after a moment, newest first."""
        with translated():
            page = self._client.v2.money_management.outbound_payments.list(
                {"recipient": recipient, "created": {"gte": since.isoformat()}, "limit": PAGE}
            )
            return [bank_answers.bank_payment(made) for made in page.auto_paging_iter()]

    def payments_since(self, moment: datetime) -> Iterator[BankPayment]:
        """Every payment to a bank made at or after a moment, newest first; none without account."""
        if self.financial_account is None:
            return
        with translated():
            page = self._client.v2.money_management.outbound_payments.list(
                {"created": {"gte": moment.isoformat()}, "limit": PAGE}
            )
            for made in page.auto_paging_iter():
                yield bank_answers.bank_payment(made)

    def balance(self) -> dict[str, int]:
        """What our financial account holds, in minor units by currency; nothing without one."""
        if self.financial_account is None:
            return {}
        with translated():
            return bank_answers.held_in(
                self._client.v2.money_management.financial_accounts.retrieve(self.financial_account)
            )
