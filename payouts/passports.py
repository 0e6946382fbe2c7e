"""The passport: a piece's public page. What its makers were paid is read from the ledger."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.claims import supported_claims
from inventory.design_models import Design, FibreShare, Measure
from inventory.limits import measures_in_force
from inventory.models import Piece, PieceStatus
from inventory.pieces import piece_by_tag
from inventory.support import Supported
from payouts.models import Obligation, ObligationStatus, SharePolicy
from payouts.payable import earned, still_payable
from people.models import Cooperative
from people.publicity import PublicMaker, public_makers
from photos.shown import ShownPhoto, shown_of
from photos.subjects import SubjectKind
from quality.inspections import newest
from quality.models import Inspection

TOMBSTONES = frozenset({PieceStatus.SOLD, PieceStatus.HANDED_OVER})
GONE = frozenset(
    {PieceStatus.LOST, PieceStatus.DAMAGED, PieceStatus.RETURNED_TO_MAKER, PieceStatus.REJECTED}
)


@dataclass(frozen=True, slots=True)
class MakerStep:
    """A maker's stages on the piece, and her share where she lets it be shown."""

    maker: PublicMaker
    stages: list[str]
    shares: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Passport:
    """Everything the world may know of one piece."""

    tag: str
    state: str
    cooperative: str
    place: str
    design: Design
    fibres: list[FibreShare]
    claims: list[Supported]
    measures: list[Measure]
    delivered_on: date
    inspected_on: date | None
    inspection: str | None
    measured: list[dict[str, Any]]
    makers: list[MakerStep]
    makers_together: list[dict[str, Any]]
    price_split: SharePolicy | None
    photos: list[ShownPhoto]


def read_passport(session: Session, written: str, *, today: date) -> Passport:
    """The passport of the piece with this tag; it stays after the piece is sold or gone.

    Its claims are those that its lots support by the policy of ``today``.
    """
    piece = piece_by_tag(session, written)
    design = session.get_one(Design, piece.design_id)
    home = session.get_one(Cooperative, piece.cooperative_id)
    inspection = newest(session, piece.id)
    seen_at = inspection.seen_at if inspection else None
    owed = _owed(session, piece.id)
    steps = _steps(session, piece, owed)
    return Passport(
        tag=piece.tag,
        state=_state(piece),
        cooperative=home.name,
        place=home.place,
        design=design,
        fibres=design.fibres,
        claims=supported_claims(session, piece, day=today),
        measures=measures_in_force(session, [design.id]).get(design.id, []),
        delivered_on=piece.delivery.delivered_on,
        inspected_on=seen_at.date() if seen_at else None,
        inspection=inspection.decision if inspection else None,
        measured=_measured(inspection),
        makers=steps,
        makers_together=_together(owed, steps),
        price_split=None if _one_is_silent(steps) else _split(session, piece.id),
        photos=_photos(session, piece),
    )


def _state(piece: Piece) -> str:
    """One of ``with_us``, ``sold`` (a tombstone) and ``gone``."""
    if piece.status in TOMBSTONES:
        return "sold"
    return "gone" if piece.status in GONE else "with_us"


def _owed(session: Session, piece_id: uuid.UUID) -> list[Any]:
    """What each maker earned by this piece, and how much of it has reached her."""
    hers = earned()
    return list(
        session.execute(
            select(
                Obligation.maker_id,
                Obligation.currency,
                func.sum(hers).label("earned"),
                func.sum(hers - still_payable()).label("paid"),
            )
            .where(Obligation.piece_id == piece_id, Obligation.status != ObligationStatus.CANCELLED)
            .group_by(Obligation.maker_id, Obligation.currency)
            .order_by(Obligation.maker_id, Obligation.currency)
        )
    )


def _steps(session: Session, piece: Piece, owed: list[Any]) -> list[MakerStep]:
    shown = public_makers(session, (step.maker_id for step in piece.contributions))
    return [
        MakerStep(
            maker=maker,
            stages=[step.stage for step in piece.contributions if step.maker_id == maker_id],
            shares=(
                [_share(row) for row in owed if row.maker_id == maker_id]
                if maker.shows_price_share
                else None
            ),
        )
        for maker_id, maker in sorted(shown.items())
    ]


def _together(owed: list[Any], steps: list[MakerStep]) -> list[dict[str, Any]]:
    """What the makers earned together, told only when it betrays nobody's own share.

    With one maker, or with only one who keeps silent, the sum would tell what she keeps to herself.
    """
    if _one_is_silent(steps):
        return []
    sums: dict[str, list[int]] = {}
    for row in owed:
        total = sums.setdefault(row.currency, [0, 0])
        total[0] += int(row.earned)
        total[1] += int(row.paid)
    return [
        {"currency": currency, "earned_minor": earned, "paid_minor": paid}
        for currency, (earned, paid) in sorted(sums.items())
    ]


def _one_is_silent(steps: list[MakerStep]) -> bool:
    """Whether exactly one maker keeps her share to herself: every sum would then tell it."""
    return sum(step.shares is None for step in steps) == 1


def _photos(session: Session, piece: Piece) -> list[ShownPhoto]:
    """The photos of the piece that may be seen: each person on them consents to that now."""
    return shown_of(
        session,
        kind=SubjectKind.PIECE,
        subject_id=piece.id,
        cooperative_id=piece.cooperative_id,
    )


def _split(session: Session, piece_id: uuid.UUID) -> SharePolicy | None:
    """How the price was divided when the piece was sold: the policy frozen on its obligations."""
    return session.scalar(
        select(SharePolicy)
        .join(Obligation, Obligation.policy_id == SharePolicy.id)
        .where(Obligation.piece_id == piece_id, Obligation.status != ObligationStatus.CANCELLED)
        .order_by(SharePolicy.version.desc())
        .limit(1)
    )


def _share(row: Any) -> dict[str, Any]:
    return {
        "currency": row.currency,
        "earned_minor": int(row.earned),
        "paid_minor": int(row.paid),
    }


def _measured(inspection: Inspection | None) -> list[dict[str, Any]]:
    if inspection is None:
        return []
    return [
        {"name": row.name, "value": row.value, "unit": row.unit} for row in inspection.measurements
    ]
