"""Fair pay: what an hour of each maker's work on a piece brought her, against reference wages.

A warning to the coordinator, never a refusal: nothing here stops a piece, a sale or a payment. The
makers are independent producers, not employees; a reference wage is a measure of fairness here.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.design_models import Design
from inventory.models import AgreementKind, Contribution, Piece
from payouts.dated import in_force
from payouts.hourly import Against, TimeFrom, Wage, Worked, against, hourly_minor, worked
from payouts.maker_shares import Share, shares_of
from payouts.recorded_rates import RecordedRate
from payouts.wage_models import ReferenceWage, WageKind
from payouts.wages import every_wage
from people.models import Cooperative, Maker


@dataclass(frozen=True, slots=True)
class MakerPay:
    """What one maker gets for her time on one piece.

    ``minor``: what she gets less what she paid for materials, in the co-operative's own currency;
    None where it is not known.
    """

    maker: Maker
    stages: list[str]
    worked: Worked
    materials_minor: int
    share: Share
    minor: int | None
    hourly_minor: int | None
    against: list[Against]

    @property
    def below(self) -> list[str]:
        """The measures an hour of hers did not reach."""
        return [one.kind for one in self.against if one.below]


@dataclass(frozen=True, slots=True)
class PiecePay:
    """One piece: each maker, and all of them together.

    ``rests_on``: ``agreed`` price, ``shares`` of a sale, or ``nothing_yet``. ``missing``: what is
    not known and was not guessed: ``minutes``, ``rate``, ``reference``.
    """

    piece: Piece
    delivered_on: date
    currency: str
    rests_on: str
    makers: list[MakerPay]
    minutes: int | None
    minor: int | None
    hourly_minor: int | None
    against: list[Against]
    wages: list[ReferenceWage]
    rates: list[RecordedRate]
    missing: list[str]

    @property
    def below(self) -> list[str]:
        """The measures that an hour of some maker's did not reach."""
        return [row.kind for row in self.wages if any(row.kind in one.below for one in self.makers)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is the same for many pieces of one co-operative."""

    home: Cooperative
    wages: list[ReferenceWage]
    by_stage: dict[uuid.UUID, dict[str, int]]
    shares: dict[uuid.UUID, dict[uuid.UUID, Share]] = field(default_factory=dict)


def fair_pay_of(session: Session, pieces: Sequence[Piece]) -> list[PiecePay]:
    """What every piece's makers get by the hour; pieces of one co-operative, in their order.

    As many queries for a thousand pieces as for one.
    """
    if not pieces:
        return []
    home = session.get_one(Cooperative, pieces[0].cooperative_id)
    designs = session.execute(
        select(Design.id, Design.minutes_by_stage).where(
            Design.id.in_({piece.design_id for piece in pieces})
        )
    )
    known = _Known(
        home=home,
        wages=every_wage(session, cooperative_id=home.id, currency=home.currency),
        by_stage=dict(designs.all()),
        shares=shares_of(session, pieces, home),
    )
    return [_piece(piece, known) for piece in pieces]


def _piece(piece: Piece, known: _Known) -> PiecePay:
    day = piece.delivery.delivered_on
    wages = in_force(known.wages, WageKind, day)
    measures = [Wage(row.kind, row.amount_minor, row.minutes) for row in wages]
    shares = known.shares[piece.id]
    makers = _makers(piece, known.by_stage[piece.design_id], shares, measures)
    minutes = _sum([one.worked.minutes for one in makers])
    minor = _sum([one.minor for one in makers])
    rates = {one: None for share in shares.values() for one in share.rates}
    return PiecePay(
        piece=piece,
        delivered_on=day,
        currency=known.home.currency,
        rests_on=_rests_on(piece, shares),
        makers=makers,
        minutes=minutes,
        minor=minor,
        hourly_minor=_hourly(minor, minutes),
        against=_against(minor, minutes, measures),
        wages=wages,
        rates=list(rates),
        missing=_missing(makers, shares, wages),
    )


def _makers(
    piece: Piece,
    by_stage: dict[str, int],
    shares: dict[uuid.UUID, Share],
    measures: Sequence[Wage],
) -> list[MakerPay]:
    times = worked(piece.contributions, by_stage)
    steps: dict[uuid.UUID, list[Contribution]] = {}
    for step in piece.contributions:
        steps.setdefault(step.maker_id, []).append(step)
    return [_maker(steps[maker_id], times[maker_id], shares[maker_id], measures)
            for maker_id in sorted(steps)]  # fmt: skip


def _maker(
    steps: Sequence[Contribution], time: Worked, share: Share, measures: Sequence[Wage]
) -> MakerPay:
    materials = sum(step.materials_minor or 0 for step in steps)
    minor = None if share.minor is None else share.minor - materials
    return MakerPay(
        maker=steps[0].maker,
        stages=[step.stage for step in steps],
        worked=time,
        materials_minor=materials,
        share=share,
        minor=minor,
        hourly_minor=_hourly(minor, time.minutes),
        against=_against(minor, time.minutes, measures),
    )


def _against(minor: int | None, minutes: int | None, measures: Sequence[Wage]) -> list[Against]:
    if minor is None or minutes is None:
        return []
    return [against(minor, minutes, wage) for wage in measures]


def _hourly(minor: int | None, minutes: int | None) -> int | None:
    return None if minor is None or minutes is None else hourly_minor(minor, minutes)


def _sum(parts: Sequence[int | None]) -> int | None:
    told = [part for part in parts if part is not None]
    return sum(told) if len(told) == len(parts) else None


def _rests_on(piece: Piece, shares: dict[uuid.UUID, Share]) -> str:
    if piece.agreement.kind == AgreementKind.PAY_ON_ACCEPTANCE:
        return "agreed"
    return "shares" if any(share.gets for share in shares.values()) else "nothing_yet"


def _missing(
    makers: Sequence[MakerPay], shares: dict[uuid.UUID, Share], wages: Sequence[ReferenceWage]
) -> list[str]:
    said = {
        "minutes": any(one.worked.comes_from is TimeFrom.UNKNOWN for one in makers),
        "rate": any(share.gets and share.minor is None for share in shares.values()),
        "reference": not wages,
    }
    return [what for what, lacks in said.items() if lacks]
