"""`make bench ARGS="pay-run"`: paying very many obligations by transfer, our own part of it.

Stripe is answered for within this process: what is measured is the house. The rows come from one
real sale, multiplied within PostgreSQL.
"""

import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import click
import psutil
import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from app import tables
from app.config import load
from app.database import engine_options
from app.migrating import upgrade_to_head
from app.postgres import EmbeddedPostgres, conninfo
from app.seed import house_of, seed
from bench.shop import fill
from core import clock
from core.db import transaction, use_sessions
from core.jobs import ids_in
from core.money import Money
from orders import paying, placing
from orders.models import Order
from payments.attempts import Result
from payments.gateway import Checkout, Gateway, Payment, Transfer
from payouts import many_transfers, obligations

DATABASE = "pallay_pay_run"
MAKERS = 100
MAKERS_A_LINE = 4
PARTS = 10
MOST_CPU_MS = 3.0


@dataclass
class AtOnce:
    """Stripe's side: it answers every transfer at once; the time it took is its own."""

    seconds: float = 0.0
    sent: Counter[str] = field(default_factory=Counter)

    def transfer(self, request: dict[str, Any], *, key: str) -> Transfer:
        """The money is there."""
        began = time.perf_counter()
        made = Transfer(
            id=f"tr_{key}",
            amount=Money(request["amount"], request["currency"].upper()),
            destination=request["destination"],
            group=request["transfer_group"],
            metadata=request["metadata"],
            created_at=datetime.now(UTC),
            reversed_minor=0,
        )
        self.sent["transfers"] += 1
        self.seconds += time.perf_counter() - began
        return made


@dataclass
class Run:
    """What a pay run took."""

    settled: int = 0
    cpu: float = 0.0
    wall: float = 0.0
    stripe: float = 0.0
    queries: int = 0
    sweeping: float = 0.0
    resident: list[int] = field(default_factory=list)


@click.command("pay-run")
@click.option("--obligations", "number", default=100_000, show_default=True, help="How many.")
def pay_run(number: int) -> None:
    """Pay so many due obligations by transfer; print what each costs us."""
    console, settings = Console(), load()
    with EmbeddedPostgres(settings.var / "postgres", durable=False) as server:
        with psycopg.connect(conninfo(server.url("postgres")), autocommit=True) as connection:
            gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(gone.format(sql.Identifier(DATABASE)))
        upgrade_to_head(server.url(DATABASE))
        engine = create_engine(server.url(DATABASE), **engine_options())
        sessions = scoped_session(sessionmaker(engine))
        use_sessions(sessions)
        with console.status(f"making {number} obligations"):
            _multiply(engine, _one_sale(), number)
        with console.status("paying"):
            run = _pay(engine, sessions, number)
        sessions.remove()
        engine.dispose()
    console.print(_table(run))


def _one_sale() -> uuid.UUID:
    """A paid order of one piece of one maker, divided: what everything else is a copy of."""
    assert tables
    now = clock.now()
    with transaction() as session:
        home = seed(session, now=now)
        (slug,) = fill(session, home, actor=house_of(home), number=1)
        order = placing.place_order(
            session,
            items=[{"slug": slug, "quantity": 1}],
            currency="USD",
            fulfilment="pick_up",
            channel="online",
            language="en",
            hold_minutes=31,
            page_of=lambda order_id: f"https://shop.test/{order_id}",
            now=now,
        )
        _paid(session, order, now)
        obligations.record_sale(session, order_id=order.id, now=now)
        return order.id


def _paid(session: Session, order: Order, now: datetime) -> None:
    charged = Money(order.total_minor, order.currency)
    payment = Payment(
        payment_intent_id="pi_1",
        charge_id="ch_1",
        balance_transaction_id="txn_1",
        charged=charged,
        gross=charged,
        fee_minor=0,
        net_minor=charged.minor,
        exchange_rate=None,
        paid_at=now,
    )
    checkout = Checkout(
        session_id="cs_1",
        url=None,
        status="complete",
        paid=True,
        expires_at=order.expires_at,
        order_id=order.id,
        payment=payment,
    )
    paying.apply_checkout(session, order_id=order.id, checkout=checkout, now=now)


