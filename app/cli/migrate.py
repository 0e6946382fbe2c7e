"""`pallay migrate`: the database at the newest revision."""

import click

from app import migrating
from app.cli.house import house


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision; one that is there already is left as it is."""
    with house() as settings:
        migrating.upgrade_to_head(settings.database_url or "")
    click.echo(f"The database is at revision {migrating.head()}.", err=True)
