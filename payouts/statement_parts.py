"""What stands on a statement beside the pieces: money she had ahead, and the fund's part."""

import uuid
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from inventory.models import Agreement, AgreementKind, Piece
from orders.models import Order, OrderLine, OrderPayment
from payouts.advance_models import Advance, Deduction
from payouts.advances import deducted, open_minor
from payouts.models import Obligation, SharePolicy
from payouts.policies import terms_of
from payouts.recovery_models import Recovery, RecoveryStatus, UndonePart
from payouts.sharing import SoldLine, allocate

#: A time from and before two moments; None is all time.
Span = tuple[datetime, datetime] | None
SOMEBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class DeductionLine:
    """A part of an advance that came off what she was owed for one piece."""

    at: datetime
    tag: str
    obligation_id: uuid.UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class AdvanceLine:
    """One advance: given, what it came off, and what is left of it today."""

    advance: Advance
    deductions: list[DeductionLine]
    left_minor: int


@dataclass(frozen=True, slots=True)
class AdvanceTotal:
    """Advances in one currency together: what was given is what came off and what is left."""

    currency: str
    given_minor: int
    deducted_minor: int
    left_minor: int
    count: int


def advances_of(session: Session, maker_id: uuid.UUID, span: Span) -> list[AdvanceLine]:
    """Her advances, newest first; of a time: given in it, come off in it, or still open at its end.

    An offset that was in vain is none: the sale it was for was hers after all.
    """
    vain = exists().where(
        Recovery.id == Advance.recovery_id, Recovery.status == RecoveryStatus.RESTORED
    )
    hers = select(Advance).where(Advance.maker_id == maker_id, ~vain, *_of(span))
    rows = list(session.scalars(hers.order_by(Advance.id.desc())))
    left = open_minor(session, rows)
    tags = _tags(session, [one.obligation_id for row in rows for one in row.deductions])
    return [
        AdvanceLine(
            row,
            [
                DeductionLine(one.at, tags[one.obligation_id], one.obligation_id, one.amount_minor)
                for one in row.deductions
            ],
            left[row.id],
        )
        for row in rows
    ]


def advance_totals(lines: Sequence[AdvanceLine]) -> list[AdvanceTotal]:
    """All of them added up, by currency."""
    given: Counter[str] = Counter()
    left: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for line in lines:
        currency = line.advance.currency
        given[currency] += line.advance.amount_minor
        left[currency] += line.left_minor
        count[currency] += 1
    return [
        AdvanceTotal(one, given[one], given[one] - left[one], left[one], count[one])
        for one in sorted(given)
    ]


def funds_of(
    session: Session, hers: Sequence[ColumnElement[bool]]
) -> dict[uuid.UUID, tuple[int, str]]:
    """By order line, what of her pieces' sales went to the co-operative's fund, and its currency.

    As the sale was divided, less what was undone; a card fee that the fund bore is not taken off.
    A piece that was bought at its agreed price gives the fund nothing here.
    """
    sold = (
        select(Obligation.order_id, Obligation.policy_id)
        .where(*hers, Obligation.line_id.is_not(None))
        .distinct()
        .subquery()
    )
    heads = session.execute(
        select(
            Order.id, Order.shipping_minor, Order.tax_minor, OrderPayment.gross_minor,
            OrderPayment.fee_minor, OrderPayment.settlement_currency, SharePolicy,
        )
        .join(sold, sold.c.order_id == Order.id)
        .join(OrderPayment, OrderPayment.order_id == Order.id)
        .join(SharePolicy, SharePolicy.id == sold.c.policy_id)
    ).all()  # fmt: skip
    lines = _lines(session, sold.c.order_id)
    found = {}
    for head in heads:
        for line_id, minor in _fund_parts(head, lines[head.id]).items():
            found[line_id] = (minor, head.settlement_currency)
    for line_id, minor in _undone(session, sold.c.order_id):
        before, currency = found[line_id]
        found[line_id] = (before - int(minor), currency)
    return found


def _fund_parts(head: Any, lines: Sequence[SoldLine]) -> dict[uuid.UUID, int]:
    allocation = allocate(
        gross_minor=head.gross_minor,
        fee_minor=head.fee_minor,
        lines=lines,
        shipping_minor=head.shipping_minor,
        tax_minor=head.tax_minor,
        terms=terms_of(head.SharePolicy),
    )
    return {share.line_id: share.fund for share in allocation.lines}


def _lines(session: Session, orders: Any) -> dict[Hashable, list[SoldLine]]:
    """The lines of orders as they were divided; which maker had which part is no matter here."""
    rows = session.execute(
        select(OrderLine.order_id, OrderLine.id, OrderLine.price_minor, Agreement.kind)
        .join(Agreement, Agreement.piece_id == OrderLine.piece_id)
        .where(OrderLine.order_id.in_(select(orders)))
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    found: dict[Hashable, list[SoldLine]] = {}
    for order_id, line_id, price, kind in rows:
        bought = kind == AgreementKind.PAY_ON_ACCEPTANCE
        found.setdefault(order_id, []).append(SoldLine(line_id, price, {SOMEBODY: 1}, bought))
    return found


def _undone(session: Session, orders: Any) -> Sequence[Any]:
    return session.execute(
        select(UndonePart.line_id, func.sum(UndonePart.amount_minor))
        .where(
            UndonePart.order_id.in_(select(orders)),
            UndonePart.what == "fund",
            UndonePart.line_id.is_not(None),
        )
        .group_by(UndonePart.line_id)
    ).all()


def _of(span: Span) -> list[ColumnElement[bool]]:
    if span is None:
        return []
    begin, after = span
    came_off = exists().where(
        Deduction.advance_id == Advance.id, Deduction.at >= begin, Deduction.at < after
    )
    still_open = and_(Advance.given_at < after, deducted() < Advance.amount_minor)
    given = and_(Advance.given_at >= begin, Advance.given_at < after)
    return [or_(given, came_off, still_open)]


def _tags(session: Session, obligation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = session.execute(
        select(Obligation.id, Piece.tag)
        .join(Piece, Piece.id == Obligation.piece_id)
        .where(Obligation.id.in_(obligation_ids))
    )
    return dict(rows.all())
