"""Which language a reader wants, by her browser's word, among the three we speak."""

from flask import request

from core.words import LANGUAGES


def wanted() -> list[str]:
    """Our languages in the order she prefers them."""
    asked = (language.partition("-")[0].lower() for language in request.accept_languages.values())
    return list(dict.fromkeys(one for one in asked if one in LANGUAGES))


def first() -> str:
    """The one she prefers, English when she names none of ours."""
    return next(iter(wanted()), "en")
