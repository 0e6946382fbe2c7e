"""The tables of what comes back of obligations when a sale is undone."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from payments.attempts import LIVE, Attempted, AttemptOutcome
from payouts.models import Obligation
from people.models import OfCooperative


class RecoveryStatus(StrEnum):
    """What is done about a part of an obligation whose sale was undone."""

    #: It is just being paid; decided when that is known.
    WAITING = "waiting"
    #: It was not paid yet, so that much less will be.
    REDUCED = "reduced"
    REVERSING = "reversing"
    REVERSED = "reversed"
    #: It was paid in a way that cannot be undone, or Stripe could not: people decide.
    UNDECIDED = "undecided"
    #: The co-operative's reserve bears it; she keeps it.
    ABSORBED = "absorbed"
    #: She agreed that it comes off what she is paid later.
    OFFSET = "offset"
    #: The refund failed or the dispute was won: it is hers after all.
    RESTORED = "restored"


S = RecoveryStatus
RECOVERY_MOVES = Transitions(
    {
        S.WAITING: {S.REDUCED, S.REVERSING, S.UNDECIDED, S.RESTORED},
        S.REDUCED: {S.RESTORED},
        # Into itself: a part of it went its own way.
        S.REVERSING: {S.REVERSING, S.REVERSED, S.UNDECIDED},
        S.REVERSED: {S.RESTORED},
        S.UNDECIDED: {
            S.UNDECIDED,
            S.REDUCED,
            S.ABSORBED,
            S.OFFSET,
            S.REVERSING,
            S.REVERSED,
            S.RESTORED,
        },
        S.ABSORBED: {S.RESTORED},
        S.OFFSET: {S.RESTORED},
    }
)


class Recovery(Identified, OfCooperative, Living[RecoveryStatus], Base):
    """A part of one obligation that a refund or a lost dispute takes back.

    Its amount is written once, but for what is split off it because it went another way.

    A decision (absorbed or offset) has who, why, and for an offset the consent she gave.
    """

    __tablename__ = "recoveries"
    __table_args__ = (
        one_of("status", RecoveryStatus),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("(refund_id IS NULL) <> (dispute_id IS NULL)", name="one_cause"),
        CheckConstraint(
            "status NOT IN ('absorbed', 'offset') OR decided_by IS NOT NULL", name="decided"
        ),
        CheckConstraint(
            "status <> 'offset' OR (consent IS NOT NULL AND evidence_url IS NOT NULL)",
            name="consent",
        ),
        UniqueConstraint("refund_id", "obligation_id", "part"),
        UniqueConstraint("dispute_id", "obligation_id", "part"),
        Index(None, "obligation_id"),
        Index(None, "transfer_id"),
        Index(
            "ix_recoveries_open",
            "cooperative_id",
            "id",
            postgresql_where=text("status IN ('waiting', 'reversing', 'undecided')"),
        ),
    )
    MOVES: ClassVar = RECOVERY_MOVES
    NOUN: ClassVar[str] = "recovery"

    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    refund_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refunds.id"))
    dispute_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("disputes.id"))
    #: An obligation that was paid in parts, or not whole, is taken back in parts.
    part: Mapped[int] = mapped_column(default=1, server_default="1")
    amount_minor: Mapped[int]
    currency: Mapped[str]
    #: The transfer that is to come back, or did.
    transfer_id: Mapped[str | None]
    #: One made in Stripe's dashboard may be for several of them.
    reversal_id: Mapped[str | None] = mapped_column(index=True)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str | None]
    consent: Mapped[str | None]
    #: Where what shows her consent is kept: a photo of her signature or fingerprint.
    evidence_url: Mapped[str | None]
    created_at: Mapped[datetime]

    obligation: Mapped[Obligation] = relationship(lazy="joined")
    attempts: Mapped[list["ReversalAttempt"]] = relationship(
        order_by="ReversalAttempt.number", lazy="selectin"
    )


class ReversalAttempt(Attempted, Identified, OfCooperative, Base):
    """One try to have Stripe bring a part of a transfer back."""

    __tablename__ = "reversal_attempts"
    __table_args__ = (
        one_of("outcome", AttemptOutcome),
        UniqueConstraint("recovery_id", "number"),
        Index(
            "uq_reversal_attempts_one_live",
            "recovery_id",
            unique=True,
            postgresql_where=text(LIVE),
        ),
    )

    recovery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recoveries.id"))


class FoundReversal(Fact, Identified, OfCooperative, Base):
    """A reversal that somebody made in Stripe's dashboard and that no recovery had asked for.

    She did not keep that money, so it is owed to her again. ``round``: the one that is to meet it.
    """

    __tablename__ = "found_reversals"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        Index(None, "obligation_id"),
        Index(None, "transfer_id"),
    )

    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    round: Mapped[int]
    transfer_id: Mapped[str]
    reversal_id: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    found_at: Mapped[datetime]


class UndonePart(Fact, Identified, OfCooperative, Base):
    """What of one part of a sale went back, besides the makers' shares, which are recoveries.

    ``price``: of the price itself, in the order's currency; the others in settlement currency. What
    was undone in vain (the refund failed) has a second row below zero.
    """

    __tablename__ = "undone_parts"
    __table_args__ = (
        CheckConstraint("place IN ('line', 'shipping', 'tax')", name="place"),
        CheckConstraint("(place = 'line') = (line_id IS NOT NULL)", name="line"),
        CheckConstraint(
            "what IN ('price', 'fund', 'programme', 'fee', 'shipping', 'tax')", name="what"
        ),
        CheckConstraint("amount_minor <> 0", name="amount_minor"),
        CheckConstraint("(refund_id IS NULL) <> (dispute_id IS NULL)", name="one_cause"),
        Index(None, "order_id"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    refund_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refunds.id"))
    dispute_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("disputes.id"))
    place: Mapped[str]
    line_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("order_lines.id"))
    what: Mapped[str]
    amount_minor: Mapped[int]
    at: Mapped[datetime]
