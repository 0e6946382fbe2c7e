"""The calm after a storm: everything is let come to its end, as time would, and compared.

Nothing waits for time to pass: what would take hours (a rest after a no, a pause before a next try,
news that is tried again) is written into the past, and the sweeps of every minute are called.
"""

import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from core.db import transaction
from core.errors import PallayError
from orders import money_back
from payments import inbox
from payouts import ledger, obligations, recoveries, unfinished
from payouts.reconcile import reconcile
from tests.storm.deeds import Happening, decide
from tests.storm.house import House

#: What must come to nothing before the calm is complete: SQL that counts it.
OPEN = {
    "notes": "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
    " AND task_name NOT LIKE 'worker.%' AND (scheduled_at IS NULL OR attempts > 0"
    " OR scheduled_at <= now()) AND task_name = ANY(:notes)",
    "pages asked for": "SELECT count(*) FROM checkout_attempts WHERE status = 'asking'",
    "transfers": "SELECT count(*) FROM settlement_attempts WHERE outcome IS NULL",
    "refunds": "SELECT count(*) FROM refunds WHERE status = 'asking'",
    "refund attempts": "SELECT count(*) FROM refund_attempts WHERE outcome IS NULL",
    "reversals": "SELECT count(*) FROM reversal_attempts WHERE outcome IS NULL",
    "recoveries": "SELECT count(*) FROM recoveries"
    " WHERE status IN ('waiting', 'reversing', 'undecided')",
    "news": "SELECT count(*) FROM stripe_news WHERE state IN ('new', 'waiting', 'failed')",
    "payable by transfer": "SELECT count(*) FROM obligations JOIN payout_accounts USING (maker_id)"
    " WHERE obligations.status = 'due' AND capability = 'active' AND charge_id IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM pay_day_lines AS line WHERE line.obligation_id = obligations.id"
    "   AND line.released_at IS NULL AND line.receipt_id IS NULL)"
    " AND NOT EXISTS (SELECT FROM disputes WHERE disputes.order_id = obligations.order_id"
    "   AND closed_at IS NULL)"
    " AND NOT EXISTS (SELECT FROM orders WHERE orders.id = obligations.order_id"
    "   AND orders.status = 'cancelled')"
    " AND NOT EXISTS (SELECT FROM found_reversals AS found"
    "   WHERE found.obligation_id = obligations.id AND found.round = obligations.round)",
}
#: Seconds without calm after which a day is let pass.
SILENCE = 20.0
RESTS = ("settlement_attempts", "refund_attempts", "reversal_attempts")


class NoCalm(AssertionError):
    """Something is still open after the time allowed; says what."""


@dataclass
class Calm:
    """What is left after a storm: its counts, and whatever is wrong."""

    counts: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def wait_for_calm(at: Happening, notes: list[str], *, seconds: float) -> None:
    """Until nothing is open. Raises NoCalm."""
    deadline = time.monotonic() + seconds
    house = at.house
    house.tell("DELETE", "faults")
    a_day = time.monotonic() + SILENCE
    while True:
        if time.monotonic() > a_day:
            _a_day_passes(house)
            a_day = time.monotonic() + SILENCE
        house.tell("POST", "webhooks/deliver")
        _hurry(house)
        _sweep()
        _decide_all(at)
        still = {what: count for what, count in _counts(house, OPEN, notes=notes).items() if count}
        if not still:
            return
        if time.monotonic() > deadline:
            raise NoCalm(f"after {seconds:.0f} s still open: {still}; {_examples(house)}")
        time.sleep(0.3)


def look(at: Happening) -> Calm:
    """What the storm left: counts, and everything that does not agree."""
    calm = Calm(counts=_counts(at.house, COUNTS))
    calm.wrong += [str(row) for row in reconcile(at.house.gateway) if not _for_people(row)]
    with transaction() as session:
        sums: Counter[str] = Counter()
        for (_account, currency), minor in ledger.balances(session).items():
            sums[currency] += minor
    calm.wrong += [f"{one}: ledger {minor}" for one, minor in sums.items() if minor]
    for what, count in _counts(at.house, NEVER).items():
        if count:
            calm.wrong.append(f"{what}: {count}")
    return calm


def _for_people(row: Any) -> bool:
    """What reconcile must go on naming until a person has done something about it.

    Somebody reversed a transfer, and has to say how she is to be paid; a refund that failed after
    its pieces were sold again has to be made another way.
    """
    return row.words in {
        "reversed at Stripe by somebody, and not paid again",
        "money came for an order that ended",
    }


def _hurry(house: House) -> None:
    """What would take hours has taken them."""
    with house.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL"
                " WHERE status = 'todo' AND attempts > 0"
            )
        )
        for table in RESTS:
            connection.execute(
                text(
                    f"UPDATE {table} SET ended_at = ended_at - interval '2 days'"  # noqa: S608
                    " WHERE outcome <> 'done' AND ended_at > now() - interval '1 day'"
                )
            )
        connection.execute(
            text(
                "UPDATE stripe_news SET received_at = received_at - interval '1 hour' * 2 ^ tries"
                " WHERE state IN ('waiting', 'failed') AND tries < 8"
            )
        )


