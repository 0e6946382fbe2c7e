"""Where each row stands for itself: the good are taken in, the bad reported, nothing twice."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.errors import Invalid
from core.ids import new_id
from inventory import deliveries, stock, tag_sheets, tags
from inventory.delivery_models import Attendance, PhotoToCome
from inventory.locations import outside
from inventory.models import Contribution, LocationKind, Piece
from tests.inventory.delivering import handed_in, home_of, ordered_row, row, sent
from tests.support.make import (
    NOW,
    make_commission,
    make_cooperative,
    make_design,
    make_location,
    make_maker,
)


@pytest.fixture
def home(session):
    return home_of(session)


def outcomes(said):
    return [(one.outcome, one.problem.code if one.problem else None) for one in said]


def pieces_in(session, delivery):
    return session.scalar(
        select(func.count()).select_from(Piece).where(Piece.delivery_id == delivery.id)
    )


def bad_rows(session, home):
    """Rows that are wrong each in its own way, with the code and the place that are reported."""
    other = make_cooperative(session)
    taken = handed_in(session, home, row(home)).pieces[0]
    full = make_commission(session, home.cooperative, home.maker, design=home.design, count=1)
    handed_in(session, home, ordered_row(home, full))
    step = {"maker_id": home.maker.id, "stage": "spin", "weight": 1}
    stranger = {"maker_id": make_maker(session, other).id, "stage": "spin", "weight": 1}
    return [
        (row(home, design_id=make_design(session, other).id), "invalid", "design_id"),
        (row(home, contributions=[step, step]), "invalid", "contributions"),
        (row(home, contributions=[step, stranger]), "invalid", "contributions/1/maker_id"),
        (row(home, agreement={"kind": "pay_on_acceptance"}), "invalid", "agreement"),
        (row(home, agreement=None), "invalid", "agreement"),
        (row(home, tag="nonsense"), "tag_invalid", "tag"),
        (row(home, tag=tags.draw(other.tag_prefix)), "tag_invalid", "tag"),
        (row(home, tag=taken.tag), "tag_taken", "tag"),
        (row(home, id=taken.id), "piece_id_taken", "id"),
        (row(home, commission_line_id=new_id()), "invalid", "commission_line_id"),
        (row(home, surplus=True), "invalid", "surplus"),
        (ordered_row(home, full), "commission_full", "commission_line_id"),
    ]


def test_every_bad_row_is_reported_with_its_place_and_every_good_one_taken_in(session, home):
    wrong = bad_rows(session, home)
    rows = [one for bad, _, _ in wrong for one in (bad, row(home))]

    delivery, new, said = sent(session, home, *rows)

    assert new
    assert outcomes(said) == [
        one for _, code, _ in wrong for one in (("refused", code), ("taken", None))
    ]
    places = [one.pointer for one in said if one.problem]
    assert places == [f"/pieces/{2 * n}/{place}" for n, (_, _, place) in enumerate(wrong)]
    assert all(len(one.problem.message.split()) > 2 for one in said if one.problem)
    assert delivery.piece_count == pieces_in(session, delivery) == len(wrong)


def test_the_remaining_rows_are_sent_again_alone_or_with_all_the_others(session, home):
    first, bad = row(home), row(home, design_id=new_id())
    delivery, _, _ = sent(session, home, first, bad)
    mended = bad | {"design_id": home.design.id}

    _, new, alone = sent(session, home, mended, under=delivery.id)
    _, _, everything = sent(session, home, mended, first, under=delivery.id)

    assert not new
    assert outcomes(alone) == [("taken", None)]
    assert outcomes(everything) == [("taken_before", None)] * 2
    assert {one.piece.id for one in everything} == {first["id"], bad["id"]}
    assert delivery.piece_count == pieces_in(session, delivery) == 2
    assert [piece.position for piece in delivery.pieces] == [0, 1]


def test_a_row_that_was_taken_in_stands_and_a_difference_is_told(session, home):
    one = row(home)
    delivery, _, _ = sent(session, home, one)
    heavier = one | {"contributions": [one["contributions"][0] | {"weight": 9}]}

    _, _, (same,) = sent(session, home, one, under=delivery.id)
    _, _, (other,) = sent(session, home, heavier, under=delivery.id)

    assert (same.differs, other.differs) == (False, True)
    assert other.piece.contributions[0].weight == 3


def test_a_piece_named_twice_in_one_call_is_one(session, home):
    one, bad = row(home), row(home, design_id=new_id())

    delivery, _, said = sent(session, home, one, one, bad, bad)

    assert outcomes(said) == [
        ("taken", None), ("taken_before", None), ("refused", "invalid"), ("refused", "invalid")
    ]  # fmt: skip
    assert pieces_in(session, delivery) == 1


def test_another_head_under_the_same_id_is_another_delivery(session, home):
    delivery, _, _ = sent(session, home, row(home))
    whole = handed_in(session, home, row(home))
    room = make_location(session, home.cooperative)

    with pytest.raises(deliveries.DeliveryIdTaken):
        sent(session, home, row(home), under=delivery.id, note="another")
    with pytest.raises(deliveries.DeliveryIdTaken):
        sent(session, home, row(home), under=whole.id)
    home.location = room
    with pytest.raises(deliveries.DeliveryIdTaken):
        sent(session, home, row(home), under=delivery.id)
    stranger = home_of(session)
    stranger.location = make_location(session, stranger.cooperative)
    with pytest.raises(deliveries.DeliveryIdTaken):
        sent(session, stranger, row(stranger), under=delivery.id)


def test_a_day_on_which_every_row_is_bad_is_kept_and_filled_later(session, home):
    bad = row(home, design_id=new_id())
    delivery, new, said = sent(session, home, bad)

    assert (new, outcomes(said), delivery.piece_count) == (True, [("refused", "invalid")], 0)
    sent(session, home, bad | {"design_id": home.design.id}, under=delivery.id)
    assert delivery.piece_count == 1


def test_two_hundred_pieces_are_the_end_of_a_delivery(session, home):
    delivery, _, _ = sent(session, home, *(row(home) for _ in range(199)))

    _, _, said = sent(session, home, *(row(home) for _ in range(3)), under=delivery.id)

    assert outcomes(said) == [("taken", None)] + [("refused", "delivery_full")] * 2
    assert delivery.piece_count == pieces_in(session, delivery) == 200


def test_who_came_what_took_how_long_and_which_photos_follow_is_kept(session, home):
    second = make_maker(session, home.cooperative)
    photos = [new_id(), new_id()]
    step = {"maker_id": home.maker.id, "stage": "weave", "weight": 3, "minutes": 1320}
    one = row(home, contributions=[step], photo_ids=[*photos, photos[0]])

    delivery, _, _ = sent(session, home, one, makers_present=[home.maker.id, second.id])
    sent(session, home, one, under=delivery.id, makers_present=[second.id])

    assert set(session.scalars(select(Attendance.maker_id))) == {home.maker.id, second.id}
    assert session.scalars(select(PhotoToCome.photo_id)).all() == photos
    assert session.scalars(select(Contribution.minutes)).all() == [1320]
    with pytest.raises(Invalid, match="no such maker") as refusal:
        sent(session, home, row(home), makers_present=[new_id()])
    assert refusal.value.pointer == "/makers_present"


def test_a_reserved_tag_serves_once_and_an_unknown_one_serves_too(session, home):
    sheet = tag_sheets.reserve_tags(
        session,
        location_id=home.location.id,
        reserved_for=NOW.date(),
        count=3,
        actor=home.actor,
        now=NOW,
    )
    printed = [one.tag for one in sheet.tags]
    unknown = tags.draw(home.cooperative.tag_prefix)

    _, _, said = sent(
        session, home,
        row(home, tag=printed[0].lower().replace("-", " ")), row(home, tag=printed[0]),
        row(home, tag=unknown), row(home),
    )  # fmt: skip

    assert outcomes(said) == [
        ("taken", None), ("refused", "invalid"), ("taken", None), ("taken", None)
    ]  # fmt: skip
    assert said[2].piece.tag == unknown
    assert said[3].piece.tag not in printed
    assert tag_sheets.carriers(session, [sheet]) == {printed[0]: said[0].piece.id}
    _, _, (again,) = sent(session, home, row(home, tag=printed[0]))
    assert again.problem.code == "tag_taken"


def test_fresh_tags_are_none_that_were_printed_or_carried(session, home, monkeypatch):
    carried = handed_in(session, home, row(home)).pieces[0].tag
    sheet = tag_sheets.reserve_tags(
        session,
        location_id=home.location.id,
        reserved_for=NOW.date(),
        count=1,
        actor=home.actor,
        now=NOW,
    )
    fresh = [tags.draw(home.cooperative.tag_prefix) for _ in range(2)]
    deck = iter([carried, sheet.tags[0].tag, carried, fresh[0], carried, fresh[1]])
    monkeypatch.setattr(tags, "draw", lambda _prefix: next(deck))

    assert sorted(tag_sheets.draw_free(session, home.cooperative.tag_prefix, 2)) == sorted(fresh)


def test_tags_are_reserved_for_a_room_of_ones_own(session, home):
    values = {"reserved_for": NOW.date(), "count": 1, "actor": home.actor, "now": NOW}
    lost = outside(session, home.cooperative.id, LocationKind.LOST)

    with pytest.raises(Invalid):
        tag_sheets.reserve_tags(session, location_id=lost.id, **values)


@given(
    sends=st.lists(
        st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=6),
        min_size=1,
        max_size=6,
    )
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_however_rows_are_sent_each_piece_that_was_once_good_is_there_once(session, home, sends):
    ids = [uuid.uuid4() for _ in range(6)]
    under, good = new_id(), set()

    for burst in sends:
        rows = [
            row(home, id=ids[n]) if fine else row(home, id=ids[n], design_id=new_id())
            for n, fine in burst
        ]
        delivery, _, said = sent(session, home, *rows, under=under)
        first: dict[int, bool] = {}
        for n, fine in burst:
            first.setdefault(n, fine)
        good |= {ids[n] for n, fine in first.items() if fine}
        assert len(said) == len(burst)
        assert {one.piece.id for one in said if one.outcome != "refused"} <= good

    there = session.scalars(select(Piece.id).where(Piece.delivery_id == under)).all()
    assert sorted(there) == sorted(good)
    assert delivery.piece_count == len(good)
    moved = stock.last_movements(session, there)
    assert {moved[one].destination_id for one in there} <= {home.location.id}