#: (table, how many of it, what is different in each copy): ``n`` counts from nought.
COPIES = (
    ("makers", ":makers", "'id', md5('maker' || n)::uuid"),
    ("pieces", ":lines", "'id', md5('piece' || n)::uuid, 'tag', 'TB' || n, 'position', n + 99"),
    ("orders", ":lines", "'id', md5('order' || n)::uuid, 'number', 'B' || n"),
    (
        "order_lines",
        ":lines",
        """'id', md5('line' || n)::uuid, 'order_id', md5('order' || n)::uuid,
        'piece_id', md5('piece' || n)::uuid""",
    ),
    (
        "obligations",
        ":number",
        """'id', md5('obligation' || n)::uuid, 'status', 'due', 'due_at', now(),
        'maker_id', md5('maker' || (n % 4 + n / 4 * 4 % :makers))::uuid,
        'order_id', md5('order' || n / 4)::uuid, 'line_id', md5('line' || n / 4)::uuid,
        'piece_id', md5('piece' || n / 4)::uuid, 'charge_id', 'ch_' || n / 4""",
    ),
    (
        "postings",
        ":number",
        """'id', md5('posting' || n)::uuid, 'event', 'order_paid:bench' || n, 'position', 0,
        'order_id', md5('order' || n / 4)::uuid,
        'obligation_id', md5('obligation' || n)::uuid""",
    ),
)
TAKEN = (
    "DELETE FROM procrastinate_jobs WHERE task_name = 'obligations.settle'"
    " RETURNING args ->> 'cooperative_id', args ->> 'obligation_ids'"
)
CANCEL = "UPDATE obligations SET status = 'cancelled' WHERE order_id = :one"
ACCOUNTS = (
    "INSERT INTO payout_accounts (cooperative_id, maker_id, key, request, account_id, capability,"
    " created_at, created_by) SELECT cooperative_id, id, 'ac:' || id, '{}', 'acct_' || id,"
    " 'active', now(), 'system:bench' FROM makers"
)


def _multiply(engine: Engine, order_id: uuid.UUID, number: int) -> None:
    """Copies of one sale, each a row of its own, made in a statement a table."""
    values = {"makers": MAKERS, "lines": -(-number // MAKERS_A_LINE), "number": number}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for table, count, changes in COPIES:
            connection.execute(
                text(
                    f"INSERT INTO {table} SELECT copy.* FROM"  # noqa: S608 - our own constants
                    f" (SELECT * FROM {table} ORDER BY id LIMIT 1) AS one,"
                    f" generate_series(0, {count} - 1) AS n,"
                    f" jsonb_populate_record(one::{table}, jsonb_build_object({changes})) AS copy"
                ),
                values,
            )
        connection.execute(text(CANCEL), {"one": order_id})
        connection.execute(text(ACCOUNTS))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _pay(engine: Engine, sessions: "scoped_session[Session]", number: int) -> Run:
    """As the house does it: a sweep leaves word, and each job of the queue settles many."""
    run, stripe = Run(), AtOnce()
    counted: Counter[str] = Counter()
    event.listen(engine, "before_cursor_execute", lambda *_: counted.update(["queries"]))
    me = psutil.Process()
    began, cpu = time.perf_counter(), time.process_time()
    while run.settled < number:
        swept = time.process_time()
        jobs = _sweep(sessions)
        run.sweeping += time.process_time() - swept
        for cooperative_id, ids in jobs:
            done = many_transfers.settle_many(
                cast("Gateway", stripe),
                cooperative_id=uuid.UUID(cooperative_id),
                obligation_ids=ids_in(ids),
                now=clock.now(),
            )
            sessions.remove()
            run.settled += done[Result.DONE]
            if run.settled * PARTS >= len(run.resident) * number:
                run.resident.append(me.memory_info().rss)
        assert jobs, "a sweep found nothing to pay"
    run.cpu, run.wall = time.process_time() - cpu, time.perf_counter() - began
    run.stripe, run.queries = stripe.seconds, counted["queries"]
    assert run.settled == number == stripe.sent["transfers"]
    return run


def _sweep(sessions: "scoped_session[Session]") -> list[tuple[str, str]]:
    """What a sweep leaves in the queue, and the queue gives to a worker."""
    with transaction() as session:
        obligations.fall_due(session, now=clock.now())
    with transaction() as session:
        taken = [(whose, ids) for whose, ids in session.execute(text(TAKEN))]
    sessions.remove()
    return taken


def _table(run: Run) -> Table:
    table = Table(title=f"{run.settled} settlements, one process; without PostgreSQL's CPU")
    table.add_column("")
    table.add_column("each", justify="right")
    ours = (run.cpu - run.stripe) / run.settled * 1000
    megabytes = [round(size / 2**20) for size in run.resident]
    for name, value in (
        ("our CPU", f"{ours:.2f} ms (at most {MOST_CPU_MS:.0f})"),
        ("time, all in all", f"{run.wall / run.settled * 1000:.2f} ms"),
        ("of it Stripe's", f"{run.stripe / run.settled * 1000:.3f} ms"),
        ("queries", f"{run.queries / run.settled:.1f}"),
        ("of our CPU, the sweep's", f"{run.sweeping / run.settled * 1000:.2f} ms"),
        ("memory from tenth to tenth, MiB", " ".join(map(str, megabytes))),
    ):
        table.add_row(name, value)
    return table
