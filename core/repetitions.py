"""Repetitions: what a person had done again, who she was, and when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.actors import ACTOR_PATTERN, Actor
from core.db import Base, Identified
from core.facts import Fact

MOST_SHOWN = 100


class Repetition(Fact, Identified, Base):
    """Somebody had a job, or a piece of news, tried again; ``job_id`` is the new job."""

    __tablename__ = "repetitions"
    __table_args__ = (
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        CheckConstraint("subject ~ '^(job|news):'", name="subject"),
        Index(
            "uq_repetitions_one_a_job",
            "subject",
            unique=True,
            postgresql_where=text("subject LIKE 'job:%'"),
        ),
    )

    #: ``job:17`` or ``news:evt_1``
    subject: Mapped[str] = mapped_column(index=True)
    job_id: Mapped[int]
    actor: Mapped[str]
    at: Mapped[datetime]


def note(session: Session, *, subject: str, job_id: int, actor: Actor, now: datetime) -> Repetition:
    """Write down that ``actor`` had ``subject`` tried again."""
    row = Repetition(subject=subject, job_id=job_id, actor=actor.reference, at=now)
    session.add(row)
    session.flush()
    return row


def repetitions_of(session: Session, subject: str) -> list[Repetition]:
    """The newest hundred repetitions of one thing, newest first."""
    rows = select(Repetition).where(Repetition.subject == subject).order_by(Repetition.id.desc())
    return list(session.scalars(rows.limit(MOST_SHOWN)))
