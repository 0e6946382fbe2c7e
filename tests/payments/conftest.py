"""Fixtures of the wall's tests: no fault left armed, and a session request Stripe takes."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.peer import PeerProcess


@pytest.fixture(autouse=True)
def _no_fault_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one test armed does not go off in the next."""
    yield
    if "peer" in request.fixturenames:
        request.getfixturevalue("peer").disarm()


@pytest.fixture
def order_id() -> uuid.UUID:
    """An order's id; the wall does not ask whether there is one."""
    return uuid.uuid4()


@pytest.fixture
def asking(peer: PeerProcess, order_id: uuid.UUID) -> dict[str, Any]:
    """A request for a Checkout Session as the orders floor makes it."""
    return {
        "mode": "payment",
        "success_url": "https://shop.test/thanks",
        "client_reference_id": str(order_id),
        "metadata": {"order_id": str(order_id)},
        "payment_intent_data": {"transfer_group": str(order_id)},
        "expires_at": peer.now() + 3600,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 4500,
                    "product_data": {"name": "A runner"},
                },
            }
        ],
    }
