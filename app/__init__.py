"""The roof: it sees every floor and puts the house together."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The whole application, from the settings given or else from the environment."""
    # Settings, migrations and our own PostgreSQL are used without the house being built.
    from app.factory import create_app as build  # noqa: PLC0415

    return build(settings)
