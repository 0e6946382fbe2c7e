"""The one clock: aware UTC time, which tests can hold still."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_held: ContextVar[datetime | None] = ContextVar("held_clock", default=None)


def now() -> datetime:
    """The time now, aware and in UTC."""
    return _held.get() or datetime.now(UTC)


@contextmanager
def fixed(at: datetime) -> Iterator[datetime]:
    """Hold the clock at one moment for as long as the block lasts."""
    token = _held.set(at)
    try:
        yield at
    finally:
        _held.reset(token)
