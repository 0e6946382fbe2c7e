"""A pay day as the treasurer sees it: maker by maker, with the notes and coins to fetch."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.models import Piece
from payouts.advance_models import Deduction
from payouts.cash_count import count, in_coins, together
from payouts.models import Obligation
from payouts.pay_day_models import PayDay, PayDayLine


@dataclass(frozen=True, slots=True)
class Payee:
    """One maker on a pay day; ``state``: unpaid, paid or released."""

    maker_id: uuid.UUID
    public_name: str
    state: str
    lines: list[dict[str, Any]]
    total_minor: int
    cash_minor: int
    coins: dict[int, int]
    receipt_id: uuid.UUID | None


def payees_of(session: Session, day: PayDay) -> list[Payee]:
    """Everybody of a pay day, by name; what was put back stands by itself."""
    tags, advanced = _tags(session, day.lines), _advanced(session, day.lines)
    groups: dict[tuple[str, uuid.UUID, str, uuid.UUID | None], list[PayDayLine]] = {}
    for line in day.lines:
        key = (line.maker.public_name, line.maker_id, _state(line), line.receipt_id)
        groups.setdefault(key, []).append(line)
    return [
        _payee(day, key, lines, tags, advanced) for key, lines in sorted(groups.items(), key=str)
    ]


def coins_of(payees: Sequence[Payee]) -> dict[int, int]:
    """What to fetch, so that everybody who is not paid yet can be given exactly hers."""
    return together([payee.coins for payee in payees if payee.state == "unpaid"])


def _payee(
    day: PayDay,
    key: tuple[str, uuid.UUID, str, uuid.UUID | None],
    lines: Sequence[PayDayLine],
    tags: Mapping[uuid.UUID, str],
    advanced: Mapping[uuid.UUID, int],
) -> Payee:
    name, maker_id, state, receipt_id = key
    total = sum(line.pay_minor for line in lines)
    cash = in_coins(total, day.currency)
    shown = [
        {
            "obligation_id": line.obligation_id,
            "tag": tags[line.obligation_id],
            "owed_minor": line.owed_minor,
            "owed_currency": line.owed_currency,
            "pay_minor": line.pay_minor,
            "advanced_minor": advanced.get(line.obligation_id, 0),
        }
        for line in lines
    ]
    return Payee(maker_id, name, state, shown, total, cash, count(cash, day.currency), receipt_id)


def _state(line: PayDayLine) -> str:
    if line.receipt_id is not None:
        return "paid"
    return "unpaid" if line.released_at is None else "released"


def _tags(session: Session, lines: Sequence[PayDayLine]) -> dict[uuid.UUID, str]:
    ids = [line.obligation_id for line in lines]
    rows = session.execute(
        select(Obligation.id, Piece.tag)
        .join(Piece, Piece.id == Obligation.piece_id)
        .where(Obligation.id.in_(ids))
    )
    return dict(rows.all())


def _advanced(session: Session, lines: Sequence[PayDayLine]) -> dict[uuid.UUID, int]:
    """What had come off each by advances, in the currency it is owed in."""
    rows = session.execute(
        select(Deduction.obligation_id, func.sum(Deduction.amount_minor))
        .where(Deduction.obligation_id.in_([line.obligation_id for line in lines]))
        .group_by(Deduction.obligation_id)
    )
    return {obligation_id: int(minor) for obligation_id, minor in rows}
