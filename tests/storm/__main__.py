"""`make storm`: 500 orders in a storm of at least a minute, and the calm after it."""

import signal
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.config import load
from tests.storm.calm import NoCalm
from tests.storm.house import open_house
from tests.storm.storm import Weather, storm


@click.command()
@click.option("--orders", default=500, show_default=True, help="How many orders.")
@click.option("--seed", default=7, show_default=True, help="The same seed, the same deeds.")
@click.option("--seconds", default=60.0, show_default=True, help="For how long at least.")
@click.option("--patience", default=600.0, show_default=True, help="Seconds to wait for calm.")
def main(orders: int, seed: int, seconds: float, patience: float) -> None:
    """Rage, and end with everything accounted for; exit code 1 when it is not."""
    # Stopped is left by the same way as finished, so that every process is stopped too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    console = Console()
    var: Path = load().var / "storm"
    with (
        console.status("starting the house"),
        open_house(var, orders=orders, seed=seed) as house,
    ):
        console.print(f"logs in {var}")
        try:
            weather = storm(
                house, orders=orders, seed=seed, seconds=seconds, patience=patience,
                say=console.print,
            )  # fmt: skip
        except NoCalm as problem:
            console.print(f"[red]no calm: {problem}[/red]")
            sys.exit(1)
    _print(console, weather)
    sys.exit(1 if weather.calm.wrong or weather.trouble else 0)


def _print(console: Console, weather: Weather) -> None:
    deeds = Table("deed", "done", "refused")
    for name in sorted({*weather.done, *weather.refused}):
        deeds.add_row(name, str(weather.done[name]), str(weather.refused[name]))
    console.print(deeds)
    left = Table("in the end", "")
    for what, count in weather.calm.counts.items():
        left.add_row(what, str(count))
    console.print(left)
    console.print(f"{weather.seconds:.0f} s of storm, calm after {weather.calm_after:.0f} s more")
    for line in [*weather.trouble, *weather.calm.wrong]:
        console.print(f"[red]{line}[/red]")
    if not weather.calm.wrong and not weather.trouble:
        console.print("reconcile is clean, nothing lost, nothing doubled, every currency at zero")


if __name__ == "__main__":
    main()
