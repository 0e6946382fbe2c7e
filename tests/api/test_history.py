"""History: every change has an entry that says who, with which key, what; and it is found again."""

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from inventory.models import Piece
from payouts import piece_history
from people.models import ApiKey
from tests.api.asking import GOOD
from tests.api.test_paging import read_on
from tests.api.test_queries import counted, explained
from tests.api.world import World, fresh_id
from tests.conftest import row_counts
from tests.support.make import make_key, make_staff

WRITES = [name for name in GOOD if not name.startswith("GET")]
#: What they would write is so already in this world, or they only make a file of what is there.
NOTHING_NEW = {
    "PUT /v1/maker-groups/{group_id}/members",
    "POST /v1/label-sheets",
    "POST /v1/label-checks",
}
#: What is about something that is not in the address, and whose deed it is without a key.
ABOUT = {
    "POST /v1/orders": "orders",
    "POST /v1/stall-sales": "orders",
    "POST /v1/reconciliations": "jobs",
    "POST /v1/api-keys": "api_keys",
    "POST /v1/deliveries": "deliveries",
    "PATCH /v1/listings/{slug}": "listings",
}


def entries(seen: Session) -> list[AuditEntry]:
    return list(seen.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id)))


def whose(entry: AuditEntry) -> bool:
    """Whether a deed without a key is a buyer's, of her order, or a phone's with a signature."""
    return entry.actor in {f"buyer:{entry.subject_id}", "system:upload"}


@pytest.mark.parametrize("operation", WRITES)
def test_whatever_is_written_leaves_who_did_it_with_which_key_to_what(
    operation: str, world: World, asks: FlaskClient, seen: Session
) -> None:
    ask = GOOD[operation](world)
    before = len(entries(seen))

    answer = ask.send(asks)

    written = entries(seen)[before:]
    assert answer.status_code == ask.expect
    # What asks Stripe in between works in several transactions; each has its own.
    assert bool(written) == (answer.status_code < 400 and operation not in NOTHING_NEW)
    key = seen.scalar(select(ApiKey.id).where(ApiKey.prefix == (ask.key or "")[:15]))
    for entry in written:
        assert (entry.operation, entry.key_id) == (operation, key)
        assert entry.cooperative_id == world.cooperative.id
        assert entry.reference == answer.headers["X-Request-Id"]
        assert entry.actor == f"staff:{world.boss.id}" or (not key and whose(entry))
        assert entry.subject_noun == ABOUT.get(operation, entry.subject_noun)
        assert entry.subject_id in {row.get("id") for row in entry.touched}


