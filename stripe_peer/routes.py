"""The table of everything the API serves."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe.params.v2.core import (
    AccountCreateParams,
    AccountLinkCreateParams,
    AccountListParams,
    AccountRetrieveParams,
    AccountUpdateParams,
    EventListParams,
)
from stripe.params.v2.money_management import (
    FinancialAccountListParams,
    FinancialAccountRetrieveParams,
    OutboundPaymentCreateParams,
    OutboundPaymentListParams,
    OutboundPaymentRetrieveParams,
    PayoutMethodListParams,
    PayoutMethodRetrieveParams,
)

from stripe_peer.books import Document
from stripe_peer.resources import (
    account_links,
    accounts,
    balances,
    charges,
    checkout_sessions,
    disputes,
    events,
    financial_accounts,
    outbound_payments,
    payment_intents,
    payout_methods,
    payouts,
    refunds,
    reversals,
    transfers,
    webhook_endpoints,
)

Operation = Callable[..., Document]


@dataclass(frozen=True)
class Route:
    """One operation; `typed` is the SDK's description of a v2 operation's parameters."""

    method: str
    path: str
    operation: Operation
    typed: Any = None

    @property
    def name(self) -> str:
        """As the public document names it: POST /v1/transfers/{transfer}."""
        return f"{self.method} {self.path}"

    @property
    def api(self) -> str:
        """v1 or v2."""
        return self.path[1:3]


SESSION = "/v1/checkout/sessions/{session}"
REVERSALS = "/v1/transfers/{id}/reversals"
BANK_PAYMENTS = outbound_payments.PATH
ENDPOINT = "/v1/webhook_endpoints/{webhook_endpoint}"

ROUTES = (
    Route("POST", "/v1/checkout/sessions", checkout_sessions.create),
    Route("GET", "/v1/checkout/sessions", checkout_sessions.index),
    Route("GET", SESSION, checkout_sessions.retrieve),
    Route("POST", f"{SESSION}/expire", checkout_sessions.expire),
    Route("GET", f"{SESSION}/line_items", checkout_sessions.list_items),
    Route("GET", "/v1/payment_intents", payment_intents.index),
    Route("GET", "/v1/payment_intents/{intent}", payment_intents.retrieve),
    Route("GET", "/v1/charges", charges.index),
    Route("GET", "/v1/charges/{charge}", charges.retrieve),
    Route("GET", "/v1/balance", balances.retrieve_balance),
    Route("GET", "/v1/balance_transactions", balances.index),
    Route("GET", "/v1/balance_transactions/{id}", balances.retrieve),
    Route("POST", "/v1/transfers", transfers.create),
    Route("GET", "/v1/transfers", transfers.index),
    Route("GET", "/v1/transfers/{transfer}", transfers.retrieve),
    Route("POST", "/v1/transfers/{transfer}", transfers.update),
    Route("POST", REVERSALS, reversals.create),
    Route("GET", REVERSALS, reversals.index),
    Route("GET", "/v1/transfers/{transfer}/reversals/{id}", reversals.retrieve),
    Route("POST", "/v1/transfers/{transfer}/reversals/{id}", reversals.update),
    Route("POST", "/v1/refunds", refunds.create),
    Route("GET", "/v1/refunds", refunds.index),
    Route("GET", "/v1/refunds/{refund}", refunds.retrieve),
    Route("POST", "/v1/refunds/{refund}", refunds.update),
    Route("GET", "/v1/disputes", disputes.index),
    Route("GET", "/v1/disputes/{dispute}", disputes.retrieve),
    Route("POST", "/v1/disputes/{dispute}", disputes.update),
    Route("POST", "/v1/disputes/{dispute}/close", disputes.close),
    Route("POST", "/v1/payouts", payouts.create),
    Route("GET", "/v1/payouts", payouts.index),
    Route("GET", "/v1/payouts/{payout}", payouts.retrieve),
    Route("GET", "/v1/events", events.index),
    Route("GET", "/v1/events/{id}", events.retrieve),
    Route("POST", "/v1/webhook_endpoints", webhook_endpoints.create),
    Route("GET", "/v1/webhook_endpoints", webhook_endpoints.index),
    Route("GET", ENDPOINT, webhook_endpoints.retrieve),
    Route("DELETE", ENDPOINT, webhook_endpoints.delete),
    Route("GET", "/v1/accounts/{account}", accounts.retrieve_v1),
    Route("POST", "/v2/core/accounts", accounts.create, AccountCreateParams),
    Route("GET", "/v2/core/accounts", accounts.index, AccountListParams),
    Route("GET", "/v2/core/accounts/{id}", accounts.retrieve, AccountRetrieveParams),
    Route("POST", "/v2/core/accounts/{id}", accounts.update, AccountUpdateParams),
    Route("POST", "/v2/core/account_links", account_links.create, AccountLinkCreateParams),
    Route("GET", "/v2/core/events", events.index_thin, EventListParams),
    Route("GET", "/v2/core/events/{id}", events.retrieve_thin),
    Route(
        "GET",
        financial_accounts.PATH,
        financial_accounts.index,
        FinancialAccountListParams,
    ),
    Route(
        "GET",
        f"{financial_accounts.PATH}/{{id}}",
        financial_accounts.retrieve,
        FinancialAccountRetrieveParams,
    ),
    Route("GET", payout_methods.PATH, payout_methods.index, PayoutMethodListParams),
    Route(
        "GET",
        f"{payout_methods.PATH}/{{id}}",
        payout_methods.retrieve,
        PayoutMethodRetrieveParams,
    ),
    Route("POST", BANK_PAYMENTS, outbound_payments.create, OutboundPaymentCreateParams),
    Route("GET", BANK_PAYMENTS, outbound_payments.index, OutboundPaymentListParams),
    Route(
        "GET",
        f"{BANK_PAYMENTS}/{{id}}",
        outbound_payments.retrieve,
        OutboundPaymentRetrieveParams,
    ),
)


def compiled(route: Route) -> re.Pattern[str]:
    """The path with a named group for every field."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path))


PATTERNS = tuple((route, compiled(route)) for route in ROUTES)


def match(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and the fields of its path."""
    for route, pattern in PATTERNS:
        found = pattern.fullmatch(path) if route.method == method else None
        if found:
            return route, found.groupdict()
    return None
