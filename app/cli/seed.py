"""`pallay seed`: the starting state."""

import click

from app.cli.house import inside
from app.seed import seed as write_seed
from core import clock
from core.db import transaction


@click.command()
def seed() -> None:
    """Write Huilloc's co-operative with catalogue, policy and shipping; twice changes nothing."""
    with inside(), transaction() as session:
        name = write_seed(session, now=clock.now()).name
    click.echo(f"{name} is there.")
