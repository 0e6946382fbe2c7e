"""Printing labels: looked over first, refused while something is missing, or marked so."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from labels.choosing import Chosen
from labels.contents import Label, Problem, labels_for
from labels.geometries import GEOMETRIES
from labels.sheets import Sheet
from people.cooperatives import own, zone_of
from people.models import Cooperative

MOST_TOLD = 50


class LabelsIncomplete(Conflict):
    """Something the market asks for is missing; see what, or have them marked as incomplete."""

    code = "labels_incomplete"


@dataclass(frozen=True, slots=True)
class Order:
    """Which labels, for which market, on which paper from which place on."""

    chosen: Chosen
    market: str
    paper: str
    language: str | None = None
    start: int = 1


@dataclass(frozen=True, slots=True)
class Lack:
    """One problem of one label."""

    tag: str
    piece_id: uuid.UUID | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a look beforehand found."""

    market: str
    language: str
    labels: int
    pages: int
    problems: list[Lack]


def check_labels(
    session: Session, wanted: Order, *, public_url: str, actor: Actor, now: datetime
) -> Check:
    """Look over what would be printed, label by label; prints nothing."""
    with _looked_over(session, wanted, public_url=public_url, actor=actor, now=now) as found:
        labels, _sheet = found
    of = GEOMETRIES[wanted.paper].per_page
    return Check(
        market=wanted.market,
        language=labels[0].language,
        labels=len(labels),
        pages=-(-(wanted.start - 1 + len(labels)) // of),
        problems=_lacks(labels),
    )


def print_labels(
    session: Session,
    wanted: Order,
    *,
    mark_incomplete: bool,
    public_url: str,
    actor: Actor,
    now: datetime,
) -> bytes:
    """The labels as PDF. Raises LabelsIncomplete unless those with a problem may be marked."""
    with _looked_over(session, wanted, public_url=public_url, actor=actor, now=now) as found:
        labels, sheet = found
        lacks = _lacks(labels)
        if lacks and not mark_incomplete:
            told = [{"tag": one.tag, "code": one.code, "message": one.message} for one in lacks]
            raise LabelsIncomplete(count=len(lacks), problems=told[:MOST_TOLD])
        return sheet.print(labels, start=wanted.start)


@contextmanager
def _looked_over(
    session: Session, wanted: Order, *, public_url: str, actor: Actor, now: datetime
) -> Iterator[tuple[list[Label], Sheet]]:
    paper = GEOMETRIES[wanted.paper]
    if wanted.start > paper.per_page:
        raise Invalid(f"this paper has {paper.per_page} labels", pointer="/start")
    day = _day(session, actor, now)
    labels = labels_for(
        session,
        wanted.chosen,
        market=wanted.market,
        language=wanted.language,
        public_url=public_url,
        on=day,
        actor=actor,
    )
    with Sheet(paper, day=day, language=labels[0].language) as sheet:
        yield sheet.checked(labels), sheet


def _day(session: Session, actor: Actor, now: datetime) -> date:
    """The co-operative's own day."""
    return now.astimezone(zone_of(session.get_one(Cooperative, own(actor)))).date()


def _lacks(labels: Sequence[Label]) -> list[Lack]:
    return [_lack(label, problem) for label in labels for problem in label.problems]


def _lack(label: Label, problem: Problem) -> Lack:
    return Lack(label.tag, label.piece_id, problem.code, problem.message)
