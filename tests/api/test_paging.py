"""Pages by keyset: whole, in order, and stable while rows are added."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.api.asking import DOWNLOADS, GOOD, WITHOUT_IDS
from tests.api.world import World
from tests.support.make import make_listing, make_maker


def read_on(asks: FlaskClient, path: str, key: str | None = None, **query: Any) -> list[str]:
    """The ids on every page of a list, following the links."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = asks.get(path, query_string={"limit": "2", **query}, headers=headers)
    found: list[str] = []
    while True:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += [item["id"] for item in answer.get_json()["items"]]
        if "Link" not in answer.headers:
            return found
        link, _, rel = answer.headers["Link"].partition("; ")
        assert rel == 'rel="next"'
        answer = asks.get(link.strip("<>"), headers=headers)


#: Words of what is no list, or whose rows have no id of their own.
NO_IDS = (
    "json",
    "passports",
    "statement",
    "stripe-account",
    "fair-pay",
    "materials",
    "/claims",
    "label-rules",
    "fairness",
    "chart",
)
LISTS = [
    name
    for name in GOOD
    if name.startswith("GET")
    and name not in DOWNLOADS | WITHOUT_IDS | {"GET /v1/reconciliation"}
    and not any(word in name for word in NO_IDS)
    and not name.endswith(("_id}", "{slug}", "/draft"))
]


@pytest.mark.parametrize("operation", LISTS)
def test_pages_together_are_the_whole_list_once(
    operation: str, world: World, asks: FlaskClient
) -> None:
    ask = GOOD[operation](world)
    query = {"state": "waiting"} if operation == "GET /v1/inspections" else {}

    in_twos = read_on(asks, ask.path, ask.key, **query)
    at_once = read_on(asks, ask.path, ask.key, limit="100", **query)

    assert in_twos == at_once
    assert len(set(in_twos)) == len(in_twos)


@pytest.mark.parametrize("sort", ["newest", "price_asc", "price_desc"])
def test_the_catalogue_shows_each_listing_once_while_others_are_added(
    sort: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    home = world.cooperative
    for price in (500, 500, 100, 900, 500):
        make_listing(seen, home, prices={"USD": price})
    seen.flush()
    query = {"sort": sort, "currency": "USD", "limit": "2"}
    before = read_on(asks, "/v1/listings", **query | {"limit": "100"})

    answer = asks.get("/v1/listings", query_string=query)
    found = [item["id"] for item in answer.get_json()["items"]]
    while "Link" in answer.headers:
        make_listing(seen, home, prices={"USD": 500})
        seen.flush()
        answer = asks.get(answer.headers["Link"].partition(";")[0].strip("<>"))
        found += [item["id"] for item in answer.get_json()["items"]]

    assert len(set(found)) == len(found)
    assert [one for one in found if one in before] == before


def test_a_list_of_people_stays_in_order_while_others_join(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    for _ in range(3):
        make_maker(seen, world.cooperative)
    seen.flush()
    headers = {"Authorization": f"Bearer {world.key}"}
    first = asks.get("/v1/makers?limit=3", headers=headers)
    make_maker(seen, world.cooperative)
    seen.flush()
    rest = asks.get(first.headers["Link"].partition(";")[0].strip("<>"), headers=headers)

    ids = [item["id"] for page in (first, rest) for item in page.get_json()["items"]]
    assert ids == sorted(set(ids))


def test_the_usual_page_has_twenty_four_rows(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    for _ in range(25):
        make_maker(seen, world.cooperative)
    seen.flush()

    answer = asks.get("/v1/makers", headers={"Authorization": f"Bearer {world.key}"})

    assert len(answer.get_json()["items"]) == 24
    assert "Link" in answer.headers


def test_a_cursor_of_another_order_is_refused(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    for _ in range(2):
        make_listing(seen, world.cooperative)
    seen.flush()
    by_price = {"limit": "1", "sort": "price_asc", "currency": "USD"}
    link = asks.get("/v1/listings", query_string=by_price).headers["Link"]
    after = link.partition("after=")[2].partition(">")[0]

    refused = asks.get("/v1/listings", query_string={"after": after})

    assert refused.status_code == 422
    assert refused.get_json(force=True)["code"] == "cursor_invalid"


def test_a_link_keeps_the_filters(world: World, asks: FlaskClient, seen: Session) -> None:
    for _ in range(2):
        make_listing(seen, world.cooperative)
    seen.flush()
    query = {"limit": "1", "sort": "price_desc", "currency": "USD", "min_price": "1"}

    link = asks.get("/v1/listings", query_string=query).headers["Link"]

    for name, value in query.items():
        assert f"{name}={value}" in link
