"""A maker's statement: each piece, what it earned her, what has reached her and how."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from inventory.models import Piece
from payouts.models import Obligation, ObligationStatus
from payouts.reading import waiting_reasons
from people.makers import get_maker
from people.models import Maker

MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One obligation with its piece's tag, and why it waits if it does."""

    obligation: Obligation
    tag: str
    waiting: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything a maker earned in a time; ``totals``: {currency, earned, paid, owed} in minor."""

    maker: Maker
    month: date | None
    lines: list[StatementLine]
    totals: list[dict[str, Any]]


def statement_of(
    session: Session, *, maker_id: uuid.UUID, actor: Actor, month: date | None = None
) -> Statement:
    """A maker's statement, of one month (by when it was earned) or of all time; newest 1,000."""
    maker = get_maker(session, maker_id, actor=actor)
    statement = (
        select(Obligation, Piece.tag)
        .join(Piece, Piece.id == Obligation.piece_id)
        .where(Obligation.maker_id == maker.id)
    )
    if month is not None:
        begin = datetime(month.year, month.month, 1, tzinfo=UTC)
        after = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
        statement = statement.where(Obligation.created_at >= begin, Obligation.created_at < after)
    rows = session.execute(statement.order_by(Obligation.id.desc()).limit(MOST_LINES)).all()
    reasons = waiting_reasons(session, [row for row, _tag in rows])
    lines = [StatementLine(row, tag, reasons[row.id]) for row, tag in rows]
    return Statement(maker, month, lines, _totals([row for row, _tag in rows]))


def _totals(obligations: list[Obligation]) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"earned": 0, "paid": 0})
    for row in obligations:
        if row.status == ObligationStatus.CANCELLED:
            continue
        sums[row.currency]["earned"] += row.amount_minor
        if row.status == ObligationStatus.SETTLED:
            sums[row.currency]["paid"] += row.amount_minor
    return [
        {"currency": currency, **both, "owed": both["earned"] - both["paid"]}
        for currency, both in sorted(sums.items())
    ]
