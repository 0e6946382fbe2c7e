"""The tables of buying and fulfilling."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actors import ACTOR_PATTERN
from core.db import Base, Identified
from core.facts import Fact
from core.lives import Living, Transitions, one_of
from inventory.models import Piece
from people.models import OfCooperative


class OrderStatus(StrEnum):
    """Where an order is in its life."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    PART_FULFILLED = "part_fulfilled"
    FULFILLED = "fulfilled"
    CLOSED = "closed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


S = OrderStatus
ORDER_MOVES = Transitions(
    {
        S.AWAITING_PAYMENT: {S.PAID, S.EXPIRED, S.CANCELLED},
        S.PAID: {S.PART_FULFILLED, S.FULFILLED, S.CANCELLED},
        S.PART_FULFILLED: {S.FULFILLED},
        S.FULFILLED: {S.CLOSED},
        # Money that came after the end, for pieces that are still free: the sale stands after all.
        S.EXPIRED: {S.PAID},
        S.CANCELLED: {S.PAID},
    }
)


class Channel(StrEnum):
    """Where the order was placed."""

    ONLINE = "online"
    STALL = "stall"


class Fulfilment(StrEnum):
    """How the pieces reach the buyer."""

    SHIP = "ship"
    PICK_UP = "pick_up"


class Order(Identified, OfCooperative, Living[OrderStatus], Base):
    """What a buyer asked for; prices are copied, totals are constrained to add up."""

    __tablename__ = "orders"
    __table_args__ = (
        one_of("status", OrderStatus),
        one_of("channel", Channel),
        one_of("fulfilment", Fulfilment),
        CheckConstraint(
            "subtotal_minor > 0 AND shipping_minor >= 0 AND tax_minor >= 0"
            " AND total_minor = subtotal_minor + shipping_minor + tax_minor",
            name="total",
        ),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(
            "(status IN ('paid', 'part_fulfilled', 'fulfilled', 'closed'))"
            " <= (paid_at IS NOT NULL)",
            name="paid_at",
        ),
        Index(None, "cooperative_id", "status", "id"),
    )
    MOVES: ClassVar = ORDER_MOVES
    NOUN: ClassVar[str] = "order"

    number: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    fulfilment: Mapped[str]
    currency: Mapped[str]
    subtotal_minor: Mapped[int]
    shipping_minor: Mapped[int]
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    shipping_label: Mapped[str]
    tax_label: Mapped[str]
    buyer_email: Mapped[str | None]
    buyer_name: Mapped[str | None]
    address: Mapped[dict[str, Any] | None]
    language: Mapped[str]
    placed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    cancel_requested_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]

    lines: Mapped[list["OrderLine"]] = relationship(
        order_by="OrderLine.position", lazy="selectin", back_populates="order"
    )
    payment: Mapped["OrderPayment | None"] = relationship(lazy="selectin", viewonly=True)
    attempts: Mapped[list["CheckoutAttempt"]] = relationship(
        order_by="CheckoutAttempt.number", lazy="selectin"
    )
    shipments: Mapped[list["Shipment"]] = relationship(
        order_by="Shipment.id", lazy="selectin", viewonly=True
    )
    refunds: Mapped[list[Any]] = relationship(
        "Refund", order_by="Refund.id", lazy="selectin", viewonly=True
    )

    @property
    def awaiting(self) -> bool:
        """Whether nobody has paid yet and somebody still may."""
        return self.status == OrderStatus.AWAITING_PAYMENT

    @property
    def last_attempt(self) -> "CheckoutAttempt":
        """The newest try to open a Checkout Session; every order has one from the start."""
        return self.attempts[-1]


class OrderLine(Fact, Identified, OfCooperative, Base):
    """One piece at the price agreed."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "piece_id"),
        UniqueConstraint("order_id", "position"),
        CheckConstraint("price_minor > 0", name="price_minor"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), index=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    title: Mapped[str]
    price_minor: Mapped[int]

    order: Mapped[Order] = relationship(back_populates="lines")
    piece: Mapped[Piece] = relationship(lazy="joined")


class CheckoutStatus(StrEnum):
    """What we know of one Checkout Session."""

    ASKING = "asking"
    OPEN = "open"
    REFUSED = "refused"
    COMPLETE = "complete"
    EXPIRED = "expired"


class CheckoutAttempt(Identified, OfCooperative, Base):
    """One try to open a Checkout Session: written and committed before Stripe is asked.

    ``request`` is frozen, so a repetition sends the same bytes under the same ``key``.
    """

    __tablename__ = "checkout_attempts"
    __table_args__ = (
        one_of("status", CheckoutStatus),
        UniqueConstraint("order_id", "number"),
        Index(
            "uq_checkout_attempts_one_live",
            "order_id",
            unique=True,
            postgresql_where=text("status IN ('asking', 'open', 'complete')"),
        ),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    request: Mapped[dict[str, Any]]
    status: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]
    reason: Mapped[str | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Tender(StrEnum):
    """What a buyer pays with: Stripe's page, or by hand at the stall."""

    STRIPE = "stripe"
    CASH = "cash"
    YAPE = "yape"
    PLIN = "plin"
    BANK = "bank"


