"""The teller: asks over HTTP, and prints each step with method, path and result."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from rich.console import Console

WAITS_SECONDS = 60.0


class StepFailed(Exception):
    """A step of the way was not answered as it should be."""


@dataclass
class Teller:
    """One who walks: where the house answers, and where she tells what she did."""

    base: str
    console: Console
    steps: int = 0
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def ask(
        self,
        method: str,
        path: str,
        what: str,
        *,
        key: str | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        expect: int | None = None,
    ) -> Any:
        """One request; prints the step and returns the answer's JSON. Raises StepFailed."""
        sent = {"Authorization": f"Bearer {key}"} if key else {}
        if method == "POST":
            sent["Idempotency-Key"] = str(uuid.uuid4())
        answer = self.session.request(
            method, self.base + path, json=body, headers=sent | (headers or {}), timeout=30
        )
        wanted = expect or (201 if method == "POST" else 200)
        self.tell(method, path, f"{answer.status_code}", what, good=answer.status_code == wanted)
        if answer.status_code != wanted:
            raise StepFailed(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def press(self, url: str, what: str, **form: str) -> None:
        """Press a button on a page that is not ours (Stripe's, or its stand-in's)."""
        answer = self.session.post(url, data=form, timeout=30, allow_redirects=False)
        good = answer.status_code in {requests.codes.ok, requests.codes.see_other}
        self.tell("POST", url.partition("?")[0], f"{answer.status_code}", what, good=good)
        if not good:
            raise StepFailed(f"{url}: {answer.status_code}")

    def wait_for(self, what: str, look: Callable[[], Any]) -> Any:
        """Look until there is something to see; the worker does its part meanwhile."""
        deadline = time.monotonic() + WAITS_SECONDS
        with self.console.status(f"waiting: {what}"):
            while not (seen := look()):
                if time.monotonic() > deadline:
                    raise StepFailed(f"waited {WAITS_SECONDS:.0f} s in vain: {what}")
                time.sleep(0.1)
        self.tell("", "", "", what, good=True)
        return seen

    def tell(self, method: str, path: str, result: str, what: str, *, good: bool) -> None:
        """Print one step."""
        self.steps += 1
        mark = "[green]ok[/]" if good else "[red]no[/]"
        self.console.print(f"{self.steps:>3} {mark} {what}", highlight=False, soft_wrap=True)
        if method:
            url = self.base + path if path.startswith("/") else path
            where = f"       [dim]{method} {url} -> {result}[/]"
            self.console.print(where, highlight=False, soft_wrap=True)
