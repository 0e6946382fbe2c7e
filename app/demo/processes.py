"""Child processes: started with a log each, waited for, and stopped whatever happens."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

READY_WITHIN_SECONDS = 60.0
STOPS_WITHIN_SECONDS = 15.0


class DidNotStart(Exception):
    """A child ended or stayed silent; its log says why."""


@dataclass
class Child:
    """One process of ours, with its output in a file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it in a process group of its own, so that a stop reaches its children too."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                self.command,
                env=dict(self.environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until ``ready``; raise DidNotStart when the child ends or time runs out."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not ready():
            if self.process is None or self.process.poll() is not None:
                raise DidNotStart(f"{self.name} ended at once; see {self.log}")
            if time.monotonic() > deadline:
                raise DidNotStart(f"{self.name} did not answer; see {self.log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        self.signal(signal.SIGTERM)
        if self.process is None:
            return
        try:
            self.process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End it without warning, as a power cut would."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(STOPS_WITHIN_SECONDS)

    def signal(self, number: int) -> None:
        """Send a signal to the child and everything it started."""
        if self.process is None or self.process.poll() is not None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def free_port(preferred: int = 0) -> int:
    """A TCP port on loopback nobody listens on: the preferred one if it is free."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DidNotStart("no free port on 127.0.0.1")


def answers(url: str) -> bool:
    """Whether a GET of ``url`` is answered with 200."""
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
