"""How a migration runs: one at a time, in its own transaction, never waiting long for a lock."""

from typing import Any

from alembic import context
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

import app.tables
from app.config import load
from app.migrating import is_ours
from core.db import Base

# Found by its number in pg_locks: two deployments that start together run migrations one by one.
ONE_AT_A_TIME = 7_255_259


def number(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Give a new revision the next number instead of a random word."""
    for directive in directives:
        heads = ScriptDirectory.from_config(context.config).get_heads()
        directive.rev_id = f"{int(heads[0]) + 1 if heads else 1:04d}"


def run() -> None:
    """Run what was asked on the URL in the configuration, or else on that of the settings."""
    url = context.config.attributes.get("url") or load().database_url
    if url is None:
        raise SystemExit("Set DATABASE_URL, or use `pallay migrate`, which brings its own.")
    limits = {"options": "-c lock_timeout=5s -c timezone=UTC"}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=limits)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '10min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
        connection.execute(text("RESET lock_timeout"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=is_ours,
            compare_server_default=True,
            transaction_per_migration=True,
            process_revision_directives=number,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


assert app.tables.MODULES
run()
