"""Labels over HTTP: refused or marked while something is missing; what is printed leads home."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

from inventory.tags import draw
from tests.api.asking import CARE, GOOD
from tests.api.test_bad_input import assert_refused
from tests.api.world import World
from tests.labels.reading import pages


def ask(asks: FlaskClient, world: World, path: str, body: Any, key: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {key or world.key}"}
    return asks.post(f"/v1/{path}", json=body, headers=headers)


def wanted(world: World, **given: Any) -> dict[str, Any]:
    body = {"piece_ids": [str(world.fresh.id)], "market": "us", "paper": "a4_24"}
    return {name: value for name, value in (body | given).items() if value is not None}


def test_what_is_printed_leads_to_the_passport_in_both_forms(
    world: World, asks: FlaskClient
) -> None:
    free = draw(world.cooperative.tag_prefix)
    body = wanted(world, piece_ids=None, tags=[world.fresh.tag, free])
    sheet = ask(asks, world, "label-sheets", body)
    assert sheet.status_code == 200, sheet.get_data(as_text=True)
    by_gtin, by_tag = pages(sheet.data, 300).read()

    assert by_gtin.endswith(f"/01/00000040170725/21/{world.fresh.tag}")
    assert by_tag.endswith(f"/p/{free}")
    for path in (by_gtin.partition("/01/")[2], f"40170725/21/{world.fresh.tag.lower()}"):
        there = asks.get(f"/01/{path}?linkType=gs1:pip")
        assert there.status_code == 307
        assert there.headers["Location"].endswith(f"/v1/passports/{world.fresh.tag}")
        assert asks.get(there.headers["Location"]).get_json()["tag"] == world.fresh.tag
    assert asks.get(f"/p/{world.fresh.tag}").status_code == 307
    assert_refused(asks.get(f"/p/{free}"), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/p/HUK-0000-0000", 422, "tag_invalid"),
        ("/01/40170726/21/HUK-4F7K-29QX", 422, "gtin_invalid"),
        ("/01/4006381333931/21/{tag}", 404, "not_found"),
        ("/01/40170725", 404, "not_found"),
        ("/p/%00", 422, "tag_invalid"),
        ("/01/%F0%9F%A7%B5/21/{tag}", 422, "gtin_invalid"),
    ],
)
def test_an_address_that_was_never_printed_is_refused_and_not_kept(
    world: World, asks: FlaskClient, path: str, status: int, code: str
) -> None:
    answer = asks.get(path.format(tag=world.fresh.tag))

    assert_refused(answer, status, code)


def test_what_is_missing_is_told_then_refused_then_marked(world: World, asks: FlaskClient) -> None:
    body = wanted(world, market="eu")

    check = ask(asks, world, "label-checks", body).get_json()
    refused = ask(asks, world, "label-sheets", body)
    marked = ask(asks, world, "label-sheets", {**body, "mark_incomplete": True})

    (lack,) = check["problems"]
    assert (lack["tag"], lack["code"]) == (world.fresh.tag, "responsible_missing")
    problem = assert_refused(refused, 409, "labels_incomplete")
    assert problem["details"]["count"] == 1
    assert problem["details"]["problems"][0]["code"] == "responsible_missing"
    text = PdfReader(io.BytesIO(marked.data)).pages[0].extract_text()
    assert "EU: NOT COMPLETE" in text
    assert world.fresh.tag in text


def test_care_that_was_said_is_no_longer_missing(world: World, asks: FlaskClient) -> None:
    body = wanted(world, market="peru", piece_ids=None, delivery_id=str(world.fresh.delivery_id))

    assert ask(asks, world, f"designs/{world.design.id}/care-symbols", CARE).status_code == 201

    check = ask(asks, world, "label-checks", body).get_json()
    assert check == {"market": "peru", "language": "es", "labels": 1, "pages": 1, "problems": []}


def test_a_file_is_asked_for_twice_and_is_the_same(world: World, asks: FlaskClient) -> None:
    good = GOOD["POST /v1/label-sheets"](world)

    first, second = good.send(asks), good.send(asks)

    assert first.headers["Content-Type"] == "application/pdf"
    assert "labels-inside-a4_24.pdf" in first.headers["Content-Disposition"]
    assert first.data == second.data


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"start": 25}, 422, "invalid"),
        ({"language": "qu"}, 422, "label_language"),
        ({"tags": ["HUK-4F7K-29QX"]}, 422, "invalid"),
        ({"piece_ids": None}, 422, "invalid"),
        ({"piece_ids": None, "tags": ["not a tag"]}, 422, "tag_invalid"),
        ({"piece_ids": None, "tags": ["HUK-4F7K-29QX"]}, 422, "tag_invalid"),
    ],
)
def test_what_cannot_be_printed_is_refused(
    world: World, asks: FlaskClient, given: dict[str, Any], status: int, code: str
) -> None:
    for path in ("label-sheets", "label-checks"):
        assert_refused(ask(asks, world, path, wanted(world, **given)), status, code)


def test_nobody_prints_a_strangers_labels(world: World, asks: FlaskClient) -> None:
    theirs = {"key": world.stranger_key}

    for given in ({}, {"piece_ids": None, "delivery_id": str(world.fresh.delivery_id)}):
        answer = ask(asks, world, "label-sheets", wanted(world, **given), **theirs)
        assert_refused(answer, 404, "not_found")
    answer = ask(asks, world, f"gtins/{world.gtin.id}/ending", {"reason": "mine"}, **theirs)
    assert_refused(answer, 404, "not_found")
    answer = ask(asks, world, f"designs/{world.design.id}/care-symbols", CARE, **theirs)
    assert_refused(answer, 404, "not_found")


def test_a_number_is_given_once_and_ended_once(world: World, asks: FlaskClient) -> None:
    body = {"design_id": str(world.design.id), "gtin": "40170725", "evidence": "again"}
    assert_refused(ask(asks, world, "gtins", body), 409, "gtin_taken")
    assert_refused(ask(asks, world, "gtins", {**body, "gtin": "40170726"}), 422, "gtin_invalid")

    ended = ask(asks, world, f"gtins/{world.gtin.id}/ending", {"reason": "over"})
    again = ask(asks, world, f"gtins/{world.gtin.id}/ending", {"reason": "over"})

    assert ended.get_json()["ending"]["reason"] == "over"
    assert_refused(again, 409, "gtin_ended")
