"""What each maker gets for a piece: the price agreed, or her frozen shares of its sales.

Earned and paid are apart. What she gets in another currency is also told in the co-operative's own,
at a rate that was recorded; where none was, it is not.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.models import AgreementKind, Piece
from payouts.models import Obligation, ObligationStatus
from payouts.obligations import weights_of
from payouts.payable import earned, still_payable
from payouts.rates import at_rate
from payouts.recorded_rates import RecordedRate, newest_rates, rates_of
from payouts.reductions import less_than_agreed
from payouts.sharing import split_by_weights
from people.models import Cooperative


@dataclass(slots=True)
class Share:
    """One maker's part of one piece, in minor units by currency.

    ``gets``: her part of the agreed price, from delivery on; or what she earned of its sales.
    ``minor``: that in the co-operative's own currency; None where no rate is known, or nothing yet.
    """

    gets: Counter[str] = field(default_factory=Counter)
    earned: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    minor: int | None = None
    rates: list[RecordedRate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Rates:
    into: str
    of_obligations: Mapping[uuid.UUID, RecordedRate]
    newest: Mapping[str, RecordedRate]


def shares_of(
    session: Session, pieces: Sequence[Piece], home: Cooperative
) -> dict[uuid.UUID, dict[uuid.UUID, Share]]:
    """By piece and maker: everybody who worked on it, whether or not she is owed anything yet."""
    rows = _obligations(session, [piece.id for piece in pieces])
    abroad = [row.id for row in rows if row.currency != home.currency]
    rates = _Rates(
        home.currency,
        rates_of(session, abroad, into=home.currency),
        newest_rates(session, cooperative_id=home.id, into=home.currency),
    )
    by_piece: dict[uuid.UUID, list[Any]] = {}
    for row in rows:
        by_piece.setdefault(row.piece_id, []).append(row)
    less = less_than_agreed(session, [piece.id for piece in pieces])
    return {
        piece.id: _of_piece(piece, by_piece.get(piece.id, []), rates, less.get(piece.id, {}))
        for piece in pieces
    }


def _obligations(session: Session, piece_ids: Sequence[uuid.UUID]) -> Sequence[Any]:
    hers = earned()
    return session.execute(
        select(
            Obligation.id,
            Obligation.piece_id,
            Obligation.maker_id,
            Obligation.currency,
            hers.label("earned"),
            (hers - still_payable()).label("paid"),
        )
        .where(Obligation.piece_id.in_(piece_ids), Obligation.status != ObligationStatus.CANCELLED)
        .order_by(Obligation.id)
    ).all()


def _of_piece(
    piece: Piece, rows: Sequence[Any], rates: _Rates, less: Mapping[uuid.UUID, int]
) -> dict[uuid.UUID, Share]:
    shares = {maker_id: Share() for maker_id in weights_of(piece.contributions)}
    for row in rows:
        share = shares.setdefault(row.maker_id, Share())
        share.earned[row.currency] += int(row.earned)
        share.paid[row.currency] += int(row.paid)
    if piece.agreement.kind == AgreementKind.PAY_ON_ACCEPTANCE:
        _agreed(piece, shares, {row.maker_id: row.id for row in rows}, rates, less)
    elif any(row.earned for row in rows):
        _sold(shares, rows, rates)
    return shares


def _agreed(
    piece: Piece,
    shares: dict[uuid.UUID, Share],
    owed: Mapping[uuid.UUID, uuid.UUID],
    rates: _Rates,
    less: Mapping[uuid.UUID, int],
) -> None:
    price, currency = piece.agreement.price_minor, piece.agreement.currency
    assert price is not None
    assert currency is not None
    for maker_id, agreed in split_by_weights(price, weights_of(piece.contributions)).items():
        part = less.get(maker_id, agreed)
        share = shares[maker_id]
        share.gets = Counter({currency: part})
        _tell(share, [(part, currency, owed.get(maker_id))], rates)


def _sold(shares: dict[uuid.UUID, Share], rows: Sequence[Any], rates: _Rates) -> None:
    """What everybody earned of its sales; whose part was less than a céntimo got nothing."""
    for maker_id, share in shares.items():
        hers = [row for row in rows if row.maker_id == maker_id and row.earned]
        share.gets = +share.earned
        _tell(share, ((int(row.earned), row.currency, row.id) for row in hers), rates)


def _tell(share: Share, parts: Iterable[tuple[int, str, uuid.UUID | None]], rates: _Rates) -> None:
    """Say in the co-operative's own currency what she gets, if there is a rate for all of it."""
    told = []
    for minor, currency, obligation_id in parts:
        if currency == rates.into:
            told.append(minor)
            continue
        rate = rates.newest.get(currency)
        if obligation_id is not None:
            rate = rates.of_obligations.get(obligation_id, rate)
        if rate is None:
            share.minor = None
            return
        share.rates.append(rate)
        told.append(at_rate(minor, currency, rates.into, rate.rate))
    share.minor = sum(told)
