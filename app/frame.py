"""The frame of the house: settings, database, gateway and logs, with no edge on top.

What a worker and the command line need; they start twice as fast without the API.
"""

from flask import Flask
from flask_migrate import Migrate

from app import (
    logs,
    tables,  # noqa: F401 - every table, so that relationships resolve
)
from app.config import ConfigError, Settings
from app.database import db, engine_options
from app.migrating import FOLDER
from core.db import use_sessions
from payments.gateway import Gateway
from payouts.rail_choices import use_banks
from photos.storage import Store, use_store


def create_frame(settings: Settings) -> Flask:
    """An application that can work and answers nobody."""
    if settings.database_url is None:
        raise ConfigError(
            "DATABASE_URL is not set: set it, or start with `pallay serve`, which brings its own."
        )
    if settings.env != "test":
        logs.configure(settings.log_level)
    app = logs.Discreet("pallay", static_folder=None)
    app.config.from_mapping(
        settings.public(),
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        TESTING=settings.env == "test",
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(),
    )
    app.extensions["pallay.settings"] = settings
    app.extensions["pallay.gateway"] = Gateway(
        secret_key=settings.stripe_secret_key,
        webhook_secret=settings.stripe_webhook_secret,
        connect_webhook_secret=settings.stripe_connect_webhook_secret,
        thin_webhook_secret=settings.stripe_thin_webhook_secret,
        base_url=settings.stripe_url,
        financial_account=settings.stripe_financial_account,
        financial_currency=settings.stripe_financial_currency,
    )
    use_banks(lambda: settings.stripe_financial_account is not None)
    store = Store(settings.photo_store)
    use_store(lambda: store)
    db.init_app(app)
    use_sessions(lambda: db.session())
    Migrate(app, db, directory=str(FOLDER))
    return app
