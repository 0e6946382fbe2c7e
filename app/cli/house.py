"""What most commands begin with: the settings, and a database behind them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
from flask import Flask

from app import logs
from app.config import Settings, load
from app.migrating import upgrade_to_head
from app.postgres import EmbeddedPostgres
from core import audit
from core.actors import system


@contextmanager
def house() -> Iterator[Settings]:
    """The settings with a database: the one named, or one of our own while the block lasts.

    Its address goes into the environment, so that a process started in the block uses the same
    server and owns none.
    """
    settings = load()
    logs.configure(settings.log_level)
    if settings.database_url is not None:
        yield settings
        return
    with EmbeddedPostgres(settings.var / "postgres") as postgres:
        url = postgres.url()
        os.environ["DATABASE_URL"] = url
        try:
            yield replace(settings, database_url=url)
        finally:
            del os.environ["DATABASE_URL"]


@contextmanager
def inside() -> Iterator[Flask]:
    """The application with a migrated database, and a session for as long as the block lasts."""
    from app.frame import create_frame  # noqa: PLC0415 - commands that need no house start at once

    with house() as settings:
        if not settings.production:
            upgrade_to_head(settings.database_url or "")
        app = create_frame(settings)
        deed = audit.Doing(click.get_current_context().command_path, system("cli"))
        with audit.doing(deed), app.app_context():
            yield app
