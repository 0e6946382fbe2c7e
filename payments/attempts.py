"""Attempts: how the house asks Stripe for one thing exactly once, whatever dies and wherever.

The attempt's row comes first, committed, with its key and its frozen request; then the call; then
the outcome. A no permits attempt n+1, after a rest. Silence repeats the same key and the same bytes
for as long as Stripe surely remembers them (23 hours of its 24 in v1); after that Stripe is asked
what became of it before anything else, and once more before the next attempt: a worker that slept
may have sent it late. The clock is looked at again in the moment of the call, so that only a worker
that falls asleep between that look and its socket, for more than the hour that is kept in reserve,
can still send it late; reconcile names what it did. A server error is looked into at once, because
Stripe repeats it under the key for a day although the thing may have been done.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import ColumnElement, func, literal
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import transaction
from payments.errors import Declined, Unreachable

#: After a no, the next try waits 1, 2, 4, 8 and from then on 16 hours.
FIRST_REST = timedelta(hours=1)
MOST_DOUBLINGS = 4
LONGEST_REASON = 500
SERVER_ERROR = 500
MOST_SILENCES = 3
V1_KEYS_LIVE = timedelta(hours=23)
V2_KEYS_LIVE = timedelta(days=29)


class AttemptOutcome(StrEnum):
    """What came of an attempt; none yet means it may have succeeded."""

    DONE = "done"
    REFUSED = "refused"
    NEVER_ARRIVED = "never_arrived"


LIVE = f"outcome IS NULL OR outcome = '{AttemptOutcome.DONE}'"


class Attempted:
    """Mix-in for the table of one kind of attempts: committed, with its key, before the call."""

    number: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    request: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    @hybrid_property
    def rests_until(self) -> datetime | None:
        """When the next attempt may begin; None while this one may still succeed."""
        if self.ended_at is None:
            return None
        return self.ended_at + FIRST_REST * int(2 ** min(self.number - 1, MOST_DOUBLINGS))

    @rests_until.inplace.expression
    @classmethod
    def _rests_until(cls) -> ColumnElement[datetime | None]:
        doublings = func.least(cls.number - 1, MOST_DOUBLINGS)
        return cls.ended_at + FIRST_REST * func.power(literal(2), doublings)

    def end(self, outcome: AttemptOutcome, now: datetime, reason: str | None = None) -> None:
        """Write down what came of it."""
        self.outcome, self.ended_at = outcome.value, now
        self.reason = reason[:LONGEST_REASON] if reason else None


class Overslept(Unreachable):
    """The worker slept for so long that Stripe may have forgotten the key: nothing was asked."""

    code = "overslept"


Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is carried from the transaction that wrote an attempt to the call.

    ``lost_before``: an earlier attempt was never heard of, and may have arrived after all.
    """

    attempt_id: Any
    key: str
    request: dict[str, Any]
    started_at: datetime
    lost_before: bool = False


class Asked(Protocol[Answer_co]):
    """How one kind of thing is asked of Stripe, and a no recorded."""

    keys_live: ClassVar[timedelta]

    def ask(self, asking: Asking) -> Answer_co:
        """Ask Stripe, under the attempt's key."""

    def find(self, asking: Asking) -> Answer_co | None:
        """What Stripe has made for this, under whichever attempt."""

    def note_no(
        self,
        session: Session,
        asking: Asking,
        outcome: AttemptOutcome,
        reason: str | None,
        now: datetime,
    ) -> None:
        """Record a refusal, or that the attempt never arrived; in a transaction of its own."""


class Errand(Asked[Answer], Protocol[Answer]):
    """One thing asked of Stripe. ``begin`` and the two ``note_`` run in transactions of their own.

    ``begin`` gives the attempt to go on with, the one still open or a new one, or None when there
    is nothing to do now. ``note_answer`` and ``note_no`` lock what they change and do nothing when
    somebody else has written the outcome.
    """

    def begin(self, session: Session, now: datetime) -> Asking | None:
        """Write the attempt, or find the one that is open."""

    def note_answer(self, session: Session, asking: Asking, answer: Answer, now: datetime) -> None:
        """Record that it is done."""


class Errands(Asked[Answer], Protocol[Answer]):
    """Many things of one kind, asked one after another, with one transaction before the first and
    one after the last.

    ``begin`` writes new attempts only: whatever was asked before is an errand of its own.
    ``note_answers`` is told what was answered, and where there was silence.
    """

    def begin(self, session: Session, now: datetime) -> list[Asking]:
        """Write the attempts."""

    def note_answers(
        self,
        session: Session,
        answers: Sequence[tuple[Asking, Answer]],
        silent: Sequence[Asking],
        now: datetime,
    ) -> None:
        """Record what is done, and see to it that each silence is looked into."""


class Result(StrEnum):
    """What came of running an errand."""

    DONE = "done"
    REFUSED = "refused"
    NOT_NOW = "not_now"


def run(errand: Errand[Any], *, now: datetime) -> Result:
    """Do one errand exactly once. Raises Unreachable when there was no answer: run it again."""
    begun = clock.now()
    with transaction() as session:
        asking = errand.begin(session, now)
    if asking is None:
        return Result.NOT_NOW
    too_late = now - asking.started_at >= errand.keys_live
    answer = errand.find(asking) if too_late or asking.lost_before else None
    if answer is None and too_late:
        return _end(errand, asking, AttemptOutcome.NEVER_ARRIVED, None, now)
    try:
        answer = answer if answer is not None else _ask(errand, asking, now - begun)
    except Declined as refusal:
        return _end(errand, asking, AttemptOutcome.REFUSED, refusal.reason, now)
    with transaction() as session:
        errand.note_answer(session, asking, answer, now)
    return Result.DONE


def run_many(errands: Errands[Any], *, now: datetime) -> Counter[Result]:
    """Do many errands exactly once; how many are done, and were refused.

    A silence keeps no other from being asked; but after three, the rest is not asked either. If the
    worker dies, every attempt that has no outcome is still open, and is repeated under its key.
    """
    begun = clock.now()
    with transaction() as session:
        askings = errands.begin(session, now)
    answers: list[tuple[Asking, Any]] = []
    silent: list[Asking] = []
    results: Counter[Result] = Counter()
    for asking in askings:
        if len(silent) >= MOST_SILENCES:
            silent.append(asking)
            continue
        try:
            answers.append((asking, _ask(errands, asking, now - begun)))
        except Declined as refusal:
            results[_end(errands, asking, AttemptOutcome.REFUSED, refusal.reason, now)] += 1
        except Unreachable:
            silent.append(asking)
    if askings:
        with transaction() as session:
            errands.note_answers(session, answers, silent, now)
    results[Result.DONE] += len(answers)
    return results


def _ask(errand: Asked[Any], asking: Asking, ahead: timedelta) -> Any:
    """``ahead``: how much later it is for whoever runs the errand than by the clock."""
    if clock.now() + ahead - asking.started_at >= errand.keys_live:
        raise Overslept()
    try:
        return errand.ask(asking)
    except Unreachable as silence:
        if (silence.http_status or 0) < SERVER_ERROR:
            raise
        found = errand.find(asking)
        if found is None:
            raise
        return found


def _end(
    errand: Asked[Any],
    asking: Asking,
    outcome: AttemptOutcome,
    reason: str | None,
    now: datetime,
) -> Result:
    with transaction() as session:
        errand.note_no(session, asking, outcome, reason, now)
    return Result.REFUSED
