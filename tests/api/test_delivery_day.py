"""Delivery day over the API: each row by itself, as many queries for 200 pieces as for one."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from inventory.models import Piece
from payouts.receipt_words import WORDS
from people.permissions import APPLICATION_SCOPES
from tests.api.asking import GOOD, Ask
from tests.api.test_queries import counted
from tests.api.world import World, fresh_id


def bare_row(world: World, **given: Any) -> dict[str, Any]:
    return {
        "id": fresh_id(),
        "design_id": str(world.design.id),
        "agreement": {"kind": "share_on_sale"},
        "contributions": [{"maker_id": str(world.maker.id), "stage": "weave", "weight": 1}],
    } | given


def day_of(world: World, *rows: Any, **given: Any) -> Ask:
    """A delivery of which each row stands for itself."""
    body = {
        "id": fresh_id(),
        "delivered_on": "2026-11-20",
        "location_id": str(world.location.id),
        "mode": "each_row",
        "pieces": list(rows),
    } | given
    return Ask("POST", "/v1/deliveries", body, key=world.key, expect=201)


#: A row that is no row, and the place in it that is named.
SHAPELESS: list[tuple[dict[str, Any], str]] = [
    ({"id": "no id"}, "/id"),
    ({"design_id": None}, "/design_id"),
    ({"contributions": []}, "/contributions"),
    ({"contributions": [{"stage": "weave", "weight": 0}]}, "/contributions/0"),
    ({"tag": "x" * 41}, "/tag"),
    ({"tag": "a\x00b"}, "/tag"),
    ({"colour": "red"}, "/colour"),
    ({"photo_ids": [1]}, "/photo_ids/0"),
    ({"surplus": "yes"}, "/surplus"),
]


def test_a_row_of_a_wrong_shape_spoils_no_other(world: World, asks: FlaskClient) -> None:
    rows: list[Any] = [bare_row(world) | wrong for wrong, _ in SHAPELESS]
    without_id = bare_row(world)
    del without_id["id"]
    rows += [5, None, [], "text", without_id, bare_row(world)]

    answer = day_of(world, *rows).send(asks)

    assert answer.status_code == 201, answer.get_data(as_text=True)
    told = answer.get_json()
    assert told["refused"] == len(rows) - 1
    assert told["piece_count"] == len(told["pieces"]) == 1
    assert [row["row"] for row in told["rows"]] == list(range(len(rows)))
    for n, (_, place) in enumerate(SHAPELESS):
        assert told["rows"][n]["code"] == "invalid"
        pointers = [error["pointer"] for error in told["rows"][n]["errors"]]
        assert any(one.startswith(f"/pieces/{n}{place}") for one in pointers), pointers
    assert told["rows"][-1]["outcome"] == "taken"
    assert told["rows"][-1]["tag"] == told["pieces"][0]["tag"]


def test_what_was_refused_is_sent_again_alone(world: World, asks: FlaskClient) -> None:
    good, bad = bare_row(world), bare_row(world, tag="nonsense")
    ask = day_of(world, good, bad, makers_present=[str(world.maker.id)])
    first = ask.send(asks).get_json()

    del bad["tag"]
    again = ask.of(body=ask.body | {"pieces": [bad]}).send(asks)

    assert [row["code"] for row in first["rows"]] == [None, "tag_invalid"]
    assert first["rows"][1]["piece_id"] == bad["id"]
    assert again.status_code == 200
    assert [row["outcome"] for row in again.get_json()["rows"]] == ["taken"]
    assert [piece["id"] for piece in again.get_json()["pieces"]] == [good["id"], bad["id"]]
    assert again.get_json()["makers_present"] == [str(world.maker.id)]


def test_what_was_handed_in_is_read_again_with_its_photos_and_its_commission(
    world: World, asks: FlaskClient
) -> None:
    line, photos = str(world.commission.lines[0].id), [fresh_id(), fresh_id()]
    ordered = bare_row(world, commission_line_id=line, photo_ids=photos)
    del ordered["agreement"]
    taken = day_of(world, bare_row(world), ordered).send(asks).get_json()

    path = f"/v1/commissions/{world.commission.id}"
    asked = Ask("GET", path, key=world.key).send(asks).get_json()

    assert taken["photos_to_come"] == [
        {"piece_id": ordered["id"], "photo_id": photo} for photo in photos
    ]
    (piece,) = asked["pieces"]
    assert (piece["piece_id"], piece["line_id"]) == (ordered["id"], line)
    assert (piece["place"], piece["turn"]) == (1, 1)
    assert (asked["lines"][0]["delivered"], asked["status"]) == (1, "part_delivered")


def test_the_head_of_a_delivery_is_refused_as_a_whole(world: World, asks: FlaskClient) -> None:
    for wrong, status in (
        ({"location_id": fresh_id()}, 404),
        ({"delivered_on": "2099-01-01"}, 422),
        ({"makers_present": [fresh_id()]}, 422),
        ({"pieces": []}, 422),
        ({"pieces": [bare_row(world)] * 201}, 422),
        ({"pieces": None}, 422),
        ({"mode": "some"}, 422),
        ({"mode": None}, 422),
    ):
        answer = day_of(world, bare_row(world), **wrong).send(asks)
        assert answer.status_code == status, (wrong, answer.get_data(as_text=True))


@pytest.mark.parametrize("mode", ["each_row", "all_or_nothing"])
def test_two_hundred_pieces_take_as_many_queries_as_two(
    mode: str, world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    line = str(world.commission.lines[0].id)

    def asked_by(count: int) -> int:
        rows = [bare_row(world, photo_ids=[fresh_id()]) for _ in range(count)]
        ordered = bare_row(world, commission_line_id=line, surplus=True)
        del ordered["agreement"]
        ask = day_of(world, *rows, ordered, mode=mode)
        with counted(connection) as sent:
            answer = ask.send(asks)
        assert answer.status_code == 201, answer.get_data(as_text=True)[:500]
        return len(sent)

    asked_by(1)
    assert asked_by(2) >= asked_by(199)
    assert len(seen.scalars(select(Piece.id)).all()) > 200


def test_a_receipt_takes_as_many_queries_for_many_pieces_as_for_one(
    world: World, asks: FlaskClient, connection: Connection
) -> None:
    def asked_by(count: int) -> int:
        price = {"amount_minor": 5000, "currency": "PEN"}
        agreement = {"kind": "pay_on_acceptance", "price": price}
        rows = [bare_row(world, agreement=agreement) for _ in range(count)]
        ask = day_of(world, *rows)
        ask.send(asks)
        path = f"/v1/deliveries/{ask.body['id']}/receipts/{world.maker.id}"
        with counted(connection) as sent:
            answer = Ask("GET", path, key=world.key).send(asks)
        assert len(answer.get_json()["pieces"]) == count
        return len(sent)

    asked_by(1)
    assert asked_by(1) == asked_by(60) <= 25


def test_whose_client_it_is_is_shown_only_to_those_who_ask_makers(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    made = GOOD["POST /v1/commissions"](world).send(asks).get_json()
    seen.execute(
        text("UPDATE api_keys SET scopes = '[\"commissions:read\"]' WHERE prefix = :prefix"),
        {"prefix": world.key_with({"makers:read"})[:15]},
    )
    seen.commit()
    path = f"/v1/commissions/{made['id']}"

    whole = Ask("GET", path, key=world.key).send(asks).get_json()
    narrow = Ask("GET", path, key=world.key_with({"makers:read"})).send(asks).get_json()

    assert whole["client"] == made["client"] == "The museum shop"
    assert narrow["client"] is None
    assert {name for name in whole if whole[name] != narrow[name]} == {"client"}


def test_the_text_for_her_phone_is_the_message_of_the_receipt(
    world: World, asks: FlaskClient
) -> None:
    path = f"/v1/deliveries/{world.fresh.delivery_id}/receipts/{world.maker.id}"
    for language in ("es", "qu"):
        query = {"language": language}
        told = Ask("GET", path, query=query, key=world.key).send(asks).get_json()["message"]
        answer = Ask("GET", f"{path}.txt", query=query, key=world.key).send(asks)
        assert answer.get_data(as_text=True) == told["text"]
        assert WORDS["delivery"].said(language) in told["text"]
        assert told["characters"] == len(told["text"]) <= 160
        assert told["segments"] == 1


def test_a_reserved_tag_says_who_carries_it(world: World, asks: FlaskClient) -> None:
    sheet = GOOD["POST /v1/tag-reservations"](world).send(asks).get_json()
    tag = sheet["tags"][1]["tag"]
    one = bare_row(world, tag=tag)
    day_of(world, one).send(asks)

    path = f"/v1/tag-reservations/{sheet['id']}"
    now = Ask("GET", path, key=world.key).send(asks).get_json()

    assert [row["piece_id"] for row in now["tags"]] == [None, one["id"], None]
    assert (now["tag_count"], now["used_count"]) == (3, 1)


def test_a_partner_programs_key_opens_no_receipt_and_no_commission() -> None:
    assert not {one for one in APPLICATION_SCOPES if one.startswith(("receipts", "commissions"))}