class OrderPayment(Fact, OfCooperative, Base):
    """What was paid: Stripe's charge and how Stripe booked it, or what was given at the stall.

    Given by hand: no fee, settled as it was charged, with a receipt's number, the change that was
    given back, and who took it.
    """

    __tablename__ = "order_payments"
    __table_args__ = (
        one_of("tender", Tender),
        CheckConstraint(
            "(tender = 'stripe') = (charge_id IS NOT NULL)"
            " AND (tender = 'stripe') = (session_id IS NOT NULL)"
            " AND (tender = 'stripe') = (payment_intent_id IS NOT NULL)"
            " AND (tender = 'stripe') = (balance_transaction_id IS NOT NULL)",
            name="stripe",
        ),
        CheckConstraint(
            "(tender <> 'stripe') = (receipt_number IS NOT NULL)"
            " AND (tender <> 'stripe') = (given_minor IS NOT NULL)"
            " AND (tender <> 'stripe') = (taken_by_id IS NOT NULL)"
            " AND (given_minor IS NULL OR given_minor >= charged_minor)",
            name="by_hand",
        ),
        UniqueConstraint("cooperative_id", "receipt_number"),
        CheckConstraint("gross_minor > 0 AND fee_minor >= 0", name="gross"),
        CheckConstraint("net_minor = gross_minor - fee_minor", name="net"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    tender: Mapped[str] = mapped_column(default=Tender.STRIPE.value, server_default="stripe")
    session_id: Mapped[str | None]
    payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    charge_id: Mapped[str | None] = mapped_column(unique=True)
    balance_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    charged_minor: Mapped[int]
    charged_currency: Mapped[str]
    gross_minor: Mapped[int]
    fee_minor: Mapped[int]
    net_minor: Mapped[int]
    settlement_currency: Mapped[str]
    exchange_rate: Mapped[str | None]
    receipt_number: Mapped[str | None]
    given_minor: Mapped[int | None]
    taken_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    paid_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    @property
    def change_minor(self) -> int:
        """What was given back to whoever paid by hand."""
        return 0 if self.given_minor is None else self.given_minor - self.charged_minor


class StrayPayment(Fact, Identified, OfCooperative, Base):
    """Money Stripe took that no order can keep: paid twice, or after its pieces were gone.

    It is sent back at once; the refund names it by its charge.
    """

    __tablename__ = "stray_payments"
    __table_args__ = (
        CheckConstraint("gross_minor > 0 AND fee_minor >= 0", name="gross"),
        CheckConstraint("net_minor = gross_minor - fee_minor", name="net"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    charge_id: Mapped[str] = mapped_column(unique=True)
    balance_transaction_id: Mapped[str] = mapped_column(unique=True)
    charged_minor: Mapped[int]
    charged_currency: Mapped[str]
    gross_minor: Mapped[int]
    fee_minor: Mapped[int]
    net_minor: Mapped[int]
    settlement_currency: Mapped[str]
    why: Mapped[str]
    paid_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class ShipmentKind(StrEnum):
    """How pieces left the house."""

    CARRIER = "carrier"
    BY_HAND = "by_hand"


class Shipment(Fact, Identified, OfCooperative, Base):
    """Pieces of one order that left, by a carrier or by hand."""

    __tablename__ = "shipments"
    __table_args__ = (
        one_of("kind", ShipmentKind),
        CheckConstraint("(kind = 'carrier') = (carrier IS NOT NULL)", name="carrier"),
        CheckConstraint(f"actor ~ '{ACTOR_PATTERN}'", name="actor"),
        Index(None, "order_id"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[str]
    carrier: Mapped[str | None]
    tracking: Mapped[str | None]
    at: Mapped[datetime]
    actor: Mapped[str]

    pieces: Mapped[list["ShipmentPiece"]] = relationship(
        lazy="selectin", order_by="ShipmentPiece.piece_id"
    )


class ShipmentPiece(Fact, OfCooperative, Base):
    """A piece in a shipment; a line leaves the house once."""

    __tablename__ = "shipment_pieces"

    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipments.id"), primary_key=True)
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"), unique=True)
    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"), primary_key=True)


class ShippingRate(Identified, OfCooperative, Base):
    """What shipping costs to a zone up to a weight, in one currency."""

    __tablename__ = "shipping_rates"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "zone", "currency", "up_to_g"),
        CheckConstraint("up_to_g > 0 AND amount_minor >= 0", name="amount"),
    )

    zone: Mapped[str]
    countries: Mapped[list[str]]
    currency: Mapped[str]
    up_to_g: Mapped[int]
    amount_minor: Mapped[int]
    label: Mapped[str]


class TaxRule(Identified, OfCooperative, Base):
    """A tax on orders fulfilled one way, for as long as it is in force. None means no tax."""

    __tablename__ = "tax_rules"
    __table_args__ = (
        one_of("fulfilment", Fulfilment),
        CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate_bp"),
    )

    fulfilment: Mapped[str]
    label: Mapped[str]
    rate_bp: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
