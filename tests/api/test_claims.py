"""Claims over HTTP: every problem with its place, and a corrected lot brings its listings down."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.api.asking import GOOD, Ask
from tests.api.world import World
from tests.conftest import row_counts

OFFER = "POST /v1/listings"


def offer(world: World, asks: FlaskClient, **given: Any) -> TestResponse:
    good = GOOD[OFFER](world)
    return good.of(body=good.body | given).send(asks)


def test_every_problem_of_a_page_is_told_at_once_with_its_place(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    before = row_counts(seen)

    refused = offer(
        world,
        asks,
        title={"en": "An antique runner"},
        description={"es": "Muy bonito", "qu": "Antiques"},
        claims=[{"kind": "undyed"}, {"kind": "hand_spun"}],
    )

    problem = refused.get_json(force=True)
    assert (refused.status_code, problem["code"]) == (422, "claims_refused")
    tag, red = world.accepted.tag, world.dye_lot.code
    assert problem["errors"] == [
        {"pointer": "/title/en", "message": "\u201cantique*\u201d: what is offered is new"},
        {"pointer": "/description/qu", "message": "\u201cantique*\u201d: what is offered is new"},
        {"pointer": "/claims/0", "message": f"{tag}: {red} was dyed"},
    ]
    assert problem["details"] == {"pieces": [str(world.accepted.id)]}
    assert row_counts(seen) == before


def test_a_corrected_lot_names_the_listings_that_came_down_and_they_say_why(
    world: World, asks: FlaskClient
) -> None:
    listing = offer(world, asks, claims=[{"kind": "natural_dyes"}]).get_json()
    correction = GOOD["POST /v1/dye-lots/{lot_id}/corrections"](world)

    answer = correction.of(
        body=correction.body
        | {"dyes": ["synthetic"], "grams": 4000, "reason": "the label was wrong"}
    ).send(asks)

    (fallen,) = answer.get_json()["taken_down"]
    assert fallen["slug"] == listing["slug"]
    assert asks.get(f"/v1/listings/{listing['slug']}").status_code == 404
    looked = Ask("GET", f"/v1/listings/{listing['id']}/claims", key=world.key).send(asks)
    told = looked.get_json()
    assert (told["status"], told["why"]) == ("withdrawn", fallen["why"])
    assert told["problems"][0]["piece_id"] == str(world.accepted.id)
    assert world.dye_lot.code in told["problems"][0]["message"]


def test_a_passport_tells_what_each_claim_rests_on_and_nobodys_name(
    world: World, asks: FlaskClient
) -> None:
    page = GOOD["GET /v1/passports/{tag}"](world).send(asks)

    claims = {one["kind"]: one for one in page.get_json()["claims"]}
    (lot,) = claims["natural_dyes"]["rests_on"]
    assert (lot["lot"], lot["on"], lot["dyes"], lot["mordants"]) == (
        world.dye_lot.code,
        "2026-09-20",
        ["cochineal"],
        ["alum"],
    )
    assert lot["tests"] == [
        {
            "method": "field_rub_damp",
            "change": None,
            "staining": "2",
            "tested_on": "2026-09-20",
            "below": [{"rating": "staining", "grade": "2", "least": "2-3"}],
        }
    ]
    assert "the quality lead" not in page.get_data(as_text=True)


def test_a_lot_that_is_spent_says_how_much_is_left(world: World, asks: FlaskClient) -> None:
    ask = GOOD["PUT /v1/pieces/{piece_id}/materials"](world)
    body = {"materials": [{"lot_id": str(world.yarn_lot.id), "grams": 9000}]}

    refused = ask.of(body=body).send(asks)

    problem = refused.get_json(force=True)
    assert (refused.status_code, problem["code"]) == (409, "lot_spent")
    assert problem["details"]["code"] == world.yarn_lot.code
    assert problem["details"]["left_g"] == world.yarn_lot.left_g


def test_a_lot_sent_twice_from_a_phone_is_answered_with_the_first(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    for operation in ("POST /v1/yarn-lots", "POST /v1/dye-lots"):
        ask = GOOD[operation](world)
        first = ask.send(asks)
        after_first = row_counts(seen)

        again = ask.send(asks)  # under another Idempotency-Key
        assert (again.status_code, again.get_json()) == (200, first.get_json())
        other = ask.of(body=ask.body | {"note": "another"}).send(asks)
        assert other.get_json(force=True)["code"] == "lot_id_taken"
        counted = row_counts(seen)
        kept = {"idempotency_claims"}
        assert {k: v for k, v in counted.items() if k not in kept} == {
            k: v for k, v in after_first.items() if k not in kept
        }
