"""Who may call: the one secret key, and the one API version."""

import base64
import hmac
from collections.abc import Mapping

from stripe_peer import API_VERSION
from stripe_peer.books import PLATFORM, Books
from stripe_peer.refusals import NotExecuted, unauthorized
from stripe_peer.settings import Settings


def check_key(settings: Settings, headers: Mapping[str, str]) -> None:
    """Bearer, or Basic with the key as user name; anything else is a 401."""
    given = presented_key(headers.get("authorization", ""))
    if given is None or not hmac.compare_digest(given.encode(), settings.api_key.encode()):
        raise unauthorized(given)


def presented_key(authorization: str) -> str | None:
    """The key in an Authorization header."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0] or None
        except ValueError:
            return None
    return None


def check_account(books: Books, method: str) -> None:
    """`Stripe-Account`: an account of ours, and only for reading."""
    if books.account == PLATFORM:
        return
    known = books.look_up(books.account)
    if known is None or known["object"] != "v2.core.account":
        raise NotExecuted(
            "The provided key does not have access to account "
            f"'{books.account}' (or that account does not exist).",
            status=403,
            code="account_invalid",
        )
    if method != "GET":
        raise NotExecuted("The stand-in only reads on behalf of a connected account.")


def check_version(headers: Mapping[str, str]) -> None:
    """The stand-in speaks one version; Stripe would speak the older ones too."""
    wanted = headers.get("stripe-version", API_VERSION)
    if wanted != API_VERSION:
        raise NotExecuted(f"Invalid Stripe API version: {wanted}; here it is {API_VERSION}.")
