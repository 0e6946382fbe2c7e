"""Languages: what the reader asked for, of those we have."""

from flask import request

from core.words import LANGUAGES


def wanted_languages() -> list[str]:
    """The languages of Accept-Language that we speak, best first."""
    asked = [(tag.partition("-")[0].lower(), quality) for tag, quality in request.accept_languages]
    return [tag for tag, quality in asked if tag in LANGUAGES and quality > 0]
