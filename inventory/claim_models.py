"""The tables of claims: what a listing says of its pieces, and what may be said at all."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from inventory.design_models import Fibre
from people.models import OfCooperative


class ClaimKind(StrEnum):
    """Everything that can be claimed of the yarn of a piece; nothing else can."""

    FIBRE = "fibre"
    HAND_SPUN = "hand_spun"
    NATURAL_DYES = "natural_dyes"
    DYED_WITH = "dyed_with"
    UNDYED = "undyed"
    FASTNESS_TESTED = "fastness_tested"


class Verdict(StrEnum):
    """What a rule says about a phrase on a page; ``allowed`` ends an earlier rule."""

    FORBIDDEN = "forbidden"
    NEEDS_CLAIM = "needs_claim"
    NEEDS_FIBRE = "needs_fibre"
    ALLOWED = "allowed"


class ListingClaim(Identified, OfCooperative, Base):
    """One thing a listing claims of every piece behind it."""

    __tablename__ = "listing_claims"
    __table_args__ = (
        one_of("kind", ClaimKind),
        one_of("fibre", Fibre),
        CheckConstraint("(kind = 'fibre') = (fibre IS NOT NULL)", name="fibre_named"),
        CheckConstraint("(fibre IS NULL) = (share_bp IS NULL)", name="share_named"),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_bp"),
        CheckConstraint("(kind = 'dyed_with') = (dye IS NOT NULL)", name="dye_named"),
        ForeignKeyConstraint(
            ["cooperative_id", "dye"], ["dyestuffs.cooperative_id", "dyestuffs.code"]
        ),
        Index(
            "uq_listing_claims_once",
            "listing_id",
            "kind",
            "fibre",
            "dye",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    kind: Mapped[str]
    fibre: Mapped[str | None]
    share_bp: Mapped[int | None]
    dye: Mapped[str | None]


class ClaimPolicy(Fact, Identified, OfCooperative, Base):
    """Which claims a co-operative makes at all, and what each needs, from a day on."""

    __tablename__ = "claim_policies"
    __table_args__ = (
        CheckConstraint("fibre_tolerance_bp BETWEEN 0 AND 2000", name="fibre_tolerance_bp"),
        Index(None, "cooperative_id", "valid_from", "id"),
    )

    allowed: Mapped[list[str]]
    fibre_tolerance_bp: Mapped[int]
    composition_needs_lots: Mapped[bool]
    natural_needs_swatch: Mapped[bool]
    valid_from: Mapped[date]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class WordingRule(Fact, Identified, OfCooperative, Base):
    """A phrase that a page may not use, or only when something is claimed; from a day on.

    ``phrase`` is as people write it; a star at its end stands for any ending.
    """

    __tablename__ = "wording_rules"
    __table_args__ = (
        one_of("verdict", Verdict),
        one_of("claim", ClaimKind),
        one_of("fibre", Fibre),
        CheckConstraint("language IN ('en', 'es', 'qu')", name="language"),
        CheckConstraint("(verdict = 'needs_claim') = (claim IS NOT NULL)", name="claim_named"),
        CheckConstraint("verdict <> 'needs_fibre' OR fibre IS NOT NULL", name="fibre_named"),
        Index(None, "cooperative_id", "phrase", "valid_from", "id"),
    )

    phrase: Mapped[str]
    language: Mapped[str]
    verdict: Mapped[str]
    claim: Mapped[str | None]
    fibre: Mapped[str | None]
    reason: Mapped[str]
    valid_from: Mapped[date]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
