"""A maker's statement: each piece, what it earned her, what has reached her, what she had ahead."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.actors import Actor
from inventory.models import Piece
from payouts.models import Obligation, ObligationStatus
from payouts.payable import earned, still_payable
from payouts.reading import waiting_reasons
from payouts.reduction_models import Reduction
from payouts.reductions import Reduced, reductions_in_force
from payouts.statement_parts import (
    AdvanceLine,
    AdvanceTotal,
    Span,
    advance_totals,
    advances_of,
    funds_of,
)
from people.cooperatives import zone_of
from people.makers import get_maker
from people.models import Cooperative, Maker

MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One obligation with its piece's tag, and why it waits if it does.

    ``earned`` and ``owed`` are of today: less what was undone, and what reached her. ``fund``: what
    of this sale went to the co-operative's fund; None for a piece that was bought at its price.
    """

    obligation: Obligation
    tag: str
    waiting: str | None
    earned: int
    owed: int
    fund: int | None

    @property
    def paid(self) -> int:
        """What of it has reached her, or was given her ahead."""
        return self.earned - self.owed


@dataclass(frozen=True, slots=True)
class Statement:
    """What a maker earned in a time; ``totals``: {currency, earned, paid, owed, count}.

    In minor units, and of everything, also of what was too much to be listed; ``count`` is of the
    lines that earned her something. ``funds``: {currency, amount_minor}, of all of them too.
    ``reductions``: the pieces that paid her less than agreed, or nothing, each with its reason.
    """

    maker: Maker
    cooperative: Cooperative
    month: date | None
    lines: list[StatementLine]
    totals: list[dict[str, Any]]
    funds: list[dict[str, Any]]
    advances: list[AdvanceLine]
    advance_totals: list[AdvanceTotal]
    reductions: list[Reduced]


def statement_of(
    session: Session, *, maker_id: uuid.UUID, actor: Actor, month: date | None = None
) -> Statement:
    """A maker's statement, of one month (by when it was earned) or of all time; newest 1,000.

    A month begins and ends by the clocks of her co-operative's country.
    """
    maker = get_maker(session, maker_id, actor=actor)
    cooperative = session.get_one(Cooperative, maker.cooperative_id)
    span = _span(month, zone_of(cooperative))
    hers = [Obligation.maker_id == maker.id, *_in(span)]
    funds = funds_of(session, hers)
    rows = session.execute(
        select(Obligation, Piece.tag, earned(), still_payable())
        .join(Piece, Piece.id == Obligation.piece_id)
        .where(*hers)
        .order_by(Obligation.id.desc())
        .limit(MOST_LINES)
    ).all()
    reasons = waiting_reasons(session, [row for row, *_ in rows])
    lines = [
        StatementLine(
            row, tag, reasons[row.id], int(hers_by_it), int(owed), _fund(funds, row.line_id)
        )
        for row, tag, hers_by_it, owed in rows
    ]
    ahead = advances_of(session, maker.id, span)
    return Statement(
        maker=maker,
        cooperative=cooperative,
        month=month,
        lines=lines,
        totals=_totals(session, hers),
        funds=_together(funds.values()),
        advances=ahead[:MOST_LINES],
        advance_totals=advance_totals(ahead),
        reductions=reductions_in_force(
            session, maker.id, _in(span, Reduction.at), limit=MOST_LINES
        ),
    )


def _span(month: date | None, zone: tzinfo) -> Span:
    if month is None:
        return None
    begin = datetime(month.year, month.month, 1, tzinfo=zone)
    return begin, datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=zone)


def _in(span: Span, at: Any = Obligation.created_at) -> list[ColumnElement[bool]]:
    if span is None:
        return []
    begin, after = span
    return [at >= begin, at < after]


def _fund(funds: dict[uuid.UUID, tuple[int, str]], line_id: uuid.UUID | None) -> int | None:
    return None if line_id is None else funds[line_id][0]


def _together(funds: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
    sums: Counter[str] = Counter()
    for minor, currency in funds:
        sums[currency] += minor
    return [{"currency": one, "amount_minor": sums[one]} for one in sorted(sums)]


def _totals(session: Session, hers: list[ColumnElement[bool]]) -> list[dict[str, Any]]:
    hers_by_it = earned()
    rows = session.execute(
        select(
            Obligation.currency,
            func.sum(hers_by_it),
            func.sum(hers_by_it - still_payable()),
            func.count().filter(hers_by_it > 0),
        )
        .where(*hers, Obligation.status != ObligationStatus.CANCELLED)
        .group_by(Obligation.currency)
        .order_by(Obligation.currency)
    )
    return [
        {
            "currency": currency,
            "earned": int(earned),
            "paid": int(paid),
            "owed": int(earned) - int(paid),
            "count": int(count),
        }
        for currency, earned, paid, count in rows
    ]
