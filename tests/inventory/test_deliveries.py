"""A delivery is taken in once, however often it is sent, and every piece has its makers."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory import deliveries, delivery_rows, stock, tags
from inventory.locations import outside
from inventory.models import Agreement, LocationKind, Piece
from tests.support.make import (
    NOW,
    SHARE_ON_SALE,
    house,
    make_cooperative,
    make_design,
    make_location,
    make_maker,
    make_piece,
    pay_on_acceptance,
)
from tests.support.races import commit_while_blocked


@pytest.fixture
def day(session):
    """A co-operative on delivery day: its room, a design and a maker."""
    cooperative = make_cooperative(session)
    return (
        cooperative,
        make_location(session, cooperative),
        make_design(session, cooperative),
        make_maker(session, cooperative),
    )


def row(design, maker, **given):
    return {
        "design_id": design.id,
        "agreement": SHARE_ON_SALE,
        "contributions": [{"maker_id": maker.id, "stage": "weave", "weight": 3}],
    } | given


def hand_in(session, day, rows, **given):
    cooperative, location, _, _ = day
    values = {
        "delivery_id": new_id(),
        "delivered_on": NOW.date(),
        "location_id": location.id,
        "request_hash": "h",
        "actor": house(cooperative),
        "now": NOW,
    } | given
    return deliveries.record_delivery(session, pieces=rows, **values)


def test_ten_purses_are_ten_pieces_each_with_its_own_tag_in_the_room(session, day):
    cooperative, location, design, maker = day

    delivery, new = hand_in(session, day, [row(design, maker)] * 10)

    assert new
    assert len({piece.tag for piece in delivery.pieces}) == 10
    assert all(tags.read(piece.tag) == piece.tag for piece in delivery.pieces)
    makers = outside(session, cooperative.id, LocationKind.MAKERS)
    assert stock.counted(session, cooperative.id) == {location.id: 10, makers.id: -10}


def test_the_same_delivery_sent_twice_is_one(session, day):
    _, _, design, maker = day
    delivery_id = new_id()

    hand_in(session, day, [row(design, maker)], delivery_id=delivery_id)
    again, new = hand_in(session, day, [row(design, maker)], delivery_id=delivery_id)

    assert not new
    assert len(again.pieces) == 1
    with pytest.raises(deliveries.DeliveryIdTaken):
        hand_in(session, day, [row(design, maker)], delivery_id=delivery_id, request_hash="other")


def test_the_same_delivery_sent_twice_at_once_is_one(committed):
    with committed() as arranging:
        cooperative = make_cooperative(arranging)
        day = (
            cooperative,
            make_location(arranging, cooperative),
            make_design(arranging, cooperative),
            make_maker(arranging, cooperative),
        )
    delivery_id = new_id()
    rows = [row(day[2], day[3])]

    def second_phone():
        with committed() as second:
            return hand_in(second, day, rows, delivery_id=delivery_id)[1]

    with committed() as first:
        hand_in(first, day, rows, delivery_id=delivery_id)
        assert commit_while_blocked(first, second_phone) is False

    with committed() as after:
        assert after.scalar(select(func.count()).select_from(Piece)) == 1


def test_tags_printed_beforehand_are_kept_and_never_used_twice(session, day):
    cooperative, _, design, maker = day
    tag = tags.draw(cooperative.tag_prefix)

    delivery, _ = hand_in(session, day, [row(design, maker, tag=tag.lower())])

    assert delivery.pieces[0].tag == tag
    with pytest.raises(delivery_rows.TagTaken):
        hand_in(session, day, [row(design, maker, tag=tag)])
    other = tags.draw(cooperative.tag_prefix)
    with pytest.raises(Invalid, match="twice"):
        hand_in(session, day, [row(design, maker, tag=other)] * 2)


@pytest.mark.parametrize("tag", ["HUK-2222-2223", "nonsense"])
def test_a_tag_with_a_slip_or_of_another_house_is_refused_with_its_place(session, day, tag):
    _, _, design, maker = day

    with pytest.raises(tags.TagInvalid) as refusal:
        hand_in(session, day, [row(design, maker), row(design, maker, tag=tag)])

    assert refusal.value.pointer == "/pieces/1/tag"


def test_another_houses_tag_is_refused(session, day):
    _, _, design, maker = day

    with pytest.raises(tags.TagInvalid, match="another co-operative"):
        hand_in(session, day, [row(design, maker, tag=tags.draw("ZZZ"))])


@pytest.mark.parametrize(
    "agreement",
    [
        {"kind": "pay_on_acceptance"},
        {"kind": "share_on_sale", "price_minor": 5, "currency": "PEN"},
    ],
)
def test_a_price_goes_with_pay_on_acceptance_and_only_there(session, day, agreement):
    _, _, design, maker = day

    with pytest.raises(Invalid):
        hand_in(session, day, [row(design, maker, agreement=agreement)])


def test_what_was_agreed_is_written_down_with_the_piece(session):
    piece = make_piece(session, make_cooperative(session), agreement=pay_on_acceptance(9900))

    agreed = session.get_one(Agreement, piece.id)
    assert (agreed.kind, agreed.price_minor, agreed.currency) == (
        "pay_on_acceptance",
        9900,
        "PEN",
    )


def test_somebody_made_every_piece_and_each_step_is_named_once(session, day):
    _, _, design, maker = day
    step = {"maker_id": maker.id, "stage": "spin", "weight": 1}

    with pytest.raises(Invalid):
        hand_in(session, day, [row(design, maker, contributions=[])])
    with pytest.raises(Invalid):
        hand_in(session, day, [row(design, maker, contributions=[step, step])])


def test_other_peoples_designs_makers_and_rooms_are_not_known(session, day):
    _, _, design, maker = day
    other = make_cooperative(session)

    with pytest.raises(Invalid):
        hand_in(session, day, [row(make_design(session, other), maker)])
    with pytest.raises(Invalid):
        hand_in(session, day, [row(design, make_maker(session, other))])
    room = make_location(session, other)
    with pytest.raises(NotFound):
        hand_in(session, day, [row(design, maker)], location_id=room.id)


def test_a_delivery_comes_into_a_room_and_not_from_the_future(session, day):
    cooperative, _, design, maker = day
    lost = outside(session, cooperative.id, LocationKind.LOST)

    with pytest.raises(Invalid):
        hand_in(session, day, [row(design, maker)], location_id=lost.id)
    tomorrow = NOW.date() + timedelta(days=1)
    with pytest.raises(Invalid):
        hand_in(session, day, [row(design, maker)], delivered_on=tomorrow)


def test_a_piece_id_made_on_a_phone_is_kept_and_not_reused(session, day):
    _, _, design, maker = day
    mine = uuid.uuid4()

    delivery, _ = hand_in(session, day, [row(design, maker, id=mine)])

    assert delivery.pieces[0].id == mine
    with pytest.raises(delivery_rows.PieceIdTaken):
        hand_in(session, day, [row(design, maker, id=mine)])
