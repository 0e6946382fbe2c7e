"""`pallay settings`: the table that stands in the README."""

import click

from app.config import settings_table


@click.command()
def settings() -> None:
    """Print every setting with its default and what it is for, as a Markdown table."""
    click.echo(settings_table(), nl=False)
