"""Faults armed for coming requests: the next n that match misbehave."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

KINDS = frozenset(
    {
        "drop_answer",
        "error_500_after",
        "error_500_before",
        "rate_limit",
        "slow_before",
        "slow_after",
    }
)


@dataclass(frozen=True)
class Fault:
    """What goes wrong, for which requests, how often."""

    kind: str
    method: str = "POST"
    path_prefix: str = "/v"
    path: str | None = None
    times: int = 1
    seconds: float = 0.0
    should_retry: bool | None = None
    code: str = "rate_limit"

    def concerns(self, method: str, path: str) -> bool:
        """Whether this request is one of those; ``path`` is the whole of it."""
        if self.path is not None and path != self.path:
            return False
        return self.method in (method, "*") and path.startswith(self.path_prefix)


def described(wanted: Mapping[str, Any]) -> Fault:
    """A fault from JSON; ValueError says what is wrong with it."""
    unknown = set(wanted) - set(Fault.__dataclass_fields__)
    if unknown or wanted.get("kind") not in KINDS:
        raise ValueError(
            f"A fault has a kind out of {', '.join(sorted(KINDS))}, and may have method, "
            "path_prefix, path, times, seconds, should_retry, code; not "
            f"{', '.join(sorted(unknown))}"
        )
    return Fault(**wanted)


class FaultBoard:
    """The faults still armed, first armed first used; they do not survive a restart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Add one."""
        with self._lock:
            self._armed.append(fault)

    def disarm(self) -> None:
        """Forget all."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[dict[str, Any]]:
        """What is still to happen."""
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, counted down."""
        with self._lock:
            for place, fault in enumerate(self._armed):
                if fault.concerns(method, path):
                    if fault.times > 1:
                        self._armed[place] = replace(fault, times=fault.times - 1)
                    else:
                        del self._armed[place]
                    return fault
        return None
