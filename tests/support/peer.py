"""The Stripe stand-in as a process of its own, for tests: started, driven over HTTP, stopped."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import requests
import stripe

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_SECONDS = 20.0
ENDS_WITHIN_SECONDS = 10.0
FINANCIAL_ACCOUNT = "fa_test_stand_in"


class PeerProcess:
    """`python -m stripe_peer` on a free port; `with PeerProcess() as peer:` or start and stop.

    `state` is a file that outlives a restart, or ":memory:". `house_url`: a Pallay, each of whose
    endpoints gets its own kind of webhooks; `webhook_url`: one endpoint, for the platform's own
    events only. Arguments the command line knows
    besides can be given as `arguments`.
    """

    def __init__(
        self,
        *,
        state: str | Path = ":memory:",
        api_key: str = "sk_test_stand_in_0123456789",
        webhook_url: str | None = None,
        house_url: str | None = None,
        webhook_secret: str = "whsec_stand_in_0123456789",
        settlement_currency: str = "usd",
        port: int = 0,
        arguments: tuple[str, ...] = (),
    ) -> None:
        self.state = state
        self.api_key = api_key
        self.webhook_url = webhook_url
        self.house_url = house_url
        self.webhook_secret = webhook_secret
        self.connect_webhook_secret = f"{webhook_secret}_connect"
        self.thin_webhook_secret = f"{webhook_secret}_thin"
        self.settlement_currency = settlement_currency
        self.arguments = arguments
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it listens; known once it was started."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start it and wait until it listens; a port once picked is kept."""
        self._process = subprocess.Popen(
            self._command(), cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        self.port = int(self._ready_line()["url"].rpartition(":")[2])
        return self

    def _command(self) -> list[str]:
        told = {
            "--port": str(self.port),
            "--state": str(self.state),
            "--api-key": self.api_key,
            "--settlement-currency": self.settlement_currency,
        }
        if self.webhook_url:
            told |= {"--webhook-url": self.webhook_url, "--webhook-secret": self.webhook_secret}
        if self.house_url:
            told |= self._endpoints(f"{self.house_url}/v1/webhooks/stripe")
        words = [word for pair in told.items() for word in pair]
        return [sys.executable, "-m", "stripe_peer", *words, *self.arguments]

    def _endpoints(self, base: str) -> dict[str, str]:
        return {
            "--webhook-url": base,
            "--webhook-secret": self.webhook_secret,
            "--connect-webhook-url": f"{base}/connect",
            "--connect-webhook-secret": self.connect_webhook_secret,
            "--thin-webhook-url": f"{base}/thin",
            "--thin-webhook-secret": self.thin_webhook_secret,
        }

    def _ready_line(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], STARTS_WITHIN_SECONDS)
        line = self._process.stdout.readline() if readable else ""
        if not line:
            self.kill()
            raise RuntimeError("The Stripe stand-in did not start; its complaint is on stderr.")
        return cast("dict[str, Any]", json.loads(line))

    def stop(self) -> int:
        """End it as an operator would (SIGTERM); its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it without warning (SIGKILL)."""
        return self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(how)
        code = process.wait(timeout=ENDS_WITHIN_SECONDS)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def signal(self, how: "signal.Signals") -> None:
        """SIGSTOP puts it to sleep with whatever it has been asked; SIGCONT wakes it."""
        assert self._process is not None
        self._process.send_signal(how)

    def restart(self) -> Self:
        """Stop it and start it on the same port, with the same state."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def client(self, **options: Any) -> stripe.StripeClient:
        """The real SDK's client, pointed here; options as of `StripeClient`."""
        options.setdefault("http_client", stripe.RequestsClient(timeout=(3.05, 20)))
        return stripe.StripeClient(self.api_key, base_addresses={"api": self.url}, **options)

    def pay(self, session_url: str, outcome: str = "succeed") -> requests.Response:
        """Press a button on the page to pay on; 3-D Secure is gone through to its end."""
        answer = press(session_url, outcome)
        if outcome == "authenticate" and answer.status_code == requests.codes.ok:
            answer = press(session_url, "authenticated")
        return answer

    def onboard(self, link_url: str, outcome: str = "complete") -> requests.Response:
        """Press a button on the onboarding page of an account link."""
        return press(link_url, outcome)

    def settle(self, session_id: str, outcome: str = "succeed") -> dict[str, Any]:
        """End a delayed payment: `succeed` or `fail`."""
        return self.tell("POST", f"checkout/{session_id}/settle", {"outcome": outcome})

    def activate(self, account_id: str, status: str = "active") -> dict[str, Any]:
        """Let an account receive transfers, or `pending`, or `restricted`."""
        return self.tell("POST", f"accounts/{account_id}/capability", {"status": status})

    def end_refund(self, refund_id: str, outcome: str) -> dict[str, Any]:
        """`succeeded`, `failed` or `canceled`; it may fail after it succeeded."""
        return self.tell("POST", f"refunds/{refund_id}/settle", {"outcome": outcome})

    def slow_refunds(self, on: bool = True) -> None:
        """Refunds stay pending until they are ended."""
        self.tell("POST", "refunds/slow", {"on": on})

    def dispute(self, charge_id: str, **how: Any) -> dict[str, Any]:
        """A bank disputes a charge: `amount`, `reason`, `inquiry`, `withdraw`."""
        return self.tell("POST", f"charges/{charge_id}/dispute", how)

    def move_dispute(self, dispute_id: str, to: str) -> dict[str, Any]:
        """Its next status, or `funds_withdrawn`, `funds_reinstated`."""
        return self.tell("POST", f"disputes/{dispute_id}/move", {"to": to})

    def end_payout(self, payout_id: str, outcome: str) -> dict[str, Any]:
        """`paid` or `failed`."""
        return self.tell("POST", f"payouts/{payout_id}/settle", {"outcome": outcome})

    def end_outbound(self, payment_id: str, outcome: str, **why: str) -> dict[str, Any]:
        """`posted`, `failed`, `canceled` or `returned`, which may come after it was posted."""
        told = {"outcome": outcome, **why}
        return self.tell("POST", f"outbound_payments/{payment_id}/settle", told)

    def bank(self, account_id: str, status: str = "active") -> dict[str, Any]:
        """Let an account be paid through its bank, or `pending`, or `restricted`."""
        told = {"status": status, "capability": "bank_accounts.local"}
        return self.tell("POST", f"accounts/{account_id}/capability", told)

    def payout_method(self, account_id: str, **how: Any) -> dict[str, Any]:
        """Change an account's bank account, or give it its first: `payments`, `archived`, `new`."""
        return self.tell("POST", f"accounts/{account_id}/payout_method", how)

    def fund(self, amount: int, currency: str = "usd") -> dict[str, Any]:
        """Money for bank payments comes in; below zero, it goes out."""
        told = {"amount": amount, "currency": currency}
        return self.tell("POST", f"financial_accounts/{FINANCIAL_ACCOUNT}/fund", told)

    def spend(self, account_id: str, amount: int, currency: str = "usd") -> dict[str, Any]:
        """The account's owner pays money out, so that it cannot come back."""
        told = {"amount": amount, "currency": currency}
        return self.tell("POST", f"accounts/{account_id}/spend", told)

    def rates(self, **dollars_per_unit: str) -> None:
        """What a unit of a currency is worth in dollars from now on."""
        self.tell("POST", "rates", dollars_per_unit)

    def advance(self, seconds: int) -> int:
        """Move the stand-in's clock forward; its new time."""
        return int(self.tell("POST", "clock", {"advance_seconds": seconds})["now"])

    def now(self) -> int:
        """The stand-in's time."""
        return int(self.tell("GET", "clock")["now"])

    def deliver(self, **how: Any) -> dict[str, Any]:
        """Send every webhook due now and wait for it."""
        return self.tell("POST", "webhooks/deliver", how)

    def pause(self) -> None:
        """Webhooks go out only by `deliver`."""
        self.tell("POST", "webhooks/pause")

    def resume(self) -> None:
        """Webhooks go out by themselves again."""
        self.tell("POST", "webhooks/resume")

    def resend(self, event_id: str, copies: int = 1) -> dict[str, Any]:
        """Send one event again, delivered or not."""
        return self.tell("POST", "webhooks/resend", {"event": event_id, "copies": copies})

    def mishap(self, kind: str, **rule: Any) -> None:
        """Let the next webhook (or `times` of them) that matches be dropped, lost, delayed, …"""
        self.tell("POST", "webhooks/mishaps", {"kind": kind, **rule})

    def mishaps(self) -> list[dict[str, Any]]:
        """What is still to happen to webhooks."""
        return cast("list[dict[str, Any]]", self.tell("GET", "webhooks/mishaps")["mishaps"])

    def no_mishaps(self) -> None:
        """Nothing more happens to them."""
        self.tell("DELETE", "webhooks/mishaps")

    def arm(self, kind: str, **fault: Any) -> None:
        """Let the next request (or `times` of them) that matches go wrong."""
        self.tell("POST", "faults", {"kind": kind, **fault})

    def disarm(self) -> None:
        """Forget every armed fault."""
        self.tell("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        """What is armed and has not gone off."""
        return cast("list[dict[str, Any]]", self.tell("GET", "faults")["faults"])

    def requests(self) -> list[dict[str, Any]]:
        """Every API request since the start, oldest first."""
        return cast("list[dict[str, Any]]", self.tell("GET", "requests")["requests"])

    def tell(self, method: str, path: str, told: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call of the control surface."""
        answer = requests.request(method, f"{self.url}/_peer/{path}", json=told or {}, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} /_peer/{path}: {answer.status_code} {answer.text}")
        return cast("dict[str, Any]", answer.json())


def press(url: str, outcome: str) -> requests.Response:
    """Send a page's form; the redirect is returned, not followed."""
    return requests.post(url, data={"outcome": outcome}, allow_redirects=False, timeout=30)
