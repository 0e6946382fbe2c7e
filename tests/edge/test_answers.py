"""Answers hold exactly what they may; pages are stable; the document shows every route."""

import base64
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from marshmallow import EXCLUDE
from sqlalchemy import event, text

from api.access import MARK, PUBLIC
from tests.edge.world import make_world, routes
from tests.support.make import (
    house,
    make_consent,
    make_design,
    make_key,
    make_listing,
    make_maker,
    make_staff,
)


@pytest.fixture
def world(session):
    return make_world(session)


@pytest.fixture
def get(client, world):
    """A GET under /v1, with the full key unless told otherwise."""

    def getting(path, *, key=None, **headers):
        bearer = {"Authorization": f"Bearer {key or world.key}"}
        return client.get(f"/v1{path.format(**world.ids)}", headers=bearer | headers)

    return getting


KEYS = {
    "/listings": {
        "id",
        "slug",
        "title",
        "words",
        "kind",
        "technique",
        "prices",
        "photo",
        "available",
    },
    "/makers": {
        "id",
        "public_name",
        "legal_name",
        "story",
        "photo_url",
        "demo",
        "consents",
        "created_at",
    },
    "/orders": {"id", "number", "status", "channel", "fulfilment", "total", "placed_at", "paid_at"},
    "/staff": {"id", "name", "email", "language", "roles", "maker_id", "active", "created_at"},
    "/api-keys": {
        "id",
        "prefix",
        "staff_id",
        "application",
        "scopes",
        "expires_at",
        "last_used_at",
        "revoked_at",
        "created_at",
    },
    "/obligations": {
        "id",
        "maker_id",
        "piece_id",
        "order_id",
        "agreement",
        "amount",
        "status",
        "due_at",
        "waiting",
        "rail",
        "attempts",
        "settlement",
        "created_at",
    },
    "/locations": {"id", "code", "name", "kind"},
    "/pieces": {
        "id",
        "tag",
        "status",
        "grade",
        "design_id",
        "delivery_id",
        "agreement",
        "contributions",
        "created_at",
        "location",
    },
}


@pytest.mark.parametrize("path", KEYS)
def test_a_row_of_a_page_holds_exactly_this(get, path):
    page = get(path).get_json()

    assert set(page) == {"items", "next"}
    assert page["items"]
    for row in page["items"]:
        assert set(row) == KEYS[path]


PASSPORT = {
    "tag",
    "state",
    "cooperative",
    "place",
    "name",
    "kind",
    "technique",
    "fibres",
    "measured",
    "care",
    "delivered_on",
    "inspected_on",
    "inspection",
    "makers",
    "makers_together",
}
LISTING = {
    "id",
    "slug",
    "title",
    "description",
    "words",
    "kind",
    "technique",
    "prices",
    "photos",
    "available",
    "pieces",
    "makers",
    "fibres",
    "measures",
    "care",
}


def test_what_the_world_may_read_holds_exactly_this(get):
    assert set(get("/passports/{tag}").get_json()) == PASSPORT
    assert set(get("/listings/{slug}").get_json()) == LISTING


def test_legal_names_are_only_for_those_who_may_see_them(client, world, session):
    lead = make_key(session, make_staff(session, world.home, "quality_lead"))
    session.commit()
    path = f"/v1/makers/{world.ids['maker_id']}"

    full = client.get(path, headers={"Authorization": f"Bearer {world.key}"}).get_json()
    less = client.get(path, headers={"Authorization": f"Bearer {lead}"}).get_json()

    assert full["legal_name"].startswith("Legal Name")
    assert less["legal_name"] is None


def test_her_no_is_obeyed_by_listing_passport_and_search_at_once(client, get, world):
    maker = world.ids["maker_id"]
    pages = ("/listings/{slug}", "/passports/{tag}", f"/listings?maker={maker}")
    name = get(f"/makers/{maker}").get_json()["public_name"]
    assert name in get(pages[0]).text
    assert name in get(pages[1]).text
    assert get(pages[2]).get_json()["items"]

    done = client.post(
        f"/v1/consents/{world.ids['consent_id']}/revocation",
        json={"reason": "she said so"},
        headers={"Authorization": f"Bearer {world.key}"},
    )

    assert done.status_code == 201
    assert name not in get(pages[0]).text + get(pages[1]).text
    assert get(pages[2]).get_json()["items"] == []


