"""Listings, for the people who write them."""

import uuid
from typing import Any

import orjson
from flask import Response, jsonify

from api.access import actor, needs
from api.caching import version_given, version_tag
from api.errors import PreconditionFailed
from api.idempotency import once
from api.schemas.listings import ListingChange, ListingView, NewListing
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from core.words import missing
from inventory import listings
from inventory.listing_models import Listing

blueprint = Blueprint("listings", __name__, description="What is offered, for those who write it")


@blueprint.post("/listings")
@needs("listings:write")
@once()
@takes(blueprint, NewListing)
@gives(blueprint, 201, ListingView)
def add_listing(wanted: dict[str, Any]) -> Any:
    """Offer accepted pieces of one design; published at once, or kept as a draft."""
    values = {"photos": [], "status": "draft"} | wanted
    with transaction() as session:
        listing = listings.add_listing(
            session,
            actor=actor(),
            now=clock.now(),
            **values | {"prices": _by_currency(values["prices"])},
        )
        return _versioned(shown(listing), 201)


@blueprint.get("/listings/<uuid:listing_id>/draft")
@needs("listings:read")
@gives(blueprint, 200, ListingView)
def get_listing(listing_id: uuid.UUID) -> Any:
    """One listing, published or not, as those see it who write it."""
    return _versioned(shown(listings.get_listing(current_session(), listing_id, actor=actor())))


@blueprint.patch("/listings/<uuid:listing_id>")
@needs("listings:write")
@takes(blueprint, ListingChange)
@gives(blueprint, 200, ListingView)
def change_listing(wanted: dict[str, Any], listing_id: uuid.UUID) -> Any:
    """Change what is named and leave the rest; If-Match names the version that was read."""
    version = version_given()
    if "prices" in wanted:
        wanted["prices"] = _by_currency(wanted["prices"])
    try:
        with transaction() as session:
            listing = listings.change_listing(
                session,
                listing_id=listing_id,
                version=version,
                actor=actor(),
                now=clock.now(),
                **wanted,
            )
            return _versioned(shown(listing))
    except listings.ListingChanged as refusal:
        raise PreconditionFailed(refusal.message, **refusal.details) from refusal


def shown(listing: Listing) -> dict[str, Any]:
    """A listing with its pieces and the words it lacks."""
    names = set(ListingView().fields) - {"piece_ids", "missing_words"}
    return {name: getattr(listing, name) for name in names} | {
        "piece_ids": sorted(entry.piece_id for entry in listing.entries),
        "missing_words": missing(listing.title),
    }


def _by_currency(prices: list[dict[str, Any]]) -> dict[str, int]:
    return {price["currency"]: price["amount_minor"] for price in prices}


def _versioned(listing: dict[str, Any], status: int = 200) -> Response:
    """The answer with an ETag that names the version."""
    body = ListingView().dump(listing)
    answer = jsonify(body)
    answer.status_code = status
    answer.set_etag(version_tag(listing["version"], orjson.dumps(body)))
    return answer
