"""The catalogue and the passports: what anybody may read."""

import dataclasses
from typing import Any

from flask import jsonify

from api.access import public
from api.languages import wanted_languages
from api.paging import decode, page
from api.schemas.listings import (
    CatalogueQuery,
    CatalogueRowView,
    ListingDetailView,
    PassportView,
    share_of,
)
from api.wire import Blueprint, gives, takes
from core.db import current_session
from core.words import pick
from inventory import catalogue
from inventory.catalogue import CatalogueFilter, CatalogueRow, ListingDetail
from payouts.passports import MakerStep, Passport, read_passport

blueprint = Blueprint("catalogue", __name__, description="For anybody")


@blueprint.get("/listings")
@public
@takes(blueprint, CatalogueQuery, where="query")
@gives(blueprint, 200, CatalogueRowView.page())
def browse(wanted: dict[str, Any]) -> Any:
    """Published listings; newest first, or by price in one currency.

    `maker` finds the work of a maker only while she consents to be known.
    """
    limit, cursor = wanted.pop("limit"), wanted.pop("after", None)
    place = None if cursor is None else decode(cursor, 2)
    narrowed, languages = CatalogueFilter(**wanted), wanted_languages()
    session = current_session()

    def read(most: int) -> list[dict[str, Any]]:
        rows = catalogue.browse(session, wanted=narrowed, limit=most, after=place)
        return [_row(row, languages) for row in rows]

    body, _status, headers = page(read, limit, lambda row: [row["sort_price"], row["id"]])
    for row in body["items"]:
        del row["sort_price"]
    answer = jsonify(body)
    answer.headers.update(headers)
    return answer


@blueprint.get("/listings/<string:slug>")
@public
@gives(blueprint, 200, ListingDetailView)
def show(slug: str) -> dict[str, Any]:
    """One listing: words, photos, prices, what is available, and its makers under consent."""
    return _detail(catalogue.show(current_session(), slug), wanted_languages())


@blueprint.get("/passports/<string:tag>")
@public
@gives(blueprint, 200, PassportView)
def passport(tag: str) -> dict[str, Any]:
    """A piece's public page by its tag, however it is typed; it stays when the piece is sold.

    What the makers earned and were paid is read from the ledger, and shown where they consent.
    """
    return _passport(read_passport(current_session(), tag), wanted_languages())


def _row(row: CatalogueRow, languages: list[str]) -> dict[str, Any]:
    """A row as it goes out: made by hand, because this page is what everybody opens first."""
    return {
        "id": row.id,
        "slug": row.slug,
        "title": pick(row.title, languages),
        "words": row.title,
        "kind": row.kind,
        "technique": row.technique,
        "prices": row.prices,
        "photo": row.photo,
        "available": row.available,
        "sort_price": row.sort_price,
    }


def _detail(found: ListingDetail, languages: list[str]) -> dict[str, Any]:
    listing = found.listing
    return {
        "id": listing.id,
        "slug": listing.slug,
        "title": pick(listing.title, languages),
        "description": pick(listing.description, languages),
        "words": {"title": listing.title, "description": listing.description},
        "kind": listing.design.kind,
        "technique": listing.design.technique,
        "prices": listing.prices,
        "photos": listing.photos,
        "available": len(found.available),
        "pieces": found.available,
        "makers": found.makers,
        "fibres": found.fibres,
        "measures": found.measures,
        "care": pick(listing.design.care, languages),
    }


def _passport(found: Passport, languages: list[str]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(found)} & set(PassportView().fields)
    return {name: getattr(found, name) for name in names} | {
        "name": pick(found.design.name, languages),
        "kind": found.design.kind,
        "technique": found.design.technique,
        "care": pick(found.design.care, languages),
        "makers": [_step(step) for step in found.makers],
        "makers_together": [share_of(row) for row in found.makers_together],
    }


def _step(step: MakerStep) -> dict[str, Any]:
    shares = None if step.shares is None else [share_of(row) for row in step.shares]
    return {"maker": step.maker, "stages": step.stages, "shares": shares}
