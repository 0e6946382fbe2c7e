"""`pallay worker`: does what was put off."""

import click

from app.cli.house import house


@click.command()
def worker() -> None:
    """Do deferred work until stopped. Without DATABASE_URL a PostgreSQL of our own is used."""
    with house() as settings:
        # Building the worker imports the whole house; the other commands do without.
        from app.worker import run  # noqa: PLC0415

        run(settings)
