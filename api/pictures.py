"""Pictures for everybody: public photos under their own addresses, and what those addresses are."""

import re
from typing import Any

from flask import Blueprint, Response, request

from api.house import settings
from core.db import current_session
from core.errors import NotFound
from inventory.listing_photos import OfferedPhoto
from photos import shown
from photos.shown import ShownPhoto
from photos.sizes import FALLBACK, SIZES, content_type_of
from photos.storage import current_store

blueprint = Blueprint("pictures", __name__)

ADDRESS = re.compile(r"([0-9a-f]{40})-([a-z]+\.[a-z]+)")
#: An address never shows anything else, so a cache may keep it for good.
FOR_GOOD = "public, max-age=31536000, immutable"
#: Where a person is seen, a cache between us and the reader forgets within the hour: it is not
#: told when she takes back her consent.
FOR_AN_HOUR = "public, max-age=3600, immutable"


@blueprint.get("/photos/<file>")
def show(file: str) -> Response:
    """One public photo in one size."""
    found = ADDRESS.fullmatch(file)
    if found is None:
        raise NotFound("no such photo")
    name, print_name = found.groups()
    picture = shown.read_picture(
        current_session(), current_store(), public_name=name, print_name=print_name
    )
    response = Response(picture.contents, content_type=content_type_of(print_name))
    response.headers["Cache-Control"] = FOR_AN_HOUR if picture.shows_somebody else FOR_GOOD
    # Partners show our photos on their own pages.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(file)
    response.make_conditional(request)
    return response


@blueprint.after_app_request
def _refusals_are_not_kept(response: Response) -> Response:
    if request.endpoint == "pictures.show" and response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    return response


def addresses(public_name: str) -> dict[str, str]:
    """Every address of one publication: `small`, `medium`, `large` as WebP, and `jpeg`."""
    base = f"{settings().public_url}/photos/{public_name}"
    sizes = {size: f"{base}-{size}.webp" for size in SIZES}
    return {**sizes, "jpeg": f"{base}-{FALLBACK}"}


def picture(photo: ShownPhoto, alt: dict[str, str] | None = None) -> dict[str, Any]:
    """A public photo on the wire, with other words than its own where some were given."""
    sizes = addresses(photo.public_name)
    return {
        "url": sizes["large"],
        "alt": alt or photo.alt,
        "sizes": sizes,
        "width": photo.width,
        "height": photo.height,
    }


def offered(photo: OfferedPhoto) -> dict[str, Any]:
    """A photo of a listing on the wire; its `url` is null while it is not to be seen."""
    if photo.shown is not None:
        return picture(photo.shown, photo.alt)
    return _elsewhere(photo.row.url, photo.alt)


def first(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The photo of a row of the catalogue on the wire."""
    if row is None or row["shown"] is None:
        return row and _elsewhere(row["url"], row["alt"])
    return picture(ShownPhoto(**row["shown"]), row["alt"])


def _elsewhere(url: str | None, alt: dict[str, str]) -> dict[str, Any]:
    return {"url": url, "alt": alt, "sizes": None, "width": None, "height": None}
