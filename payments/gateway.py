"""The gateway: everything the house asks Stripe, in our words. Nothing else talks to Stripe."""

import ipaddress
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests
import stripe

from payments import answers, bank_answers
from payments.answers import (
    BankPayout,
    Checkout,
    Payment,
    Reversal,
    SeenDispute,
    SentRefund,
    Transfer,
)
from payments.bank_answers import BankPayment, RecipientAccount
from payments.banks import Banks
from payments.errors import translated
from payments.models import NewsSource
from payments.webhooks import ReceivedNews, read_listed, read_news

if TYPE_CHECKING:
    from stripe.params import (
        RefundCreateParams,
        TransferCreateParams,
        TransferReversalCreateParams,
    )
    from stripe.params.checkout import SessionCreateParams
    from stripe.params.v2.core import AccountCreateParams, AccountUpdateParams

__all__ = [
    "BankPayment",
    "BankPayout",
    "Checkout",
    "Gateway",
    "Payment",
    "ReceivedNews",
    "RecipientAccount",
    "Reversal",
    "SeenDispute",
    "SentRefund",
    "Transfer",
]

stripe.enable_telemetry = False

REFUND_MONEY = ["balance_transaction"]
ACCOUNT_PARTS = ["configuration.recipient", "defaults"]
MONEY = ["payment_intent.latest_charge.balance_transaction"]
LIVE_KEYS = ("sk_live_", "rk_live_")
PAGE = 100


