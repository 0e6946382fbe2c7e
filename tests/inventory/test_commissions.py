"""A commission is asked, answered and fulfilled piece by piece, on terms that nobody changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.actors import system
from core.errors import Conflict, Invalid, NotFound
from core.lives import IllegalMove
from inventory import (
    colours,
    commission_life,
    commission_reading,
    commissions,
    fulfilling,
    moving,
)
from inventory.commission_models import CommissionStatus, Fulfilment
from inventory.commission_reading import CommissionFilter
from inventory.fulfilling import CommissionFull
from inventory.locations import outside
from inventory.models import LocationKind, PieceStatus
from people import groups
from tests.inventory.delivering import Home, handed_in, home_of, ordered_row
from tests.support.make import (
    NOW,
    SHARE_ON_SALE,
    house,
    make_colour,
    make_commission,
    make_cooperative,
    make_group,
    make_maker,
    pay_on_acceptance,
)


@pytest.fixture
def home(session):
    return home_of(session)


def answered(session, home: Home, commission, maker, kind="accepted", **given):
    return commission_life.answer(
        session,
        commission_id=commission.id,
        maker_id=maker.id,
        kind=kind,
        actor=home.actor,
        now=NOW,
        **given,
    )


def listed(session, home: Home, at=NOW, **wanted):
    found = commission_reading.list_commissions(
        session, actor=home.actor, now=at, wanted=CommissionFilter(**wanted), limit=50
    )
    return [row.number for row in found]


def standing(session, commission, at=NOW):
    (found,) = commission_reading.standings(session, [commission], now=at)
    return found


def reject(session, piece):
    """Send a piece back as an inspection would, and let its commission know."""
    actor = system("test")
    piece.become(PieceStatus.INSPECTING, actor=actor, why="looked at", at=NOW)
    piece.become(PieceStatus.REJECTED, actor=actor, why="too short", at=NOW)
    session.flush()
    fulfilling.recount_for(session, piece, actor=actor, now=NOW)


def test_everybody_of_the_group_and_everybody_named_is_asked(session, home):
    others = [make_maker(session, home.cooperative) for _ in range(2)]
    group = make_group(session, home.cooperative, *others)

    asked = make_commission(session, home.cooperative, home.maker, group_id=group.id)

    assert {one.maker_id for one in asked.asked} == {home.maker.id, *(m.id for m in others)}
    groups.set_members(session, group_id=group.id, maker_ids=[], actor=home.actor, now=NOW)
    session.expire_all()
    assert len(asked.asked) == 3, "whoever leaves the group later was asked"


def test_numbers_follow_each_other(session, home):
    asked = [make_commission(session, home.cooperative, home.maker) for _ in range(2)]

    assert [row.number for row in asked] == ["C-2026-00001", "C-2026-00002"]


def test_the_first_yes_accepts_and_everybodys_no_declines(session, home):
    second = make_maker(session, home.cooperative)
    asked = make_commission(session, home.cooperative, home.maker, second)

    answered(session, home, asked, second, "declined", reason="at the harvest")
    assert asked.status == CommissionStatus.ASKED
    answered(session, home, asked, home.maker)
    assert asked.status == CommissionStatus.ACCEPTED
    answered(session, home, asked, home.maker, "declined", reason="her loom broke")
    assert asked.status == CommissionStatus.DECLINED

    said = standing(session, asked)["answers"]
    assert {one.reason for one in said.values()} == {"at the harvest", "her loom broke"}
    assert len(asked.answers) == 3, "what was said before stays"


def test_a_no_has_its_reason_and_comes_from_somebody_who_was_asked(session, home):
    asked = make_commission(session, home.cooperative, home.maker)

    with pytest.raises(Invalid, match="reason"):
        answered(session, home, asked, home.maker, "declined")
    with pytest.raises(Invalid, match="not asked"):
        answered(session, home, asked, make_maker(session, home.cooperative))
    with pytest.raises(Invalid, match="ahead"):
        answered(session, home, asked, home.maker, answered_on=NOW.date() + timedelta(days=1))


@pytest.mark.parametrize(
    "change",
    ["pieces = 99", "price_minor = 1", "limit_set_version = 7", "design_id = design_id"],
)
def test_the_database_changes_no_line(session, home, change):
    make_commission(session, home.cooperative, home.maker)

    with pytest.raises(DBAPIError, match="written once"):
        session.execute(text(f"UPDATE commission_lines SET {change}"))  # noqa: S608


def test_the_database_changes_nothing_of_a_commission_but_its_status(session, home):
    asked = make_commission(session, home.cooperative, home.maker)

    with pytest.raises(IntegrityError, match="agreed and not changed"), session.begin_nested():
        session.execute(text("UPDATE commissions SET due_on = due_on + 1"))
    answered(session, home, asked, home.maker)
    assert session.scalar(text("SELECT status FROM commissions")) == "accepted"


def test_other_terms_are_another_commission_until_somebody_accepts(session, home):
    first = make_commission(session, home.cooperative, home.maker)
    second = make_commission(session, home.cooperative, home.maker, replaces_id=first.id)

    assert first.status == CommissionStatus.CANCELLED
    answered(session, home, second, home.maker)
    with pytest.raises(commissions.CommissionUnderWay):
        make_commission(session, home.cooperative, home.maker, replaces_id=second.id)


def test_pieces_fulfil_their_line_one_by_one(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=3)
    answered(session, home, asked, home.maker)

    first = handed_in(session, home, ordered_row(home, asked))
    assert asked.status == CommissionStatus.PART_DELIVERED
    handed_in(session, home, ordered_row(home, asked), ordered_row(home, asked))

    assert asked.status == CommissionStatus.COMPLETE
    line = asked.lines[0]
    assert standing(session, asked)["delivered"][line.id].delivered == 3
    assert first.pieces[0].agreement.price_minor == line.price_minor
    places = session.query(Fulfilment.place).filter_by(line_id=line.id).all()
    assert sorted(place for (place,) in places) == [1, 2, 3]


def test_one_too_many_is_refused_unless_it_is_said_to_be_a_surplus(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=1)
    handed_in(session, home, ordered_row(home, asked))

    with pytest.raises(CommissionFull) as refusal, session.begin_nested():
        handed_in(session, home, ordered_row(home, asked))
    assert refusal.value.details["pointer"] == "/pieces/0/commission_line_id"
    handed_in(session, home, ordered_row(home, asked, surplus=True))

    handed = standing(session, asked)["delivered"][asked.lines[0].id]
    assert (handed.delivered, handed.surplus) == (1, 1)


def test_the_database_keeps_places_by_itself(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=1)
    (piece,) = handed_in(session, home, ordered_row(home, asked)).pieces
    other = handed_in(session, home, ordered_row(home, asked, surplus=True)).pieces[0]
    copy = text(
        "INSERT INTO fulfilments SELECT (jsonb_populate_record(f, CAST(:new AS jsonb))).*"
        " FROM fulfilments f WHERE piece_id = :piece"
    )
    session.execute(text("ALTER TABLE fulfilments DISABLE TRIGGER USER"))
    session.execute(text("DELETE FROM fulfilments WHERE piece_id = :id"), {"id": other.id})

    for new in ('"place": 1', '"place": 2', '"place": 2, "ordered": 2'):
        values = {"new": f'{{"piece_id": "{other.id}", {new}}}', "piece": piece.id}
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(copy, values)


def test_a_rejected_piece_leaves_its_place_to_another(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=2)
    delivery = handed_in(session, home, ordered_row(home, asked), ordered_row(home, asked))

    reject(session, delivery.pieces[0])
    assert asked.status == CommissionStatus.PART_DELIVERED
    hers = outside(session, home.cooperative.id, LocationKind.MAKERS)
    moving.move_piece(
        session,
        piece_id=delivery.pieces[0].id,
        destination_id=hers.id,
        reason="hers",
        actor=home.actor,
        now=NOW,
    )
    handed_in(session, home, ordered_row(home, asked))

    assert asked.status == CommissionStatus.COMPLETE
    assert standing(session, asked)["delivered"][asked.lines[0].id].delivered == 2


def test_a_second_look_that_finds_it_good_counts_no_place_twice(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=1)
    (piece,) = handed_in(session, home, ordered_row(home, asked)).pieces
    reject(session, piece)
    handed_in(session, home, ordered_row(home, asked))
    piece.become(PieceStatus.INSPECTING, actor=home.actor, why="second look", at=NOW)
    session.flush()
    fulfilling.recount_for(session, piece, actor=home.actor, now=NOW)

    assert asked.status == CommissionStatus.COMPLETE
    assert standing(session, asked)["delivered"][asked.lines[0].id].delivered == 1


def test_nothing_is_handed_in_for_what_was_cancelled_or_declined(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design)
    answered(session, home, asked, home.maker, "declined", reason="ill")

    with pytest.raises(Conflict, match="declined"), session.begin_nested():
        handed_in(session, home, ordered_row(home, asked))
    commission_life.cancel(
        session, commission_id=asked.id, reason="nobody", actor=home.actor, now=NOW
    )
    with pytest.raises(Conflict), session.begin_nested():
        handed_in(session, home, ordered_row(home, asked))
    with pytest.raises(commission_life.CommissionClosed):
        answered(session, home, asked, home.maker)


def test_what_is_complete_is_not_cancelled(session, home):
    asked = make_commission(session, home.cooperative, home.maker, design=home.design, count=1)
    handed_in(session, home, ordered_row(home, asked))

    with pytest.raises(IllegalMove):
        commission_life.cancel(
            session, commission_id=asked.id, reason="late", actor=home.actor, now=NOW
        )


def test_late_is_told_from_the_day_by_the_clocks_of_the_country(session, home):
    due = date(2026, 11, 30)
    asked = make_commission(
        session, home.cooperative, home.maker, design=home.design, count=1, due_on=due
    )
    still_the_day = datetime(2026, 12, 1, 4, 59, tzinfo=UTC)  # 23:59 in Lima
    next_day = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)

    assert listed(session, home, still_the_day, state="late") == []
    assert listed(session, home, next_day, state="late") == [asked.number]
    assert standing(session, asked, next_day + timedelta(days=2))["days_late"] == 3
    handed_in(session, home, ordered_row(home, asked))
    assert listed(session, home, next_day, state="late") == []
    assert standing(session, asked, next_day)["days_late"] == 0


def test_lists_are_by_state_maker_and_group(session, home):
    second = make_maker(session, home.cooperative)
    group = make_group(session, home.cooperative, second)
    hers = make_commission(session, home.cooperative, home.maker)
    theirs = make_commission(session, home.cooperative, group_id=group.id)
    answered(session, home, hers, home.maker)

    assert listed(session, home) == listed(session, home, state="open")
    assert listed(session, home, status="accepted") == [hers.number]
    assert listed(session, home, maker_id=second.id) == [theirs.number]
    assert listed(session, home, group_id=group.id) == [theirs.number]
    assert listed(session, home_of(session)) == []


def test_progress_says_when_it_is_expected_and_the_agreed_day_stays(session, home):
    asked = make_commission(session, home.cooperative, home.maker)
    due = asked.due_on

    for note, day in (("rain", due + timedelta(days=9)), ("nearly", None)):
        commission_life.report_progress(
            session, commission_id=asked.id, note=note, expected_on=day, actor=home.actor, now=NOW
        )

    assert standing(session, asked)["expected_on"] == due + timedelta(days=9)
    assert asked.due_on == due
    notes = [row.note for row in commission_life.progress_of(session, asked.id)]
    assert notes == ["rain", "nearly"]


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"agreement": {"kind": "pay_on_acceptance"}}, "/lines/0/agreement"),
        ({"agreement": SHARE_ON_SALE | {"price_minor": 5}}, "/lines/0/agreement"),
        ({"limit_set_version": 9}, "/lines/0/limit_set_version"),
        (
            {
                "measures": [
                    {"name": "w", "unit": "mm", "spec": 5, "minus": 6, "plus": 0, "required": True}
                ]
            },
            "/lines/0/measures/0",
        ),
        (
            {
                "measures": [
                    {"name": "w", "unit": "mm", "spec": 5, "minus": 0, "plus": 0, "required": True}
                ]
                * 2
            },
            "/lines/0/measures/1",
        ),
    ],
)
def test_what_cannot_be_agreed_is_refused_with_its_place(session, home, line, pointer):
    with pytest.raises(Invalid) as refusal:
        make_commission(session, home.cooperative, home.maker, line=line)

    assert refusal.value.pointer == pointer


def test_other_peoples_designs_colours_makers_and_groups_are_not_known(session, home):
    other = make_cooperative(session)
    stranger = make_maker(session, other)
    shade = make_colour(session, other)

    refused: list[dict[str, Any]] = [
        {"line": {"colour_ids": [shade.id]}},
        {"line": {"maker_id": stranger.id}},
        {"maker_ids": [stranger.id]},
        {"group_id": make_group(session, other, stranger).id},
        {"replaces_id": make_commission(session, other, stranger).id},
        {"maker_ids": []},
    ]
    for given in refused:
        with pytest.raises(Invalid):
            make_commission(session, home.cooperative, home.maker, **given)
    with pytest.raises(NotFound):
        commissions.get_commission(
            session, make_commission(session, other, stranger).id, actor=home.actor
        )


def test_a_line_of_hers_is_not_fulfilled_by_another(session, home):
    second = make_maker(session, home.cooperative)
    asked = make_commission(
        session, home.cooperative, home.maker, second, design=home.design,
        line={"maker_id": second.id},
    )  # fmt: skip

    with pytest.raises(Invalid, match="was asked"):
        handed_in(session, home, ordered_row(home, asked))


def test_what_was_agreed_is_not_changed_on_delivery_day(session, home):
    asked = make_commission(
        session, home.cooperative, home.maker, design=home.design, agreement=pay_on_acceptance(500)
    )

    handed_in(session, home, ordered_row(home, asked, agreement=pay_on_acceptance(500)))
    for other in (pay_on_acceptance(501), SHARE_ON_SALE):
        with pytest.raises(Invalid, match="says how its pieces are paid"):
            handed_in(session, home, ordered_row(home, asked, agreement=other))


def test_a_colour_and_a_group_are_named_once(session, home):
    shade = make_colour(session, home.cooperative)
    group = make_group(session, home.cooperative)

    with pytest.raises(colours.ColourExists):
        colours.add_colour(session, code=shade.code, name={"es": "rojo"}, actor=home.actor, now=NOW)
    with pytest.raises(groups.GroupExists):
        groups.add_group(session, name=group.name, maker_ids=[], actor=home.actor, now=NOW)


def test_a_maker_who_left_a_group_may_come_back(session, home):
    group = make_group(session, home.cooperative, home.maker)
    for members in ([], [home.maker.id], [home.maker.id]):
        groups.set_members(
            session, group_id=group.id, maker_ids=members, actor=house(home.cooperative), now=NOW
        )

    assert group.maker_ids == [home.maker.id]
    assert session.scalar(text("SELECT count(*) FROM memberships")) == 2
