"""`pallay reconcile`: orders, obligations, ledger and Stripe compared."""

import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from app.cli.house import inside
from core import clock
from payouts.reconcile import Difference
from payouts.reports import reconcile_and_keep

EXIT_DIFFERENCES = 1


@click.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Stripe's transfers from this day."
)
def reconcile(since: datetime | None) -> None:
    """Compare everything and keep the report; exit code 1 and a row for each thing that differs.

    In a terminal the rows are a table, in a pipe lines with tabs.
    """
    console = Console()
    with inside() as app, console.status("comparing with Stripe"):
        differences = reconcile_and_keep(
            app.extensions["pallay.gateway"],
            actor="system:reconcile",
            clock=clock.now,
            since=since.replace(tzinfo=UTC) if since else None,
        )
    if not differences:
        console.print("Everything agrees: orders, obligations, ledger, Stripe.")
        return
    if console.is_terminal:
        console.print(_table(differences))
    else:
        for row in differences:
            click.echo("\t".join(_cells(row)))
    sys.exit(EXIT_DIFFERENCES)


def _table(differences: list[Difference]) -> Table:
    table = Table(title=f"{len(differences)} differences")
    for column in ("check", "ours", "Stripe's", "amount", "what"):
        table.add_column(column, overflow="fold")
    for row in differences:
        table.add_row(*_cells(row))
    return table


def _cells(row: Difference) -> list[str]:
    amount = f"{row.amount_minor} {row.currency}".strip()
    return [str(row.check), row.ours, row.theirs, amount, row.words]
