"""Stripe's answers about makers' accounts and banks in our own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from stripe.v2.core import Account as StripeAccount
from stripe.v2.money_management import FinancialAccount, OutboundPayment, PayoutMethod

from core.money import Money
from payments.answers import money, plain

Capability = Literal["active", "pending", "restricted", "unsupported", "unknown"]
CAPABILITIES: frozenset[str] = frozenset({"active", "pending", "restricted", "unsupported"})


@dataclass(frozen=True, slots=True)
class RecipientAccount:
    """A maker's account: whether it may receive transfers, and whether her bank may be paid.

    ``payout_method``: the bank account she gave Stripe, by its id; None while there is none.
    """

    id: str
    capability: Capability
    bank_capability: Capability = "unknown"
    payout_method: str | None = None


@dataclass(frozen=True, slots=True)
class BankPayment:
    """Money sent to a maker's bank. ``status`` and ``reason`` are Stripe's words.

    ``debited`` leaves our financial account, ``credited`` reaches her, each in its currency.
    """

    id: str
    amount: Money
    debited: Money
    credited: Money
    status: str
    reason: str | None
    recipient: str
    metadata: dict[str, str]
    created_at: datetime
    posted_at: datetime | None


def account(given: StripeAccount, methods: Iterable[PayoutMethod] = ()) -> RecipientAccount:
    """One recipient, by what its capabilities say, and which of her bank accounts is paid to."""
    return RecipientAccount(
        id=given.id,
        capability=_capability(given, "stripe_balance", "stripe_transfers"),
        bank_capability=_capability(given, "bank_accounts", "local"),
        payout_method=_preferred_method(given, methods),
    )


def bank_payment(given: OutboundPayment) -> BankPayment:
    """One payment to a bank."""
    details, times = given.status_details, given.status_transitions
    told = getattr(details, given.status, None) if details else None
    posted = times.posted_at if times else None
    return BankPayment(
        id=given.id,
        amount=money(given.amount.value, given.amount.currency),
        debited=money(given.from_.debited.value, given.from_.debited.currency),
        credited=money(given.to.credited.value, given.to.credited.currency),
        status=given.status,
        reason=getattr(told, "reason", None),
        recipient=given.to.recipient,
        metadata=plain(given.metadata or {}),
        created_at=datetime.fromisoformat(given.created),
        posted_at=datetime.fromisoformat(posted) if posted else None,
    )


def held_in(given: FinancialAccount) -> dict[str, int]:
    """What a financial account holds, also what is on its way, in minor units by currency."""
    balance, sums = given.balance, dict[str, int]()
    for part in (balance.available, balance.inbound_pending, balance.outbound_pending):
        for code, amount in part.to_dict().items():
            sums[code.upper()] = sums.get(code.upper(), 0) + amount["value"]
    return sums


def _capability(given: StripeAccount, group: str, name: str) -> Capability:
    """The status of one; a word we do not know is unknown, as is what was not asked for."""
    status: Any = given.configuration
    for part in ("recipient", "capabilities", group, name, "status"):
        status = getattr(status, part, None)
    return cast("Capability", status if status in CAPABILITIES else "unknown")


def _preferred_method(given: StripeAccount, methods: Iterable[PayoutMethod]) -> str | None:
    """Of the bank accounts that can be paid to, the one she has made her default, or the newest."""
    usable = [one.id for one in methods if not one.archived and not one.restricted]
    chosen = getattr(given.defaults, "payout_methods", None) if given.defaults else None
    defaults = set(plain(chosen or {}).values())
    return next((one for one in usable if one in defaults), usable[0] if usable else None)
