"""Pay days, the receipts of money given by hand, and what makers had ahead."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, listed, page, pages_of, place
from api.schemas.base import Nothing
from api.schemas.pay_days import (
    AdvancesWanted,
    AdvanceView,
    NewAdvance,
    NewCancelledDay,
    NewPayDay,
    NewPayment,
    NewRelease,
    NewSignature,
    PaidView,
    PayDaySummaryView,
    PayDayView,
)
from core import clock
from core.db import current_session, transaction
from payouts import advances, pay_days, receipts
from payouts.advance_models import Advance
from payouts.pay_day_models import PayDay
from payouts.pay_day_views import coins_of, payees_of

blueprint = Blueprint("pay_days", "The treasurer's days of paying by hand.")
SUMMARY = tuple(PayDaySummaryView().fields)


@blueprint.post("/pay-days")
@needs("payouts:write")
@blueprint.arguments(NewPayDay)
@once(required=True)
@blueprint.response(201, PayDayView)
def open_pay_day(wanted: dict[str, Any]) -> Any:
    """Open a pay day.

    Everything due to makers whom Stripe cannot pay, with what they had ahead taken off, in one
    currency; with the notes and coins to fetch so that each can be given exactly hers.
    """
    session = current_session()
    rates = {one["currency"]: one["rate"] for one in wanted.pop("rates")}
    day = pay_days.open_pay_day(session, rates=rates, actor=actor(), now=clock.now(), **wanted)
    return _shown(session, day)


@blueprint.get("/pay-days")
@needs("payouts:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(PayDaySummaryView))
def list_pay_days(wanted: dict[str, Any]) -> Any:
    """List pay days.

    Newest first, without their lines.
    """
    read = partial(pay_days.list_pay_days, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.get("/pay-days/<uuid:pay_day_id>")
@needs("payouts:read")
@blueprint.response(200, PayDayView)
def get_pay_day(pay_day_id: uuid.UUID) -> Any:
    """Read one pay day.

    Maker by maker: unpaid, paid with a receipt, or put back.
    """
    session = current_session()
    return _shown(session, pay_days.get_pay_day(session, pay_day_id, actor=actor()))


@blueprint.post("/pay-days/<uuid:pay_day_id>/payments")
@needs("payouts:write")
@blueprint.arguments(NewPayment)
@once(required=True)
@blueprint.response(201, PaidView)
def pay_maker(wanted: dict[str, Any], pay_day_id: uuid.UUID) -> Any:
    """Pay one maker.

    The key's staff member gives the money, `witness_id` sees it; neither is the maker. Cash is
    rounded up to the smallest coin. Refused (`pay_day_changed`) where what she is owed has changed.
    """
    return pay_days.pay_maker(
        current_session(), pay_day_id=pay_day_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.post("/pay-days/<uuid:pay_day_id>/releases")
@needs("payouts:write")
@blueprint.arguments(NewRelease)
@once(required=True)
@blueprint.response(201, PayDayView)
def release_lines(wanted: dict[str, Any], pay_day_id: uuid.UUID) -> Any:
    """Put one maker back to another day.

    She stays owed; the reason is kept.
    """
    session = current_session()
    day = pay_days.release_lines(
        session, pay_day_id=pay_day_id, actor=actor(), now=clock.now(), **wanted
    )
    return _shown(session, day)


@blueprint.post("/pay-days/<uuid:pay_day_id>/closure")
@needs("payouts:write")
@blueprint.arguments(Nothing)
@blueprint.response(201, PayDayView)
def close_pay_day(_wanted: dict[str, Any], pay_day_id: uuid.UUID) -> Any:
    """Close a pay day.

    Refused while somebody is neither paid nor put back (`unpaid_lines`), and while a receipt has no
    signature or fingerprint (`unsigned_receipt`).
    """
    with transaction() as session:
        day = pay_days.close_pay_day(session, pay_day_id=pay_day_id, actor=actor(), now=clock.now())
        return _shown(session, day)


@blueprint.post("/pay-days/<uuid:pay_day_id>/cancellation")
@needs("payouts:write")
@blueprint.arguments(NewCancelledDay)
@blueprint.response(201, PayDayView)
def cancel_pay_day(wanted: dict[str, Any], pay_day_id: uuid.UUID) -> Any:
    """Cancel a pay day on which nobody was paid.

    Everything is put back.
    """
    with transaction() as session:
        day = pay_days.cancel_pay_day(
            session, pay_day_id=pay_day_id, actor=actor(), now=clock.now(), **wanted
        )
        return _shown(session, day)


@blueprint.get("/receipts")
@needs("payouts:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(PaidView))
def list_receipts(wanted: dict[str, Any]) -> Any:
    """List receipts.

    Of everything given to makers by hand, oldest first.
    """
    return listed(partial(receipts.list_receipts, current_session(), actor=actor()), wanted)


@blueprint.get("/receipts/<uuid:receipt_id>")
@needs("payouts:read")
@blueprint.response(200, PaidView)
def get_receipt(receipt_id: uuid.UUID) -> Any:
    """Read one receipt.

    With her signature, once it is there.
    """
    return receipts.get_receipt(current_session(), receipt_id, actor=actor())


@blueprint.post("/receipts/<uuid:receipt_id>/signature")
@needs("payouts:write")
@blueprint.arguments(NewSignature)
@once(required=True)
@blueprint.response(201, PaidView)
def sign_receipt(wanted: dict[str, Any], receipt_id: uuid.UUID) -> Any:
    """Add her signature to a receipt.

    The photo of it, or the image of her fingerprint; once.
    """
    return receipts.sign_receipt(
        current_session(), receipt_id=receipt_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.post("/advances")
@needs("payouts:write")
@blueprint.arguments(NewAdvance)
@once(required=True)
@blueprint.response(201, AdvanceView)
def give_advance(wanted: dict[str, Any]) -> Any:
    """Give a maker money ahead.

    For a commission or a delivery; it comes off what she is paid later, on every rail, visibly.
    """
    session, amount = current_session(), wanted.pop("amount")
    advance = advances.give_advance(session, actor=actor(), now=clock.now(), **amount, **wanted)
    return _opened(session, [advance])[0]


@blueprint.get("/advances")
@needs("payouts:read")
@blueprint.arguments(AdvancesWanted, location="query")
@blueprint.response(200, pages_of(AdvanceView))
def list_advances(wanted: dict[str, Any]) -> Any:
    """List advances.

    Oldest first, each with what has not come off yet.
    """
    session, limit = current_session(), wanted["limit"]
    rows = advances.list_advances(
        session,
        actor=actor(),
        limit=limit + 1,
        after=place(wanted.get("after")),
        maker_id=wanted.get("maker_id"),
        commission_id=wanted.get("commission_id"),
    )
    body, status, headers = page(rows, limit)
    return {"items": _opened(session, body["items"])}, status, headers


@blueprint.get("/advances/<uuid:advance_id>")
@needs("payouts:read")
@blueprint.response(200, AdvanceView)
def get_advance(advance_id: uuid.UUID) -> Any:
    """Read one advance.

    With what has not come off yet.
    """
    session = current_session()
    return _opened(session, [advances.get_advance(session, advance_id, actor=actor())])[0]


def _shown(session: Session, day: PayDay) -> dict[str, Any]:
    payees = payees_of(session, day)
    unpaid = [payee for payee in payees if payee.state == "unpaid"]
    return {
        **{name: getattr(day, name) for name in SUMMARY},
        "makers": [_with_coins(payee) for payee in payees],
        "total_minor": sum(payee.total_minor for payee in unpaid),
        "cash_minor": sum(payee.cash_minor for payee in unpaid),
        "coins": _as_keys(coins_of(payees)),
    }


def _with_coins(payee: Any) -> dict[str, Any]:
    shown = {name: getattr(payee, name) for name in payee.__slots__}
    return shown | {"coins": _as_keys(payee.coins)}


def _as_keys(coins: dict[int, int]) -> dict[str, int]:
    return {str(value): pieces for value, pieces in coins.items()}


def _opened(session: Session, found: Sequence[Advance]) -> list[dict[str, Any]]:
    still_open = advances.open_minor(session, list(found))
    names = ("id", "maker_id", "kind", "amount_minor", "currency", "given_for", "delivery_id",
             "commission_id", "recovery_id", "given_at", "actor")  # fmt: skip
    return [
        {
            **{name: getattr(row, name) for name in names},
            "open_minor": still_open[row.id],
            "receipt_number": row.receipt.number if row.receipt else None,
        }
        for row in found
    ]