class Gateway:
    """Asks Stripe and reads its answers. Raises Declined for a no and Unreachable for silence.

    Requests are Stripe's own parameters as plain dicts; they come from rows, so that a repetition
    under the same ``key`` sends the same bytes.
    """

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        connect_webhook_secret: str = "",
        thin_webhook_secret: str = "",
        base_url: str | None = None,
        financial_account: str | None = None,
        financial_currency: str = "USD",
        timeout: tuple[float, float] = (3.05, 20),
    ) -> None:
        """``base_url``: the address of a stand-in; ``timeout``: seconds to connect and to read.

        ``financial_account``: what payments to banks are made from, if there is one, and
        ``financial_currency``: what it is kept in. A webhook secret is empty, which turns its
        endpoint off, or several with commas between.
        """
        told = {
            NewsSource.WEBHOOK: webhook_secret,
            NewsSource.CONNECT: connect_webhook_secret,
            NewsSource.THIN: thin_webhook_secret,
        }
        self._secrets = {
            source: [one.strip() for one in secrets.split(",") if one.strip()]
            for source, secrets in told.items()
        }
        self.live = secret_key.startswith(LIVE_KEYS)
        # The SDK does not repeat by itself: the house does, from its rows, under the same keys.
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base_url} if base_url else None,
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=timeout, session=_straight_to(base_url)),
        )
        self.banks = Banks(self._client, financial_account, financial_currency)

    def open_checkout(self, request: dict[str, Any], *, key: str) -> Checkout:
        """Open a Checkout Session."""
        params = cast("SessionCreateParams", request)
        with translated():
            session = self._client.v1.checkout.sessions.create(params, {"idempotency_key": key})
            return answers.checkout(session)

    def read_checkout(self, session_id: str) -> Checkout:
        """One Checkout Session as it is now, with its payment."""
        with translated():
            session = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": MONEY})
            return answers.checkout(session)

    def expire_checkout(self, session_id: str) -> Checkout:
        """End an open session, so that nobody can pay it. Declined when it is not open."""
        with translated():
            return answers.checkout(self._client.v1.checkout.sessions.expire(session_id))

    def checkouts_since(self, moment: datetime) -> Iterator[Checkout]:
        """Every Checkout Session made at or after a moment, newest first, without its payment."""
        with translated():
            page = self._client.v1.checkout.sessions.list(
                {"created": {"gte": int(moment.timestamp())}, "limit": PAGE}
            )
            for session in page.auto_paging_iter():
                yield answers.checkout(session)

    def find_checkout(
        self, order_id: uuid.UUID, *, since: datetime, until: datetime
    ) -> Checkout | None:
        """The session made for an order in that time, as it is now; a paid one before others.

        For when a key no longer helps: its answer was a server error, which Stripe repeats for a
        day, or the time to ask under it is over.
        """
        with translated():
            page = self._client.v1.checkout.sessions.list(
                {
                    "created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())},
                    "limit": PAGE,
                }
            )
            made = [answers.checkout(session) for session in page.auto_paging_iter()]
        made = [session for session in made if session.order_id == order_id]
        best = max(
            made, key=lambda session: (session.paid, session.status != "expired"), default=None
        )
        return self.read_checkout(best.session_id) if best else None

    def open_account(self, request: dict[str, Any], *, key: str) -> RecipientAccount:
        """Open an account for a maker, who gives her details to Stripe and not to us."""
        params = cast("AccountCreateParams", {**request, "include": ACCOUNT_PARTS})
        with translated():
            account = self._client.v2.core.accounts.create(params, {"idempotency_key": key})
            return bank_answers.account(account)

    def extend_account(self, account_id: str, request: dict[str, Any]) -> RecipientAccount:
        """Ask for more capabilities of an account; what it has already stays."""
        with translated():
            self._client.v2.core.accounts.update(account_id, cast("AccountUpdateParams", request))
        return self.read_account(account_id)

    def read_account(self, account_id: str) -> RecipientAccount:
        """One maker's account as it is now, with the bank account she gave Stripe."""
        with translated():
            account = self._client.v2.core.accounts.retrieve(
                account_id, {"include": ["configuration.recipient", "defaults"]}
            )
            seen = bank_answers.account(account)
            if seen.bank_capability == "unknown":
                return seen
            methods = self._client.v2.money_management.payout_methods.list(
                {"usage_status": {"payments": ["eligible"]}}, {"stripe_context": account_id}
            )
            return bank_answers.account(account, methods.data)

    def account_link(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        """The address of Stripe's own form for one account; used once, within minutes."""
        with translated():
            link = self._client.v2.core.account_links.create(
                {
                    "account": account_id,
                    "use_case": {
                        "type": "account_onboarding",
                        "account_onboarding": {
                            "return_url": return_url,
                            "refresh_url": refresh_url,
                        },
                    },
                }
            )
            return link.url

    def transfer(self, request: dict[str, Any], *, key: str) -> Transfer:
        """Send money to a maker's account."""
        params = cast("TransferCreateParams", request)
        with translated():
            made = self._client.v1.transfers.create(params, {"idempotency_key": key})
            return answers.transfer(made)

    def transfers_of(self, group: str) -> list[Transfer]:
        """Every transfer of one group, newest first."""
        with translated():
            page = self._client.v1.transfers.list({"transfer_group": group, "limit": PAGE})
            return [answers.transfer(made) for made in page.auto_paging_iter()]

    def transfers_since(self, moment: datetime) -> Iterator[Transfer]:
        """Every transfer made at or after a moment, newest first."""
        with translated():
            page = self._client.v1.transfers.list(
                {"created": {"gte": int(moment.timestamp())}, "limit": PAGE}
            )
            for made in page.auto_paging_iter():
                yield answers.transfer(made)

    def refund(self, request: dict[str, Any], *, key: str) -> SentRefund:
        """Send money of a charge back to whoever paid it."""
        params = cast("RefundCreateParams", {**request, "expand": REFUND_MONEY})
        with translated():
            return answers.refund(self._client.v1.refunds.create(params, {"idempotency_key": key}))

    def read_refund(self, refund_id: str) -> SentRefund:
        """One refund as it is now."""
        with translated():
            made = self._client.v1.refunds.retrieve(refund_id, {"expand": REFUND_MONEY})
            return answers.refund(made)

    def refunds_of(self, charge_id: str) -> list[SentRefund]:
        """Every refund of one charge, oldest first."""
        expand = [f"data.{path}" for path in REFUND_MONEY]
        with translated():
            page = self._client.v1.refunds.list(
                {"charge": charge_id, "limit": PAGE, "expand": expand}
            )
            return [answers.refund(made) for made in page.auto_paging_iter()][::-1]

    def refunds_since(self, moment: datetime) -> Iterator[SentRefund]:
        """Every refund made at or after a moment, newest first."""
        expand = [f"data.{path}" for path in REFUND_MONEY]
        with translated():
            page = self._client.v1.refunds.list(
                {"created": {"gte": int(moment.timestamp())}, "limit": PAGE, "expand": expand}
            )
            for made in page.auto_paging_iter():
                yield answers.refund(made)

    def reverse_transfer(self, transfer_id: str, request: dict[str, Any], *, key: str) -> Reversal:
        """Bring money of a transfer back."""
        params = cast("TransferReversalCreateParams", request)
        with translated():
            made = self._client.v1.transfers.reversals.create(
                transfer_id, params, {"idempotency_key": key}
            )
            return answers.reversal(made)

    def reversals_of(self, transfer_id: str) -> list[Reversal]:
        """Every reversal of one transfer, newest first."""
        with translated():
            page = self._client.v1.transfers.reversals.list(transfer_id, {"limit": PAGE})
            return [answers.reversal(made) for made in page.auto_paging_iter()]

    def read_dispute(self, dispute_id: str) -> SeenDispute:
        """One dispute as it is now."""
        with translated():
            return answers.dispute(self._client.v1.disputes.retrieve(dispute_id))

    def disputes_since(self, moment: datetime) -> Iterator[SeenDispute]:
        """Every dispute opened at or after a moment, newest first."""
        with translated():
            page = self._client.v1.disputes.list(
                {"created": {"gte": int(moment.timestamp())}, "limit": PAGE}
            )
            for made in page.auto_paging_iter():
                yield answers.dispute(made)

    def read_bank_payout(self, payout_id: str) -> BankPayout:
        """One payout to our bank as it is now."""
        with translated():
            return answers.bank_payout(self._client.v1.payouts.retrieve(payout_id))

    def bank_payouts_since(self, moment: datetime) -> Iterator[BankPayout]:
        """Every payout to our bank made at or after a moment, newest first."""
        with translated():
            page = self._client.v1.payouts.list(
                {"created": {"gte": int(moment.timestamp())}, "limit": PAGE}
            )
            for made in page.auto_paging_iter():
                yield answers.bank_payout(made)

    def balance(self) -> dict[str, int]:
        """What Stripe holds for us, available and pending, in minor units by currency."""
        with translated():
            return answers.totals(self._client.v1.balance.retrieve())

    def missed_news(self, moment: datetime) -> Iterator[ReceivedNews]:
        """Our own account's events since a moment that some endpoint has not taken, newest first.

        Stripe lists those of the last 30 days.
        """
        with translated():
            page = self._client.v1.events.list(
                {
                    "delivery_success": False,
                    "created": {"gte": int(moment.timestamp())},
                    "limit": PAGE,
                }
            )
            for event in page.auto_paging_iter():
                yield read_listed(event.to_dict())

    def verify(
        self, payload: bytes, header: str, source: NewsSource = NewsSource.WEBHOOK
    ) -> ReceivedNews:
        """The news in a raw body that came to one endpoint, once its signature is checked.

        Raises NewsRefused, and EndpointOff where that endpoint has no secret.
        """
        return read_news(
            payload,
            header,
            client=self._client,
            secrets=self._secrets[source],
            live=self.live,
            source=source,
        )


def _straight_to(base_url: str | None) -> requests.Session | None:
    """For a stand-in on this machine, a way there that asks no proxy of the environment."""
    if not base_url or not _is_loopback(urlsplit(base_url).hostname or ""):
        return None
    session = requests.Session()
    session.trust_env = False
    return session


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
