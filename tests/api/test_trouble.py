"""When somebody we depend on is slow, broken or gone: a problem that says to try again."""

import hashlib
import hmac
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from inventory import listings
from payments.errors import Declined
from payments.gateway import Gateway
from tests.api.asking import GOOD
from tests.api.world import World
from tests.conftest import Committed, row_counts
from tests.support.make import make_cooperative, make_key, make_listing, make_staff
from tests.support.peer import PeerProcess


class Refused(Exception):
    """What psycopg raises, with PostgreSQL's code."""

    def __init__(self, state: str | None) -> None:
        self.sqlstate = state
        super().__init__("DETAIL: her name is Sabina")


@pytest.mark.parametrize(
    ("kind", "state", "status", "code"),
    [
        (OperationalError, "55P03", 503, "busy"),
        (OperationalError, "57014", 503, "busy"),
        (OperationalError, "40P01", 503, "busy"),
        (OperationalError, "40001", 503, "busy"),
        (OperationalError, None, 503, "database_unavailable"),
        (OperationalError, "57P01", 503, "database_unavailable"),
        (IntegrityError, "23505", 409, "already_exists"),
        (IntegrityError, "23514", 422, "invalid"),
        (DataError, "22003", 422, "invalid"),
        (DataError, None, 422, "invalid"),
    ],
)
def test_what_the_database_refuses_is_answered_without_its_words(
    kind: Any, state: str | None, status: int, code: str, world: World,
    asks: FlaskClient, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise kind("SELECT 1", {}, Refused(state))

    monkeypatch.setattr("people.makers.add_maker", refuse)
    answer = GOOD["POST /v1/makers"](world).send(asks)

    problem = answer.get_json(force=True)
    assert (answer.status_code, problem["code"]) == (status, code)
    assert "Sabina" not in str(problem)
    assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.slow
def test_whoever_waits_too_long_for_a_lock_is_told_to_try_again(
    committed: Committed, committing_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with committed() as setting:
        home = make_cooperative(setting)
        listing = make_listing(setting, home)
        key = make_key(setting, make_staff(setting, home, "storekeeper"))
        path, version = f"/v1/listings/{listing.id}", listing.version
    _give_up_after(monkeypatch, "50ms")

    with committed() as holding:
        holding.execute(text("SELECT id FROM listings FOR UPDATE"))
        answer = committing_client.patch(
            path,
            json={"title": {"en": "New"}},
            headers={
                "Authorization": f"Bearer {key}",
                "If-Match": f'"v{version}-0123456789abcdef"',
            },
        )

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "busy")


def _give_up_after(monkeypatch: pytest.MonkeyPatch, time: str) -> None:
    change = listings.change_listing

    def impatient(session: Session, **given: Any) -> Any:
        session.execute(text(f"SET LOCAL lock_timeout = '{time}'"))
        return change(session, **given)

    monkeypatch.setattr(listings, "change_listing", impatient)


def test_when_stripe_gives_no_answer_the_order_stays_and_can_be_asked_for_again(
    world: World, asks: FlaskClient, peer: PeerProcess
) -> None:
    ask = GOOD["POST /v1/orders"](world)
    ask = ask.of(headers={"Idempotency-Key": "a-key-of-the-buyers-own"})
    peer.arm("error_500_before", path_prefix="/v1/checkout/sessions", method="POST")

    silent = ask.send(asks)
    peer.disarm()
    answer = ask.send(asks)

    assert silent.get_json(force=True)["code"] == "stripe_unreachable"
    assert answer.status_code == 201
    assert answer.get_json()["payment"]["url"]


def test_when_stripe_refuses_every_time_the_order_is_cancelled_and_says_so(
    world: World, asks: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise Declined("no such currency")

    monkeypatch.setattr(Gateway, "open_checkout", refuse)
    ask = GOOD["POST /v1/orders"](world).of(headers={"Idempotency-Key": "k" * 20})

    for _ in range(2):
        answer = ask.send(asks)
        assert answer.status_code == 409
        assert answer.get_json(force=True)["code"] == "payment_refused"


def test_news_with_a_wrong_signature_is_refused_and_kept_nowhere(
    asks: FlaskClient, seen: Session
) -> None:
    before = row_counts(seen)

    for header in ({}, {"Stripe-Signature": "t=1,v1=00"}, {"Stripe-Signature": "é"}):
        answer = asks.post("/v1/webhooks/stripe", data=b"{}", headers=header)
        assert answer.status_code == 400
        assert answer.get_json(force=True)["code"] == "webhook_refused"

    assert row_counts(seen) == before


def test_news_told_twice_is_kept_once(asks: FlaskClient, seen: Session, peer: PeerProcess) -> None:
    told = signed_news(peer.webhook_secret, b"evt_twice")

    first, again = (asks.post("/v1/webhooks/stripe", **told) for _ in range(2))

    assert [first.status_code, again.status_code] == [200, 200]
    assert first.get_json() == {"received": True}
    kept = text("SELECT count(*) FROM stripe_news WHERE id = 'evt_twice'")
    assert seen.execute(kept).scalar_one() == 1


def signed_news(secret: str, event_id: bytes) -> dict[str, Any]:
    """An event as Stripe sends it."""
    at = str(int(time.time())).encode()
    body = (
        b'{"id": "' + event_id + b'", "object": "event", "type": "checkout.session.completed",'
        b'"created": ' + at + b', "livemode": false, "data": {"object": {"id": "cs_1"}}}'
    )
    signature = hmac.new(secret.encode(), at + b"." + body, hashlib.sha256).hexdigest()
    header = f"t={at.decode()},v1={signature}"
    return {"data": body, "headers": {"Stripe-Signature": header}, "content_type": "text/plain"}
