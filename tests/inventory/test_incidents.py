"""Lost, damaged, found and mended: each is an act with its reason, and no buyer is forgotten."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, Invalid
from core.ids import new_id
from core.lives import IllegalMove
from inventory import coming_back, incidents, locations, moving, stock
from inventory.incident_models import Incident
from inventory.incidents import IncidentIdTaken, NotLost, PiecePromised
from inventory.listing_models import ListingPiece
from inventory.models import LocationKind
from tests.inventory.keeping import LATER, make_stock_room
from tests.orders.buying import place


@pytest.fixture
def room(session):
    return make_stock_room(session)


def test_lost_and_found_again_it_waits_to_be_looked_at(room):
    (piece,) = room.listed()
    photos = [new_id(), new_id()]

    lost, _ = room.report(piece, "lost", photo_ids=photos)
    assert room.standing(piece) == [("lost", "lost")]
    assert lost.photo_ids == photos
    room.report(piece, "found", location_id=room.shop.id)

    assert room.standing(piece) == [("shop", "inspecting")]
    reasons = [row.reason for row in stock.movements_of(room.session, piece.id)]
    assert reasons[1:] == ["seen by two", "seen by two"]
    assert room.session.scalars(select(ListingPiece)).all() == []


def test_damaged_it_stays_where_it_lies_until_it_is_mended(room):
    (piece,) = room.listed()

    room.report(piece, "damaged")
    assert room.standing(piece) == [("village", "damaged")]
    room.report(piece, "mended")

    assert room.standing(piece) == [("village", "inspecting")]
    assert len(stock.movements_of(room.session, piece.id)) == 1


def test_a_held_piece_is_not_lost_before_its_order_is_ended(room):
    (piece,) = room.listed()
    order = place(room.session, {"piece_id": piece.id}, now=LATER)

    with pytest.raises(PiecePromised) as refusal:
        room.report(piece, "lost", although_sold=True)

    assert refusal.value.details == {"status": "held", "order": str(order.id)}
    stock.release(room.session, order.id, actor=room.keeper, why="expired", now=LATER)
    room.report(piece, "lost")
    assert room.standing(piece) == [("lost", "lost")]


@pytest.mark.parametrize("kind", ["lost", "damaged"])
def test_a_sold_piece_is_lost_only_knowingly_and_its_order_is_named(room, kind):
    (piece,) = room.listed()
    order = place(room.session, {"piece_id": piece.id}, now=LATER)
    stock.sell(room.session, order.id, actor=room.keeper, now=LATER)

    with pytest.raises(PiecePromised):
        room.report(piece, kind)
    incident, _ = room.report(piece, kind, although_sold=True)

    assert incident.order_id == order.id
    assert room.amiss() == ["sold, and lost or damaged since: its buyer waits for an answer"]
    coming_back.unsell(room.session, order.id, actor=room.keeper, why="refunded", now=LATER)
    assert room.standing(piece)[0][1] == kind
    assert room.amiss() == []


def test_moving_a_piece_to_lost_is_the_same_act(room):
    (piece,), (sold,) = room.listed(), room.listed()
    lost = locations.outside(room.session, room.home.id, LocationKind.LOST)
    order = place(room.session, {"piece_id": sold.id}, now=LATER)
    stock.sell(room.session, order.id, actor=room.keeper, now=LATER)

    def move(one):
        moving.move_piece(
            room.session,
            piece_id=one.id,
            destination_id=lost.id,
            reason="the river",
            actor=room.keeper,
            now=LATER,
        )

    move(piece)
    with pytest.raises(PiecePromised):
        move(sold)

    told = incidents.incidents_of(room.session, piece_id=piece.id, actor=room.keeper, limit=9)
    assert [(one.kind, one.reason) for one in told] == [("lost", "the river")]


def test_the_same_report_again_is_the_first_and_another_under_its_id_is_refused(room):
    (piece,), (other,), incident_id = room.pieces(), room.pieces(), new_id()
    room.report(piece, "lost", incident_id=incident_id)

    again, new = room.report(piece, "lost", incident_id=incident_id)

    assert (again.id, new) == (incident_id, False)
    assert len(stock.movements_of(room.session, piece.id)) == 2
    with pytest.raises(IncidentIdTaken):
        room.report(other, "lost", incident_id=incident_id)


@pytest.mark.parametrize(
    ("kind", "given", "refusal"),
    [
        ("found", {}, Invalid),
        ("lost", {"location_id": "village"}, Invalid),
        ("found", {"location_id": "village"}, NotLost),
        ("found", {"location_id": "lost"}, Invalid),
        ("mended", {}, NotLost),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(room, kind, given, refusal):
    (piece,) = room.pieces()
    lost = locations.outside(room.session, room.home.id, LocationKind.LOST)
    places = {"village": room.village.id, "lost": lost.id}
    told = {name: places[value] for name, value in given.items()}

    with pytest.raises(refusal):
        room.report(piece, kind, **told)
    assert room.session.query(Incident).count() == 0


def test_what_has_left_the_house_is_not_lost_by_us(room):
    (piece,) = room.listed()
    order = place(room.session, {"piece_id": piece.id}, now=LATER)
    stock.sell(room.session, order.id, actor=room.keeper, now=LATER)
    stock.hand_over(
        room.session, [piece.id], order_number=order.number, actor=room.keeper, now=LATER
    )

    with pytest.raises(IllegalMove):
        room.report(piece, "lost", although_sold=True)


def test_a_lost_piece_is_found_only_once(room):
    (piece,) = room.pieces()
    room.report(piece, "lost")
    room.report(piece, "found", location_id=room.shop.id)

    with pytest.raises(Conflict):
        room.report(piece, "found", location_id=room.village.id)


def test_an_incident_is_written_once(room):
    (piece,) = room.pieces()
    room.report(piece, "lost")

    with pytest.raises(IntegrityError, match="written once"):
        room.session.execute(text("UPDATE incidents SET reason = 'x'"))
