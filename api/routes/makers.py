"""Makers, their consents, their Stripe accounts and their statements."""

import uuid
from typing import Any

from flask import current_app

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.orders import Nothing
from api.schemas.payouts import AccountView, OnboardingView, StatementQuery, StatementView
from api.schemas.people import (
    ConsentView,
    MakerView,
    NewConsent,
    NewMaker,
    NewRevocation,
    RevocationView,
)
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from core.money import Money
from payouts import accounts, statements
from payouts.models import PayoutAccount
from people import consents, makers
from people.models import Consent, Maker

blueprint = Blueprint("makers", __name__, description="Makers and what they allow")


@blueprint.post("/makers")
@needs("makers:write")
@once()
@takes(blueprint, NewMaker)
@gives(blueprint, 201, MakerView)
def add_maker(wanted: dict[str, Any]) -> dict[str, Any]:
    """Write a maker into the co-operative's book."""
    with transaction() as session:
        return shown(makers.add_maker(session, actor=actor(), now=clock.now(), **wanted), set())


@blueprint.get("/makers")
@needs("makers:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, MakerView.page())
def list_makers(wanted: dict[str, Any]) -> Any:
    """Makers of the co-operative, oldest first."""
    session, place = current_session(), after_id(wanted.get("after"))

    def read(limit: int) -> list[dict[str, Any]]:
        rows = makers.list_makers(session, actor=actor(), limit=limit, after=place)
        allowed = consents.purposes_allowed(session, [row.id for row in rows])
        return [shown(row, allowed.get(row.id, set())) for row in rows]

    return page(read, wanted["limit"], lambda row: [row["id"]])


@blueprint.get("/makers/<uuid:maker_id>")
@needs("makers:read")
@gives(blueprint, 200, MakerView)
def get_maker(maker_id: uuid.UUID) -> dict[str, Any]:
    """One maker."""
    session = current_session()
    maker = makers.get_maker(session, maker_id, actor=actor())
    return shown(maker, consents.purposes_allowed(session, [maker.id]).get(maker.id, set()))


@blueprint.post("/makers/<uuid:maker_id>/consents")
@needs("makers:write")
@once()
@takes(blueprint, NewConsent)
@gives(blueprint, 201, ConsentView)
def record_consent(wanted: dict[str, Any], maker_id: uuid.UUID) -> dict[str, Any]:
    """Record a maker's consent to one purpose."""
    with transaction() as session:
        consent = consents.record_consent(
            session, maker_id=maker_id, actor=actor(), now=clock.now(), **wanted
        )
        return consent_shown(consent)


@blueprint.get("/makers/<uuid:maker_id>/consents")
@needs("makers:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, ConsentView.page())
def list_consents(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """Every consent a maker gave, newest first; ended ones stay."""
    session, place = current_session(), after_id(wanted.get("after"))
    makers.get_maker(session, maker_id, actor=actor())

    def read(limit: int) -> list[dict[str, Any]]:
        rows = consents.list_consents(session, maker_id, limit=limit, before=place)
        return [consent_shown(row) for row in rows]

    return page(read, wanted["limit"], lambda row: [row["id"]])


@blueprint.post("/consents/<uuid:consent_id>/revocation")
@needs("makers:write")
@once()
@takes(blueprint, NewRevocation)
@gives(blueprint, 201, RevocationView)
def revoke_consent(wanted: dict[str, Any], consent_id: uuid.UUID) -> Any:
    """End a consent; nothing public shows what it allowed from now on."""
    with transaction() as session:
        return consents.revoke_consent(
            session, consent_id=consent_id, actor=actor(), now=clock.now(), **wanted
        )


@blueprint.post("/makers/<uuid:maker_id>/stripe-account")
@needs("payouts:write")
@takes(blueprint, Nothing)
@gives(blueprint, 201, OnboardingView)
def connect_account(_wanted: dict[str, Any], maker_id: uuid.UUID) -> dict[str, Any]:
    """Open a maker's account at Stripe, or go on with it: the address of Stripe's own form.

    Safe to repeat: one maker has one account.
    """
    onboarding = accounts.connect(
        current_app.extensions["pallay.gateway"],
        maker_id=maker_id,
        actor=actor(),
        public_url=current_app.config["PALLAY_PUBLIC_URL"],
        now=clock.now(),
    )
    return account_shown(onboarding.account) | {"onboarding_url": onboarding.url}


@blueprint.get("/makers/<uuid:maker_id>/stripe-account")
@needs("payouts:read")
@gives(blueprint, 200, AccountView)
def get_account(maker_id: uuid.UUID) -> dict[str, Any]:
    """A maker's account as Stripe last described it."""
    return account_shown(accounts.get_account(current_session(), maker_id, actor=actor()))


@blueprint.get("/makers/<uuid:maker_id>/statement")
@needs("payouts:read")
@takes(blueprint, StatementQuery, where="query")
@gives(blueprint, 200, StatementView)
def get_statement(wanted: dict[str, Any], maker_id: uuid.UUID) -> dict[str, Any]:
    """What a maker earned, what has reached her and how, and what is still owed and why."""
    found = statements.statement_of(
        current_session(), maker_id=maker_id, actor=actor(), month=wanted.get("month")
    )
    return {
        "maker_id": found.maker.id,
        "public_name": found.maker.public_name,
        "month": found.month,
        "totals": [_total(row) for row in found.totals],
        "lines": [_line(row) for row in found.lines],
    }


def shown(maker: Maker, allowed: set[str]) -> dict[str, Any]:
    """A maker for those who may see her; her legal name only for those who may see that."""
    private = "makers:private" in actor().scopes
    return {
        "id": maker.id,
        "public_name": maker.public_name,
        "legal_name": maker.legal_name if private else None,
        "story": maker.story,
        "photo_url": maker.photo_url,
        "demo": maker.demo,
        "consents": sorted(allowed),
        "created_at": maker.created_at,
    }


def consent_shown(consent: Consent) -> dict[str, Any]:
    """A consent with its end."""
    names = set(ConsentView().fields) - {"revoked_at"}
    ended = consent.revocation.revoked_at if consent.revocation else None
    return {name: getattr(consent, name) for name in names} | {"revoked_at": ended}


def account_shown(account: PayoutAccount) -> dict[str, Any]:
    """An account."""
    return {name: getattr(account, name) for name in AccountView().fields}


def _total(row: dict[str, Any]) -> dict[str, Money]:
    return {name: Money(row[name], row["currency"]) for name in ("earned", "paid", "owed")}


def _line(row: statements.StatementLine) -> dict[str, Any]:
    owed, settled = row.obligation, row.obligation.settlement
    proof = None
    if settled is not None:
        proof = settled.receipt.number if settled.receipt else settled.transfer_id
    return {
        "obligation_id": owed.id,
        "tag": row.tag,
        "agreement": owed.agreement,
        "amount": Money(owed.amount_minor, owed.currency),
        "status": owed.status,
        "waiting": row.waiting,
        "earned_at": owed.created_at,
        "paid_at": settled.settled_at if settled else None,
        "rail": settled.rail if settled else None,
        "proof": proof,
    }
