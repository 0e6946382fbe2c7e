"""What the house keeps: each kind of news at its own door, and what gave up in people's hands."""

import json
import time
from typing import Any

import pytest
import stripe
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.jobs import defer
from payments.gateway import Gateway
from payments.models import News
from tests.api.asking import GOOD
from tests.api.world import World, make_failed_job, make_news
from tests.support.peer import PeerProcess

OWN = {
    "id": "evt_own",
    "object": "event",
    "created": 1795446000,
    "livemode": False,
    "type": "charge.refunded",
    "data": {"object": {"id": "ch_1"}},
}
THIN = {
    "id": "evt_thin",
    "object": "v2.core.event",
    "created": "2026-11-24T15:00:00.000Z",
    "livemode": False,
    "type": "v2.core.account[configuration.recipient].capability_status_updated",
    "related_object": {
        "id": "acct_1",
        "type": "v2.core.account",
        "url": "/v2/core/accounts/acct_1",
    },
}
KINDS: dict[str, Any] = {
    "": OWN,
    "/connect": OWN | {"id": "evt_connect", "account": "acct_1"},
    "/thin": THIN,
}


def secret_of(peer: PeerProcess, door: str) -> str:
    return {
        "": peer.webhook_secret,
        "/connect": peer.connect_webhook_secret,
        "/thin": peer.thin_webhook_secret,
    }[door]


def send(asks: FlaskClient, door: str, event: dict[str, Any], secret: str) -> Any:
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()))
    return asks.post(f"/v1/webhooks/stripe{door}", data=body, headers={"Stripe-Signature": header})


@pytest.mark.parametrize("door", KINDS)
def test_news_is_kept_with_the_door_it_came_to(
    door: str, world: World, asks: FlaskClient, seen: Session, peer: PeerProcess
) -> None:
    event = KINDS[door]

    for _ in range(2):
        assert send(asks, door, event, secret_of(peer, door)).status_code == 200

    kept = seen.get_one(News, event["id"])
    assert kept.source == {"": "webhook", "/connect": "connect", "/thin": "thin"}[door]
    assert kept.account == event.get("account")


@pytest.mark.parametrize("door", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_neither_another_kind_nor_another_doors_secret_is_taken(
    door: str, other: str, world: World, asks: FlaskClient, seen: Session, peer: PeerProcess
) -> None:
    if door == other:
        return
    wrong_kind = send(asks, door, KINDS[other], secret_of(peer, door))
    wrong_secret = send(asks, door, KINDS[door], secret_of(peer, other))

    for answer in (wrong_kind, wrong_secret):
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, "webhook_refused")
    assert "no event for here" in wrong_kind.get_json(force=True)["detail"]
    assert seen.get(News, KINDS[door]["id"]) is None
    assert seen.get(News, KINDS[other]["id"]) is None


@pytest.mark.parametrize("door", ["/connect", "/thin"])
def test_a_door_without_a_secret_is_off_and_says_so(
    door: str, asks: FlaskClient, peer: PeerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret)
    monkeypatch.setitem(asks.application.extensions, "pallay.gateway", bare)

    answer = send(asks, door, KINDS[door], "")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (
        404,
        "webhook_endpoint_off",
    )


