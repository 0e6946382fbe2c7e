"""A worker's work without a worker: what was left is done now, in the order it was left."""

from collections.abc import Collection

from sqlalchemy import text

from app.handlers import HANDLERS
from core.db import transaction
from payments.gateway import Gateway

#: Work that asks Stripe to move money, or waits for time to pass.
OUTWARD = frozenset(
    {"order.open_checkout", "order.check_payment", "refund.send", "refund.look"}
    | {"obligation.settle", "recovery.reverse"}
)
NEXT = text(
    "SELECT id, task_name, args FROM procrastinate_jobs"
    " WHERE status = 'todo' AND task_name <> ALL(:left)"
    " AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT 1"
)


def do_what_is_left(gateway: Gateway, *, but_not: Collection[str] = OUTWARD) -> list[str]:
    """Do every job whose time has come, and what those leave; the names of what was done."""
    done: list[str] = []
    while True:
        with transaction() as session:
            job = session.execute(NEXT, {"left": list(but_not)}).first()
            if job is None:
                return done
            session.execute(text("DELETE FROM procrastinate_jobs WHERE id = :id"), {"id": job.id})
        HANDLERS[job.task_name](gateway, **job.args)
        done.append(job.task_name)
