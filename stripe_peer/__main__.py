"""`python -m stripe_peer`: start the stand-in on loopback and say when it listens."""

import argparse
import json
import signal
import threading
from decimal import Decimal
from types import FrameType

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from stripe_peer.settings import DOLLARS_PER_UNIT, Settings
from stripe_peer.wsgi import Peer

LOOPBACK = "127.0.0.1"


class Handler(WSGIRequestHandler):
    """Says nothing about requests, and sends each answer at once."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Not here: the request log is under /_peer/requests."""


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("stripe_peer", description="A stand-in for Stripe.")
    parser.add_argument("--port", type=int, default=12111, help="0 picks a free one")
    parser.add_argument("--state", default=":memory:", help="an SQLite file, or :memory:")
    parser.add_argument("--api-key", required=True)
    parser.add_argument("--webhook-url")
    parser.add_argument("--webhook-secret")
    parser.add_argument("--connect-webhook-url")
    parser.add_argument("--connect-webhook-secret")
    parser.add_argument("--thin-webhook-url")
    parser.add_argument("--thin-webhook-secret")
    parser.add_argument("--settlement-currency", default="usd")
    parser.add_argument("--url", help="the address written into links")
    parser.add_argument(
        "--rate", action="append", default=[], metavar="CUR=DOLLARS", help="eur=1.10"
    )
    told = parser.parse_args()
    for kind in ("webhook", "connect_webhook", "thin_webhook"):
        if bool(getattr(told, f"{kind}_url")) != bool(getattr(told, f"{kind}_secret")):
            parser.error(f"--{kind.replace('_', '-')}-url and -secret go together.")
    if not told.api_key.startswith(("sk_test_", "rk_test_")):
        parser.error("--api-key has to be a test key (sk_test_…): this is not Stripe.")
    return told


def rates(told: list[str]) -> dict[str, Decimal]:
    """The fixed table with the command line's changes."""
    pairs = (pair.partition("=") for pair in told)
    return {**DOLLARS_PER_UNIT, **{name.lower(): Decimal(rate) for name, _, rate in pairs}}


def settings(told: argparse.Namespace, port: int) -> Settings:
    """What the stand-in needs of the command line."""
    return Settings(
        api_key=told.api_key,
        url=(told.url or f"http://{LOOPBACK}:{port}").rstrip("/"),
        state=told.state,
        settlement_currency=told.settlement_currency.lower(),
        webhook_url=told.webhook_url,
        webhook_secret=told.webhook_secret,
        connect_webhook_url=told.connect_webhook_url,
        connect_webhook_secret=told.connect_webhook_secret,
        thin_webhook_url=told.thin_webhook_url,
        thin_webhook_secret=told.thin_webhook_secret,
        dollars_per_unit=rates(told.rate),
    )


def main() -> None:
    """Listen until SIGTERM or SIGINT."""
    told = arguments()
    server = ThreadedWSGIServer(LOOPBACK, told.port, lambda *_: [], handler=Handler)
    peer = Peer(settings(told, server.server_port))
    server.app = peer
    server.daemon_threads = True
    server.block_on_close = False

    def end(number: int, frame: FrameType | None) -> None:
        """Off the main thread, which is the one to be stopped."""
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    peer.start()
    address = f"http://{LOOPBACK}:{server.server_port}"
    print(json.dumps({"ready": True, "url": address}), flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    peer.stop()


if __name__ == "__main__":
    main()
