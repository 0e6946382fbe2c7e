"""Fixtures of the tests of buying: a moment that Stripe agrees on, and no fault left armed."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.orders.buying import time_at
from tests.support.peer import PeerProcess


@pytest.fixture
def now(peer: PeerProcess) -> datetime:
    """The stand-in's time at the beginning of the test."""
    return time_at(peer)


@pytest.fixture(autouse=True)
def _no_fault_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one test armed does not go off in the next."""
    yield
    if "peer" in request.fixturenames:
        request.getfixturevalue("peer").disarm()
