"""The tables of labels: numbers of GS1, care symbols, and who answers for goods in a market."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from labels.care_words import Bleach, Dry, Iron, Professional, Wash
from labels.markets import Market
from people.models import OfCooperative


class Gtin(Fact, Identified, OfCooperative, Base):
    """A number of GS1 that the co-operative owns for one design, padded to 14 digits.

    It is never given to another design: what was printed with it leads here for good.
    """

    __tablename__ = "gtins"
    __table_args__ = (
        CheckConstraint("gtin ~ '^[0-9]{14}$'", name="gtin"),
        UniqueConstraint("cooperative_id", "gtin"),
        Index(None, "design_id", "id"),
    )

    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"))
    gtin: Mapped[str]
    #: What shows that it is owned: the contract or certificate of GS1.
    evidence: Mapped[str]
    created_at: Mapped[datetime]
    actor: Mapped[str]

    ending: Mapped["GtinEnding | None"] = relationship(lazy="joined", viewonly=True)


class GtinEnding(Fact, OfCooperative, Base):
    """A GTIN is printed no longer; what carries it still leads to its piece."""

    __tablename__ = "gtin_endings"

    gtin_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("gtins.id"), primary_key=True)
    reason: Mapped[str]
    ended_at: Mapped[datetime]
    actor: Mapped[str]


class CareSymbols(Fact, Identified, OfCooperative, Base):
    """The five care symbols of a design; the newest row counts."""

    __tablename__ = "care_symbols"
    __table_args__ = (
        one_of("wash", Wash),
        one_of("bleach", Bleach),
        one_of("dry", Dry),
        one_of("iron", Iron),
        one_of("professional", Professional),
        Index(None, "design_id", "id"),
    )

    design_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("designs.id"))
    wash: Mapped[str]
    bleach: Mapped[str]
    dry: Mapped[str]
    iron: Mapped[str]
    professional: Mapped[str]
    #: On what it rests: a test, the yarn's maker, the custom of the trade.
    basis: Mapped[str]
    created_at: Mapped[datetime]
    actor: Mapped[str]


class LabelParty(Fact, Identified, OfCooperative, Base):
    """Who answers for the co-operative's goods in one market, from a day on; the newest counts."""

    __tablename__ = "label_parties"
    __table_args__ = (
        one_of("market", Market),
        CheckConstraint("length(name) BETWEEN 1 AND 120", name="name"),
        CheckConstraint("length(address) BETWEEN 1 AND 200", name="address"),
        Index(None, "cooperative_id", "market", "valid_from"),
    )

    market: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    #: An e-mail or web address, where a market asks for one.
    contact: Mapped[str | None]
    #: A number by which it is registered there, as the RN of the United States.
    registration: Mapped[str | None]
    valid_from: Mapped[date]
    created_at: Mapped[datetime]
    actor: Mapped[str]
