"""What the books say of one piece: what was owed for it, and how each maker had it."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal

from core.lives import LifeMove
from core.timelines import Source, told
from payouts.models import Obligation, Settlement, SettlementUndone

SCOPE = "payouts:read"
OWED = {"obligation_id": Obligation.id, "maker_id": Obligation.maker_id}


def _amount(row: Any) -> dict[str, ColumnElement[Any]]:
    return {"minor": row.amount_minor, "currency": row.currency}


def _obligations(piece_id: uuid.UUID) -> Select[Any]:
    return told(
        Obligation.id,
        Obligation.created_at,
        literal("system:payouts"),
        refs={**OWED, "order_id": Obligation.order_id},
        facts={**_amount(Obligation), "agreement": Obligation.agreement},
    ).where(Obligation.piece_id == piece_id)


def _moves(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        LifeMove.id,
        LifeMove.at,
        LifeMove.actor,
        why=LifeMove.why,
        refs=OWED,
        facts={"before": func.coalesce(LifeMove.from_status, "nothing"), "now": LifeMove.to_status},
    )
    of = columns.join(Obligation, Obligation.id == LifeMove.subject_id)
    return of.where(Obligation.piece_id == piece_id)


def _settlements(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Settlement.id,
        Settlement.settled_at,
        Settlement.actor,
        refs={**OWED, "settlement_id": Settlement.id, "receipt_id": Settlement.receipt_id},
        facts={**_amount(Settlement), "rail": Settlement.rail},
    )
    of = columns.join(Obligation, Obligation.id == Settlement.obligation_id)
    return of.where(Obligation.piece_id == piece_id)


def _undone(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Settlement.id,
        SettlementUndone.at,
        why=SettlementUndone.why,
        refs={**OWED, "settlement_id": Settlement.id},
        facts={"rail": Settlement.rail},
    )
    undone = columns.join(SettlementUndone, SettlementUndone.settlement_id == Settlement.id)
    of = undone.join(Obligation, Obligation.id == Settlement.obligation_id)
    return of.where(Obligation.piece_id == piece_id)


SOURCES = (
    Source(
        "owed",
        "{amount} owed to a maker: {agreement}.",
        _obligations,
        SCOPE,
    ),
    Source("debt_became", "What is owed went from {before} to {now}.", _moves, SCOPE),
    Source("settled", "{amount} given her by {rail}.", _settlements, SCOPE),
    Source("settlement_undone", "A payment by {rail} came back.", _undone, SCOPE),
)
