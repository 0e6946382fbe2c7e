"""ETags: what has not changed is not sent again, and no change is lost."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from people import consents
from people.models import Consent
from tests.api.asking import DOWNLOADS, GOOD
from tests.api.world import World
from tests.support.make import NOW, house

READS = [
    name
    for name in GOOD
    if name.startswith("GET") and "stripe-account" not in name and name not in DOWNLOADS
]


@pytest.mark.parametrize("operation", READS)
def test_what_has_not_changed_is_not_sent_again(
    operation: str, world: World, asks: FlaskClient
) -> None:
    ask = GOOD[operation](world)
    ask.send(asks)  # a key's first use shows in the list of keys
    first = ask.send(asks)

    again = ask.of(headers={**ask.headers, "If-None-Match": first.headers["ETag"]}).send(asks)

    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = ask.of(headers={**ask.headers, "If-None-Match": '"other"'}).send(asks)
    assert other.status_code == 200


def test_a_listing_that_was_changed_has_another_etag(world: World, asks: FlaskClient) -> None:
    path = f"/v1/listings/{world.listing.slug}"
    before = asks.get(path).headers["ETag"]
    edit = GOOD["PATCH /v1/listings/{slug}"](world)

    edited = edit.of(headers={"If-Match": before}, body={"title": {"en": "New"}}).send(asks)

    assert edited.status_code == 200
    assert edited.get_json()["version"] == world.listing.version + 1
    after = asks.get(path)
    assert after.headers["ETag"] != before
    assert after.get_json()["title"] == {"en": "New"}
    second = edit.of(headers={"If-Match": before}, body={"title": {"en": "Lost"}}).send(asks)
    assert second.get_json(force=True)["code"] == "listing_changed"
    assert second.status_code == 412


def test_the_etag_of_an_edit_serves_for_the_next(world: World, asks: FlaskClient) -> None:
    edit = GOOD["PATCH /v1/listings/{slug}"](world).of(body={"title": {"en": "One"}})
    etag = edit.send(asks).headers["ETag"]

    assert edit.of(headers={"If-Match": etag}).send(asks).status_code == 200


def test_a_weakened_etag_still_serves(world: World, asks: FlaskClient) -> None:
    """Proxies that compress weaken ETags on their way."""
    path = f"/v1/listings/{world.listing.slug}"
    weak = f"W/{asks.get(path).headers['ETag']}"
    edit = GOOD["PATCH /v1/listings/{slug}"](world).of(body={"title": {"en": "One"}})

    assert edit.of(headers={"If-Match": weak}).send(asks).status_code == 200


def test_a_draft_is_edited_by_its_id(world: World, asks: FlaskClient) -> None:
    edit = GOOD["PATCH /v1/listings/{slug}"](world).of(path=f"/v1/listings/{world.draft.id}")

    published = edit.of(
        headers={"If-Match": f'"v{world.draft.version}-0123456789abcdef"'},
        body={"status": "published"},
    ).send(asks)

    assert (published.status_code, published.get_json()["status"]) == (200, "published")
    assert asks.get(f"/v1/listings/{world.draft.slug}").status_code == 200


def test_a_draft_is_not_shown_to_the_world(world: World, asks: FlaskClient) -> None:
    assert asks.get(f"/v1/listings/{world.draft.slug}").status_code == 404
    assert asks.get(f"/v1/listings/{world.draft.id}").status_code == 404


def test_a_revoked_consent_changes_the_public_page_at_once(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    path = f"/v1/listings/{world.listing.slug}"
    before = asks.get(path)
    assert world.maker.public_name in before.get_data(as_text=True)

    consents.revoke_consent(
        seen,
        consent_id=seen.get_one(Consent, world.consent.id).id,
        reason="she asked",
        actor=house(world.cooperative),
        now=NOW,
    )
    seen.flush()

    after = asks.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert world.maker.public_name not in after.get_data(as_text=True)


@pytest.mark.parametrize(
    ("accepted", "name"),
    [("qu", "A runner"), ("es-PE, en;q=0.5", "Un camino de mesa"), ("fr", "A runner"), ("", None)],
)
def test_the_name_is_in_the_readers_language_or_falls_back(
    accepted: str, name: str | None, world: World, asks: FlaskClient
) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}

    shown = asks.get(f"/v1/listings/{world.listing.slug}", headers=headers).get_json()

    assert shown["name"] == (name or "A runner")
    assert shown["title"] == {"en": "A runner", "es": "Un camino de mesa"}