def test_news_is_read_page_by_page_newest_first(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    made = [make_news(seen, world.news.received_at, f"evt_page_{n}").id for n in range(5)]
    headers = {"Authorization": f"Bearer {world.key}"}
    path: str | None = "/v1/news?state=waiting&limit=2"
    found: list[str] = []
    while path:
        answer = asks.get(path, headers=headers)
        found += [news["id"] for news in answer.get_json()["items"]]
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<") or None

    assert found == [world.news.id, *sorted(made, reverse=True)]
    assert asks.get("/v1/news?state=applied", headers=headers).get_json()["items"] == []


def test_news_is_tried_again_by_a_person_whose_name_is_kept(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    answer = GOOD["POST /v1/news/{event_id}/attempts"](world).send(asks)

    body = answer.get_json()
    assert (answer.status_code, body["state"]) == (202, "waiting")
    assert [one["actor"] for one in body["asked_again"]] == [f"staff:{world.boss.id}"]
    assert left(seen, body["asked_again"][0]["job_id"]) == (
        "stripe.news",
        {"event_id": "evt_world"},
    )
    again = GOOD["POST /v1/news/{event_id}/attempts"](world).send(asks)
    assert (again.status_code, again.get_json()["code"]) == (409, "news_under_way")


@pytest.mark.parametrize("state", ["applied", "ignored"])
def test_news_that_is_done_is_not_tried_again(
    state: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    seen.execute(text("UPDATE stripe_news SET state = :state"), {"state": state})

    answer = GOOD["POST /v1/news/{event_id}/attempts"](world).send(asks)

    assert (answer.status_code, answer.get_json()["code"]) == (409, "news_done")


def test_a_job_that_gave_up_is_repeated_exactly_and_once(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    answer = GOOD["POST /v1/jobs/{job_id}/attempts"](world).send(asks)

    job = answer.get_json()
    arguments = {"obligation_id": str(world.obligation.id)}
    assert (answer.status_code, job["state"], job["tries"]) == (202, "waiting", 0)
    assert left(seen, job["id"]) == ("obligation.settle", arguments)
    old = GOOD["GET /v1/jobs/{job_id}"](world).send(asks).get_json()
    assert (old["repeated_as"], old["repeated_by"]) == (job["id"], f"staff:{world.boss.id}")
    again = GOOD["POST /v1/jobs/{job_id}/attempts"](world).send(asks)
    assert (again.status_code, again.get_json()["code"]) == (409, "job_repeated")
    assert again.get_json()["details"] == {"job": job["id"]}


def test_a_strangers_job_is_not_there(world: World, asks: FlaskClient) -> None:
    for operation in ("GET /v1/jobs/{job_id}", "POST /v1/jobs/{job_id}/attempts"):
        answer = GOOD[operation](world).of(key=world.stranger_key).send(asks)
        assert answer.status_code == 404
    listed = GOOD["GET /v1/jobs"](world).of(key=world.stranger_key).send(asks).get_json()
    assert listed["items"] == []


def test_jobs_are_read_page_by_page_newest_first(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    made = [make_failed_job(seen, world.obligation) for _ in range(4)]
    waiting = defer(seen, "obligation.settle", obligation_id=world.obligation.id)
    headers = {"Authorization": f"Bearer {world.key}"}
    path: str | None = "/v1/jobs?limit=2"
    found: list[int] = []
    while path:
        answer = asks.get(path, headers=headers)
        found += [job["id"] for job in answer.get_json()["items"]]
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<") or None

    assert found == [*sorted(made, reverse=True), world.failed_job]
    ahead = asks.get("/v1/jobs?state=waiting", headers=headers).get_json()["items"]
    assert waiting in [job["id"] for job in ahead]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/news/evt_none",
        "/v1/news/evt%00",
        "/v1/news/%F0%9F%A7%B6",
        "/v1/jobs/0",
        f"/v1/jobs/{10**30}",
        "/v1/jobs/one",
    ],
)
def test_what_is_not_there_is_not_there(path: str, world: World, asks: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {world.key}", "Idempotency-Key": "a-key-of-hers"}

    assert asks.get(path, headers=headers).status_code == 404
    wanted = asks.post(f"{path}/attempts", json={}, headers=headers)
    assert wanted.status_code in {404, 422}, "an address with a NUL is no text to the database"


CURSORS = ["WzFd", "WyJhIiwiYiJd", "W251bGwsMV0", "WyIyMDI2LTExLTI0IiwieCJd", "WzEuNV0"]


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("path", ["/v1/news", "/v1/jobs"])
def test_a_place_that_is_none_is_refused(
    path: str, cursor: str, world: World, asks: FlaskClient
) -> None:
    headers = {"Authorization": f"Bearer {world.key}"}
    answer = asks.get(path, query_string={"after": cursor}, headers=headers)

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (422, "cursor_invalid")


def left(session: Session, job_id: int) -> tuple[str, dict[str, str]]:
    row = session.execute(
        text("SELECT task_name, args FROM procrastinate_jobs WHERE id = :id"), {"id": job_id}
    ).one()
    return row.task_name, row.args
