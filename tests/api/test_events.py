"""Done twice and out of order: each refusal has its own code, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.api.asking import GOOD, Ask
from tests.api.world import World, fresh_id, later
from tests.conftest import row_counts

DONE_TWICE = {
    "POST /v1/listings": (409, "piece_not_listable"),
    "PATCH /v1/listings/{slug}": (412, "listing_changed"),
    "POST /v1/orders/{order_id}/shipments": (409, "already_left"),
    "POST /v1/orders/{order_id}/handover": (409, "already_left"),
    "POST /v1/makers/{maker_id}/consents": (409, "consent_stands"),
    "POST /v1/consents/{consent_id}/revocation": (409, "consent_revoked"),
    "POST /v1/designs": (409, "design_exists"),
    "POST /v1/locations": (409, "location_exists"),
    "POST /v1/pieces/{piece_id}/movements": (409, "conflict"),
    "POST /v1/obligations/{obligation_id}/manual-settlement": (409, "already_settled"),
    "POST /v1/staff": (409, "staff_exists"),
    "PATCH /v1/locations/{location_id}": (412, "location_changed"),
    "POST /v1/locations/{location_id}/closure": (409, "illegal_move"),
    "POST /v1/locations/{location_id}/reopening": (409, "illegal_move"),
    "POST /v1/stocktakes/{stocktake_id}/closure": (409, "stocktake_closed"),
    "POST /v1/stocktakes/{stocktake_id}/approval": (409, "not_awaiting_approval"),
    "POST /v1/stocktakes/{stocktake_id}/refusal": (409, "not_awaiting_approval"),
    "POST /v1/stocktakes/{stocktake_id}/cancellation": (409, "illegal_move"),
    "POST /v1/bench-alerts/{alert_id}/answer": (409, "alert_answered"),
    "POST /v1/inspection-lots/{lot_id}/cancellation": (409, "illegal_move"),
}

AGAIN_THE_SAME = {
    "POST /v1/deliveries": 200,
    "PUT /v1/pieces/{piece_id}/inspections/{inspection_id}": 200,
    "PUT /v1/inspection-lots/{lot_id}": 200,
    "PUT /v1/inspection-lots/{lot_id}/verdict": 200,
    "PUT /v1/inspections/{inspection_id}/four-point-scores/{score_id}": 200,
    "PUT /v1/journeys/{journey_id}": 200,
    "PUT /v1/journeys/{journey_id}/arrivals/{arrival_id}": 200,
    "PUT /v1/stocktakes/{stocktake_id}": 200,
    "PUT /v1/pieces/{piece_id}/incidents/{incident_id}": 200,
    "POST /v1/orders/{order_id}/cancellation": 201,
    "POST /v1/api-keys/{key_id}/revocation": 201,
    "POST /v1/makers/{maker_id}/stripe-account": 201,
}


@pytest.mark.parametrize("operation", DONE_TWICE)
def test_done_twice_is_refused(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = GOOD[operation](world)
    if operation == "POST /v1/listings":
        ask = ask.of(body={**ask.body, "slug": "first"})
    assert ask.send(asks).status_code == ask.expect
    before = row_counts(seen)
    if operation == "POST /v1/listings":
        ask = ask.of(body={**ask.body, "slug": "second"})

    refused = ask.send(asks)

    problem = refused.get_json(force=True)
    assert (refused.status_code, problem["code"]) == DONE_TWICE[operation], problem
    assert row_counts(seen) == before


@pytest.mark.parametrize("operation", AGAIN_THE_SAME)
def test_done_twice_changes_nothing_more(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = GOOD[operation](world)
    first = ask.send(asks)
    before = row_counts(seen)

    again = ask.send(asks)

    assert again.status_code == AGAIN_THE_SAME[operation]
    told = {"onboarding_url", "checked_at"}
    same = [{k: v for k, v in one.get_json().items() if k not in told} for one in (first, again)]
    assert same[0] == same[1]
    after = row_counts(seen)
    # A delivery under a second key leaves that key's claim; nothing else may be new.
    assert {name for name in after if after[name] != before[name]} <= {"idempotency_claims"}


def _order(w: World, **changes: Any) -> Ask:
    ask = GOOD["POST /v1/orders"](w)
    return ask.of(body={**ask.body, **changes})


def _changed(operation: str, **changes: Any) -> Callable[[World], Ask]:
    def ask(w: World) -> Ask:
        good = GOOD[operation](w)
        return good.of(body={**good.body, **changes})

    return ask


def _elsewhere(operation: str, path: Callable[[World], str]) -> Callable[[World], Ask]:
    return lambda w: GOOD[operation](w).of(path=path(w))


INSPECT = "PUT /v1/pieces/{piece_id}/inspections/{inspection_id}"
REVIEW = "PUT /v1/inspections/{inspection_id}/critical-reviews/{review_id}"
SETTLE = "POST /v1/obligations/{obligation_id}/manual-settlement"
PATCH = "PATCH /v1/listings/{slug}"

OUT_OF_ORDER: dict[str, tuple[Callable[[World], Ask], int, str]] = {
    "shipping what is to be picked up": (
        _elsewhere(
            "POST /v1/orders/{order_id}/shipments",
            lambda w: f"/v1/orders/{w.waiting_order.id}/shipments",
        ),
        409,
        "no_address",
    ),
    "handing over what is not paid": (
        _elsewhere(
            "POST /v1/orders/{order_id}/handover",
            lambda w: f"/v1/orders/{w.waiting_order.id}/handover",
        ),
        409,
        "order_not_paid",
    ),
    "cancelling what is paid": (
        _elsewhere(
            "POST /v1/orders/{order_id}/cancellation",
            lambda w: f"/v1/orders/{w.paid_order.id}/cancellation",
        ),
        409,
        "order_already_paid",
    ),
    "handing over a piece of another order": (
        lambda w: _changed(
            "POST /v1/orders/{order_id}/handover",
            piece_ids=[str(w.waiting_order.lines[0].piece_id)],
        )(w),
        422,
        "invalid",
    ),
    "inspecting tomorrow": (_changed(INSPECT, inspected_at=later(days=1)), 422, "invalid"),
    "accepting a critical defect": (
        _changed(INSPECT, defects=[{"code": "C01"}]),
        409,
        "critical_defect",
    ),
    "overruling what nobody signed": (_changed(INSPECT, overrules_id=fresh_id()), 422, "invalid"),
    "paying less of a price nobody agreed": (
        _changed(INSPECT, pay={"effect": "none", "reason": "x"}),
        422,
        "invalid",
    ),
    "looking a second time before the first": (
        _changed(REVIEW, reviewed_at="2026-01-01T00:00:00Z"),
        422,
        "invalid",
    ),
    "accepting without a measure": (_changed(INSPECT, measurements=[]), 409, "measure_missing"),
    "accepting without an answer": (_changed(INSPECT, answers=[]), 409, "answer_missing"),
    "rejecting without a reason": (
        _changed(INSPECT, decision="reject", reason=""),
        422,
        "reason_missing",
    ),
    "listing what nobody accepted": (
        lambda w: _changed("POST /v1/listings", piece_ids=[str(w.fresh.id)])(w),
        409,
        "piece_not_listable",
    ),
    "publishing without a price": (
        _changed("POST /v1/listings", prices=[]),
        409,
        "listing_incomplete",
    ),
    "two prices in one currency": (
        _changed("POST /v1/listings", prices=[{"amount_minor": 1, "currency": "USD"}] * 2),
        422,
        "invalid",
    ),
    "editing without having read": (
        lambda w: GOOD[PATCH](w).of(headers={}),
        428,
        "precondition_required",
    ),
    "editing whatever is there": (
        lambda w: GOOD[PATCH](w).of(headers={"If-Match": "*"}),
        428,
        "precondition_required",
    ),
    "editing a stale version": (
        lambda w: GOOD[PATCH](w).of(headers={"If-Match": '"v99-0123456789abcdef"'}),
        412,
        "listing_changed",
    ),
    "editing by nonsense": (
        lambda w: GOOD[PATCH](w).of(headers={"If-Match": "v1"}),
        412,
        "listing_changed",
    ),
    "ordering what is sold out": (
        lambda w: _order(w, items=[{"slug": w.listing.slug, "quantity": 4}]),
        409,
        "piece_unavailable",
    ),
    "ordering what is no longer free": (
        lambda w: _order(w, items=[{"piece_id": str(w.waiting_order.lines[0].piece_id)}]),
        409,
        "piece_unavailable",
    ),
    "ordering what is not offered": (lambda w: _order(w, items=[{"slug": "no"}]), 422, "invalid"),
    "ordering nothing in particular": (lambda w: _order(w, items=[{}]), 422, "invalid"),
    "ordering without a price": (lambda w: _order(w, currency="XXX"), 422, "no_price_in_currency"),
    "shipping to nowhere": (lambda w: _order(w, fulfilment="ship"), 422, "invalid"),
    "picking up at an address": (
        lambda w: _order(w, address={"line1": "1", "city": "Cusco", "country": "PE"}),
        422,
        "invalid",
    ),
    "shipping where no price is known": (
        lambda w: _order(
            w, fulfilment="ship", address={"line1": "1", "city": "Cusco", "country": "PE"}
        ),
        409,
        "shipping_unavailable",
    ),
    "moving a piece to a place nobody knows": (
        lambda w: _changed("POST /v1/pieces/{piece_id}/movements", destination_id=fresh_id())(w),
        404,
        "not_found",
    ),
    "a delivery of tomorrow": (
        _changed("POST /v1/deliveries", delivered_on="2099-01-01"),
        422,
        "invalid",
    ),
    "a consent of tomorrow": (
        _changed("POST /v1/makers/{maker_id}/consents", given_on="2099-01-01"),
        422,
        "invalid",
    ),
    "vicuña without a permit": (
        lambda w: GOOD["POST /v1/designs"](w).of(
            body={k: v for k, v in GOOD["POST /v1/designs"](w).body.items() if k != "vicuna_permit"}
        ),
        422,
        "vicuna_without_permit",
    ),
    "a least of one currency twice": (
        _changed(
            "POST /v1/share-policies",
            minimum_payout=[{"amount_minor": minor, "currency": "PEN"} for minor in (1, 2)],
        ),
        422,
        "invalid",
    ),
    "a rail nobody can choose": (
        _changed("POST /v1/makers/{maker_id}/rail-choices", rail="advance"),
        422,
        "invalid",
    ),
    "an account for paying by hand": (
        _changed("POST /v1/makers/{maker_id}/stripe-account", rail="manual"),
        422,
        "invalid",
    ),
    "shares that do not sum": (_changed("POST /v1/share-policies", fund_bp=1), 422, "invalid"),
    "a key that lives too long": (
        _changed("POST /v1/api-keys", expires_at="2099-01-01T00:00:00Z"),
        422,
        "invalid",
    ),
    "a key for nobody": (
        lambda w: GOOD["POST /v1/api-keys"](w).of(
            body={"scopes": ["orders:read"], "expires_at": later(days=1)}
        ),
        422,
        "invalid",
    ),
    "a key that may more than its owner": (
        _changed("POST /v1/api-keys", scopes=["payouts:write"]),
        403,
        "scopes_too_wide",
    ),
    "signing alone": (
        lambda w: _changed(SETTLE, witness_id=str(w.boss.id))(w),
        422,
        "two_names",
    ),
    "another amount than the rate gives": (_changed(SETTLE, rate="9"), 422, "invalid"),
}


@pytest.mark.parametrize("what", OUT_OF_ORDER)
def test_out_of_order_is_refused(what: str, world: World, asks: FlaskClient, seen: Session) -> None:
    make, status, code = OUT_OF_ORDER[what]
    ask, before = make(world), row_counts(seen)

    refused = ask.send(asks)

    problem = refused.get_json(force=True)
    assert refused.status_code == status, problem
    assert refused.content_type == "application/problem+json"
    assert problem["code"] == code, problem
    assert row_counts(seen) == before


def test_an_inspection_under_a_signed_id_is_refused(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = GOOD[INSPECT](world)
    assert ask.send(asks).status_code == 201
    before = row_counts(seen)

    refused = ask.of(body={**ask.body, "reason": "another"}).send(asks)

    assert refused.get_json(force=True)["code"] == "inspection_signed"
    assert row_counts(seen) == before


def test_what_comes_too_late_for_a_sold_piece_is_kept_and_says_so(
    world: World, asks: FlaskClient
) -> None:
    sold = world.paid_order.lines[0].piece_id
    ask = GOOD[INSPECT](world).of(path=f"/v1/pieces/{sold}/inspections/{fresh_id()}")

    answer = ask.send(asks)

    assert answer.status_code == 201
    body = answer.get_json()
    assert body["standing"] == "late"
    assert body["piece"] == {"status": "sold", "grade": "A", "rounds": 0, "alerts": ["late"]}


def test_another_delivery_under_the_same_id_is_refused(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = GOOD["POST /v1/deliveries"](world)
    assert ask.send(asks).status_code == 201
    before = row_counts(seen)

    refused = ask.of(body={**ask.body, "note": "another"}).send(asks)

    assert refused.get_json(force=True)["code"] == "delivery_id_taken"
    assert row_counts(seen) == before


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("POST /v1/listings", "design_id"),
        ("POST /v1/listings", "piece_ids"),
        ("POST /v1/deliveries", "location_id"),
        ("POST /v1/pieces/{piece_id}/movements", "destination_id"),
        ("POST /v1/staff", "maker_id"),
        (SETTLE, "witness_id"),
        ("POST /v1/orders/{order_id}/handover", "piece_ids"),
    ],
)
def test_an_id_in_the_body_that_is_nobodys_is_refused(
    operation: str, field: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask, before = GOOD[operation](world), row_counts(seen)
    wrong: Any = [fresh_id()] if isinstance(ask.body[field], list) else fresh_id()

    refused = ask.of(body={**ask.body, field: wrong}).send(asks)

    assert refused.status_code in {404, 409, 422}
    assert refused.content_type == "application/problem+json"
    assert row_counts(seen) == before
