"""The stand-in as every test here meets it: one shared process, or a fresh one."""

from collections.abc import Iterator

import pytest
import stripe

from tests.stripe_peer.receiver import Receiver
from tests.support.peer import PeerProcess

stripe.enable_telemetry = False


@pytest.fixture(scope="session")
def shared_peer() -> Iterator[PeerProcess]:
    """One process for all tests that need no clock and no webhooks of their own."""
    with PeerProcess() as peer:
        yield peer


@pytest.fixture
def peer(shared_peer: PeerProcess) -> PeerProcess:
    """The shared process, with no fault left over."""
    shared_peer.disarm()
    return shared_peer


@pytest.fixture
def client(peer: PeerProcess) -> stripe.StripeClient:
    """The real SDK, pointed at the shared process."""
    return peer.client()


@pytest.fixture
def fresh() -> Iterator[PeerProcess]:
    """A process of this test's own, so that its clock may be moved."""
    with PeerProcess() as peer:
        yield peer


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server that takes webhooks, or refuses them."""
    with Receiver() as listening:
        yield listening


@pytest.fixture
def posting(receiver: Receiver) -> Iterator[PeerProcess]:
    """A process of this test's own that sends webhooks to `receiver`, only when told."""
    told = {
        "--connect-webhook-url": f"{receiver.url}/connect",
        "--connect-webhook-secret": "whsec_connect",
        "--thin-webhook-url": f"{receiver.url}/thin",
        "--thin-webhook-secret": "whsec_thin",
    }
    others = tuple(word for pair in told.items() for word in pair)
    with PeerProcess(webhook_url=f"{receiver.url}/snapshot", arguments=others) as peer:
        peer.pause()
        yield peer
