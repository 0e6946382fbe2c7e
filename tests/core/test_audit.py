"""The audit: one entry with every transaction that changed something, and none without."""

import re
import uuid
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import worker
from core import audit
from core.actors import Actor, ActorKind, system
from core.audit import AuditEntry, Doing
from core.db import transaction
from core.facts import WrittenOnce
from core.jobs import defer
from inventory.models import Hold, Location
from people.models import Cooperative, Maker
from tests.architecture.code import PACKAGES, modules, name_of
from tests.support.make import make_cooperative, make_location, make_maker


def entries(session: Session) -> list[AuditEntry]:
    """What was written since the test began, in order."""
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def by(actor: Actor, *named: tuple[str, uuid.UUID]) -> Doing:
    return Doing("test.do", actor, "job-7", named)


def refused(home: Cooperative) -> None:
    """Something that is written, and then cannot be."""
    with transaction() as inside:
        make_maker(inside, home)
        inside.flush()
        raise ValueError("refused")


@pytest.fixture
def home(session):
    """A co-operative from before."""
    home = make_cooperative(session)
    with transaction():
        pass
    return home


def test_what_was_added_and_changed_is_in_one_entry_with_who_and_with_what(session, home):
    known = make_location(session, home)
    with transaction():
        pass
    before = len(entries(session))
    who = Actor(ActorKind.STAFF, uuid.uuid4(), home.id, key_id=uuid.uuid4())

    with audit.doing(by(who)), transaction() as inside:
        maker = make_maker(inside, home, name="Justina")
        known.name = "Another name"

    (entry,) = entries(session)[before:]
    assert (entry.actor, entry.key_id) == (who.reference, who.key_id)
    assert (entry.operation, entry.reference) == ("test.do", "job-7")
    assert (entry.cooperative_id, entry.subject_noun) == (home.id, "makers")
    assert entry.touched == [
        {"noun": "makers", "id": str(maker.id), "how": "added"},
        {"noun": "locations", "id": str(known.id), "how": "changed"},
    ]
    assert "Justina" not in str(vars(entry))


def test_the_thing_that_was_named_is_the_subject(session, home):
    before, named = len(entries(session)), uuid.uuid4()

    with audit.doing(by(system("worker"), ("orders", named))), transaction() as inside:
        make_maker(inside, home)

    (entry,) = entries(session)[before:]
    assert (entry.subject_noun, entry.subject_id) == ("orders", str(named))
    assert entry.touched[-1] == {"noun": "orders", "id": str(named), "how": "named"}


def test_what_only_read_or_was_refused_leaves_nothing(session, home):
    before = len(entries(session))

    with transaction() as inside:
        inside.scalars(select(Maker)).all()
    with pytest.raises(ValueError, match="refused"):
        refused(home)
    with transaction():
        pass

    assert len(entries(session)) == before


def test_what_a_savepoint_undid_is_not_in_the_entry(session, home):
    before = len(entries(session))

    with transaction() as inside:
        kept = make_maker(inside, home)
        with inside.begin_nested() as point:
            make_location(inside, home)
            point.rollback()
        with inside.begin_nested():
            also = make_maker(inside, home)

    (entry,) = entries(session)[before:]
    assert [row["id"] for row in entry.touched] == [str(kept.id), str(also.id)]


def test_a_statement_that_says_which_rows_it_changed_is_noted_by_row(session, home):
    rooms = [make_location(session, home) for _ in range(2)]
    with transaction():
        pass
    before = len(entries(session))
    change = update(Location).where(Location.id.in_([room.id for room in rooms]))

    with transaction() as inside:
        found = inside.scalars(change.values(name="New").returning(Location.id)).all()
        inside.execute(change.values(name="Newer"))
        inside.execute(update(Hold).where(Hold.order_id == uuid.uuid4()).values(status="sold"))

    assert set(found) == {room.id for room in rooms}
    (entry,) = entries(session)[before:]
    assert entry.touched[:-1] == [
        {"noun": "locations", "id": str(found_id), "how": "changed"} for found_id in found
    ]
    assert entry.touched[-1] == {"noun": "locations", "how": "changed", "rows": 2}


def test_two_co_operatives_touched_at_once_have_an_entry_each_with_their_own(session, home):
    other = make_cooperative(session)
    with transaction():
        pass
    before = len(entries(session))

    with audit.doing(by(system("worker"))), transaction() as inside:
        makers = {make_maker(inside, one).cooperative_id for one in (home, other)}

    written = entries(session)[before:]
    assert {entry.cooperative_id for entry in written} == makers
    assert [len(entry.touched) for entry in written] == [1, 1]


def test_a_job_left_by_a_person_is_her_deed_and_one_left_by_the_house_is_none(session, home):
    before = len(entries(session))
    person = Actor(ActorKind.STAFF, uuid.uuid4(), home.id)

    for who in (system("worker"), person):
        with audit.doing(by(who)), transaction() as inside:
            defer(inside, "books.reconcile", report_id=uuid.uuid4(), actor="x", since="")

    (entry,) = entries(session)[before:]
    assert entry.actor == person.reference
    assert entry.touched == [{"noun": "jobs", "id": "books.reconcile", "how": "left"}]


def test_an_entry_is_neither_changed_nor_deleted(session, home):
    with transaction() as inside:
        make_maker(inside, home)
    entry = entries(session)[-1]

    entry.actor = "system:somebody"
    with pytest.raises(WrittenOnce):
        session.flush()
    session.rollback()
    for statement in ("UPDATE audit_entries SET actor = 'system:x'", "DELETE FROM audit_entries"):
        with pytest.raises(DBAPIError, match="written once"), session.begin_nested():
            session.execute(text(statement))


def test_what_a_worker_does_is_the_jobs_deed(client, flask_app, session, home):
    before, piece_id = len(entries(session)), uuid.uuid4()

    def handler(_gateway: object, *, piece_id: str) -> None:
        with transaction() as inside:
            make_maker(inside, inside.get_one(Cooperative, home.id))

    job = SimpleNamespace(job=SimpleNamespace(id=41))
    worker._in_app(flask_app, "piece.accepted", handler)(job, piece_id=str(piece_id))

    session.expire_all()
    (entry,) = entries(session)[before:]
    assert (entry.actor, entry.operation) == ("system:worker", "piece.accepted")
    assert (entry.reference, entry.subject_id) == ("job-41", str(piece_id))
    assert entry.key_id is None


def test_nothing_is_written_past_the_session():
    past = re.compile(r"[\"'](INSERT INTO|UPDATE|DELETE FROM|COPY|MERGE INTO) |bulk_(save|insert)_")
    found = [name_of(path) for path in modules(*PACKAGES) if past.search(path.read_text())]

    # It tells the audit itself what it copies (tests/batches).
    assert found == ["core/copying.py"]


def test_a_job_names_its_things_by_its_arguments():
    order, delivery = uuid.uuid4(), uuid.uuid4()

    assert audit.named_in(
        {"order_id": str(order), "event_id": "evt_1", "actor": "x", "delivery_id": str(delivery)}
    ) == [("orders", order), ("deliveries", delivery)]
