"""`python -m bench.sheets`: how long a spreadsheet of many rows takes, and how much memory.

Makers, designs and pieces are checked, applied and taken out again as a worker and a web process
would, in one process whose memory is measured; PostgreSQL is real, its time is in the figures.
"""

import csv
import io
import os
import time
from collections.abc import Callable, Iterator

import click
import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, text

from app import create_app
from app.config import load
from app.migrating import upgrade_to_head
from app.postgres import EmbeddedPostgres
from app.seed import house_of, seed
from bench.sheet_rows import HEADS, row_of
from core import clock
from core.actors import Actor
from core.db import current_session, transaction
from core.ids import new_id
from core.workbooks import as_workbook
from inventory import batch_exports, batch_work, batches, locations
from inventory.batches import Limits

DATABASE = "pallay_bench_sheets"
LIMITS = Limits(most_bytes=100 << 20, most_rows=200_000)
Timed = tuple[str, float, float, float]


@click.command()
@click.option("--rows", default=10_000, show_default=True, help="Rows of each sheet.")
@click.option("--form", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
def bench(rows: int, form: str) -> None:
    """Measure, and print seconds and megabytes."""
    console = Console()
    with EmbeddedPostgres(load().var / "bench-postgres") as server:
        url = _database(server.url("postgres"))
        upgrade_to_head(url)
        app = create_app(load({"DATABASE_URL": url, "PALLAY_LOG_LEVEL": "ERROR"}))
        with app.app_context():
            boss = _house()
            table = Table(title=f"{rows} rows, {form}; load {os.getloadavg()[0]:.1f}")
            for column in ("", "seconds", "CPU of ours", "MB at its end", "rows/s"):
                table.add_column(column, justify="left" if not column else "right")
            for kind in ("makers", "designs", "pieces"):
                for what, seconds, ours, megabytes in _measured(kind, rows, form, boss):
                    figures = [f"{seconds:.2f}", f"{ours:.2f}", f"{megabytes:.0f}"]
                    figures.append(f"{rows / seconds:.0f}")
                    table.add_row(f"{kind}: {what}", *figures)
    console.print(table)


def _measured(kind: str, rows: int, form: str, boss: Actor) -> Iterator[Timed]:
    batch_id, content = new_id(), _sheet(kind, rows, form)
    with transaction() as session:
        batches.send_batch(
            session, batch_id=batch_id, kind=kind, name="bench", content=content, limits=LIMITS,
            actor=boss, now=clock.now(),
        )  # fmt: skip
    yield _timed("check", lambda: batch_work.check_batch(batch_id=batch_id, now=clock.now()))
    with transaction() as session:
        batches.apply_batch(session, batch_id=batch_id, actor=boss, now=clock.now())
    yield _timed("apply", lambda: batch_work.apply_checked(batch_id=batch_id, now=clock.now()))
    with transaction() as session:
        batch = batches.get_batch(session, batch_id, actor=boss)
        assert batch.status == "applied", batch.refusal
    yield _timed("out", lambda: _take_out(kind, form, boss))


def _timed(what: str, do: Callable[[], None]) -> Timed:
    begun, ours = time.perf_counter(), time.process_time()
    do()
    seconds, ours = time.perf_counter() - begun, time.process_time() - ours
    return what, seconds, ours, psutil.Process().memory_info().rss / 2**20


def _take_out(kind: str, form: str, boss: Actor) -> None:
    session = current_session()
    out = batch_exports.sheet_as_csv if form == "csv" else batch_exports.sheet_as_workbook
    for _piece in out(session, kind, actor=boss):
        pass
    session.rollback()


def _sheet(kind: str, rows: int, form: str) -> bytes:
    made = (row_of(kind, n) for n in range(rows))
    if form == "xlsx":
        return b"".join(as_workbook(kind, HEADS[kind], made))
    written = io.StringIO()
    csv.writer(written).writerows([HEADS[kind], *made])
    return written.getvalue().encode()


def _house() -> Actor:
    with transaction() as session:
        home = seed(session, now=clock.now())
        boss = house_of(home)
        locations.add_location(
            session, code="bench", name="Bench", kind="store", actor=boss, now=clock.now()
        )
        return boss


def _database(maintenance_url: str) -> str:
    admin = create_engine(maintenance_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {DATABASE}"))
    url = admin.url.set(database=DATABASE).render_as_string(hide_password=False)
    admin.dispose()
    return url


if __name__ == "__main__":
    bench()
