"""Webhooks: what Stripe sends, verified byte for byte before a word of it is believed.

Each kind comes to an endpoint of its own, signed with a secret of its own: events of our own
account, events of connected accounts (they name it), and thin events of the v2 API.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe

from core.errors import NotFound
from payments.errors import NewsRefused
from payments.models import NewsSource

TOLERANCE_SECONDS = 300
LONGEST_WORD = 255
SNAPSHOT, THIN = "event", "v2.core.event"

#: What an endpoint takes, in words, for whoever has mixed them up.
TAKES = {
    NewsSource.WEBHOOK: "events of our own account",
    NewsSource.CONNECT: "events of connected accounts",
    NewsSource.THIN: "thin events",
}


class EndpointOff(NotFound):
    """No signing secret is set for this endpoint, so it takes nothing; the README lists them."""

    code = "webhook_endpoint_off"


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
    source: NewsSource = NewsSource.WEBHOOK


def read_news(
    payload: bytes,
    header: str,
    *,
    client: stripe.StripeClient,
    secrets: Sequence[str],
    live: bool,
    source: NewsSource = NewsSource.WEBHOOK,
) -> ReceivedNews:
    """Verify and read one event of the kind ``source`` takes; anything else raises NewsRefused.

    ``secrets``: while one is being changed there are several, and one that fits is enough; with
    none, EndpointOff. ``live``: whether our own key is a live one; news of the other world is
    refused.
    """
    if not secrets:
        raise EndpointOff()
    try:
        _verify(payload, header, client, secrets, source)
        news = _read(json.loads(payload), source)
    except stripe.SignatureVerificationError:
        raise NewsRefused("the signature does not fit") from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise NewsRefused(f"this is no event for here; here come {TAKES[source]}") from None
    if news.livemode is not live:
        raise NewsRefused("this event is of the other mode, live or test, than our key")
    return news


def read_listed(event: dict[str, Any]) -> ReceivedNews:
    """An event that Stripe itself listed when it was asked."""
    return _snapshot(event, NewsSource.CAUGHT_UP)


def _verify(
    payload: bytes,
    header: str,
    client: stripe.StripeClient,
    secrets: Sequence[str],
    source: NewsSource,
) -> None:
    """Open it with the SDK's own function for its kind. Raises ValueError for the other kind."""
    thin = source is NewsSource.THIN
    opened = client.parse_event_notification if thin else client.construct_event
    for number, secret in enumerate(secrets, start=1):
        try:
            opened(payload, header, secret, TOLERANCE_SECONDS)
        except stripe.SignatureVerificationError:
            if number == len(secrets):
                raise
        else:
            return


def _read(event: dict[str, Any], source: NewsSource) -> ReceivedNews:
    if source is NewsSource.THIN:
        return _thin(event)
    if (event.get("account") is not None) is not (source is NewsSource.CONNECT):
        raise ValueError("of an account that does not belong here")
    return _snapshot(event, source)


def _snapshot(event: dict[str, Any], source: NewsSource) -> ReceivedNews:
    if event["object"] != SNAPSHOT:
        raise ValueError("not a snapshot event")
    return ReceivedNews(
        id=_text(event["id"]),
        type=_text(event["type"]),
        object_id=_word(event["data"]["object"].get("id")),
        account=_word(event.get("account")),
        livemode=event["livemode"] is True,
        api_version=event.get("api_version"),
        created_at=datetime.fromtimestamp(event["created"], UTC),
        source=source,
    )


def _thin(event: dict[str, Any]) -> ReceivedNews:
    if event["object"] != THIN:
        raise ValueError("not a thin event")
    return ReceivedNews(
        id=_text(event["id"]),
        type=_text(event["type"]),
        object_id=_word((event.get("related_object") or {}).get("id")),
        account=_word(event.get("context")),
        livemode=event["livemode"] is True,
        api_version=None,
        created_at=datetime.fromisoformat(event["created"]),
        source=NewsSource.THIN,
    )


def _word(value: Any) -> str | None:
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_WORD or "\0" in value:
        raise ValueError("not a word")
    return value
