"""What the house was told and whom it asks: the settings and the gateway of this application."""

from typing import Protocol, cast

from flask import current_app

from payments.gateway import Gateway


class Told(Protocol):
    """The settings that the API reads."""

    @property
    def secret_key(self) -> str:
        """Signs the tokens of orders."""

    @property
    def public_url(self) -> str:
        """How people reach this server."""

    @property
    def hold_minutes(self) -> int:
        """How long a piece is held for a buyer who has not paid."""

    @property
    def photo_max_bytes(self) -> int:
        """The largest photo that is taken in."""

    @property
    def batch_max_bytes(self) -> int:
        """The longest spreadsheet that is taken in."""

    @property
    def batch_max_rows(self) -> int:
        """How many rows it may have."""


def settings() -> Told:
    """The settings this application was made with."""
    return cast("Told", current_app.extensions["pallay.settings"])


def gateway() -> Gateway:
    """The way to Stripe."""
    return cast("Gateway", current_app.extensions["pallay.gateway"])
