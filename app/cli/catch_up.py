"""`pallay catch-up`: what no news told is found by asking Stripe."""

from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from app.cli.house import inside
from core import clock
from core.db import transaction
from payments.models import CatchUp
from payouts import catching_up


@click.command("catch-up")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="From this day on; unless told, 30 days before the last run.",
)
def catch_up(since: datetime | None) -> None:
    """Ask Stripe for events it could not deliver, then for the objects themselves, by date.

    Safe to repeat. What was found is done by the workers; `waiting` counts what is not ours, or
    not known here yet: reconcile names it.
    """
    console = Console()
    with inside() as app, console.status("asking Stripe"):
        runs = [
            catching_up.run(
                app.extensions["pallay.gateway"],
                part=part,
                since=since.replace(tzinfo=UTC) if since else _usual(part),
                actor="system:catch-up",
                clock=clock.now,
            )
            for part in catching_up.PARTS
        ]
    if console.is_terminal:
        console.print(_table(runs))
    else:
        for run in runs:
            click.echo("\t".join(_cells(run)))


def _usual(part: str) -> datetime:
    with transaction() as session:
        return catching_up.usual_since(session, part, now=clock.now())


def _table(runs: list[CatchUp]) -> Table:
    table = Table(title="caught up")
    for column in ("part", "since", "seen", "waiting"):
        table.add_column(column)
    for run in runs:
        table.add_row(*_cells(run))
    return table


def _cells(run: CatchUp) -> list[str]:
    return [run.part, f"{run.since:%Y-%m-%d}", str(run.seen), str(run.waiting)]
