"""Phones without a network: what was done in the village waits in a queue, and is sent in bursts.

A phone does not know what has arrived. It sends an operation again whenever it has not seen the
answer, in whatever order, and lays one that comes too early back. Other parts of the house add
kinds of operations of their own to `tests/village/test_week.py`.
"""

import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

DONE = frozenset({200, 201})
#: Its piece is not there yet, or somebody is at it: later.
TOO_EARLY = frozenset({404, 409, 503})


@dataclass(frozen=True)
class Operation:
    """One thing done on a phone: a request that can be repeated."""

    kind: str
    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Phone:
    """A queue, and a network that loses some of the answers on their way back."""

    key: str
    chance: random.Random
    queue: list[Operation] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    sent: int = 0

    def do(self, operation: Operation) -> None:
        """Put something done into the queue."""
        self.queue.append(operation)

    def burst(self, client: FlaskClient, most: int) -> None:
        """A signal for a moment: some of what is next is sent, in no order, some of it twice."""
        near, later = self.queue[: 2 * most], self.queue[2 * most :]
        self.chance.shuffle(near)
        some, self.queue = near[:most], near[most:] + later
        for operation in some:
            answer = self.send(client, operation)
            if self.chance.random() < 0.05:
                answer = self.send(client, operation)
            lost = self.chance.random() < 0.06
            if lost or answer.status_code in TOO_EARLY:
                self.queue.append(operation)
                continue
            assert answer.status_code in DONE, (operation.path, answer.get_data(as_text=True))
            self.answers.setdefault(operation.kind, []).append(answer.get_json())

    def send(self, client: FlaskClient, operation: Operation) -> TestResponse:
        """Send one operation as it is."""
        self.sent += 1
        headers = {"Authorization": f"Bearer {self.key}", **operation.headers}
        return client.open(
            operation.path, method=operation.method, json=operation.body, headers=headers
        )


def one_of_many(chance: random.Random) -> str:
    """An id as a phone makes it; the same ones for the same seed."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def in_bursts(client: FlaskClient, *phones: Phone, longest: int = 40) -> None:
    """Let the phones have a signal by turns until nothing is left in either queue."""
    chance = phones[0].chance
    for _ in range(1000):
        waiting = [phone for phone in phones if phone.queue]
        if not waiting:
            return
        chance.choice(waiting).burst(client, chance.randint(1, longest))
    raise AssertionError(f"still waiting: {[one for phone in phones for one in phone.queue][:3]}")
