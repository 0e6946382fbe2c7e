"""The tables of what is owed and how it is met."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from payments.attempts import LIVE, Attempted, AttemptOutcome
from payouts.receipt_models import Receipt
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
        CheckConstraint("refund_fee_bearer IN ('fund', 'programme')", name="refund_fee_bearer"),
        CheckConstraint("hold_days_online >= 0 AND hold_days_stall >= 0", name="hold_days"),
    )

    version: Mapped[int]
    makers_bp: Mapped[int]
    fund_bp: Mapped[int]
    programme_bp: Mapped[int]
    fee_bearer: Mapped[str]
    hold_days_online: Mapped[int]
    hold_days_stall: Mapped[int]
    #: Who bears a card fee that Stripe keeps when the sale is undone.
    refund_fee_bearer: Mapped[str] = mapped_column(default="fund", server_default="fund")
    #: By currency, the least that is sent to a bank at once; what is less waits for more.
    minimum_payout: Mapped[dict[str, int]] = mapped_column(
        default=dict, server_default=text("'{}'")
    )
    reason: Mapped[str]
    created_at: Mapped[datetime]
    actor: Mapped[str]

    @property
    def least_payouts(self) -> list[dict[str, Any]]:
        """The least that is sent to a bank at once, as amounts."""
        least = sorted(self.minimum_payout.items())
        return [{"amount_minor": minor, "currency": currency} for currency, minor in least]


class Rail(StrEnum):
    """The ways money reaches a maker."""

    STRIPE_TRANSFER = "stripe_transfer"
    STRIPE_OUTBOUND = "stripe_outbound"
    MANUAL = "manual"
    #: Nothing was sent: the whole of it had been given her before, as an advance.
    ADVANCE = "advance"


class RailChoice(Fact, Identified, OfCooperative, Base):
    """The rail a maker prefers, from then on; the newest counts. Without one, the house chooses."""

    __tablename__ = "rail_choices"
    __table_args__ = (
        CheckConstraint("rail IN ('stripe_transfer', 'stripe_outbound', 'manual')", name="rail"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        Index(None, "maker_id", "id"),
    )

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    rail: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]


class PayoutAccount(OfCooperative, Base):
    """A maker's account at Stripe and what Stripe last said of it; not having one is normal.

    ``capability`` is for transfers; ``bank_capability`` for payments to her bank, which also need
    a ``payout_method``.
    """

    __tablename__ = "payout_accounts"
    __table_args__ = (
        CheckConstraint(
            "capability IN ('active','pending','restricted','unsupported','unknown')",
            name="capability",
        ),
        CheckConstraint(
            "bank_capability IN ('active','pending','restricted','unsupported','unknown')",
            name="bank_capability",
        ),
    )

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"), primary_key=True)
    key: Mapped[str]
    request: Mapped[dict[str, Any]]
    account_id: Mapped[str | None] = mapped_column(unique=True)
    capability: Mapped[str]
    bank_capability: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    payout_method: Mapped[str | None]
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
    REVERSED = "reversed"


S = ObligationStatus
OBLIGATION_MOVES = Transitions(
    {
        S.HELD: {S.DUE, S.CANCELLED},
        S.DUE: {S.SETTLING, S.SETTLED, S.CANCELLED},
        S.SETTLING: {S.SETTLED, S.DUE},
        # Due again: a bank sent the money back, or what was taken back is hers after all.
        S.SETTLED: {S.DUE, S.REVERSED},
        S.CANCELLED: {S.HELD, S.DUE},
        S.REVERSED: {S.DUE},
    }
)


class Obligation(Identified, OfCooperative, Living[ObligationStatus], Base):
    """What one maker is owed for one accepted piece or one sold line; its amount never changes.

    What comes off it are facts beside it: recoveries, deductions, settlements. ``round`` counts how
    often it had to be met: 1, and one more whenever it was opened again.
    """

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
            "part",
            unique=True,
            postgresql_where=text("agreement = 'pay_on_acceptance' AND status <> 'cancelled'"),
        ),
        Index(None, "cooperative_id", "status", "id"),
        Index(None, "maker_id", "id"),
        Index(None, "order_id"),
        Index(None, "piece_id"),
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
    #: Of an accepted piece: 1, and one more for what was added once a better price counted.
    part: Mapped[int] = mapped_column(default=1, server_default="1")
    amount_minor: Mapped[int]
    currency: Mapped[str]
    charge_id: Mapped[str | None]
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    maker: Mapped[Maker] = relationship(lazy="joined")
    attempts: Mapped[list["SettlementAttempt"]] = relationship(
        order_by="SettlementAttempt.number", lazy="selectin"
    )
    settlements: Mapped[list["Settlement"]] = relationship(
        lazy="selectin", viewonly=True, order_by="Settlement.round"
    )

    @property
    def paid_by_hand(self) -> bool:
        """Whether its sale was paid at the stall: the money is not at Stripe."""
        return self.order_id is not None and self.charge_id is None

    @property
    def settlement(self) -> "Settlement | None":
        """How it was met, if it is: the settlement of this round."""
        return next((row for row in self.settlements if row.round == self.round), None)


class SettlementAttempt(Attempted, Identified, OfCooperative, Base):
    """One try to pay one obligation by transfer; its rail is frozen on it."""

    __tablename__ = "settlement_attempts"
    __table_args__ = (
        one_of("rail", Rail),
        one_of("outcome", AttemptOutcome),
        UniqueConstraint("obligation_id", "number"),
        Index(
            "uq_settlement_attempts_one_live",
            "obligation_id",
            "round",
            unique=True,
            postgresql_where=text(LIVE),
        ),
    )

    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    rail: Mapped[str]


class Settlement(Fact, Identified, OfCooperative, Base):
    """How an obligation was met: exactly one for each round, with its proof.

    ``amount_minor`` is what was sent or given: the obligation less what came off it.
    """

    __tablename__ = "settlements"
    __table_args__ = (
        one_of("rail", Rail),
        UniqueConstraint("obligation_id", "round"),
        CheckConstraint("amount_minor > 0 OR rail = 'advance'", name="amount_minor"),
        CheckConstraint("(rail = 'manual') = (receipt_id IS NOT NULL)", name="receipt"),
        CheckConstraint("(rail = 'stripe_transfer') = (transfer_id IS NOT NULL)", name="transfer"),
        CheckConstraint(
            "(rail = 'stripe_outbound') = (outbound_payment_id IS NOT NULL)", name="outbound"
        ),
        Index(None, "receipt_id"),
        Index(None, "outbound_payment_id"),
    )

    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligations.id"))
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("settlement_attempts.id"))
    rail: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    transfer_id: Mapped[str | None] = mapped_column(unique=True)
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("receipts.id"))
    outbound_payment_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("outbound_payments.id")
    )
    settled_at: Mapped[datetime]
    actor: Mapped[str]

    receipt: Mapped[Receipt | None] = relationship(lazy="joined")
    undone: Mapped["SettlementUndone | None"] = relationship(lazy="selectin", viewonly=True)


class SettlementUndone(Fact, OfCooperative, Base):
    """A settlement that did not hold: a bank sent the money back after it had arrived."""

    __tablename__ = "settlements_undone"

    settlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("settlements.id"), primary_key=True)
    why: Mapped[str]
    at: Mapped[datetime]


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

    #: What happened, once: ``order_paid:<id>``, ``accepted:<id>``, ``settled:<id>:<round>`` …
    event: Mapped[str]
    position: Mapped[int]
    source: Mapped[str]
    destination: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    why: Mapped[str]
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orders.id"))
    obligation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("obligations.id"))
    actor: Mapped[str]
    at: Mapped[datetime]