def test_an_order_opens_to_its_token_its_cooperative_and_nobody_else(client, world):
    path = f"/v1/orders/{world.ids['order_id']}"
    token = world.ids["token"]

    assert client.get(path, headers={"Order-Token": token}).status_code == 200
    assert client.get(f"{path}?token={token}").status_code == 200
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Order-Token": token[:-1] + "x"}).status_code == 401
    other = {"Authorization": f"Bearer {world.other_key}"}
    assert client.get(path, headers=other).status_code == 404


def test_pages_hold_every_row_once_while_new_ones_come_in(get, session, world):
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = get(f"/makers?limit=1{cursor and '&after=' + cursor}")
        page = answer.get_json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
        assert ('rel="next"' in answer.headers.get("Link", "")) == (cursor is not None)
        if len(seen) == 1:
            late = str(make_maker(session, world.home).id)
            session.commit()

    assert len(seen) == len(set(seen))
    assert seen[-1] == late


@pytest.mark.parametrize(
    "place", [[], [1], ["x"], [None, None], [True, str(uuid.uuid4())], {"a": 1}, [10**30, "x"]]
)
def test_a_made_up_cursor_is_refused(get, place):
    cursor = base64.urlsafe_b64encode(orjson.dumps(str(place))).decode()

    assert get(f"/listings?after={cursor}").get_json()["code"] == "cursor_invalid"