def _a_day_passes(house: House) -> None:
    """What Stripe answered with a server error it repeats under the key for a day; then it is
    asked what became of it, and the next attempt may begin."""
    house.tell("POST", "clock", advance_seconds=90_000)
    with house.engine.begin() as connection:
        for table in RESTS:
            connection.execute(
                text(
                    f"UPDATE {table} SET started_at = started_at - interval '25 hours'"  # noqa: S608
                    " WHERE outcome IS NULL"
                )
            )


def _sweep() -> None:
    """What the worker's clock does every minute, or every night."""
    moment = datetime.now(UTC)
    for sweep in (
        lambda session: obligations.fall_due(session, now=moment),
        lambda session: money_back.take_up(session, now=moment),
        money_back.look_after,
        lambda session: recoveries.follow_outcomes(session, now=moment),
        lambda session: inbox.retry_news(session, moment),
        unfinished.take_up,
    ):
        with transaction() as session:
            sweep(session)


def _decide_all(at: Happening) -> None:
    with suppress(PallayError):  # its refund has just failed: nothing to decide any more
        decide(at, 0, random.Random(0))


def _counts(house: House, questions: dict[str, str], **values: Any) -> dict[str, int]:
    with house.engine.connect() as connection:
        return {what: _count(connection, sql, values) for what, sql in questions.items()}


def _count(connection: Connection, sql: str, values: dict[str, Any]) -> int:
    named = {name: value for name, value in values.items() if f":{name}" in sql}
    return int(connection.execute(text(sql), named).scalar_one())


def _examples(house: House) -> list[Any]:
    """Some of what is still open, for whoever has to find out why."""
    with house.engine.connect() as connection:
        return [tuple(row) for sql in EXAMPLES for row in connection.execute(text(sql))]


EXAMPLES = [
    line.strip()
    for line in """
SELECT task_name, status, attempts, lock FROM procrastinate_jobs WHERE status <> 'succeeded' LIMIT 9
SELECT type, state, reason FROM stripe_news WHERE state IN ('new', 'waiting', 'failed') LIMIT 5
SELECT id, status, reason FROM refunds WHERE status = 'asking' LIMIT 5
SELECT id, status FROM recoveries WHERE status IN ('waiting', 'reversing', 'undecided') LIMIT 5
""".splitlines()
    if line
]
COUNTS = {
    "orders": "SELECT count(*) FROM orders",
    "paid": "SELECT count(*) FROM order_payments",
    "paid in cash": "SELECT count(*) FROM order_payments WHERE tender <> 'stripe'",
    "cancelled": "SELECT count(*) FROM orders WHERE status = 'cancelled'",
    "obligations": "SELECT count(*) FROM obligations",
    "settlements": "SELECT count(*) FROM settlements",
    "by transfer": "SELECT count(*) FROM settlements WHERE rail = 'stripe_transfer'",
    "by hand": "SELECT count(*) FROM settlements WHERE rail = 'manual'",
    "refunds": "SELECT count(*) FROM refunds",
    "refunds failed": "SELECT count(*) FROM refunds WHERE status = 'failed'",
    "strays": "SELECT count(*) FROM stray_payments",
    "disputes": "SELECT count(*) FROM disputes",
    "disputes lost": "SELECT count(*) FROM disputes WHERE status = 'lost'",
    "recoveries": "SELECT count(*) FROM recoveries",
    "reversed": "SELECT count(*) FROM recoveries WHERE status = 'reversed'",
    "found reversals": "SELECT count(*) FROM found_reversals",
    "advances": "SELECT count(*) FROM advances",
    "pay days": "SELECT count(*) FROM pay_days",
    "postings": "SELECT count(*) FROM postings",
    "news": "SELECT count(*) FROM stripe_news",
    "attempts never heard of": "SELECT (SELECT count(*) FROM settlement_attempts"
    " WHERE outcome = 'never_arrived') + (SELECT count(*) FROM refund_attempts"
    " WHERE outcome = 'never_arrived')",
}
#: What may never be: SQL that counts it.
NEVER = {
    "a line's maker without exactly one obligation": "SELECT count(*) FROM (SELECT line.id,"
    " step.maker_id FROM order_lines AS line JOIN order_payments USING (order_id)"
    " JOIN contributions AS step ON step.piece_id = line.piece_id"
    " GROUP BY line.id, step.maker_id) AS share LEFT JOIN obligations"
    " ON obligations.line_id = share.id AND obligations.maker_id = share.maker_id"
    " WHERE obligations.id IS NULL",
    "a settlement more than rounds": "SELECT count(*) FROM (SELECT obligation_id FROM settlements"
    " GROUP BY obligation_id, round HAVING count(*) > 1) AS twice",
    "notes that failed for good": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"
    " AND task_name NOT LIKE 'worker.%' AND attempts >= 12"
    # What is asked of Stripe is begun anew by a sweep; here its pauses are over at once.
    " AND task_name NOT IN ('refund.send', 'obligation.settle', 'recovery.reverse')",
}
