"""The receipt each maker is given on delivery day: as data, on paper, and for her phone."""

import uuid
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import downloads
from api.schemas.delivery_receipts import DeliveryReceiptView, ReceiptLanguage
from core import clock
from core.db import current_session
from payouts.delivery_message import Message, message_of
from payouts.delivery_page import delivery_page
from payouts.delivery_receipts import DeliveryReceipt, receipt_of

blueprint = Blueprint("delivery receipts", "What each maker takes home on delivery day.")
SAID = "Pallay entrega 20/11. Sabina: 1 pieza. Por pagar S/130.00. HUK-4F7K-29QX"


@blueprint.get("/deliveries/<uuid:delivery_id>/receipts/<uuid:maker_id>")
@needs("receipts:read")
@blueprint.arguments(ReceiptLanguage, location="query")
@blueprint.response(200, DeliveryReceiptView)
def read_receipt_of_delivery(
    wanted: dict[str, Any], delivery_id: uuid.UUID, maker_id: uuid.UUID
) -> Any:
    """Read a maker's receipt of a delivery.

    Her pieces with their tags, what was agreed, what she has had ahead and what comes off for it,
    what is to be paid; as it stands now. `message` is the text for her phone.
    """
    receipt, language = _receipt(delivery_id, maker_id), wanted.get("language", "es")
    names = ("delivery", "maker", "present", "lines", "sums")
    shown = {name: getattr(receipt, name) for name in names}
    return shown | {"message": _shown(message_of(receipt, language), language)}


@blueprint.get("/deliveries/<uuid:delivery_id>/receipts/<uuid:maker_id>.pdf")
@needs("receipts:read")
@downloads("application/pdf")
def print_receipt_of_delivery(delivery_id: uuid.UUID, maker_id: uuid.UUID) -> Any:
    """Print a maker's receipt of a delivery.

    Large figures and pictures, Spanish with Quechua beside it, and a box for her signature or
    fingerprint.
    """
    receipt = _receipt(delivery_id, maker_id)
    return f"entrega-{receipt.delivery.delivered_on.isoformat()}.pdf", delivery_page(receipt)


@blueprint.get("/deliveries/<uuid:delivery_id>/receipts/<uuid:maker_id>.txt")
@needs("receipts:read")
@blueprint.arguments(ReceiptLanguage, location="query")
@downloads("text/plain", example=SAID)
def send_receipt_of_delivery(
    wanted: dict[str, Any], delivery_id: uuid.UUID, maker_id: uuid.UUID
) -> Any:
    """Read the text of a maker's receipt for her phone.

    In the letters every phone has; at most two SMS. In how many it is sent stands in the receipt.
    """
    receipt = _receipt(delivery_id, maker_id)
    message = message_of(receipt, wanted.get("language", "es"))
    return f"entrega-{receipt.delivery.delivered_on.isoformat()}.txt", message.text.encode()


def _receipt(delivery_id: uuid.UUID, maker_id: uuid.UUID) -> DeliveryReceipt:
    return receipt_of(
        current_session(),
        delivery_id=delivery_id,
        maker_id=maker_id,
        actor=actor(),
        now=clock.now(),
    )


def _shown(message: Message, language: str) -> dict[str, Any]:
    return {
        "language": language,
        **{name: getattr(message, name) for name in Message.__slots__},
    }
