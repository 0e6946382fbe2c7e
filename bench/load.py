"""Load: one process that asks as fast as it is answered, on one kept-alive connection."""

import http.client
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run of requests cost the server."""

    requests: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the server's CPU for one request."""
        return 1000 * self.cpu_seconds / self.requests


def measure(url: str, server_pid: int, asks: Sequence[Ask], *, expect: int) -> Measured:
    """Ask everything once, from a process of its own; the server's CPU is read before and after."""
    results = multiprocessing.get_context("spawn").SimpleQueue()
    before = cpu_of(server_pid)
    asker = multiprocessing.get_context("spawn").Process(
        target=_ask_all, args=(url, list(asks), expect, results)
    )
    asker.start()
    seconds = results.get()
    asker.join()
    if isinstance(seconds, str):
        raise SystemExit(seconds)
    return Measured(len(asks), seconds, cpu_of(server_pid) - before)


def cpu_of(pid: int) -> float:
    """CPU seconds, user and system, of a process and everything it started."""
    root = psutil.Process(pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def _ask_all(url: str, asks: list[Ask], expect: int, results) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    began = time.perf_counter()
    for ask in asks:
        connection.request(ask.method, ask.path, ask.body or None, dict(ask.headers))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != expect:
            results.put(f"{ask.method} {ask.path}: {answer.status} {body[:300]!r}")
            return
    results.put(time.perf_counter() - began)
