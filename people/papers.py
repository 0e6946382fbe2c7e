"""Makers' identity papers: kept for the papers of a purchase, shown to nobody else."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Invalid
from people.makers import get_maker
from people.models import Maker
from people.paper_models import MakerPaper, PaperKind

#: What the ten digits of a tax number weigh in its eleventh (modulo 11).
RUC_WEIGHTS = 5, 4, 3, 2, 7, 6, 5, 4, 3, 2


def record_paper(
    session: Session,
    *,
    maker_id: uuid.UUID,
    kind: str,
    number: str,
    valid_from: date,
    actor: Actor,
    now: datetime,
    ruc: str | None = None,
) -> MakerPaper:
    """Write down what a maker identifies herself with, from a day on, and her RUC if she has one.

    Raises Invalid for a number that cannot be one.
    """
    maker = get_maker(session, maker_id, actor=actor)
    if kind == PaperKind.DNI and not (number.isascii() and number.isdigit() and len(number) == 8):
        raise Invalid("a DNI has eight digits", pointer="/number")
    if ruc is not None and not is_ruc(ruc):
        raise Invalid("this is not a RUC; check each digit", pointer="/ruc")
    paper = MakerPaper(
        cooperative_id=maker.cooperative_id,
        maker_id=maker.id,
        kind=kind,
        number=number,
        ruc=ruc,
        valid_from=valid_from,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(paper)
    session.flush()
    return paper


def list_papers(
    session: Session, maker: Maker, *, limit: int, before: uuid.UUID | None = None
) -> list[MakerPaper]:
    """Up to ``limit`` of a maker's papers, the newest written first, before one id."""
    statement = select(MakerPaper).where(MakerPaper.maker_id == maker.id)
    if before:
        statement = statement.where(MakerPaper.id < before)
    return list(session.scalars(statement.order_by(MakerPaper.id.desc()).limit(limit)))


def papers_of(
    session: Session, maker_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[MakerPaper]]:
    """Everything each of these makers has shown, what counts least first."""
    rows = session.scalars(
        select(MakerPaper)
        .where(MakerPaper.maker_id.in_(set(maker_ids)))
        .order_by(MakerPaper.valid_from, MakerPaper.id)
    )
    found: dict[uuid.UUID, list[MakerPaper]] = {}
    for row in rows:
        found.setdefault(row.maker_id, []).append(row)
    return found


def is_ruc(written: str) -> bool:
    """Whether eleven digits can be a person's tax number: its last one checks the others."""
    if len(written) != 11 or not (written.isascii() and written.isdigit()):
        return False
    if written[:2] not in {"10", "15", "17"}:
        return False
    whole = sum(int(digit) * weight for digit, weight in zip(written, RUC_WEIGHTS, strict=False))
    return (11 - whole % 11) % 10 == int(written[-1])
