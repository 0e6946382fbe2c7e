"""The one place where something that happened becomes an event, and a delivery for who asked."""

import copy

from stripe_peer import API_VERSION, capabilities, deliveries
from stripe_peer.books import PLATFORM, Books, Document, new_id
from stripe_peer.clock import rfc3339
from stripe_peer.views import show


def emit(
    books: Books,
    kind: str,
    about: Document,
    *,
    previous: Document | None = None,
    account: str = PLATFORM,
) -> Document:
    """A snapshot event: `about` as it looks now, `previous` the fields that were different."""
    data: Document = {"object": copy.deepcopy(show(books, about))}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Document = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": books.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {
            "id": books.cause.request_id,
            "idempotency_key": books.cause.idempotency_key,
        },
        "type": kind,
    }
    if account:
        event["account"] = account
    books.add(event, account=account)
    for endpoint in books.all("webhook_endpoint", {}):
        if listens(endpoint, kind, connected=bool(account)):
            deliveries.enqueue(books, event, endpoint)
    return event


def listens(endpoint: Document, kind: str, *, connected: bool) -> bool:
    """Whether an endpoint hears snapshot events of this type from this kind of account."""
    hears = endpoint["_peer"]["hears"]
    wanted = endpoint["enabled_events"]
    return ("connected" if connected else "own") in hears and ("*" in wanted or kind in wanted)


def emit_thin(
    books: Books, kind: str, about: Document, *, path: str, data: Document | None = None
) -> Document:
    """A v2 event: only what it is about; `data` is shown to who fetches the event."""
    reason = None
    if books.cause.request_id:
        request = {
            "id": books.cause.request_id,
            "idempotency_key": books.cause.idempotency_key or "",
        }
        reason = {"type": "request", "request": request}
    event: Document = {
        "id": new_id("evt"),
        "object": "v2.core.event",
        "type": kind,
        "livemode": False,
        "created": rfc3339(books.now),
        "context": None,
        "reason": reason,
        "related_object": {"id": about["id"], "type": about["object"], "url": path},
        "data": data or {},
        "changes": None,
    }
    books.add(event)
    for endpoint in books.all("webhook_endpoint", {}):
        if "thin" in endpoint["_peer"]["hears"]:
            deliveries.enqueue(books, event, endpoint)
    return event


def capability_changed(books: Books, account: Document, name: str) -> None:
    """What Stripe sends when a recipient's capability changes: two snapshots and a thin one."""
    emit_thin(
        books,
        "v2.core.account[configuration.recipient].capability_status_updated",
        account,
        path=f"/v2/core/accounts/{account['id']}",
        data={"updated_capability": name},
    )
    if name == capabilities.TRANSFERS:
        changed = capabilities.v1_capability(books, account)
        emit(books, "capability.updated", changed, account=account["id"])
    emit(books, "account.updated", capabilities.v1_account(books, account), account=account["id"])
