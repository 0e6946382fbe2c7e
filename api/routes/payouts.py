"""Share policies, obligations, settlements; makers' accounts and statements."""

import uuid
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import downloads
from api.house import gateway, settings
from api.idempotency import once
from api.paging import Page, listed, page, pages_of, place
from api.schemas.payouts import (
    AccountView,
    NewAccount,
    NewSettlement,
    NewSharePolicy,
    ObligationsWanted,
    ObligationView,
    OnboardingView,
    SettlementView,
    SharePolicyView,
)
from api.schemas.statements import MonthWanted, StatementView
from core import clock
from core.db import current_session
from payouts import accounts, by_hand, policies, rails, reading, statements
from payouts.models import Obligation
from payouts.statement_page import statement_page

blueprint = Blueprint("payouts", "What makers are owed, and how it reaches them.")
ACCOUNT = tuple(AccountView().fields)


@blueprint.post("/share-policies")
@needs("policies:write")
@blueprint.arguments(NewSharePolicy)
@once()
@blueprint.response(201, SharePolicyView)
def set_policy(wanted: dict[str, Any]) -> Any:
    """Set the next share policy.

    It holds for what is sold from now on; what was sold keeps the version of its day. What is less
    than `minimum_payout` is not sent to a bank but waits for more.
    """
    least = {one["currency"]: one["amount_minor"] for one in wanted.pop("minimum_payout")}
    return policies.set_policy(
        current_session(), minimum_payout=least, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/share-policies")
@needs("payouts:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(SharePolicyView))
def list_policies(wanted: dict[str, Any]) -> Any:
    """List share policies.

    Every version, newest first; the first one is in force.
    """
    read = partial(policies.list_policies, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.get("/obligations")
@needs("payouts:read")
@blueprint.arguments(ObligationsWanted, location="query")
@blueprint.response(200, pages_of(ObligationView))
def list_obligations(wanted: dict[str, Any]) -> Any:
    """List obligations.

    What each maker is owed for each piece, oldest first; `waiting` says why one is not paid yet.
    """
    session = current_session()
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    looked_for = reading.ObligationFilter(**wanted)
    found = reading.list_obligations(
        session, actor=actor(), wanted=looked_for, limit=limit + 1, after=after
    )
    body, status, headers = page(found, limit)
    return {"items": _shown(session, body["items"])}, status, headers


@blueprint.get("/obligations/<uuid:obligation_id>")
@needs("payouts:read")
@blueprint.response(200, ObligationView)
def get_obligation(obligation_id: uuid.UUID) -> Any:
    """Read one obligation.

    With its settlement once it is met.
    """
    session = current_session()
    (shown,) = _shown(session, [reading.get_obligation(session, obligation_id, actor=actor())])
    return shown


@blueprint.post("/obligations/<uuid:obligation_id>/manual-settlement")
@needs("payouts:write")
@blueprint.arguments(NewSettlement)
@once(required=True)
@blueprint.response(201, SettlementView)
def settle_by_hand(wanted: dict[str, Any], obligation_id: uuid.UUID) -> Any:
    """Write down a payment by hand.

    The key's staff member gave the money, `witness_id` saw it; neither is the maker. Refused while
    a transfer by Stripe may have succeeded. In another currency than owed, `paid` and the `rate`
    used go together.
    """
    paid = wanted.pop("paid", None)
    if paid is not None:
        wanted |= {"paid_minor": paid["amount_minor"], "paid_currency": paid["currency"]}
    return by_hand.settle_by_hand(
        current_session(), obligation_id=obligation_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/settlements")
@needs("payouts:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(SettlementView))
def list_settlements(wanted: dict[str, Any]) -> Any:
    """List settlements.

    How obligations were met, oldest first, each with its transfer or its receipt.
    """
    return listed(partial(reading.list_settlements, current_session(), actor=actor()), wanted)


@blueprint.post("/makers/<uuid:maker_id>/stripe-account")
@needs("payouts:write")
@blueprint.arguments(NewAccount)
@blueprint.response(201, OnboardingView)
def connect_account(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """Open a maker's Stripe account, or go on with it.

    She gives her details on Stripe's own form at `onboarding_url`; none of them comes to us.
    Repeating it finds the same account and a fresh address of the form; for the other `rail`, the
    same account is asked for that besides.
    """
    begun = accounts.connect(
        gateway(),
        maker_id=maker_id,
        actor=actor(),
        public_url=settings().public_url,
        now=clock.now(),
        **wanted,
    )
    account = accounts.get_account(current_session(), maker_id, actor=actor())
    columns = {name: getattr(account, name) for name in ACCOUNT}
    return {**columns, "onboarding_url": begun.url}


@blueprint.get("/makers/<uuid:maker_id>/stripe-account")
@needs("payouts:read")
@blueprint.response(200, AccountView)
def get_account(maker_id: uuid.UUID) -> Any:
    """Read a maker's Stripe account.

    What Stripe last said of it. Not having one is normal (404): she is paid by hand.
    """
    return accounts.get_account(current_session(), maker_id, actor=actor())


@blueprint.get("/makers/<uuid:maker_id>/statement")
@needs("payouts:read")
@blueprint.arguments(MonthWanted, location="query")
@blueprint.response(200, StatementView)
def read_statement(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """Read a maker's statement.

    Each piece, what it earned her, what has reached her, and what its sale gave the fund; money she
    had ahead, what it came off and what is left. The newest 1,000 of a month or of all time; totals
    are of everything.
    """
    return _statement(wanted, maker_id)


@blueprint.get("/makers/<uuid:maker_id>/statement.pdf")
@needs("payouts:read")
@blueprint.arguments(MonthWanted, location="query")
@downloads("application/pdf")
def print_statement(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """Print a maker's statement.

    One page in Spanish with large figures, for a maker who reads little; what does not fit is one
    line with its sum.
    """
    sheet = statement_page(_statement(wanted, maker_id), at=clock.now())
    return f"estado-{wanted.get('month', 'todo')}.pdf", sheet


def _statement(wanted: dict[str, Any], maker_id: uuid.UUID) -> statements.Statement:
    month = date.fromisoformat(f"{wanted['month']}-01") if "month" in wanted else None
    return statements.statement_of(current_session(), maker_id=maker_id, actor=actor(), month=month)


def _shown(session: Session, found: Sequence[Obligation]) -> list[dict[str, Any]]:
    ways = rails.ways_of(session, found)
    reasons = reading.reasons_along(session, list(found), ways)
    return [
        {
            **{name: getattr(row, name) for name in OBLIGATION},
            "waiting": reasons[row.id],
            "rail": ways[row.id].rail if row.id in ways else None,
        }
        for row in found
    ]


#: What the view reads straight from the row; the amount finds its columns by itself.
OBLIGATION = (
    "id", "maker", "piece_id", "order_id", "agreement", "amount_minor", "currency", "status",
    "due_at", "created_at", "settlement",
)  # fmt: skip
