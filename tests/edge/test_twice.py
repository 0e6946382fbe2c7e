"""Doing a thing twice, at once, or out of order has one clear answer and one effect."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from core.idempotency import Claim
from inventory.models import Piece
from orders.models import Order
from people.models import Maker
from tests.conftest import row_counts
from tests.edge.world import make_world
from tests.support.races import commit_while_blocked


@pytest.fixture
def world(session):
    return make_world(session)


@pytest.fixture
def post(client, world):
    """A POST with the full key; ``key`` is an Idempotency-Key."""

    def posting(path, body=None, *, key=None, bearer=True, **headers):
        sent = {"Authorization": f"Bearer {world.key}"} if bearer else {}
        if key:
            sent["Idempotency-Key"] = key
        return client.post(
            f"/v1{path.format(**world.ids)}", json=body if body is not None else {},
            headers=sent | headers,
        )  # fmt: skip

    return posting


MAKER = {"legal_name": "Demo", "public_name": "Demo"}


def test_the_same_request_under_the_same_key_is_done_once(post, session):
    first = post("/makers", MAKER, key="key-0001")
    before = row_counts(session)
    again = post("/makers", MAKER, key="key-0001")

    assert again.get_json() == first.get_json()
    assert again.status_code == first.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert row_counts(session) == before


def test_the_same_key_with_another_request_is_refused(post):
    post("/makers", MAKER, key="key-0001")

    answer = post("/makers", MAKER | {"public_name": "Other"}, key="key-0001")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency_key_reused")


def test_a_refused_request_leaves_its_key_free(post, session):
    assert post("/makers", {"legal_name": ""}, key="key-0001").status_code == 422
    assert post("/makers", MAKER, key="key-0001").status_code == 201
    assert session.query(Claim).filter_by(key="key-0001").count() == 1


@pytest.mark.parametrize("key", ["short", "x" * 201, "with\ttab-key", "ñandú-ñandú"])
def test_an_odd_key_is_refused(post, key):
    assert post("/makers", MAKER, key=key).get_json()["code"] == "idempotency_key_invalid"


@pytest.mark.parametrize(
    "path",
    [
        "/orders/{order_id}/handover",
        "/orders/{order_id}/shipments",
        "/obligations/{obligation_id}/manual-settlement",
    ],
)
def test_where_goods_or_money_move_a_key_is_needed(post, path):
    answer = post(path)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency_key_required")


def test_an_order_needs_a_key_that_nobody_guesses(post, world):
    body = {"items": [{"slug": world.ids["slug"]}], "currency": "USD", "fulfilment": "pick_up"}

    assert post("/orders", body, bearer=False).get_json()["code"] == "idempotency_key_required"
    short = post("/orders", body, bearer=False, key="only-8-c")
    assert short.get_json()["code"] == "idempotency_key_invalid"


def test_an_api_keys_secret_is_shown_once_and_stored_nowhere(post, session, world):
    body = {
        "staff_id": str(world.ids["staff_id"]),
        "scopes": ["orders:read"],
        "expires_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
    }
    secret = post("/api-keys", body, key="key-0001").get_json()["key"]
    again = post("/api-keys", body, key="key-0001").get_json()

    assert secret.startswith("pk_")
    assert again["key"] is None
    for kept in session.scalars(select(Claim)):
        assert secret not in str(kept.answer)


def test_an_overlapping_retry_waits_and_gets_the_first_answer(committed, committing_client):
    with committed() as arranging:
        world = make_world(arranging)
    headers = {"Authorization": f"Bearer {world.key}", "Idempotency-Key": "key-0001"}

    with committed() as first:
        # The first request, as far as its claim; a second one with the same key now waits.
        first.execute(text("SELECT 1 FROM idempotency_claims LIMIT 1"))
        first.add(
            Claim(
                owner=f"staff:{world.ids['staff_id']}",
                operation="makers.add_maker",
                key="key-0001",
                request_hash="something else",
                claimed_at=datetime.now(UTC),
            )
        )
        first.flush()
        answer = commit_while_blocked(
            first, lambda: committing_client.post("/v1/makers", json=MAKER, headers=headers)
        )

    assert answer.get_json()["code"] == "idempotency_key_reused"
    with committed() as after:
        assert after.query(Maker).filter_by(legal_name="Demo").count() == 0


CODES = [
    ("/orders/{order_id}/handover", {}, 409, "order_not_paid"),
    ("/orders/{order_id}/shipments", {"carrier": "Serpost"}, 409, "no_address"),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), CODES)
def test_out_of_order_is_refused_by_its_code(post, path, body, status, code):
    answer = post(path, body, key=uuid.uuid4().hex)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_consent_is_revoked_once(post):
    path = "/consents/{consent_id}/revocation"

    assert post(path, {"reason": "x"}).status_code == 201
    assert post(path, {"reason": "x"}).get_json()["code"] == "consent_revoked"


def test_an_obligation_is_paid_by_hand_once(post, world):
    path = "/obligations/{obligation_id}/manual-settlement"
    body = {"method": "yape", "witness_id": str(world.ids["witness_id"])}

    first = post(path, body, key=uuid.uuid4().hex)
    assert first.status_code == 201, first.text
    assert post(path, body, key=uuid.uuid4().hex).get_json()["code"] == "already_settled"


def test_an_inspection_sent_again_is_the_same_and_with_other_words_refused(client, world):
    path = f"/v1/pieces/{world.ids['piece_id']}/inspections/{uuid.uuid4()}"
    body = {
        "decision": "rework",
        "reason": "loose end",
        "inspected_at": "2026-01-01T00:00:00Z",
    }
    headers = {"Authorization": f"Bearer {world.key}"}

    first = client.put(path, json=body, headers=headers)
    again = client.put(path, json=body, headers=headers)
    other = client.put(path, json=body | {"reason": "another"}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert other.get_json()["code"] == "inspection_signed"


def test_a_delivery_sent_again_without_a_key_is_the_same(post, world):
    body = {
        "id": str(uuid.uuid4()),
        "delivered_on": "2026-01-01",
        "location_id": str(world.ids["location_id"]),
        "pieces": [
            {
                "design_id": str(world.ids["design_id"]),
                "agreement": {"kind": "share_on_sale"},
                "contributions": [
                    {"maker_id": str(world.ids["maker_id"]), "stage": "weave", "weight": 1}
                ],
            }
        ],
    }

    first, again = post("/deliveries", body), post("/deliveries", body)

    assert first.get_json() == again.get_json()
    assert post("/deliveries", body | {"note": "x"}).get_json()["code"] == "delivery_id_taken"


def test_a_buyers_retry_with_the_same_key_gets_her_own_order_back(client, session, world, peer):
    body = {"items": [{"slug": world.ids["slug"]}], "currency": "USD", "fulfilment": "pick_up"}
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    peer.arm("drop_answer", method="POST", path_prefix="/v1/checkout/sessions", times=1)

    silent = client.post("/v1/orders", json=body, headers=headers)
    order = client.post("/v1/orders", json=body, headers=headers)
    again = client.post("/v1/orders", json=body, headers=headers)
    stranger = client.post("/v1/orders", json=body, headers={"Idempotency-Key": uuid.uuid4().hex})

    assert (silent.status_code, silent.get_json()["code"]) == (503, "stripe_unreachable")
    assert silent.headers["Retry-After"]
    assert order.status_code == 201, order.text
    assert order.get_json()["payment"]["url"].startswith(peer.url)
    assert again.get_json() == order.get_json()
    assert stranger.get_json()["code"] == "piece_unavailable"
    held = session.scalars(
        select(Piece.status).where(Piece.tag == order.get_json()["lines"][0]["tag"])
    )
    assert list(held) == ["held"]


def test_a_buyer_cancels_with_her_token_and_twice_is_the_same(client, session, world, peer):
    body = {"items": [{"slug": world.ids["slug"]}], "currency": "USD", "fulfilment": "pick_up"}
    placed = client.post(
        "/v1/orders", json=body, headers={"Idempotency-Key": uuid.uuid4().hex}
    ).get_json()
    path = f"/v1/orders/{placed['id']}/cancellation"

    stranger = client.post(path, json={}, headers={"Order-Token": "x" * 43})
    first = client.post(path, json={}, headers={"Order-Token": placed["token"]})
    again = client.post(path, json={}, headers={"Order-Token": placed["token"]})

    assert (stranger.status_code, stranger.get_json()["code"]) == (401, "token_refused")
    assert first.get_json()["status"] == again.get_json()["status"] == "cancelled"
    assert session.get_one(Order, uuid.UUID(placed["id"])).status == "cancelled"