def test_a_refusal_and_a_reading_leave_nothing(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    before = row_counts(seen)["audit_entries"]
    move = GOOD["POST /v1/pieces/{piece_id}/movements"](world)

    assert move.of(key=world.stranger_key).send(asks).status_code == 404
    assert move.of(key=None).send(asks).status_code == 401
    assert move.of(body={"reason": "nowhere"}).send(asks).status_code == 422
    assert GOOD["GET /v1/pieces"](world).send(asks).status_code == 200

    assert row_counts(seen)["audit_entries"] == before


def test_an_entry_holds_nobodys_name_or_number(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    for operation in ("POST /v1/orders", "POST /v1/makers", "POST /v1/makers/{maker_id}/papers"):
        GOOD[operation](world).send(asks)

    kept = seen.execute(text("SELECT string_agg(e::text, '') FROM audit_entries e")).scalar_one()
    for private in ("Ada", "example.org", "01234567", "legal", "Justina"):
        assert private not in kept


def test_a_write_costs_one_more_insert(
    world: World, asks: FlaskClient, connection: Connection
) -> None:
    with counted(connection) as sent:
        GOOD["POST /v1/makers"](world).send(asks)

    assert len([one for one in sent if "audit_entries" in one]) == 1


def read(asks: FlaskClient, bearer: str, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = asks.get(path, query_string=query, headers={"Authorization": f"Bearer {bearer}"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def audit(asks: FlaskClient, bearer: str, **query: Any) -> list[dict[str, Any]]:
    return read(asks, bearer, "/v1/audit", **query)


def test_the_newest_deed_comes_first_and_says_what_it_touched(
    world: World, asks: FlaskClient
) -> None:
    moved = GOOD["POST /v1/pieces/{piece_id}/movements"](world).send(asks)

    first = audit(asks, world.key)[0]

    assert first["operation"] == "POST /v1/pieces/{piece_id}/movements"
    assert first["subject"] == {"noun": "pieces", "id": str(world.fresh.id)}
    assert first["reference"] == moved.headers["X-Request-Id"]
    assert [(one["noun"], one["how"]) for one in first["touched"]] == [
        ("movements", "added"),
        ("pieces", "named"),
    ]
    assert first["touched"][0]["id"] == moved.get_json()["id"]


def test_each_filter_finds_what_it_names_and_nothing_else(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    other = make_staff(seen, world.cooperative, "coordinator")
    key = make_key(seen, other)
    seen.flush()
    GOOD["POST /v1/makers"](world).of(key=key).send(asks)
    consent = GOOD["POST /v1/makers/{maker_id}/consents"](world)
    consent.send(asks)
    mine = {row["id"]: row for row in audit(asks, world.key, limit=100)}

    def found(**query: Any) -> list[str]:
        return [row["operation"] for row in audit(asks, world.key, limit=100, **query)]

    assert found(actor=f"staff:{other.id}") == ["POST /v1/makers"]
    assert found(operation="POST /v1/makers") == ["POST /v1/makers"]
    assert found(subject=str(world.maker.id)) == [
        consent.method + " /v1/makers/{maker_id}/consents"
    ]
    assert found(key=str(world.spare_key_id)) == ["POST /v1/orders"] * 3
    newest = next(iter(mine.values()))["at"]
    assert found(since=newest) == ["POST /v1/makers/{maker_id}/consents"]
    assert len(found(until=newest)) == len(mine) - 1


def test_what_refers_to_a_thing_is_found_by_its_id(world: World, asks: FlaskClient) -> None:
    sent = GOOD["PUT /v1/journeys/{journey_id}"](world)
    sent.send(asks)
    (piece_id,) = sent.body["piece_ids"]

    (found,) = audit(asks, world.key, subject=piece_id)

    assert found["operation"] == "PUT /v1/journeys/{journey_id}"


def test_a_stranger_sees_nothing_of_it_and_a_treasurer_may_not_look(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    GOOD["POST /v1/makers"](world).send(asks)
    treasurer = make_key(seen, make_staff(seen, world.cooperative, "treasurer"))
    seen.flush()

    assert audit(asks, world.stranger_key) == []
    refused = asks.get("/v1/audit", headers={"Authorization": f"Bearer {treasurer}"})
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (403, "scope_missing")


def test_deeds_of_one_moment_are_each_on_one_page(world: World, asks: FlaskClient) -> None:
    only = {"actor": f"staff:{world.boss.id}", "operation": "POST /v1/orders"}
    at_once = [row["id"] for row in audit(asks, world.key, **only)]

    assert read_on(asks, "/v1/audit", world.key, **only | {"limit": "1"}) == at_once
    assert len(set(at_once)) == 3


MANY = """
INSERT INTO audit_entries
    (id, cooperative_id, at, actor, key_id, operation, subject_noun, subject_id, touched)
SELECT gen_random_uuid(), CAST(:home AS uuid), now() - n * interval '1 minute',
    'staff:' || md5((n % 50)::text)::uuid, md5('key' || n % 50)::uuid,
    'POST /v1/' || (n % 40), 'pieces', thing,
    jsonb_build_array(jsonb_build_object('noun', 'pieces', 'id', thing, 'how', 'changed'),
        jsonb_build_object('noun', 'movements', 'id', gen_random_uuid(), 'how', 'added',
            'of', jsonb_build_array(thing)))
FROM generate_series(1, 12000) AS n, LATERAL (SELECT md5('thing' || n)::uuid::text) AS one(thing)
"""


#: What is asked, and the index that answers.
INDEXES = {
    "": "cooperative_id_at_id",
    "since=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z": "cooperative_id_at_id",
    "actor=staff:{one}": "cooperative_id_actor_at_id",
    "key={one}": "key_id_at_id",
    "operation=POST+/v1/7": "cooperative_id_operation_at_id",
    "subject={one}": "touched",
}


def test_the_usual_questions_are_answered_by_index(
    world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    seen.execute(text(MANY), {"home": str(world.cooperative.id)})
    seen.execute(text("SELECT gin_clean_pending_list('ix_audit_entries_touched')"))
    seen.execute(text("ANALYZE audit_entries"))  # as autovacuum does both
    headers = {"Authorization": f"Bearer {world.key}"}

    for filters, index in INDEXES.items():
        with explained(connection, "FROM audit_entries") as plans:
            answer = asks.get("/v1/audit?" + filters.format(one=uuid.UUID(int=7)), headers=headers)
        assert answer.status_code == 200
        (plan,) = plans
        assert f"ix_audit_entries_{index}" in plan, plan
        assert "Seq Scan" not in plan, plan


def history(asks: FlaskClient, bearer: str, piece_id: object, **query: Any) -> list[dict[str, Any]]:
    return read(asks, bearer, f"/v1/pieces/{piece_id}/history", **query)


def test_a_piece_tells_its_way_to_a_buyer_and_back(world: World, asks: FlaskClient) -> None:
    piece_id = world.received.pieces[0].piece_id

    told = history(asks, world.key, piece_id, limit=100)

    kinds = [one["what"] for one in told]
    assert kinds[0] == "delivered"
    for step in ("moved", "held", "paid", "left", "return_agreed"):
        assert step in kinds, step
    assert [one["at"] for one in told] == sorted(one["at"] for one in told)
    words = " ".join(one["words"] for one in told)
    assert "Went from sold to handed over." in words
    assert "Moved from With the buyers to" in words
    (left,) = [one for one in told if one["what"] == "left"]
    assert left["references"]["order_id"] == str(world.received.order_id)
    assert left["actor"] == f"staff:{world.boss.id}"
    assert not any(private in str(told) for private in ("Ada", "example.org"))


def test_a_history_is_the_same_in_pages_and_in_one(world: World, asks: FlaskClient) -> None:
    path = f"/v1/pieces/{world.received.pieces[0].piece_id}/history"
    at_once = [one["id"] for one in read(asks, world.key, path, limit=100)]

    assert read_on(asks, path, world.key, limit="2") == at_once
    assert len(at_once) > 10


def test_what_may_not_be_read_is_left_out_whole(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    GOOD["PUT /v1/pieces/{piece_id}/inspections/{inspection_id}"](world).send(asks)
    full = {one["what"] for one in history(asks, world.key, world.fresh.id)}
    narrow = make_key(seen, world.boss, "stock:read")
    money = make_key(seen, world.boss, "stock:read", "payouts:read")
    seen.flush()
    owed = world.obligation.piece_id

    assert full - {one["what"] for one in history(asks, narrow, world.fresh.id)} == {
        "inspected",
        "made_of",
    }
    books = {"owed", "debt_became"}
    assert {one["what"] for one in history(asks, money, owed)} & books == books
    assert not {one["what"] for one in history(asks, narrow, owed)} & books


def test_a_stranger_finds_no_history(world: World, asks: FlaskClient) -> None:
    path = f"/v1/pieces/{world.fresh.id}/history"

    refused = asks.get(path, headers={"Authorization": f"Bearer {world.stranger_key}"})

    assert refused.status_code == 404


@pytest.mark.parametrize("after", ["W10", "WyJ4IiwieSIsInoiXQ", "WzEsMiwzXQ"])
def test_a_place_that_is_none_is_refused(after: str, world: World, asks: FlaskClient) -> None:
    for path in (f"/v1/pieces/{world.fresh.id}/history", "/v1/audit"):
        answer = asks.get(f"{path}?after={after}", headers={"Authorization": f"Bearer {world.key}"})
        assert answer.status_code == 422
        assert answer.get_json(force=True)["code"] == "cursor_invalid"


def test_a_history_is_one_query_and_by_index(
    world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    seen.execute(text("SET LOCAL enable_seqscan = off"))
    path = f"/v1/pieces/{world.fresh.id}/history"
    asks.get(path, headers={"Authorization": f"Bearer {world.key}"})

    with explained(connection, "UNION ALL") as plans:
        asks.get(path, headers={"Authorization": f"Bearer {world.key}"})

    (plan,) = plans
    assert "Seq Scan" not in plan, plan


def test_every_source_tells_something_of_some_piece(
    world: World, asks: FlaskClient, seen: Session
) -> None:
    for operation in (
        "PUT /v1/pieces/{piece_id}/inspections/{inspection_id}",
        "POST /v1/orders/{order_id}/refunds",
        "POST /v1/orders/{order_id}/cancellation",
        "POST /v1/returns/{return_id}/closure",
        "POST /v1/stocktakes/{stocktake_id}/approval",
        "POST /v1/pay-days/{pay_day_id}/payments",
        "POST /v1/deliveries",
        "PUT /v1/inspections/{inspection_id}/critical-reviews/{review_id}",
        "POST /v1/bench-alerts/{alert_id}/answer",
    ):
        assert GOOD[operation](world).send(asks).status_code == 201
    counts = GOOD["POST /v1/stocktakes/{stocktake_id}/counts"](world)
    tag = {"id": fresh_id(), "tag": world.fresh.tag, "seen_at": "2026-11-23T15:00:00Z"}
    assert counts.of(body={"scans": [tag]}).send(asks).status_code == 201
    photo = GOOD["PUT /v1/photos/{photo_id}"](world)
    of_it = photo.of(body=photo.body | {"subject_id": str(world.fresh.id)})
    assert of_it.send(asks).status_code == 201
    mine = seen.scalars(select(Piece.id).where(Piece.cooperative_id == world.cooperative.id))

    told = [one for piece_id in mine for one in history(asks, world.key, piece_id, limit=100)]

    # Nothing came back from a bank in this world.
    every = {source.what for source in piece_history.SOURCES} - {"settlement_undone"}
    assert {one["what"] for one in told} == every
    assert not any("{" in one["words"] or "None" in one["words"] for one in told)
