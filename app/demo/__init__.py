"""The demo: a fresh house, one piece's whole way through it, and proof that the sums are right."""

import signal

from rich.console import Console

from app.config import Settings
from app.demo.processes import DidNotStart
from app.demo.stage import Stage, set_stage
from app.demo.teller import StepFailed, Teller
from app.demo.walk import Way, restock, whole_way

STRIPE_PORT = 12111


def show(settings: Settings, console: Console, *, once: bool, port: int) -> int:
    """Run the demo; the exit code: 0 when all went well, 1 with the reason otherwise."""
    logs = settings.var / "demo"
    ports = (0, 0) if once else (port, STRIPE_PORT)
    told = f"Starting PostgreSQL, the Stripe stand-in, web and worker (logs in {logs}) …"
    console.print(told, highlight=False, soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with set_stage(settings, logs=logs, web_port=ports[0], stripe_port=ports[1]) as stage:
            teller = Teller(stage.web_url, console)
            way = whole_way(stage, teller)
            console.print(f"[green]The whole way, in {teller.steps} steps.[/]")
            if not once:
                _stay(stage, way, console)
    except (DidNotStart, StepFailed) as problem:
        console.print(f"[red]The demo stopped:[/] {problem}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0 if not once else 1
    return 0


def _stay(stage: Stage, way: Way, console: Console) -> None:
    """Leave a second piece on offer and the keys to try with, and wait for Ctrl-C."""
    restock(way)
    lines = [
        f"It stays up. Read {stage.web_url}/docs, browse {stage.web_url}/v1/listings.",
        "Keys of this demo, gone when it ends:",
        *(f"  {role.value:<13} {member.key}" for role, member in way.staff.items()),
        "Ctrl-C ends it and stops everything.",
    ]
    console.print("\n".join(lines), highlight=False, soft_wrap=True)
    signal.pause()
