"""A piece is promised once, and its place is the sum of its movements."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.actors import system
from core.errors import Conflict, Invalid
from core.ids import new_id
from inventory import moving, stock
from inventory import pieces as piece_reading
from inventory.locations import outside
from inventory.models import Hold, HoldStatus, LocationKind, Movement, PieceStatus
from tests.support.make import (
    NOW,
    house,
    make_cooperative,
    make_listing,
    make_location,
    make_piece,
    make_pieces,
)
from tests.support.races import commit_while_blocked

LATER = NOW + timedelta(minutes=31)
BUYER = system("test")


def listed(session: Session, count: int = 1):
    cooperative = make_cooperative(session)
    listing = make_listing(session, cooperative, count=count)
    session.flush()
    return [entry.piece for entry in listing.entries]


def hold(session, pieces, *, now=NOW, order_id=None):
    order_id = order_id or new_id()
    ids = [piece.id for piece in pieces]
    stock.reserve(session, ids, order_id=order_id, expires_at=LATER, actor=BUYER, now=now)
    return order_id


def test_the_second_buyer_waits_and_is_then_refused(committed):
    with committed() as arranging:
        ids = [piece.id for piece in listed(arranging)]

    def second_buyer():
        with committed() as second, pytest.raises(stock.PieceUnavailable):
            stock.reserve(second, ids, order_id=new_id(), expires_at=LATER, actor=BUYER, now=NOW)

    with committed() as first:
        stock.reserve(first, ids, order_id=new_id(), expires_at=LATER, actor=BUYER, now=NOW)
        commit_while_blocked(first, second_buyer)


def test_the_database_itself_refuses_a_second_hold(session):
    (piece,) = listed(session)
    hold(session, [piece])

    session.add(
        Hold(
            cooperative_id=piece.cooperative_id,
            piece_id=piece.id,
            order_id=new_id(),
            status=HoldStatus.HELD,
            held_at=NOW,
            expires_at=LATER,
        )
    )
    with pytest.raises(IntegrityError, match="uq_holds_one_per_piece"):
        session.flush()


def test_all_pieces_are_held_or_none(session):
    first, second = listed(session, 2)
    hold(session, [second])

    with pytest.raises(stock.PieceUnavailable) as refusal:
        hold(session, [first, second])

    assert refusal.value.details == {"pieces": [str(second.id)]}
    assert first.status == PieceStatus.LISTED


def test_a_refusal_names_the_orders_whose_hold_is_past_its_time(session):
    (piece,) = listed(session)
    order_id = hold(session, [piece])

    with pytest.raises(stock.PieceUnavailable) as early:
        hold(session, [piece], now=LATER - timedelta(seconds=1))
    with pytest.raises(stock.PieceUnavailable) as late:
        hold(session, [piece], now=LATER)

    assert early.value.late_orders == ()
    assert late.value.late_orders == (order_id,)


def test_a_released_piece_can_be_held_again_and_releasing_twice_is_harmless(session):
    (piece,) = listed(session)
    first = hold(session, [piece])

    stock.release(session, first, actor=BUYER, why="expired", now=NOW)
    stock.release(session, first, actor=BUYER, why="expired", now=NOW)
    hold(session, [piece])

    assert piece.status == PieceStatus.HELD


def test_releasing_an_old_order_does_not_free_a_newer_hold(session):
    (piece,) = listed(session)
    first = hold(session, [piece])
    stock.release(session, first, actor=BUYER, why="expired", now=NOW)
    hold(session, [piece])

    stock.release(session, first, actor=BUYER, why="again", now=NOW)

    assert piece.status == PieceStatus.HELD


def test_a_sold_piece_stays_taken_and_leaves_by_a_movement_to_the_buyers(session):
    (piece,) = listed(session)
    order_id = hold(session, [piece])
    stock.sell(session, order_id, actor=BUYER, now=NOW)
    stock.sell(session, order_id, actor=BUYER, now=NOW)

    stock.hand_over(session, [piece.id], order_number="P-1", actor=BUYER, now=NOW)

    place = piece_reading.places_of(session, [piece])[piece.id]
    assert piece.status == PieceStatus.HANDED_OVER
    assert place.kind == LocationKind.BUYERS
    with pytest.raises(stock.PieceUnavailable):
        hold(session, [piece])


def test_pieces_at_each_place_are_the_sum_of_their_movements(session):
    cooperative = make_cooperative(session)
    here, there = (make_location(session, cooperative) for _ in range(2))
    pieces = make_pieces(session, cooperative, 3, location=here)
    actor = house(cooperative)

    stock.move(session, piece=pieces[0], destination=there, reason="shop", actor=actor, now=NOW)

    makers = outside(session, cooperative.id, LocationKind.MAKERS)
    assert stock.counted(session, cooperative.id) == {here.id: 2, there.id: 1, makers.id: -3}


def test_a_piece_is_not_moved_to_where_it_is_nor_out_of_the_house(session):
    cooperative = make_cooperative(session)
    here = make_location(session, cooperative)
    piece = make_piece(session, cooperative, location=here)
    buyers = outside(session, cooperative.id, LocationKind.BUYERS)
    actor = house(cooperative)

    with pytest.raises(Conflict):
        stock.move(session, piece=piece, destination=here, reason="x", actor=actor, now=NOW)
    with pytest.raises(Invalid):
        stock.move(session, piece=piece, destination=buyers, reason="x", actor=actor, now=NOW)


def test_two_movements_of_one_piece_at_once_cannot_both_be_the_next(committed):
    with committed() as arranging:
        cooperative = make_cooperative(arranging)
        piece_id = make_piece(arranging, cooperative).id
        rooms = [make_location(arranging, cooperative).id for _ in range(2)]
        actor = house(cooperative)

    def move(session, room):
        moving.move_piece(
            session, piece_id=piece_id, destination_id=room, reason="shop", actor=actor, now=NOW
        )

    def second_mover():
        with committed() as second:
            move(second, rooms[1])

    with committed() as first:
        move(first, rooms[0])
        commit_while_blocked(first, second_mover)

    with committed() as after:
        chain = list(after.scalars(select(Movement).order_by(Movement.sequence)))
        assert [movement.sequence for movement in chain] == [1, 2, 3]
        assert chain[2].source_id == chain[1].destination_id == rooms[0]


@pytest.mark.parametrize(
    "statement", ["UPDATE movements SET reason = 'x'", "DELETE FROM movements"]
)
def test_the_database_refuses_to_change_a_movement(session, statement):
    make_piece(session, make_cooperative(session))

    with pytest.raises(IntegrityError, match="written once"):
        session.execute(text(statement))


def test_the_orm_refuses_to_change_a_movement(session):
    piece = make_piece(session, make_cooperative(session))
    movement = stock.movements_of(session, piece.id)[0]
    movement.reason = "something else"

    with pytest.raises(Exception, match="written once"):
        session.flush()
