"""A status moves along its table, and every step leaves who, when and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from core.actors import system
from core.lives import IllegalMove, LifeMove
from inventory.models import PIECE_MOVES, PieceStatus
from orders.models import ORDER_MOVES, OrderStatus
from payouts.models import OBLIGATION_MOVES, ObligationStatus
from tests.support.make import NOW, make_cooperative, make_piece


def test_a_move_leaves_a_row_with_who_when_and_why(session):
    piece = make_piece(session, make_cooperative(session))

    piece.become(PieceStatus.INSPECTING, actor=system("test"), why="looked at", at=NOW)
    session.flush()

    last = session.scalars(
        select(LifeMove).where(LifeMove.subject_id == piece.id).order_by(LifeMove.id.desc())
    ).first()
    assert (last.from_status, last.to_status) == ("delivered", "inspecting")
    assert (last.actor, last.why, last.at) == ("system:test", "looked at", NOW)


def test_a_move_that_is_not_in_the_table_is_refused_and_changes_nothing(session):
    piece = make_piece(session, make_cooperative(session))

    with pytest.raises(IllegalMove) as refusal:
        piece.become(PieceStatus.SOLD, actor=system("test"), why="a trick", at=NOW)

    assert refusal.value.details == {"current": "delivered", "wanted": "sold"}
    assert piece.status == PieceStatus.DELIVERED


@given(st.data())
def test_no_walk_through_the_tables_reaches_a_sale_without_an_acceptance(data):
    status, passed = PieceStatus.DELIVERED, False
    for _ in range(12):
        following = sorted(PIECE_MOVES.moves.get(status, set()))
        if not following:
            break
        status = data.draw(st.sampled_from(following))
        passed = passed or status is PieceStatus.ACCEPTED
        assert passed or status not in {PieceStatus.LISTED, PieceStatus.HELD, PieceStatus.SOLD}


@pytest.mark.parametrize(
    ("table", "statuses"),
    [
        (PIECE_MOVES, PieceStatus),
        (ORDER_MOVES, OrderStatus),
        (OBLIGATION_MOVES, ObligationStatus),
    ],
)
def test_every_status_of_a_life_can_be_reached(table, statuses):
    reached = set().union(*table.moves.values()) | {next(iter(table.moves))}

    assert set(statuses) == reached


def test_the_database_knows_only_the_statuses_of_the_table(session):
    make_piece(session, make_cooperative(session))

    with pytest.raises(Exception, match="ck_pieces_status"):
        session.execute(text("UPDATE pieces SET status = 'eaten'"))