def test_a_page_that_did_not_change_is_not_sent_again(get):
    first = get("/listings")
    again = get("/listings", **{"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert get("/makers").headers["Cache-Control"] == "private, no-store"


def test_an_edit_names_the_version_it_was_made_from(client, get, world):
    path = f"/v1/listings/{world.ids['listing_id']}"
    bearer = {"Authorization": f"Bearer {world.key}"}
    tag = get("/listings/{listing_id}/draft").headers["ETag"]
    change = {"title": {"en": "New"}}

    without = client.patch(path, json=change, headers=bearer)
    first = client.patch(path, json=change, headers=bearer | {"If-Match": tag})
    stale = client.patch(path, json=change, headers=bearer | {"If-Match": tag})
    fresh = client.patch(path, json=change, headers=bearer | {"If-Match": first.headers["ETag"]})

    codes = [(one.status_code, one.get_json().get("code")) for one in (without, stale)]
    assert codes == [(428, "precondition_required"), (412, "precondition_failed")]
    assert (first.status_code, fresh.status_code) == (200, 200)
    assert fresh.get_json()["missing_words"] == ["es", "qu"]


@contextmanager
def counting(session) -> Iterator[list[str]]:
    """The statements that are sent while the block lasts."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/listings?limit=100", "/pieces?limit=100", "/makers?limit=100"])
def test_a_page_takes_as_many_queries_for_many_rows_as_for_few(get, session, world, path):
    def queries():
        with counting(session) as sent:
            rows = len(get(path).get_json()["items"])
        return rows, len([one for one in sent if one.startswith("SELECT")])

    few, before = queries()
    design = make_design(session, world.home)
    for _ in range(8):
        maker = make_maker(session, world.home)
        make_consent(session, maker)
        make_listing(session, world.home, design=design, weights=[(maker, "weave", 1)])
    session.commit()
    many, after = queries()

    assert many >= few + 8
    assert after == before


INDEXED = {
    "catalogue, newest": "SELECT id FROM listings WHERE status = 'published'"
    " ORDER BY id DESC LIMIT 25",
    "catalogue, by price": "SELECT listing_id FROM listing_prices WHERE currency = 'USD'"
    " ORDER BY amount_minor LIMIT 25",
    "pieces of a house": "SELECT id FROM pieces WHERE cooperative_id = gen_random_uuid()"
    " AND status = 'delivered' ORDER BY id LIMIT 25",
    "orders of a house": "SELECT id FROM orders WHERE cooperative_id = gen_random_uuid()"
    " AND status = 'paid' ORDER BY id LIMIT 25",
    "what falls due": "SELECT id FROM obligations WHERE status = 'held' AND due_at <= now()",
    "what is owed to her": "SELECT id FROM obligations"
    " WHERE maker_id = gen_random_uuid() ORDER BY id",
    "where a piece is": "SELECT DISTINCT ON (piece_id) * FROM movements WHERE piece_id ="
    " '00000000-0000-0000-0000-000000000000' ORDER BY piece_id, sequence DESC",
    "who has this key": "SELECT id FROM api_keys WHERE prefix = 'pk_x'",
    "a word among the jobs": "SELECT 1 FROM procrastinate_jobs WHERE lock = 'x'"
    " AND status IN ('todo', 'doing') LIMIT 1",
}


@pytest.mark.parametrize("what", INDEXED)
def test_what_is_asked_often_is_found_by_an_index(session, what):
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = "\n".join(session.execute(text("EXPLAIN " + INDEXED[what])).scalars())

    assert "Index" in plan
    assert "Seq Scan" not in plan


def test_exactly_these_routes_are_for_everybody(flask_app):
    open_to_all = {
        f"{method} {rule.rule}"
        for rule in flask_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if getattr(flask_app.view_functions[rule.endpoint], MARK, (None,))[0] == PUBLIC
    }

    assert open_to_all == {
        "GET /v1/listings",
        "GET /v1/listings/<string:slug>",
        "GET /v1/passports/<string:tag>",
        "POST /v1/orders",
        "POST /v1/webhooks/stripe",
    }


def test_every_route_says_who_may_use_it(flask_app):
    for rule in flask_app.url_map.iter_rules():
        if rule.rule.startswith("/v1/") and "openapi" not in rule.rule:
            assert getattr(flask_app.view_functions[rule.endpoint], MARK, None), rule.rule


def operations(client):
    document = client.get("/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    for path, item in document["paths"].items():
        for method in ("get", "post", "put", "patch"):
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_every_operation_has_words_a_scope_and_examples(client):
    found = dict(operations(client))
    assert len(found) > 45
    for name, operation in found.items():
        assert operation["summary"], name
        assert "x-scope" in operation, name
        if "requestBody" in operation:
            (content,) = operation["requestBody"]["content"].values()
            assert "example" in content, name
        good = [one for status, one in operation["responses"].items() if status.startswith("2")]
        assert good, name
        for response in good:
            for content in response.get("content", {}).values():
                assert content["example"], name


def test_every_reference_in_the_document_leads_somewhere(client):
    document = client.get("/v1/openapi.json").get_json()

    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', orjson.dumps(document).decode())):
        here = document
        for part in reference.split("/"):
            here = here[part]
        assert here


def test_the_examples_are_valid_requests(flask_app):
    for view in flask_app.view_functions.values():
        for one in getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", []):
            if isinstance(one, dict) and one.get("in") == "json":
                schema = one["schema"]() if isinstance(one["schema"], type) else one["schema"]
                assert schema.validate(one["example"], partial=False) == {}, schema
                assert schema.load(one["example"], unknown=EXCLUDE) is not None


def test_the_docs_are_a_page_without_a_script(client):
    page = client.get("/docs")

    assert page.content_type.startswith("text/html")
    assert "<script" not in page.text
    assert "POST" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_table_of_the_tests_is_the_document(client, world):
    listed = {route.name.partition("?")[0].replace(" ", " /v1") for route in routes(world.ids)}

    assert {name for name, _ in operations(client)} == listed | {"POST /v1/webhooks/stripe"}


def test_a_listing_nobody_published_is_not_public(client, session, world):
    draft = make_listing(session, world.home, status="draft")
    session.commit()

    assert client.get(f"/v1/listings/{draft.slug}").status_code == 404
    assert house(world.home).reference == "system:test"
