"""Fixtures of the tests of paying makers: the stand-in's time, and no fault left armed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support.peer import PeerProcess


@pytest.fixture
def now(peer: PeerProcess) -> datetime:
    """The stand-in's time at the beginning of the test."""
    return datetime.fromtimestamp(peer.now(), UTC)


@pytest.fixture(autouse=True)
def _no_fault_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one test armed does not go off in the next."""
    yield
    if "peer" in request.fixturenames:
        request.getfixturevalue("peer").disarm()
