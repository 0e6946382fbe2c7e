"""The tables of people."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import one_of
from people.permissions import Role


class Cooperative(Identified, Base):
    """A co-operative; every domain row belongs to one."""

    __tablename__ = "cooperatives"
    __table_args__ = (
        CheckConstraint("tag_prefix ~ '^[2-9A-HJKMNP-Z]{3}$'", name="tag_prefix"),
        CheckConstraint("slug ~ '^[a-z0-9-]{2,60}$'", name="slug"),
    )

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    tag_prefix: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]
    place: Mapped[str]
    currency: Mapped[str]
    created_at: Mapped[datetime]
    #: It is its own.
    cooperative_id: Mapped[uuid.UUID] = synonym("id")


class OfCooperative:
    """Mix-in for a row that belongs to one co-operative."""

    cooperative_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cooperatives.id"), index=True)


class Maker(Identified, OfCooperative, Base):
    """A woman who spins, dyes, weaves or finishes. Her legal name never leaves the office."""

    __tablename__ = "makers"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "id"),
        CheckConstraint("length(legal_name) BETWEEN 1 AND 200", name="legal_name"),
        CheckConstraint("length(public_name) BETWEEN 1 AND 100", name="public_name"),
    )

    legal_name: Mapped[str]
    public_name: Mapped[str]
    story: Mapped[dict[str, str]] = mapped_column(default=dict)
    photo_url: Mapped[str | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class Purpose(StrEnum):
    """What a maker can allow, each by itself; income and origin are sensitive (Ley 29733, 2.5)."""

    PUBLIC_PROFILE = "public_profile"
    PHOTO = "photo"
    PRICE_SHARE = "price_share"


class Medium(StrEnum):
    """How a consent was given (DS 016-2024-JUS art. 5.1.2 counts a fingerprint as written)."""

    WRITTEN = "written"
    FINGERPRINT = "fingerprint"
    ORAL_RECORDING = "oral_recording"
    ELECTRONIC = "electronic"


class Consent(Fact, Identified, OfCooperative, Base):
    """A maker's recorded yes to one purpose; ended only by a ConsentRevocation."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("medium", Medium),
        CheckConstraint("language IN ('en', 'es', 'qu')", name="language"),
        CheckConstraint(f"recorded_by ~ '{ACTOR_PATTERN}'", name="recorded_by"),
        Index(None, "maker_id", "purpose"),
    )

    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("makers.id"))
    purpose: Mapped[str]
    text_version: Mapped[str]
    language: Mapped[str]
    medium: Mapped[str]
    given_on: Mapped[date]
    witness: Mapped[str]
    evidence_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]

    revocation: Mapped["ConsentRevocation | None"] = relationship(lazy="joined", viewonly=True)


class ConsentRevocation(Fact, Identified, OfCooperative, Base):
    """A maker's recorded no to what she had allowed; public pages obey it at once."""

    __tablename__ = "consent_revocations"

    consent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consents.id"), unique=True)
    reason: Mapped[str]
    revoked_at: Mapped[datetime]
    recorded_by: Mapped[str]


class Staff(Identified, OfCooperative, Base):
    """A person who works for the co-operative; she may be a maker too."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("cooperative_id", "email"),)

    name: Mapped[str]
    email: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="es")
    maker_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("makers.id"))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    roles: Mapped[list["StaffRole"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="StaffRole.role"
    )

    @property
    def role_names(self) -> list[str]:
        """Her roles, sorted."""
        return sorted(row.role for row in self.roles)


class StaffRole(Base):
    """One role of one staff member."""

    __tablename__ = "staff_roles"
    __table_args__ = (one_of("role", Role),)

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    granted_at: Mapped[datetime]
    granted_by: Mapped[str]


class Application(Identified, OfCooperative, Base):
    """A named program of a partner that speaks to the API."""

    __tablename__ = "applications"
    __table_args__ = (UniqueConstraint("cooperative_id", "name"),)

    name: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class ApiKey(Identified, OfCooperative, Base):
    """A key that speaks for one staff member or one application. Its secret is stored hashed."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("num_nonnulls(staff_id, application_id) = 1", name="one_owner"),
        CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash"),
    )

    prefix: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[bytes]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"))
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]

    staff: Mapped[Staff | None] = relationship(lazy="joined")
    application: Mapped[Application | None] = relationship(lazy="joined")
