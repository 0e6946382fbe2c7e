"""Puts the house together: the frame, and the API on top."""

from flask import Flask

import api
from app import health, logs
from app.config import Settings, load
from app.encoding import OrjsonProvider
from app.frame import create_frame


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application, from the settings given or else from the environment."""
    app = create_frame(settings or load())
    app.json = OrjsonProvider(app)
    logs.watch(app)
    app.register_blueprint(health.blueprint)
    api.register(app)
    return app
