"""What makers are owed, and how it was met."""

import uuid
from typing import Any

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.payouts import (
    NewManualSettlement,
    ObligationQuery,
    ObligationView,
    ReceiptView,
    SettlementView,
)
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from core.money import Money
from payouts import by_hand, reading
from payouts.models import Obligation, Receipt, Settlement

blueprint = Blueprint("obligations", __name__, description="What makers are owed")


@blueprint.get("/obligations")
@needs("payouts:read")
@takes(blueprint, ObligationQuery, where="query")
@gives(blueprint, 200, ObligationView.page())
def list_obligations(wanted: dict[str, Any]) -> Any:
    """What is and was owed, oldest first, and why something waits."""
    session, place = current_session(), after_id(wanted.pop("after", None))
    limit = wanted.pop("limit")
    narrowed = reading.ObligationFilter(**wanted)

    def read(most: int) -> list[dict[str, Any]]:
        rows = reading.list_obligations(
            session, actor=actor(), wanted=narrowed, limit=most, after=place
        )
        reasons = reading.waiting_reasons(session, rows)
        return [shown(row, reasons[row.id]) for row in rows]

    return page(read, limit, lambda row: [row["id"]])


@blueprint.get("/obligations/<uuid:obligation_id>")
@needs("payouts:read")
@gives(blueprint, 200, ObligationView)
def get_obligation(obligation_id: uuid.UUID) -> dict[str, Any]:
    """One obligation with its attempts and its settlement."""
    session = current_session()
    row = reading.get_obligation(session, obligation_id, actor=actor())
    return shown(row, reading.waiting_reasons(session, [row])[row.id])


@blueprint.post("/obligations/<uuid:obligation_id>/manual-settlement")
@needs("payouts:write")
@once(required=True)
@takes(blueprint, NewManualSettlement)
@gives(blueprint, 201, SettlementView)
def settle_by_hand(wanted: dict[str, Any], obligation_id: uuid.UUID) -> dict[str, Any]:
    """Write down that a due obligation was paid by hand; whoever asks gave the money.

    The witness is somebody else of the staff, and neither of the two is the maker. Refused while
    a transfer may have succeeded.
    """
    with transaction() as session:
        settlement = by_hand.settle_by_hand(
            session, obligation_id=obligation_id, actor=actor(), now=clock.now(), **wanted
        )
        return settlement_shown(settlement)


@blueprint.get("/settlements")
@needs("payouts:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, SettlementView.page())
def list_settlements(wanted: dict[str, Any]) -> Any:
    """Every settlement with its proof, oldest first."""
    session, place = current_session(), after_id(wanted.get("after"))

    def read(limit: int) -> list[dict[str, Any]]:
        rows = reading.list_settlements(session, actor=actor(), limit=limit, after=place)
        return [settlement_shown(row) for row in rows]

    return page(read, wanted["limit"], lambda row: [row["id"]])


def shown(obligation: Obligation, waiting: str | None) -> dict[str, Any]:
    """An obligation with why it waits."""
    names = set(ObligationView().fields) - {"amount", "waiting", "rail", "settlement"}
    settled = obligation.settlement
    return {name: getattr(obligation, name) for name in names} | {
        "amount": Money(obligation.amount_minor, obligation.currency),
        "waiting": waiting,
        "rail": settled.rail if settled else None,
        "settlement": settlement_shown(settled) if settled else None,
    }


def settlement_shown(settlement: Settlement) -> dict[str, Any]:
    """A settlement with its proof."""
    names = set(SettlementView().fields) - {"amount", "receipt"}
    receipt = settlement.receipt
    return {name: getattr(settlement, name) for name in names} | {
        "amount": Money(settlement.amount_minor, settlement.currency),
        "receipt": _receipt(receipt) if receipt else None,
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    names = set(ReceiptView().fields) - {"paid"}
    paid = Money(receipt.paid_minor, receipt.paid_currency)
    return {name: getattr(receipt, name) for name in names} | {"paid": paid}
