"""The stand-in's state survives its own end (stripe.md, "The stand-in")."""

import subprocess
import sys

import pytest
import requests

from tests.stripe_peer.making import make_account, make_charge, make_session
from tests.support.peer import ROOT, PeerProcess


@pytest.fixture
def lasting(tmp_path):
    """A process with a file to remember in."""
    peer = PeerProcess(state=tmp_path / "peer.sqlite")
    yield peer.start()
    peer.stop()


def test_sigterm_ends_it_cleanly(lasting):
    """Exit code 0."""
    assert lasting.stop() == 0


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_objects_clock_and_keys_outlive_it(lasting, end):
    """Also when it is killed."""
    client = lasting.client()
    charge, account = make_charge(lasting), make_account(lasting)
    params = {
        "amount": 100,
        "currency": "usd",
        "destination": account,
        "source_transaction": charge.id,
    }
    sent = client.v1.transfers.create(params, {"idempotency_key": "lasting-1"})
    time_then = lasting.advance(5000)
    getattr(lasting, end)()
    lasting.start()
    again = client.v1.transfers.create(params, {"idempotency_key": "lasting-1"})
    assert again.id == sent.id
    assert lasting.now() >= time_then
    session = make_session(client)
    assert lasting.pay(session.url).status_code == 303


def test_undelivered_news_outlive_it(tmp_path, receiver):
    """And are delivered once somebody listens; the endpoint is not doubled."""
    receiver.status = 500
    peer = PeerProcess(state=tmp_path / "peer.sqlite", webhook_url=f"{receiver.url}/hook")
    with peer:
        peer.pause()
        make_charge(peer)
        assert peer.deliver()["failed"] == 5
        receiver.status = 200
        peer.restart()
        peer.pause()
        peer.advance(60 * 60)
        peer.deliver()
        assert requests.get(f"{peer.url}/_peer/health", timeout=10).json()["outbox"] == {
            "pending": 0,
            "delivered": 5,
            "given_up": 0,
        }
        assert len(peer.client().v1.webhook_endpoints.list().data) == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--api-key", "sk_live_x"], "test key"),
        (["--api-key", "sk_test_x", "--webhook-url", "http://127.0.0.1:1"], "go together"),
        ([], "--api-key"),
    ],
)
def test_it_refuses_to_start_on_half_a_configuration(words, complaint):
    """With a sentence that says what to do."""
    done = subprocess.run(
        [sys.executable, "-m", "stripe_peer", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert complaint in done.stderr


def test_the_clock_only_moves_forward(fresh):
    """As time does."""
    with pytest.raises(RuntimeError, match="only moves forward"):
        fresh.advance(-1)
