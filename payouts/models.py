"""The tables of what is owed and how it is met."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    literal,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from people.models import Maker, OfCooperative


class FeeBearer(StrEnum):
    """Whose part the card fee is taken from."""

    FUND = "fund"
    PROGRAMME = "programme"
    EVERYONE = "everyone"


class SharePolicy(Fact, Identified, OfCooperative, Base):
    """One version of how a sale is divided, in basis points that sum to 10,000."""

    __tablename__ = "share_policies"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "version"),
        one_of("fee_bearer", FeeBearer),
        CheckConstraint(
            "makers_bp >= 0 AND fund_bp >= 0 AND programme_bp >= 0"
            " AND makers_bp + fund_bp + programme_bp = 10000",
            name="sums_to_whole",
        ),
        CheckConstraint("hold_days_online >= 0 AND hold_days_stall >= 0", name="hold_days"),
    )

    version: Mapped[int]
    makers_bp: Mapped[int]
    fund_bp: Mapped[int]
    programme_bp: Mapped[int]
    fee_bearer: Mapped[str]
    hold_days_online: Mapped[int]
    hold_days_stall: Mapped[int]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    actor: Mapped[str]


class Rail(StrEnum):
    """The ways money reaches a maker."""

    STRIPE_TRANSFER = "stripe_transfer"
    MANUAL = "manual"


class PayoutAccount(OfCooperative, Base):
    """A maker's account at Stripe and what Stripe last said of it; not having one is normal."""

    __tablename__ = "payout_accounts"
    __table_args__ = (
        CheckConstraint(
            "capability IN ('active','pending','restricted','unsupported','unknown')",
            name="capability",
        ),
    )

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"), primary_key=True)
    key: Mapped[str]
    request: Mapped[dict[str, Any]]
    account_id: Mapped[str | None] = mapped_column(unique=True)
    capability: Mapped[str]
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class ObligationStatus(StrEnum):
    """Where an obligation is in its life."""

    HELD = "held"
    DUE = "due"
    SETTLING = "settling"
    SETTLED = "settled"
    CANCELLED = "cancelled"


S = ObligationStatus
OBLIGATION_MOVES = Transitions(
    {
        S.HELD: {S.DUE, S.CANCELLED},
        S.DUE: {S.SETTLING, S.SETTLED, S.CANCELLED},
        S.SETTLING: {S.SETTLED, S.DUE},
    }
)


class Obligation(Identified, OfCooperative, Living[ObligationStatus], Base):
    """What one maker is owed for one accepted piece or one sold line; its amount never changes."""

    __tablename__ = "obligations"
    __table_args__ = (
        one_of("status", ObligationStatus),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(
            "(agreement = 'share_on_sale' AND line_id IS NOT NULL AND policy_id IS NOT NULL)"
            " OR (agreement = 'pay_on_acceptance' AND line_id IS NULL)",
            name="agreement",
        ),
        UniqueConstraint("line_id", "maker_id"),
        Index(
            "uq_obligations_one_per_accepted_piece",
            "piece_id",
            "maker_id",
            unique=True,
            postgresql_where=text("agreement = 'pay_on_acceptance' AND status <> 'cancelled'"),
        ),
        Index(None, "cooperative_id", "status", "id"),
        Index(None, "maker_id", "id"),
        Index(None, "order_id"),
        Index(
            "ix_obligations_to_settle",
            "id",
            postgresql_where=text("status IN ('due', 'settling')"),
        ),
        Index("ix_obligations_falling_due", "due_at", postgresql_where=text("status = 'held'")),
    )
    MOVES: ClassVar = OBLIGATION_MOVES
    NOUN: ClassVar[str] = "obligation"

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orders.id"))
    line_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("order_lines.id"))
    policy_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("share_policies.id"))
    agreement: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    charge_id: Mapped[str | None]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    maker: Mapped[Maker] = relationship(lazy="joined")
    attempts: Mapped[list["SettlementAttempt"]] = relationship(
        order_by="SettlementAttempt.number", lazy="selectin"
    )
    settlement: Mapped["Settlement | None"] = relationship(lazy="selectin", viewonly=True)


class AttemptOutcome(StrEnum):
    """What came of a settlement attempt; none yet means it may have succeeded."""

    SETTLED = "settled"
    REFUSED = "refused"
    NEVER_ARRIVED = "never_arrived"


#: After a no, the next try waits 1, 2, 4, 8 and from then on 16 hours.
FIRST_REST = timedelta(hours=1)
MOST_DOUBLINGS = 4


class SettlementAttempt(Identified, OfCooperative, Base):
    """One try to pay one obligation: committed, with key and frozen request, before the call."""

    __tablename__ = "settlement_attempts"
    __table_args__ = (
        one_of("rail", Rail),
        one_of("outcome", AttemptOutcome),
        UniqueConstraint("obligation_id", "number"),
        Index(
            "uq_settlement_attempts_one_live",
            "obligation_id",
            unique=True,
            postgresql_where=text("outcome IS NULL OR outcome = 'settled'"),
        ),
    )

    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    number: Mapped[int]
    rail: Mapped[str]
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


class Settlement(Fact, Identified, OfCooperative, Base):
    """How an obligation was met: exactly one, with its proof."""

    __tablename__ = "settlements"
    __table_args__ = (
        one_of("rail", Rail),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("(rail = 'manual') = (receipt_id IS NOT NULL)", name="receipt"),
        CheckConstraint("(rail = 'stripe_transfer') = (transfer_id IS NOT NULL)", name="transfer"),
    )

    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"), unique=True)
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("settlement_attempts.id"))
    rail: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    transfer_id: Mapped[str | None] = mapped_column(unique=True)
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("receipts.id"), unique=True)
    settled_at: Mapped[datetime]
    actor: Mapped[str]

    receipt: Mapped["Receipt | None"] = relationship(lazy="joined")


class PayMethod(StrEnum):
    """How money was given by hand (methods as used in the valley)."""

    CASH = "cash"
    YAPE = "yape"
    PLIN = "plin"
    BANK = "bank"


class Receipt(Fact, Identified, OfCooperative, Base):
    """The paper of a manual settlement: what was given, how, by whom, and who saw it."""

    __tablename__ = "receipts"
    __table_args__ = (
        one_of("method", PayMethod),
        UniqueConstraint("cooperative_id", "number"),
        CheckConstraint("paid_by_id <> witness_id", name="two_names"),
        CheckConstraint("paid_minor > 0", name="paid_minor"),
    )

    number: Mapped[str]
    method: Mapped[str]
    paid_minor: Mapped[int]
    paid_currency: Mapped[str]
    rate: Mapped[str | None]
    paid_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    witness_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    evidence_url: Mapped[str | None]
    note: Mapped[str]
    paid_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class Posting(Fact, Identified, OfCooperative, Base):
    """One amount from one account to another. With two ends, an unbalanced one cannot be said."""

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("source <> destination", name="two_ends"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        UniqueConstraint("event", "position"),
        Index(None, "cooperative_id", "source"),
        Index(None, "cooperative_id", "destination"),
        Index(None, "order_id"),
    )

    #: What happened, once: ``order_paid:<id>``, ``settled:<id>``, ``accepted:<id>``.
    event: Mapped[str]
    position: Mapped[int]
    source: Mapped[str]
    destination: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    why: Mapped[str]
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orders.id"))
    obligation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("obligations.id"))
    actor: Mapped[str] = mapped_column()
    at: Mapped[datetime]
