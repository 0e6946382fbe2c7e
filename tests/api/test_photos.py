"""Photos over HTTP: from a phone to the world's pages, and back out of its sight."""

import hashlib
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core import clock
from people.consents import revoke_consent
from photos import developing, signing
from photos.storage import current_store
from tests.api.asking import GOOD, WORDS, signed
from tests.api.test_bad_input import assert_refused
from tests.api.test_queries import queries
from tests.api.world import World, fresh_id
from tests.support.make import NOW, house, make_consent, make_key, make_maker
from tests.support.photos import a_file, make_photo

FILE = a_file()


def announcement(world: World, contents: bytes = FILE, **given: Any) -> dict[str, Any]:
    return {
        "subject_kind": "piece",
        "subject_id": str(world.fresh.id),
        "content_type": "image/jpeg",
        "byte_length": len(contents),
        "sha256": hashlib.sha256(contents).hexdigest(),
        "alt": WORDS,
    } | given


class Phone:
    """Somebody with a key, and what she asks."""

    def __init__(self, asks: FlaskClient, key: str) -> None:
        self.asks, self.headers = asks, {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.asks.open(path, method=method, json=body, headers=self.headers | headers)

    def announce(self, world: World, **given: Any) -> dict[str, Any]:
        answer = self.ask("PUT", f"/v1/photos/{fresh_id()}", announcement(world, **given))
        assert answer.status_code == 201, answer.get_data(as_text=True)
        told: dict[str, Any] = answer.get_json()
        return told

    def send(self, told: dict[str, Any], contents: bytes = FILE, **given: Any) -> TestResponse:
        """Without a key, as the address alone allows it."""
        parts = urlsplit(told["upload"]["url"])
        given = {"content_type": told["upload"]["content_type"]} | given
        return self.asks.put(f"{parts.path}?{parts.query}", data=contents, **given)


@pytest.fixture
def phone(asks: FlaskClient, world: World) -> Phone:
    return Phone(asks, world.key)


def get(asks: FlaskClient, url: str, **headers: str) -> TestResponse:
    return asks.get(urlsplit(url).path, headers=headers)


def test_a_photo_goes_from_the_phone_to_the_passport(
    phone: Phone, world: World, asks: FlaskClient
) -> None:
    told = phone.announce(world)
    path = f"/v1/photos/{told['id']}"

    for _ in range(2):
        assert phone.send(told).get_json() == {"id": told["id"], "status": "received"}
    developing.develop_photo(current_store(), photo_id=uuid.UUID(told["id"]), now=clock.now())
    known = phone.ask("GET", path).get_json()
    assert (known["status"], known["width"], known["public"]) == ("ready", 96, None)
    printed = phone.ask("GET", f"{path}/prints/medium.webp")
    assert (printed.mimetype, printed.headers["Cache-Control"]) == ("image/webp", "no-store")
    original = phone.ask("GET", f"{path}/original")
    assert original.get_data() == FILE
    assert original.headers["Content-Disposition"].startswith("attachment")
    passport = f"/v1/passports/{world.fresh.tag}"
    assert asks.get(passport).get_json()["photos"] == []

    public = phone.ask("POST", f"{path}/publication", {}).get_json()["public"]

    assert asks.get(passport).get_json()["photos"] == [public]
    assert public["alt"] == WORDS
    seen = get(asks, public["url"])
    assert seen.status_code == 200
    assert seen.get_data()[8:12] == b"WEBP"


def test_a_public_picture_may_be_kept_and_does_nothing_else(
    world: World, asks: FlaskClient, phone: Phone
) -> None:
    public = phone.ask("GET", f"/v1/photos/{world.public_photo.id}").get_json()["public"]

    for size, url in public["sizes"].items():
        seen = get(asks, url)
        assert seen.content_type == ("image/jpeg" if size == "jpeg" else "image/webp")
        assert seen.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        assert seen.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert seen.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        again = get(asks, url, **{"If-None-Match": seen.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")


def test_where_somebody_is_seen_caches_forget_within_the_hour_and_we_at_once(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    maker = make_maker(seen, world.cooperative)
    consent = make_consent(seen, maker, "photo")
    photo = make_photo(seen, world.cooperative, shows=[maker])
    seen.flush()
    phone = Phone(asks, world.key)
    url = phone.ask("POST", f"/v1/photos/{photo.id}/publication", {}).get_json()["public"]["url"]
    shown = get(asks, url)
    assert shown.headers["Cache-Control"] == "public, max-age=3600, immutable"

    revoke_consent(
        seen, consent_id=consent.id, reason="no", actor=house(world.cooperative), now=NOW
    )
    seen.flush()

    gone = get(asks, url, **{"If-None-Match": shown.headers["ETag"]})
    assert_refused(gone, 410, "photo_gone")
    assert gone.headers["Cache-Control"] == "no-store"
    assert phone.ask("GET", f"/v1/photos/{photo.id}").get_json()["public"] is None


@pytest.mark.parametrize(
    "file",
    [
        "x", f"{'0' * 40}-large.webp", f"{'0' * 40}-original", f"{'0' * 40}-large.php",
        f"{'0' * 40}-large.webp/x", "..%2f..%2fetc%2fpasswd", "%00", "x" * 3000,
    ],
)  # fmt: skip
def test_an_address_nobody_gave_out_is_not_there(file: str, asks: FlaskClient) -> None:
    answer = asks.get(f"/photos/{file}")

    assert_refused(answer, 404, "not_found")


@pytest.mark.parametrize("change", ["expires", "signature", "photo", "nothing", "late"])
def test_bytes_are_taken_only_at_the_address_that_was_signed(
    change: str, world: World, asks: FlaskClient
) -> None:
    path, query = f"/v1/photos/{world.awaited_photo.id}/content", signed(world)
    if change == "photo":
        path = f"/v1/photos/{world.photo.id}/content"
    elif change == "nothing":
        query = {}
    elif change == "late":
        long_ago, photo_id = datetime(2026, 1, 1, tzinfo=UTC), world.awaited_photo.id
        expires, signature = signing.sign(photo_id, now=long_ago, secret_key=world.secret_key)
        query = {"expires": str(expires), "signature": signature}
    else:
        query[change] = query[change][:-1] + ("1" if query[change][-1] != "1" else "2")

    answer = asks.put(path, query_string=query, data=FILE, content_type="image/jpeg")

    assert_refused(answer, 403, "upload_refused")


@pytest.mark.parametrize("expires", ["-1", "x", "٣", "9" * 40, "", "1e9"])
def test_an_odd_time_is_no_time(expires: str, world: World, asks: FlaskClient) -> None:
    query = {**signed(world), "expires": expires}

    answer = asks.put(f"/v1/photos/{world.awaited_photo.id}/content", query_string=query, data=FILE)

    assert_refused(answer, 403, "upload_refused")


WRONG_BYTES: dict[str, dict[str, Any]] = {
    "more": {"contents": FILE + b"x"},
    "less": {"contents": FILE[:-1]},
    "none": {"contents": b""},
    "others": {"contents": bytes(len(FILE))},
    "a form": {"content_type": "multipart/form-data; boundary=x"},
    "no kind": {"content_type": ""},
    "JSON": {"content_type": "application/json"},
}


@pytest.mark.parametrize("what", WRONG_BYTES)
def test_other_bytes_than_announced_are_a_problem(what: str, phone: Phone, world: World) -> None:
    told = phone.announce(world)

    assert_refused(phone.send(told, **WRONG_BYTES[what]), 422, "wrong_bytes")

    assert phone.send(told).status_code == 200, "and the right ones are still taken"


def test_more_than_is_ever_taken_is_not_read(phone: Phone, world: World, flask_app: Flask) -> None:
    most = flask_app.extensions["pallay.settings"].photo_max_bytes
    told = phone.announce(world)

    assert_refused(phone.send(told, bytes(most + 1)), 413, "body_too_large")
    too_large = announcement(world, byte_length=most + 1)
    answer = phone.ask("PUT", f"/v1/photos/{fresh_id()}", too_large)
    assert_refused(answer, 422, "photo_too_large")


def test_a_photo_may_be_larger_than_other_bodies(
    phone: Phone, world: World, flask_app: Flask
) -> None:
    long = FILE[:-2] + b"\xff\xfe\xff\xff" + bytes(65533)
    long = long * 20  # the bytes are looked at later, by a worker
    assert len(long) > flask_app.config["MAX_CONTENT_LENGTH"]

    assert phone.send(phone.announce(world, contents=long), long).status_code == 200


def test_announced_again_it_is_the_same_photo_with_a_fresh_address(
    phone: Phone, world: World
) -> None:
    path, body = f"/v1/photos/{fresh_id()}", announcement(world)
    first = phone.ask("PUT", path, body)

    again = phone.ask("PUT", path, body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["created_at"] == first.get_json()["created_at"]
    assert phone.send(again.get_json()).status_code == 200
    assert phone.ask("PUT", path, body).get_json()["upload"] is None
    assert_refused(phone.ask("PUT", path, {**body, "alt": {"en": "x"}}), 409, "photo_id_taken")
    stranger = Phone(phone.asks, world.stranger_key)
    assert_refused(stranger.ask("PUT", path, body), 409, "photo_id_taken")


def test_what_stands_in_the_way_of_publishing_is_named(
    phone: Phone, world: World, seen: Session
) -> None:
    maker = make_maker(seen, world.cooperative)
    photo = make_photo(seen, world.cooperative, shows=[maker])
    seen.flush()

    problem = assert_refused(
        phone.ask("POST", f"/v1/photos/{photo.id}/publication", {}), 409, "photo_not_publishable"
    )

    assert problem["details"] == {
        "why": "no_consent", "photo_id": str(photo.id), "maker_ids": [str(maker.id)],
    }  # fmt: skip
    assert_refused(
        phone.ask("POST", f"/v1/photos/{photo.id}/withdrawal", {"reason": "no"}),
        409,
        "photo_not_published",
    )


def test_an_edit_names_the_version_it_read(phone: Phone, world: World) -> None:
    path = f"/v1/photos/{world.photo.id}"
    read = phone.ask("GET", path)
    body = {"alt": {"qu": "Puka"}}

    assert_refused(phone.ask("PATCH", path, body), 428, "precondition_required")
    assert_refused(phone.ask("PATCH", path, body, **{"If-Match": '"x"'}), 412, "photo_changed")
    tag = read.headers["ETag"]
    changed = phone.ask("PATCH", path, body, **{"If-Match": tag})
    assert changed.get_json()["alt"] == {"qu": "Puka"}
    assert_refused(phone.ask("PATCH", path, body, **{"If-Match": tag}), 412, "photo_changed")
    next_tag = {"If-Match": changed.headers["ETag"]}
    assert_refused(phone.ask("PATCH", path, {}, **next_tag), 422, "invalid")


def test_an_application_sees_no_photo_that_is_not_public(world: World, asks: FlaskClient) -> None:
    narrow = {"photos:read", "photos:write", "photos:publish"}
    body = {"application": "A shop", "expires_at": "2027-01-01T00:00:00Z"}
    office = Phone(asks, world.key)

    for scope in narrow:
        refused = office.ask("POST", "/v1/api-keys", {**body, "scopes": [scope]})
        assert_refused(refused, 403, "scopes_too_wide")


def test_a_key_sees_photos_of_what_it_may_read(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    receipt = make_photo(seen, world.cooperative, subject_kind="receipt")
    narrow = Phone(asks, make_key(seen, world.boss, "photos:read", "stock:read"))
    seen.flush()

    kinds = {one["subject_kind"] for one in narrow.ask("GET", "/v1/photos").get_json()["items"]}

    assert kinds == {"piece", "swatch"}
    for path in ("", "/original", "/prints/small.webp"):
        answer = narrow.ask("GET", f"/v1/photos/{receipt.id}{path}")
        assert_refused(answer, 403, "scope_missing")
    assert_refused(narrow.ask("GET", "/v1/photos?kind=receipt"), 403, "scope_missing")


@pytest.mark.parametrize("name", ["original", "large.gif", "..", "%2e%2e%2foriginal", "small"])
def test_a_print_that_is_not_made_is_not_there(name: str, phone: Phone, world: World) -> None:
    answer = phone.ask("GET", f"/v1/photos/{world.photo.id}/prints/{name}")

    assert_refused(answer, 404, "not_found")


def test_a_listing_takes_a_photo_of_ours_or_one_kept_elsewhere(phone: Phone, world: World) -> None:
    ask = GOOD["POST /v1/listings"](world)
    mine = {"photo_id": str(world.public_photo.id)}

    listing = ask.of(body={**ask.body, "photos": [mine]}).send(phone.asks).get_json()

    offered = phone.asks.get(f"/v1/listings/{listing['slug']}").get_json()
    assert listing["photos"] == [{**offered["photos"][0], "photo_id": mine["photo_id"]}]
    assert get(phone.asks, offered["photos"][0]["sizes"]["small"]).status_code == 200
    both = {**mine, "url": "https://photos.test/a.jpg", "alt": WORDS}
    for wrong in ({}, both, {"url": both["url"]}, {"alt": WORDS}, {"photo_id": fresh_id()}):
        ask = GOOD["POST /v1/listings"](world)
        answer = ask.of(body={**ask.body, "photos": [wrong]}).send(phone.asks)
        assert_refused(answer, 404 if "photo_id" in wrong and len(wrong) == 1 else 422)


def test_a_list_of_photos_takes_as_many_queries_for_one_as_for_many(
    world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    home = world.cooperative
    for _ in range(3):
        make_photo(seen, home, shows=[make_maker(seen, home), make_maker(seen, home)])
    seen.flush()

    one = queries(connection, asks, "/v1/photos?limit=1", world.key)

    assert queries(connection, asks, "/v1/photos?limit=50", world.key) == one


def test_a_public_picture_is_one_query(
    world: World, asks: FlaskClient, phone: Phone, connection: Connection
) -> None:
    public = phone.ask("GET", f"/v1/photos/{world.public_photo.id}").get_json()["public"]

    assert queries(connection, asks, urlsplit(public["url"]).path) == 1
