"""`make bench`: the catalogue page and placing an order, beside a hello-JSON route.

All three are served by granian with one blocking thread. Ratios are what travels between machines.
"""

import json
import sys
import uuid
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app import create_app
from app.config import ROOT, load
from app.demo.processes import Child, answers, free_port
from app.demo.stage import Stage, set_stage
from app.seed import house_of, seed
from bench.load import Ask, Measured, measure
from bench.pay_run import pay_run
from bench.shop import fill
from core import clock
from core.db import transaction

DATABASE = "pallay_bench"
PAGE = 24


@click.group(invoke_without_command=True)
@click.pass_context
@click.option("--requests", default=2000, show_default=True, help="Requests for each page.")
@click.option("--orders", default=150, show_default=True, help="Orders to place.")
def bench(context: click.Context, requests: int, orders: int) -> None:
    """Measure, and print figures and ratios."""
    if context.invoked_subcommand:
        return
    console = Console()
    logs = load().var / "bench"
    with (
        console.status("starting the house"),
        set_stage(load(), logs=logs, database=DATABASE) as stage,
    ):
        slugs = _fill(stage, orders)
        rows = {
            "hello JSON": _hello(stage, requests, logs),
            f"catalogue, {PAGE} rows": _catalogue(stage, requests),
            "one listing": _detail(stage, requests, slugs[0]),
            "place an order": _orders(stage, slugs[:orders]),
        }
    console.print(_table(rows))


def _fill(stage: Stage, orders: int) -> list[str]:
    """A shop with a listing for each order to come, and never fewer than a page."""
    app = create_app(load({**stage.environment}))
    with app.app_context(), transaction() as session:
        home = seed(session, now=clock.now())
        return fill(session, home, actor=house_of(home), number=max(orders, PAGE) + PAGE)


def _hello(stage: Stage, requests: int, logs: Path) -> Measured:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "1",
        "--no-ws", "--http", "1", "--port", str(port), "bench.hello:app",
    ]  # fmt: skip
    server = Child(
        "hello", command, {**stage.environment, "PYTHONPATH": str(ROOT)}, logs / "hello.log"
    )
    try:
        server.start()
        server.wait_until(lambda: answers(f"{url}/hello"))
        return _warm(url, _pid(server), [Ask("GET", "/hello")] * requests)
    finally:
        server.stop()


def _catalogue(stage: Stage, requests: int) -> Measured:
    ask = Ask("GET", f"/v1/listings?limit={PAGE}")
    return _warm(stage.web_url, _pid(stage.web), [ask] * requests)


def _detail(stage: Stage, requests: int, slug: str) -> Measured:
    ask = Ask("GET", f"/v1/listings/{slug}")
    return _warm(stage.web_url, _pid(stage.web), [ask] * requests)


def _orders(stage: Stage, slugs: list[str]) -> Measured:
    asks = [_order(slug) for slug in slugs]
    return measure(stage.web_url, _pid(stage.web), asks, expect=201)


def _order(slug: str) -> Ask:
    body = {
        "items": [{"slug": slug, "quantity": 1}],
        "currency": "USD",
        "fulfilment": "pick_up",
        "channel": "online",
    }
    headers = (("Content-Type", "application/json"), ("Idempotency-Key", str(uuid.uuid4())))
    return Ask("POST", "/v1/orders", json.dumps(body).encode(), headers)


def _warm(url: str, pid: int, asks: list[Ask]) -> Measured:
    measure(url, pid, asks[: max(1, len(asks) // 10)], expect=200)
    return measure(url, pid, asks, expect=200)


def _pid(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def _table(rows: dict[str, Measured]) -> Table:
    table = Table(title="One web process; CPU is the web process alone, without PostgreSQL")
    for column in ("", "requests", "requests/s", "CPU ms each", "speed to hello", "CPU to hello"):
        table.add_column(column, justify="left" if not column else "right")
    hello = next(iter(rows.values()))
    for name, row in rows.items():
        table.add_row(
            name,
            str(row.requests),
            f"{row.per_second:.0f}",
            f"{row.cpu_ms:.2f}",
            f"{row.per_second / hello.per_second:.3f}",
            f"{row.cpu_ms / hello.cpu_ms:.1f}",
        )
    return table


bench.add_command(pay_run)

if __name__ == "__main__":
    bench()
