"""Webhooks: what Stripe sends, verified byte for byte before a word of it is believed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe

from payments.errors import NewsRefused

TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ReceivedNews:
    """One event: what happened to which object. How the object is, is asked and not believed."""

    id: str
    type: str
    object_id: str | None
    account: str | None
    livemode: bool
    api_version: str | None
    created_at: datetime


def read_news(payload: bytes, header: str, *, secret: str, live: bool) -> ReceivedNews:
    """Verify and read one event, snapshot or thin; anything else raises NewsRefused.

    ``live``: whether our own key is a live one; news of the other world is refused.
    """
    try:
        stripe.WebhookSignature.verify_header(payload, header, secret, TOLERANCE_SECONDS)
        news = _read(json.loads(payload))
    except stripe.SignatureVerificationError:
        raise NewsRefused("the signature does not fit") from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise NewsRefused("this is not an event") from None
    if news.livemode is not live:
        raise NewsRefused("this event is of the other mode, live or test, than our key")
    return news


def _read(event: dict[str, Any]) -> ReceivedNews:
    kind = event["object"]
    if kind == "event":
        subject = event["data"]["object"].get("id")
        created_at = datetime.fromtimestamp(event["created"], UTC)
    elif kind == "v2.core.event":
        subject = (event.get("related_object") or {}).get("id")
        created_at = datetime.fromisoformat(event["created"])
    else:
        raise ValueError(f"not an event but {kind}")
    return ReceivedNews(
        id=_text(event["id"]),
        type=_text(event["type"]),
        object_id=None if subject is None else _text(subject),
        account=event.get("account") or event.get("context"),
        livemode=event["livemode"] is True,
        api_version=event.get("api_version"),
        created_at=created_at,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise ValueError("not a word")
    return value
