"""Two phones look at one piece and send what they saw in every order: it ends the same."""

from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from core.ids import new_id
from inventory.models import PieceStatus
from quality import alerts, reading
from quality.bench_models import BenchCard
from quality.inspections import inspections_of, newest
from tests.quality.bench import MINUTE, PIN, Bench, reduced
from tests.support.make import NOW, acting, make_listing

AT = NOW - 60 * MINUTE


@pytest.fixture
def bench(session):
    return Bench(session)


#: Each story: looks as (who, minutes later, decision, what else), sent in any order and twice.
STORIES: dict[str, Any] = {
    "the same decision": [("first", 0, "accept_a", {}), ("second", 1, "accept_a", {})],
    "the last one refuses": [
        ("first", 0, "accept_a", {}),
        ("second", 1, "accept_b", {"pay": reduced(2500)}),
        ("first", 2, "reject", {}),
    ],
    "the last one pays less": [
        ("first", 0, "reject", {}),
        ("second", 1, "accept_a", {}),
        ("first", 2, "accept_b", {"pay": reduced(2500)}),
    ],
    "at the very same moment": [
        ("first", 0, "rework", {}),
        ("second", 0, "accept_a", {}),
        ("coordinator", 0, "accept_b", {"pay": reduced(10000)}),
    ],
    "something critical among them": [
        ("first", 0, "accept_a", {}),
        ("second", 1, "reject", {"defects": PIN}),
        ("coordinator", 2, "accept_b", {"pay": reduced(1)}),
    ],
    "rework that does not end": [
        ("first", 0, "rework", {}),
        ("first", 1, "rework", {}),
        ("first", 2, "rework", {}),
        ("second", 3, "accept_a", {}),
    ],
    "rework once too often": [
        ("first", 0, "rework", {}),
        ("first", 1, "rework", {}),
        ("first", 2, "rework", {}),
    ],
}


def told_in(bench, story, order):
    """The end of a story whose looks came in this order, each of them twice."""
    session = bench.session
    with session.begin_nested() as point:
        piece = bench.piece()
        ids = [new_id() for _ in story]
        for place in order:
            who, minutes, decision, more = story[place]
            for _ in range(2):
                bench.look(
                    piece,
                    decision,
                    inspection_id=ids[place],
                    by=getattr(bench, who),
                    at=AT + minutes * MINUTE,
                    **more,
                )
        ended = end_of(bench, piece, ids)
        point.rollback()
    session.expire_all()
    return ended


def end_of(bench, piece, ids):
    session = bench.session
    rows = inspections_of(session, piece_id=piece.id, actor=acting(bench.first))
    seen = reading.seen(session, piece.id, rows)
    card = session.get_one(BenchCard, piece.id)
    return {
        "piece": (piece.status, piece.grade, piece.quarantined_at),
        "card": (ids.index(card.inspection_id), card.decided, card.rounds),
        "looks": {
            ids.index(one.look.id): (one.standing, one.look.proposed, one.supersedes_id is None)
            for one in seen
        },
        "alerts": alerts.open_kinds(session, piece.id),
        "owed": bench.owed(piece),
        "says": getattr(newest(session, piece.id), "decision", None),
    }


@pytest.mark.parametrize("story", STORIES)
def test_whatever_the_order_in_which_they_come_it_ends_the_same(bench, story):
    looks = STORIES[story]

    ends: list[Any] = [told_in(bench, looks, order) for order in permutations(range(len(looks)))]

    assert all(len(end["looks"]) == len(looks) for end in ends)
    assert all(end == ends[0] for end in ends[1:])


def test_the_later_look_counts_and_the_other_stays_marked(bench):
    piece = bench.piece()
    later = bench.look(piece, "reject", by=bench.second, at=AT + MINUTE)
    earlier = bench.look(piece, "accept_a", at=AT)

    seen = reading.seen(bench.session, piece.id, [later, earlier])

    assert [one.standing for one in seen] == ["counts", "conflicting"]
    assert piece.status == PieceStatus.REJECTED
    assert alerts.open_kinds(bench.session, piece.id) == ["conflict"]
    assert bench.owed(piece) == []


def test_whoever_knew_the_first_look_is_in_no_conflict_with_it(bench):
    told, recorded = bench.piece(), bench.piece()
    first = bench.look(told, "accept_a", at=AT)
    bench.look(told, "reject", by=bench.second, at=AT + MINUTE, supersedes_id=first.id)
    bench.look(recorded, "accept_a", at=AT, now=AT + MINUTE)
    bench.look(recorded, "reject", by=bench.second, at=AT + 2 * MINUTE)

    for piece in (told, recorded):
        assert alerts.open_kinds(bench.session, piece.id) == []
        assert piece.status == PieceStatus.REJECTED


def test_a_look_made_before_a_piece_came_back_says_nothing_of_it_now(bench):
    piece = bench.piece()
    bench.look(piece, "accept_a", at=AT)
    for step in ("listed", "held", "sold", "handed_over", "returned"):
        piece.become(PieceStatus(step), actor=acting(bench.first), why="on its way", at=NOW)

    look = bench.look(piece, "reject", by=bench.second, at=AT + MINUTE)

    assert (look.late, piece.status) == (True, PieceStatus.RETURNED)
    assert alerts.open_kinds(bench.session, piece.id) == ["late"]


def test_a_late_look_at_what_was_sold_changes_nothing_and_a_person_answers(bench):
    listing = make_listing(bench.session, bench.home)
    piece = listing.entries[0].piece
    look = bench.look(piece, "reject")

    (alert,) = alerts.list_alerts(bench.session, actor=acting(bench.first), limit=9, state="open")
    alerts.answer_alert(
        bench.session, alert_id=alert.id, answer="it is fine", actor=acting(bench.second), now=NOW
    )

    assert (alert.kind, alert.inspection_id) == ("late", look.id)
    assert piece.status == PieceStatus.LISTED
    with pytest.raises(alerts.AlertAnswered):
        alerts.answer_alert(
            bench.session, alert_id=alert.id, answer="no", actor=acting(bench.first), now=NOW
        )


def test_every_look_is_kept_whatever_became_of_it(bench):
    piece = bench.piece()
    for minutes in (3, 1, 2):
        bench.look(piece, "accept_a", at=AT + minutes * MINUTE)

    rows = bench.session.scalars(select(BenchCard).where(BenchCard.piece_id == piece.id)).all()
    looks = inspections_of(bench.session, piece_id=piece.id, actor=acting(bench.first))
    assert (len(rows), [look.sequence for look in looks]) == (1, [1, 2, 3])
