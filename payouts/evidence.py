"""Evidence: everything we hold about a disputed order, in one archive, for the bank that asks.

An archive of plain files: JSON for programs, one text for people, photos, and a list of checksums.
The same facts give the same bytes.
"""

import hashlib
import io
import uuid
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.lives import LifeMove
from core.money import in_major
from inventory.listing_models import Listing
from orders.dispute_models import Dispute
from orders.disputes import get_dispute
from orders.message_models import OrderMessage
from orders.models import Order
from orders.refund_models import Refund
from payouts.evidence_photos import pictures_of
from people.models import Cooperative
from photos.storage import Store
from quality.inspections import newest

#: Archives made of the same facts are the same to the byte.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def evidence_of(
    session: Session, store: Store, dispute_id: uuid.UUID, *, actor: Actor
) -> tuple[str, bytes]:
    """The archive's name and its bytes. It holds the buyer's name and address: handle it so.

    Raises StoreUnavailable where the photos cannot be had now.
    """
    dispute = get_dispute(session, dispute_id, actor=actor)
    order = session.get_one(Order, dispute.order_id)
    pictures = pictures_of(session, store, order)
    told = {
        "dispute.json": _dispute(dispute),
        "order.json": _order(order),
        "shipments.json": [_shipment(row) for row in order.shipments],
        "pieces.json": [_piece(session, line) for line in order.lines],
        "refunds.json": _refunds(session, order),
        "messages.json": _messages(session, order),
        "photos.json": pictures.told,
        "history.json": _history(session, order),
    }
    files = {name: orjson.dumps(facts, option=orjson.OPT_INDENT_2) for name, facts in told.items()}
    files["summary.txt"] = _summary(session, dispute, order).encode()
    return f"evidence-{order.number}.zip", _archive(files | pictures.files)


def _archive(files: Mapping[str, bytes]) -> bytes:
    sums = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(files.items())
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({**files, "SHA256SUMS": sums.encode()}.items()):
            archive.writestr(zipfile.ZipInfo(name, NO_TIME), content)
    return written.getvalue()


def _dispute(dispute: Dispute) -> dict[str, Any]:
    return {
        "stripe_id": dispute.stripe_id,
        "charge": dispute.charge_id,
        "reason": dispute.reason,
        "status": dispute.status,
        "amount_minor": dispute.amount_minor,
        "currency": dispute.currency,
        "opened_at": dispute.opened_at,
        "due_by": dispute.due_by,
    }


def _order(order: Order) -> dict[str, Any]:
    payment = order.payment
    return {
        "number": order.number,
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "handed_over_at": order.handed_over_at,
        "channel": order.channel,
        "fulfilment": order.fulfilment,
        "currency": order.currency,
        "lines": [
            {"title": line.title, "price_minor": line.price_minor, "tag": line.piece.tag}
            for line in order.lines
        ],
        "shipping_minor": order.shipping_minor,
        "tax_minor": order.tax_minor,
        "total_minor": order.total_minor,
        "buyer": {"name": order.buyer_name, "email": order.buyer_email, "address": order.address},
        "payment_intent": payment.payment_intent_id if payment else None,
    }


def _shipment(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "carrier": row.carrier,
        "tracking": row.tracking,
        "left_at": row.at,
        "pieces": [str(piece.piece_id) for piece in row.pieces],
    }


def _piece(session: Session, line: Any) -> dict[str, Any]:
    """What was sold, how it was found by the quality lead, and how it was shown to the buyer."""
    inspection = newest(session, line.piece_id)
    listing = session.get_one(Listing, line.listing_id)
    return {
        "id": str(line.piece_id),
        "tag": line.piece.tag,
        "title": line.title,
        "grade": line.piece.grade,
        "photos_kept_elsewhere": [photo.url for photo in listing.photos if photo.url],
        "inspected_at": inspection.seen_at if inspection else None,
        "decision": inspection.decision if inspection else None,
        "measured": [
            {"name": row.name, "value": row.value, "unit": row.unit}
            for row in (inspection.measurements if inspection else [])
        ],
    }


def _refunds(session: Session, order: Order) -> list[dict[str, Any]]:
    rows = session.scalars(select(Refund).where(Refund.order_id == order.id).order_by(Refund.id))
    return [
        {
            "stripe_id": row.stripe_id,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "reason": row.reason,
            "status": row.status,
            "requested_at": row.requested_at,
        }
        for row in rows
    ]


def _messages(session: Session, order: Order) -> list[dict[str, Any]]:
    """What the buyer and the house said to each other, in the order in which it was said."""
    rows = session.scalars(
        select(OrderMessage)
        .where(OrderMessage.order_id == order.id)
        .order_by(OrderMessage.said_at, OrderMessage.id)
    )
    return [
        {
            "said_by": row.said_by,
            "medium": row.medium,
            "words": row.words,
            "said_at": row.said_at,
            "recorded_at": row.recorded_at,
        }
        for row in rows
    ]


def _history(session: Session, order: Order) -> list[dict[str, Any]]:
    """Every step of the order and of its pieces, as it was written down at the time."""
    subjects = [order.id, *(line.piece_id for line in order.lines)]
    rows = session.scalars(
        select(LifeMove).where(LifeMove.subject_id.in_(subjects)).order_by(LifeMove.id)
    )
    return [
        {
            "noun": row.noun,
            "from": row.from_status,
            "to": row.to_status,
            "why": row.why,
            "at": row.at,
        }
        for row in rows
    ]


def _summary(session: Session, dispute: Dispute, order: Order) -> str:
    home = session.get_one(Cooperative, order.cooperative_id)
    total = f"{in_major(order.total_minor, order.currency)} {order.currency}"
    lines = [
        f"Order {order.number} of {home.name}, {home.place}",
        f"Placed {_day(order.placed_at)}, paid {_day(order.paid_at)}, {total}.",
        *(f"- {line.title}, tag {line.piece.tag}" for line in order.lines),
    ]
    for shipment in order.shipments:
        how = f"by {shipment.carrier}, tracking {shipment.tracking or 'none'}"
        how = "into the buyer's hands" if shipment.carrier is None else how
        lines.append(f"Left us {_day(shipment.at)} {how}.")
    lines.append(f"Disputed {_day(dispute.opened_at)} as {dispute.reason}.")
    return "\n".join(lines) + "\n"


def _day(moment: datetime | None) -> str:
    return f"{moment:%d %B %Y}" if moment else "never"
