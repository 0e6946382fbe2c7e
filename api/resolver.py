"""Where the QR codes lead: GS1's Digital Link and the house's own path, for good."""

from flask import Blueprint, Response, request, url_for

from core.db import current_session
from labels.links import piece_behind

blueprint = Blueprint("resolver", __name__)

#: The code stays, what it leads to may move: the passport's page of one day is another address.
TEMPORARY = 307
FOR_A_WHILE = "public, max-age=300"


@blueprint.get("/p/<tag>")
def by_tag(tag: str) -> Response:
    """From a label without a GTIN to the piece's passport."""
    return _to_passport(piece_behind(current_session(), tag=tag).tag)


@blueprint.get("/01/<gtin>/21/<serial>")
def by_gtin(gtin: str, serial: str) -> Response:
    """From a label with a GTIN to the piece's passport; the serial is its tag."""
    return _to_passport(piece_behind(current_session(), tag=serial, gtin=gtin).tag)


@blueprint.after_app_request
def _refusals_are_not_kept(response: Response) -> Response:
    if (request.endpoint or "").startswith("resolver.") and response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    return response


def _to_passport(tag: str) -> Response:
    there = url_for("listings.read_a_passport", tag=tag)
    return Response(status=TEMPORARY, headers={"Location": there, "Cache-Control": FOR_A_WHILE})
