"""Idempotency-Key: asked once or ten times, it is done once and answered the same."""

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from api import idempotency
from api.idempotency import Asked, canonical
from core import clock
from core.idempotency import Claim, claim
from inventory.models import Location
from payments.errors import Unreachable
from tests.api.asking import GOOD, NEEDS_KEY, TAKES_KEY, Ask, as_json
from tests.api.world import World
from tests.conftest import Committed, row_counts
from tests.support.make import NOW, acting, make_cooperative, make_key, make_listing, make_staff
from tests.support.races import commit_while_blocked


def with_key(ask: Ask, key: str) -> Ask:
    return ask.of(headers={**ask.headers, "Idempotency-Key": key})


@pytest.mark.parametrize("operation", sorted(TAKES_KEY))
def test_the_same_request_again_gets_the_same_answer_and_does_nothing(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = with_key(GOOD[operation](world), uuid.uuid4().hex)
    first = ask.send(asks)
    after_first = row_counts(seen)

    again = ask.send(asks)

    assert again.status_code == first.status_code == ask.expect
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    hidden = {"secret": None} if "api-keys" in operation else {}
    assert again.get_json() == first.get_json() | hidden
    assert again.headers.get("Location") == first.headers.get("Location")
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert row_counts(seen) == after_first


@pytest.mark.parametrize("operation", sorted(TAKES_KEY))
def test_the_same_key_with_another_body_is_refused(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = with_key(GOOD[operation](world), uuid.uuid4().hex)
    body = GOOD[operation](world).body
    if not body:
        pytest.skip("nothing in it that could be another")
    other = body | (CHANGED.get(operation) or another(body))
    assert ask.send(asks).status_code == ask.expect
    before = row_counts(seen)

    refused = ask.send(asks, **as_json(other))

    assert refused.status_code == 422
    assert refused.get_json(force=True)["code"] == "idempotency_key_reused"
    assert row_counts(seen) == before


def another(body: dict[str, Any]) -> dict[str, Any]:
    """One field of the body with another text in it."""
    texts = ("reason", "note", "why", "given_for", "source")
    name = next(one for one in texts if one in body)
    return {name: "another"}


CHANGED: dict[str, dict[str, Any]] = {
    "POST /v1/makers/{maker_id}/papers": {"number": "76543210"},
    "POST /v1/reconciliations": {"since": "2026-11-02T00:00:00Z"},
    "POST /v1/listings": {"slug": "another"},
    "POST /v1/kind-limits": {"kind": "toy"},
    "POST /v1/bench-alerts/{alert_id}/answer": {"answer": "another"},
    "POST /v1/pay-days": {"rates": [{"currency": "USD", "rate": "3.80"}]},
    "POST /v1/receipts/{receipt_id}/signature": {"signed_at": "2026-11-22T15:00:00Z"},
    "POST /v1/orders": {"buyer_name": "Another"},
    "POST /v1/stall-sales": {"buyer_name": "Another"},
    "POST /v1/orders/{order_id}/shipments": {"carrier": "Another"},
    "POST /v1/orders/{order_id}/handover": {"piece_ids": [str(uuid.uuid4())]},
    "POST /v1/orders/{order_id}/refunds": {"note": "another"},
    "POST /v1/orders/{order_id}/returns": {"note": "another"},
    "POST /v1/orders/{order_id}/messages": {"words": "another"},
    "POST /v1/returns/{return_id}/receipt": {"location_id": str(uuid.uuid4())},
    "POST /v1/returns/{return_id}/closure": {
        "pieces": [{"piece_id": str(uuid.uuid4()), "disposition": "restocked"}]
    },
    "POST /v1/gtins": {"evidence": "another"},
    "POST /v1/gtins/{gtin_id}/ending": {"reason": "another"},
    "POST /v1/designs/{design_id}/care-symbols": {"wash": "no"},
    "POST /v1/label-parties": {"name": "Another"},
    "POST /v1/makers": {"public_name": "Another"},
    "POST /v1/makers/{maker_id}/consents": {"witness": "Another"},
    "POST /v1/consents/{consent_id}/revocation": {"reason": "another"},
    "POST /v1/designs": {"code": "another"},
    "POST /v1/designs/{design_id}/limits": {"checklist": []},
    "POST /v1/locations": {"name": "Another"},
    "POST /v1/stocktakes/{stocktake_id}/counts": {
        "scans": [{"id": str(uuid.uuid4()), "tag": "", "seen_at": "2026-11-23T15:00:00Z"}]
    },
    "POST /v1/maker-groups": {"name": "Another"},
    "POST /v1/colour-standards": {"code": "another"},
    "POST /v1/deliveries": {"note": "another"},
    "POST /v1/pieces/{piece_id}/movements": {"reason": "another"},
    "POST /v1/share-policies": {"reason": "another"},
    "POST /v1/makers/{maker_id}/rail-choices": {"reason": "another"},
    "POST /v1/obligations/{obligation_id}/manual-settlement": {"note": "another"},
    "POST /v1/staff": {"name": "Another"},
    "POST /v1/api-keys": {"application": "Another"},
}


@pytest.mark.parametrize("operation", sorted(TAKES_KEY))
def test_a_key_has_eight_visible_characters_or_more(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    before = row_counts(seen)

    for odd in ("short", "x" * 201, "with a space", "accénted-key", ""):
        refused = with_key(GOOD[operation](world), odd).send(asks)
        assert refused.get_json(force=True)["code"] == "idempotency_key_invalid", odd
        assert refused.status_code == 400

    assert row_counts(seen) == before


@pytest.mark.parametrize("operation", sorted(NEEDS_KEY))
def test_what_must_not_happen_twice_needs_a_key(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    before, ask = row_counts(seen), GOOD[operation](world)
    headers = {"Authorization": f"Bearer {ask.key}"} if ask.key else {}

    refused = asks.post(ask.path, headers=headers, **as_json(ask.body))

    assert refused.status_code == 400
    assert refused.get_json(force=True)["code"] == "idempotency_key_required"
    assert row_counts(seen) == before


def test_a_buyer_without_an_api_key_brings_sixteen_characters(
    world: World, asks: FlaskClient
) -> None:
    ask = GOOD["POST /v1/orders"](world)

    assert with_key(ask, "x" * 15).send(asks).status_code == 400
    assert with_key(ask, "x" * 16).send(asks).status_code == 201


def test_a_refusal_leaves_no_claim_so_the_key_is_still_good(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    key = uuid.uuid4().hex
    ask = with_key(GOOD["POST /v1/pieces/{piece_id}/movements"](world), key)
    there = str(world.location.id)

    refused = ask.send(asks, **as_json({"destination_id": there, "reason": "it is there"}))

    assert refused.status_code == 409
    assert seen.query(Claim).filter_by(key=key).count() == 0
    assert ask.send(asks).status_code == 201


def test_two_spellings_of_one_body_are_the_same_request(world: World, asks: FlaskClient) -> None:
    ask = with_key(GOOD["POST /v1/makers"](world), uuid.uuid4().hex)
    turned = dict(reversed(ask.body.items()))

    assert ask.send(asks).status_code == 201
    assert ask.send(asks, **as_json(turned)).headers["Idempotency-Replayed"] == "true"


def test_one_key_serves_two_people_and_two_operations(world: World, asks: FlaskClient) -> None:
    key = uuid.uuid4().hex
    ask = with_key(GOOD["POST /v1/makers"](world), key)
    first, other = ask.send(asks), ask.of(key=world.stranger_key).send(asks)
    room = with_key(GOOD["POST /v1/locations"](world), key).send(asks)

    assert [first.status_code, other.status_code, room.status_code] == [201, 201, 201]
    assert first.get_json()["id"] != other.get_json()["id"]


def test_the_secret_of_an_api_key_is_kept_nowhere(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    secret = GOOD["POST /v1/api-keys"](world).send(asks).get_json()["secret"]

    kept = seen.execute(text("SELECT string_agg(answer::text, '') FROM idempotency_claims"))
    assert secret.split("_")[2] not in kept.scalar_one()
    told = asks.get("/v1/api-keys", headers={"Authorization": f"Bearer {world.key}"})
    assert secret.split("_")[2] not in told.get_data(as_text=True)


def test_the_token_of_an_order_is_kept_nowhere(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    token = GOOD["POST /v1/orders"](world).send(asks).get_json()["token"]

    kept = seen.execute(text("SELECT string_agg(answer::text, '') FROM idempotency_claims"))
    assert token not in kept.scalar_one()


def test_a_buyer_whose_request_died_before_stripe_answered_goes_on_with_it(
    world: World, asks: FlaskClient, seen: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = with_key(GOOD["POST /v1/orders"](world), uuid.uuid4().hex)
    count = text("SELECT count(*) FROM orders")
    before = seen.execute(count).scalar_one()

    def silent(*_args: Any, **_kwargs: Any) -> None:
        raise Unreachable()

    with monkeypatch.context() as patch:
        patch.setattr("orders.checkout.open_checkout", silent)
        dead = ask.send(asks)
    answer = ask.send(asks)

    assert (dead.status_code, dead.headers["Retry-After"]) == (503, "2")
    assert dead.get_json(force=True)["code"] == "stripe_unreachable"
    assert answer.status_code == 201
    assert answer.get_json()["payment"]["url"].startswith("http")
    assert "Idempotency-Replayed" not in answer.headers
    assert seen.execute(count).scalar_one() == before + 1


@pytest.mark.slow
def test_an_overlapping_retry_waits_for_the_first_and_gets_its_answer(
    committed: Committed, committing_client: FlaskClient
) -> None:
    body = {"code": "store", "name": "A store", "kind": "store"}
    with committed() as setting:
        person = make_staff(setting, make_cooperative(setting), "storekeeper")
        key, owner = make_key(setting, person), acting(person)
    asked = Asked(owner.reference, "POST /v1/locations", "k" * 20, canonical(as_json(body)["data"]))

    with committed() as first:
        asked.claim(first, NOW).settle(201, {"text": '{"id": "first"}', "headers": {}})

        def retry() -> Any:
            return committing_client.post(
                "/v1/locations",
                headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "k" * 20},
                **as_json(body),
            )

        answer = commit_while_blocked(first, retry)

    assert (answer.status_code, answer.get_json()) == (201, {"id": "first"})
    assert answer.headers["Idempotency-Replayed"] == "true"
    with committed() as looking:
        assert looking.query(Location).filter_by(code="store").count() == 0


@pytest.mark.slow
def test_the_same_order_twice_at_once_is_one_order(
    committed: Committed, committing_client: FlaskClient
) -> None:
    with committed() as setting:
        slug = make_listing(setting, make_cooperative(setting), count=2).slug
    body = {"items": [{"slug": slug}], "currency": "USD", "fulfilment": "pick_up"}
    asked = Asked("anybody", "POST /v1/orders", "k" * 20, canonical(as_json(body)["data"]))

    def buy() -> Any:
        return committing_client.post(
            "/v1/orders", headers={"Idempotency-Key": "k" * 20}, **as_json(body)
        )

    with committed() as first:
        asked.claim(first, clock.now())
        answer = commit_while_blocked(first, buy)

    assert answer.status_code == 201
    assert buy().get_json() == answer.get_json()
    with committed() as looking:
        assert looking.execute(text("SELECT count(*) FROM orders")).scalar_one() == 1


@pytest.mark.slow
def test_a_retry_that_waits_too_long_is_told_that_the_first_is_in_flight(
    committed: Committed, committing_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"code": "store", "name": "A store", "kind": "store"}
    with committed() as setting:
        person = make_staff(setting, make_cooperative(setting), "storekeeper")
        key, owner = make_key(setting, person), acting(person)
    asked = Asked(owner.reference, "POST /v1/locations", "k" * 20, canonical(as_json(body)["data"]))

    with committed() as first:
        asked.claim(first, NOW)
        _wait_no_longer_than(monkeypatch, "50ms")
        answer = committing_client.post(
            "/v1/locations",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "k" * 20},
            **as_json(body),
        )

    assert answer.status_code == 409
    assert answer.get_json(force=True)["code"] == "idempotency_key_in_flight"


def _wait_no_longer_than(monkeypatch: pytest.MonkeyPatch, time: str) -> None:
    """Make each claim give up waiting after this time."""

    def impatient(session: Session, **given: Any) -> Any:
        session.execute(text(f"SET LOCAL lock_timeout = '{time}'"))
        return claim(session, **given)

    monkeypatch.setattr(idempotency, "claim", impatient)
