"""The tables of the books: money the treasurer moved outside Pallay, and kept reports."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from people.models import OfCooperative


class Pocket(StrEnum):
    """Where the co-operative's money is, or what it is set aside for; each an account."""

    BANK = "bank"
    CASH_BOX = "cash_box"
    STRIPE = "stripe"
    STRIPE_OUTBOUND = "stripe_outbound"
    BY_HAND = "by_hand"
    FUND = "fund"
    RESERVE = "reserve"
    PROGRAMME = "programme"
    SHIPPING = "shipping"
    TAX = "tax"
    OUTSIDE = "outside"


#: What money is set aside for; the others are where it is.
PURPOSES = frozenset({Pocket.FUND, Pocket.RESERVE, Pocket.PROGRAMME, Pocket.SHIPPING, Pocket.TAX})


class TreasuryMove(Fact, Identified, OfCooperative, Base):
    """Money moved by hand: a payout to the bank, a top-up, the reserve declared."""

    __tablename__ = "treasury_moves"
    __table_args__ = (
        one_of("source", Pocket),
        one_of("destination", Pocket),
        CheckConstraint("source <> destination", name="two_ends"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        UniqueConstraint("stripe_id", "source"),
        Index(None, "cooperative_id", "id"),
    )

    source: Mapped[str]
    destination: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    #: The payout at Stripe it stands for, where there is one.
    stripe_id: Mapped[str | None]
    why: Mapped[str]
    evidence_url: Mapped[str | None]
    moved_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]


class Reconciliation(Fact, Identified, Base):
    """The report of one run of reconcile: what was compared, when, and every row that differed."""

    __tablename__ = "reconciliations"
    __table_args__ = (CheckConstraint("difference_count >= 0", name="difference_count"),)

    since: Mapped[datetime | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    difference_count: Mapped[int]
    #: {"rows": [...], "checked": {"1": 120, ...}}
    report: Mapped[dict[str, Any]]
    actor: Mapped[str]
