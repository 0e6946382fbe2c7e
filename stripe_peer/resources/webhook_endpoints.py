"""Webhook endpoints: where events go, and the secret they are signed with."""

from typing import Any

from stripe_peer import API_VERSION, deliveries
from stripe_peer.books import Books, Document, new_id
from stripe_peer.listing import page
from stripe_peer.metadata import merged
from stripe_peer.refusals import Refusal
from stripe_peer.settings import Settings

Params = dict[str, Any]
KIND = "webhook_endpoint"


def create(books: Books, params: Params) -> Document:
    """A new endpoint; only this answer shows its secret."""
    if not params["url"].startswith(("https://", "http://")):
        raise Refusal(
            "Invalid URL: An explicit scheme (such as https) must be provided.",
            code="url_invalid",
            param="url",
        )
    hears = ["connected"] if params.get("connect") else ["own"]
    endpoint = described(books, params["url"], new_id("whsec", 32), hears)
    endpoint["enabled_events"] = params["enabled_events"]
    endpoint["api_version"] = params.get("api_version")
    endpoint["description"] = params.get("description") or None
    endpoint["metadata"] = merged({}, params.get("metadata"))
    books.add(endpoint)
    return {**endpoint, "secret": endpoint["_peer"]["secret"]}


def described(books: Books, url: str, secret: str, hears: list[str]) -> Document:
    """An endpoint that hears everything from the given sides: own, connected, thin."""
    return {
        "id": new_id("we"),
        "object": KIND,
        "api_version": API_VERSION,
        "application": None,
        "created": books.now,
        "description": None,
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_peer": {"secret": secret, "hears": hears},
    }


def register(books: Books, settings: Settings) -> None:
    """The endpoints of the command line; started again, they keep their place in the outbox."""
    told = (
        (settings.webhook_url, settings.webhook_secret, ["own"]),
        (settings.connect_webhook_url, settings.connect_webhook_secret, ["connected"]),
        (settings.thin_webhook_url, settings.thin_webhook_secret, ["thin"]),
    )
    for url, secret, hears in told:
        if not url or not secret:
            continue
        known = [e for e in books.all(KIND, {"url": url}) if e["_peer"]["hears"] == hears]
        if known:
            known[0]["_peer"]["secret"] = secret
            books.save(known[0])
        else:
            books.add(described(books, url, secret, hears))


def retrieve(books: Books, params: Params, webhook_endpoint: str) -> Document:
    """One endpoint, without its secret."""
    return books.find(KIND, webhook_endpoint, param="webhook_endpoint")


def index(books: Books, params: Params) -> Document:
    """Endpoints, newest first."""
    return page(books, KIND, params, url="/v1/webhook_endpoints")


def delete(books: Books, params: Params, webhook_endpoint: str) -> Document:
    """Gone, with everything still on its way to it."""
    endpoint = books.find(KIND, webhook_endpoint, param="webhook_endpoint")
    deliveries.forget_endpoint(books, endpoint["id"])
    books.remove(endpoint)
    return {"id": endpoint["id"], "object": KIND, "deleted": True}
