"""Caching and safety headers: reads carry an ETag; what is private is not stored anywhere."""

import hashlib

from flask import Flask, Response, current_app, request

from api.access import MARK, PUBLIC
from api.errors import PreconditionFailed, PreconditionRequired

PUBLIC_READ = "public, max-age=0, must-revalidate"


def watch(app: Flask) -> None:
    """Finish every answer."""
    app.after_request(_finish)


def version_tag(version: int, body: bytes) -> str:
    """An ETag that changes with the body and names the version an edit has to give back."""
    return f"{version}-{hashlib.sha256(body).hexdigest()[:16]}"


def version_given() -> int:
    """The version in If-Match. Raises PreconditionRequired, or PreconditionFailed for nonsense."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequired()
    number = given.strip('"').partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise PreconditionFailed()
    return int(number)


def _finish(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'")
    if "Cache-Control" in response.headers:
        return response
    if request.method != "GET" or response.status_code != 200 or request.endpoint is None:
        response.headers["Cache-Control"] = "no-store"
        return response
    view = current_app.view_functions[request.endpoint]
    shared = getattr(view, MARK, (None, False))[0] in {PUBLIC, None}
    response.headers["Cache-Control"] = PUBLIC_READ if shared else "private, no-store"
    if shared:
        response.headers.add("Vary", "Accept-Language")
    if not response.headers.get("ETag"):
        response.add_etag()
    response.make_conditional(request)
    return response
