"""Work that gave up is seen by its co-operative's people and done again because one says so."""

import pytest
from sqlalchemy import text

from api.routes.house import OWNERS
from core import unfinished
from core.actors import Actor, ActorKind
from core.errors import NotFound
from core.ids import new_id
from core.jobs import defer
from core.unfinished import JobState
from tests.support.make import NOW, make_cooperative, make_piece
from tests.support.races import commit_while_blocked


def somebody_of(cooperative):
    return Actor(ActorKind.STAFF, new_id(), cooperative.id)


def left(session, name="piece.accepted", *, status="failed", **arguments):
    job_id = defer(session, name, lock=f"of:{new_id()}", **arguments)
    steps = {"todo": (), "doing": ("doing",)}.get(status, ("doing", status))
    for step in steps:
        session.execute(
            text("UPDATE procrastinate_jobs SET status = :step, attempts = 13 WHERE id = :id"),
            {"step": step, "id": job_id},
        )
    return job_id


def jobs_of(session, actor, **how):
    return unfinished.list_jobs(session, actor=actor, owners=OWNERS, limit=9, **how)


def rows(session):
    found = session.execute(
        text("SELECT id, task_name, args, lock, status, attempts FROM procrastinate_jobs")
    )
    return {row.id: tuple(row)[1:] for row in found}


@pytest.fixture
def home(session):
    return make_cooperative(session)


def test_a_job_that_gave_up_is_seen_by_its_own_and_with_ids_only(session, home):
    piece = make_piece(session, home)
    owned = left(session, piece_id=piece.id, since="2026-01-01", actor="staff:1")
    house = left(session, "stripe.news", event_id="evt_1")
    left(session, piece_id=piece.id, status="succeeded")

    seen = jobs_of(session, somebody_of(home))

    assert [(job.id, job.arguments) for job in seen] == [
        (house, {"event_id": "evt_1"}),
        (owned, {"piece_id": str(piece.id)}),
    ]
    assert (seen[1].state, seen[1].tries, seen[1].repeated_as) == ("failed", 13, None)
    assert seen[1].failed_at is not None
    stranger = somebody_of(make_cooperative(session))
    assert [job.id for job in jobs_of(session, stranger)] == [house]
    for missing in (owned, 2**63, 10**40):
        with pytest.raises(NotFound):
            unfinished.get_job(session, missing, actor=stranger, owners=OWNERS)


def test_what_waits_and_what_is_being_done_can_be_asked_for_too(session, home):
    actor = somebody_of(home)
    ids = {status: left(session, status=status) for status in ("todo", "doing", "failed")}

    for state, status in ((JobState.WAITING, "todo"), (JobState.WORKING, "doing")):
        assert [job.id for job in jobs_of(session, actor, state=state)] == [ids[status]]
    assert jobs_of(session, actor, before=ids["failed"]) == []


def test_it_is_repeated_exactly_once_with_all_its_tries_and_who_did_it_is_kept(session, home):
    actor, piece = somebody_of(home), make_piece(session, home)
    old = left(session, piece_id=piece.id, since="2026-01-01")
    assert unfinished.count_failed(session) == 1

    new = unfinished.repeat_job(session, old, actor=actor, owners=OWNERS, now=NOW)

    name, arguments, lock = rows(session)[old][:3]
    assert rows(session)[new.id] == (name, arguments, lock, "todo", 0)
    seen = unfinished.get_job(session, old, actor=actor, owners=OWNERS)
    assert (seen.repeated_as, seen.repeated_by, seen.repeated_at) == (new.id, actor.reference, NOW)
    with pytest.raises(unfinished.JobRepeated) as refusal:
        unfinished.repeat_job(session, old, actor=actor, owners=OWNERS, now=NOW)
    assert refusal.value.details == {"job": new.id}
    assert unfinished.count_failed(session) == 0


@pytest.mark.parametrize("status", ["todo", "doing"])
def test_what_has_not_given_up_is_not_repeated(session, home, status):
    job = left(session, status=status)

    with pytest.raises(unfinished.JobNotFailed):
        unfinished.repeat_job(session, job, actor=somebody_of(home), owners=OWNERS, now=NOW)


def test_what_runs_by_the_clock_is_left_to_the_clock(session, home):
    job = left(session, "payouts.fall_due")
    session.execute(
        text(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, job_id)"
            " VALUES ('payouts.fall_due', 1, :id)"
        ),
        {"id": job},
    )

    assert jobs_of(session, somebody_of(home)) == []
    assert unfinished.count_failed(session) == 0


def test_two_people_who_repeat_one_job_at_once_leave_it_once(committed):
    with committed() as session:
        home = make_cooperative(session)
        actor = somebody_of(home)
        job = left(session, "stripe.news", event_id="evt_1")

    def second():
        with committed() as other, pytest.raises(unfinished.JobRepeated):
            unfinished.repeat_job(other, job, actor=actor, owners=OWNERS, now=NOW)

    with committed() as first:
        unfinished.repeat_job(first, job, actor=actor, owners=OWNERS, now=NOW)
        commit_while_blocked(first, second)

    with committed() as session:
        assert len(rows(session)) == 2
