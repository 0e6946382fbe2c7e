"""What every answer says about itself: who may keep it, and what a browser must not do with it."""

from flask import Flask, Response, current_app, request

from api import etags
from api.access import Access, access_of
from api.errors import CODE_OF_STATUS, problem
from api.house import settings

NO_CONTENT_MAY_LOAD = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
FOR_EVERYBODY = "public, max-age=0, must-revalidate"
FOR_NOBODY_ELSE = "no-store"
WE_SPEAK = ["application/json", "application/problem+json"]


def register(app: Flask) -> None:
    """Finish every answer of the application."""
    app.before_request(_refuse_other_languages)
    app.after_request(_finish)


def _refuse_other_languages() -> Response | None:
    """406 for whoever takes no JSON at all."""
    accepted = request.accept_mimetypes
    if not request.path.startswith("/v1") or not accepted:
        return None
    if accepted.best_match(WE_SPEAK) is not None:
        return None
    return problem(406, *CODE_OF_STATUS[406])


def _finish(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Content-Security-Policy", NO_CONTENT_MAY_LOAD)
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-site")
    if settings().public_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if not request.path.startswith("/v1"):
        return response
    response.headers.setdefault("Cache-Control", _keeping(response))
    if response.headers["Cache-Control"] == FOR_EVERYBODY:
        response.vary.update(["Accept-Language"])
    return etags.conditional(response)


def _keeping(response: Response) -> str:
    """Reads that are for everybody may be kept and asked about; all else is kept by nobody."""
    view = current_app.view_functions.get(request.endpoint or "")
    reads = request.method in {"GET", "HEAD"} and response.status_code == 200
    return FOR_EVERYBODY if reads and access_of(view) == Access("everybody") else FOR_NOBODY_ELSE
