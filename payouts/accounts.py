"""Accounts: a maker's own account at Stripe. Her details are Stripe's to ask and to keep."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows, transaction
from core.errors import Conflict, NotFound
from payments import inbox
from payments.errors import Declined
from payments.gateway import Gateway, RecipientAccount
from payouts.models import Obligation, ObligationStatus, PayoutAccount, Rail
from payouts.obligations import settle_later
from payouts.rail_choices import NoFinancialAccount
from people.cooperatives import own
from people.makers import get_maker
from people.models import Cooperative, Maker

log = logging.getLogger("pallay.payouts")


class AccountRefused(Conflict):
    """Stripe opens no account for this maker; she is paid by hand."""

    code = "account_refused"


@dataclass(frozen=True, slots=True)
class Onboarding:
    """A maker's account, and the address of Stripe's form for as long as it is open."""

    account: PayoutAccount
    url: str


def connect(
    gateway: Gateway,
    *,
    maker_id: uuid.UUID,
    actor: Actor,
    public_url: str,
    now: datetime,
    rail: str = Rail.STRIPE_TRANSFER,
) -> Onboarding:
    """Open a maker's account, or go on with the one begun, and get Stripe's form for it.

    ``rail``: whether it is to receive transfers or payments to her bank; an account that has the
    one is asked for the other besides. Raises Unreachable (call again: same key, same request),
    AccountRefused and NoFinancialAccount.
    """
    if rail == Rail.STRIPE_OUTBOUND and gateway.banks.financial_account is None:
        raise NoFinancialAccount()
    with transaction() as session:
        row = _intent(session, maker_id, rail, actor, now)
        key, request, account_id = row.key, dict(row.request), row.account_id
        asked = row.bank_capability if rail == Rail.STRIPE_OUTBOUND else row.capability
    try:
        if account_id is None:
            made = gateway.open_account(request, key=key)
            account_id = made.id
            with transaction() as session:
                _note(session, maker_id, made, now)
            asked = made.bank_capability if rail == Rail.STRIPE_OUTBOUND else made.capability
        if asked == "unknown":
            seen = gateway.extend_account(account_id, _wanted(rail))
            with transaction() as session:
                _note(session, maker_id, seen, now)
        page = f"{public_url}/v1/makers/{maker_id}/stripe-account"
        url = gateway.account_link(account_id, return_url=page, refresh_url=page)
    except Declined as refusal:
        raise AccountRefused(f"Stripe said no: {refusal.reason}") from refusal
    with transaction() as session:
        return Onboarding(session.get_one(PayoutAccount, maker_id), url)


def get_account(session: Session, maker_id: uuid.UUID, *, actor: Actor) -> PayoutAccount:
    """What we know of a maker's account. Raises NotFound where she has none."""
    get_maker(session, maker_id, actor=actor)
    row = session.get(PayoutAccount, maker_id)
    if row is None:
        raise NotFound("she has no Stripe account; she is paid by hand")
    return row


def refresh(gateway: Gateway, *, account_id: str, now: datetime) -> bool:
    """Ask Stripe how an account stands; False when it is none of ours.

    What is due to a maker whose account has become active is left to be settled.
    """
    with transaction() as session:
        maker_id = session.scalar(
            select(PayoutAccount.maker_id).where(PayoutAccount.account_id == account_id)
        )
    if maker_id is None:
        return False
    seen = gateway.read_account(account_id)
    with transaction() as session:
        _note(session, maker_id, seen, now)
    return True


def apply_news(gateway: Gateway, *, event_id: str, now: datetime) -> None:
    """Follow news of an account; the news itself is not believed, the account is read again."""
    with transaction() as session:
        news = inbox.get_news(session, event_id)
        account_id = news.account or news.object_id
    if account_id is None:
        with transaction() as session:
            inbox.mark_ignored(session, event_id, reason="it names no account")
        return
    known = refresh(gateway, account_id=account_id, now=now)
    with transaction() as session:
        if known:
            inbox.mark_applied(session, event_id, now=now)
        else:
            inbox.mark_waiting(session, event_id, reason="no maker has this account")


def _intent(
    session: Session, maker_id: uuid.UUID, rail: str, actor: Actor, now: datetime
) -> PayoutAccount:
    maker = get_maker(session, maker_id, actor=actor, lock=True)
    row = session.get(PayoutAccount, maker.id)
    if row is None:
        row = PayoutAccount(
            cooperative_id=own(actor),
            maker_id=maker.id,
            key=f"ac:{maker.id}",
            request=_request(maker, session.get_one(Cooperative, maker.cooperative_id), rail),
            capability="unknown",
            created_at=now,
            created_by=actor.reference,
        )
        session.add(row)
        session.flush()
    return row


def _request(maker: Maker, home: Cooperative, rail: str) -> dict[str, Any]:
    """A recipient without a dashboard; who she is, she tells Stripe herself."""
    return {
        "display_name": maker.public_name,
        "dashboard": "none",
        "identity": {"country": home.country.lower(), "entity_type": "individual"},
        **_wanted(rail),
        "defaults": {
            "responsibilities": {
                "fees_collector": "application",
                "losses_collector": "application",
            }
        },
        "metadata": {"maker": str(maker.id)},
    }


def _wanted(rail: str) -> dict[str, Any]:
    """The capability a rail needs, asked for."""
    wanted: dict[str, Any] = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    if rail == Rail.STRIPE_OUTBOUND:
        wanted = {"bank_accounts": {"local": {"requested": True}}}
    return {"configuration": {"recipient": {"capabilities": wanted}}}


def _note(session: Session, maker_id: uuid.UUID, seen: RecipientAccount, now: datetime) -> None:
    (row,) = lock_rows(session, PayoutAccount, [maker_id])
    became_active = seen.capability == "active" and row.capability != "active"
    row.account_id, row.capability, row.checked_at = seen.id, seen.capability, now
    row.bank_capability, row.payout_method = seen.bank_capability, seen.payout_method
    if not became_active:
        return
    due = select(Obligation.id).where(
        Obligation.maker_id == maker_id, Obligation.status == ObligationStatus.DUE
    )
    for obligation_id in session.scalars(due.order_by(Obligation.id)):
        settle_later(session, obligation_id)
