"""Goods coming back: authorised, received, inspected again, and then decided as the bench said."""

import pytest

from core.db import transaction
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.lives import IllegalMove
from inventory import stock
from inventory.listing_models import ListingPiece
from inventory.models import Grade, Hold, Location, Movement, Piece, PieceStatus
from orders import fulfilment, returns
from orders.refund_models import Refund
from orders.refunds import AlreadyRefunded
from orders.return_models import Return
from orders.returns import (
    AlreadyReturning,
    Decided,
    DispositionDisagrees,
    NotInspectedAgain,
    NotLeftYet,
    NotReceived,
)
from people.models import Cooperative
from quality import inspections
from quality.catalogue import begin_catalogue
from quality.findings import Evidence
from tests.orders.refunding import bought, parts_of, request
from tests.support.make import acting, make_cooperative, make_location, make_staff

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def sale(gateway, peer, now):
    """Two runners, paid and taken home."""
    sale = bought(gateway, peer, now)
    with transaction() as session:
        fulfilment.hand_over(session, order_id=sale.order_id, actor=sale.treasurer, now=now)
    return sale


@pytest.fixture
def room(sale):
    with transaction() as session:
        home = session.get_one(Cooperative, sale.treasurer.cooperative_id)
        return make_location(session, home).id


def authorise(sale, now, *places, **given):
    values = {"reason": "changed_mind", "actor": sale.treasurer} | given
    with transaction() as session:
        return returns.authorise_return(
            session,
            order_id=sale.order_id,
            line_ids=[sale.lines[place] for place in places or (0,)],
            now=now,
            **values,
        ).id


def receive(sale, return_id, room, now, piece_ids=None, **given):
    values = {"actor": sale.treasurer} | given
    with transaction() as session:
        returns.receive_return(
            session,
            return_id=return_id,
            location_id=room,
            now=now,
            piece_ids=piece_ids,
            **values,
        )


def close(sale, return_id, now, *decided):
    with transaction() as session:
        returns.close_return(
            session, return_id=return_id, decided=decided, actor=sale.treasurer, now=now
        )


def inspect(sale, piece_id, now, outcome, grade=None):
    """What the bench would do with it."""
    with transaction() as session:
        (piece,) = stock.lock_pieces(session, [piece_id])
        piece.become(PieceStatus.INSPECTING, actor=sale.treasurer, why="looked at", at=now)
        piece.grade = grade
        if outcome is not PieceStatus.INSPECTING:
            piece.become(outcome, actor=sale.treasurer, why="looked at", at=now)


def state(return_id):
    with transaction() as session:
        back = session.get_one(Return, return_id, populate_existing=True)
        return back.status, [row.disposition for row in back.pieces]


def piece_now(piece_id):
    with transaction() as session:
        piece = session.get_one(Piece, piece_id, populate_existing=True)
        last = stock.last_movements(session, [piece_id])[piece_id]
        holds = [hold.status for hold in session.query(Hold).filter_by(piece_id=piece_id)]
        return piece.status, last.destination_id, holds


def test_a_piece_comes_back_into_a_room_and_waits_for_the_bench(sale, room, now):
    return_id = authorise(sale, now)
    assert state(return_id) == ("authorised", [None])

    receive(sale, return_id, room, now)

    assert state(return_id) == ("received", [None])
    assert piece_now(sale.pieces[0]) == ("returned", room, ["released"])
    with transaction() as session:
        moves = session.query(Movement).filter_by(piece_id=sale.pieces[0])
        assert moves.count() == 3  # in from its makers, out to its buyer, and back
        behind = session.query(ListingPiece).filter_by(piece_id=sale.pieces[0])
        assert behind.count() == 0  # it is offered anew, once it is graded anew
    assert piece_now(sale.pieces[1])[0] == "handed_over"


PASSED = PieceStatus.ACCEPTED
ENDS = [
    (PASSED, Grade.A, "restocked", "accepted"),
    (PASSED, Grade.B, "sold_as_b", "accepted"),
    (PieceStatus.REJECTED, None, "written_off", "damaged"),
    (PieceStatus.REWORK, None, "written_off", "damaged"),
]


@pytest.mark.parametrize(("outcome", "grade", "disposition", "after"), ENDS, ids=str)
def test_what_becomes_of_it_is_what_the_new_inspection_says(
    sale, room, now, outcome, grade, disposition, after
):
    return_id = authorise(sale, now)
    receive(sale, return_id, room, now)
    inspect(sale, sale.pieces[0], now, outcome, grade)
    for wrong in {"restocked", "sold_as_b", "written_off"} - {disposition}:
        with pytest.raises(DispositionDisagrees) as refusal:
            close(sale, return_id, now, Decided(sale.pieces[0], wrong, "why not"))
        assert refusal.value.details["inspection_says"] == disposition

    close(sale, return_id, now, Decided(sale.pieces[0], disposition, "as the bench says"))

    assert state(return_id) == ("closed", [disposition])
    assert piece_now(sale.pieces[0])[:2] == (after, room)
    with transaction() as session:
        (row,) = session.get_one(Return, return_id).pieces
        assert (row.why, row.decided_by) == ("as the bench says", sale.treasurer.reference)


@pytest.mark.parametrize("outcome", [None, PieceStatus.INSPECTING], ids=str)
def test_nothing_is_decided_before_it_was_inspected_again(sale, room, now, outcome):
    return_id = authorise(sale, now)
    with pytest.raises(NotReceived):
        close(sale, return_id, now, Decided(sale.pieces[0], "restocked"))
    receive(sale, return_id, room, now)
    if outcome:
        inspect(sale, sale.pieces[0], now, outcome)

    with pytest.raises(NotInspectedAgain):
        close(sale, return_id, now, Decided(sale.pieces[0], "restocked"))


def test_the_inspection_bench_finds_it_and_decides(sale, room, now):
    return_id = authorise(sale, now)
    receive(sale, return_id, room, now)
    with transaction() as session:
        home = session.get_one(Cooperative, sale.treasurer.cooperative_id)
        begin_catalogue(session, cooperative_id=home.id)
        lead = acting(make_staff(session, home, "quality_lead"))
        waiting = inspections.waiting_pieces(session, actor=lead, limit=10)
        assert [piece.id for piece in waiting] == [sale.pieces[0]]
        inspections.sign_inspection(
            session,
            inspection_id=new_id(),
            piece_id=sale.pieces[0],
            decision="accept_b",
            reason="a loose thread",
            inspected_at=now,
            evidence=Evidence(
                measurements=[{"name": "length", "value": 1500}],
                answers=[{"code": "no_metal", "answer": "yes"}],
                defects=[],
            ),
            request_hash="a",
            actor=lead,
            now=now,
        )

    close(sale, return_id, now, Decided(sale.pieces[0], "sold_as_b"))

    assert state(return_id) == ("closed", ["sold_as_b"])


def test_a_write_off_says_why(sale, room, now):
    return_id = authorise(sale, now)
    receive(sale, return_id, room, now)
    inspect(sale, sale.pieces[0], now, PieceStatus.REJECTED)

    with pytest.raises(Invalid) as refusal:
        close(sale, return_id, now, Decided(sale.pieces[0], "written_off", " "))

    assert refusal.value.pointer == "/pieces/0/why"


def test_pieces_may_come_and_be_decided_one_after_the_other(sale, room, now):
    return_id = authorise(sale, now, 0, 1)
    first, second = sale.pieces
    receive(sale, return_id, room, now, [first])
    receive(sale, return_id, room, now)
    with pytest.raises(Conflict):
        receive(sale, return_id, room, now)
    for piece_id in (first, second):
        inspect(sale, piece_id, now, PASSED, Grade.A)

    close(sale, return_id, now, Decided(first, "restocked"))
    assert state(return_id)[0] == "received"
    with pytest.raises(Invalid):
        close(sale, return_id, now, Decided(first, "restocked"))
    close(sale, return_id, now, Decided(second, "restocked"))

    assert state(return_id)[0] == "closed"


def test_what_never_came_does_not_keep_a_return_open_and_may_come_later(sale, room, now):
    return_id = authorise(sale, now, 0, 1)
    receive(sale, return_id, room, now, [sale.pieces[0]])
    inspect(sale, sale.pieces[0], now, PASSED, Grade.A)
    close(sale, return_id, now, Decided(sale.pieces[0], "restocked"))
    assert state(return_id)[0] == "closed"

    with pytest.raises(AlreadyReturning):
        authorise(sale, now, 0)
    later = authorise(sale, now, 1)
    receive(sale, later, room, now)


def test_a_restocked_piece_can_be_sold_again(sale, room, now, gateway):
    return_id = authorise(sale, now)
    receive(sale, return_id, room, now)
    inspect(sale, sale.pieces[0], now, PASSED, Grade.A)
    with transaction() as session:
        (piece,) = stock.lock_pieces(session, [sale.pieces[0]])
        piece.become(PieceStatus.LISTED, actor=sale.treasurer, why="offered", at=now)
        stock.reserve(
            session,
            [piece.id],
            order_id=new_id(),
            expires_at=now,
            actor=sale.treasurer,
            now=now,
        )

    close(sale, return_id, now, Decided(sale.pieces[0], "restocked"))


def test_what_has_not_left_cannot_come_back(gateway, peer, now):
    sale = bought(gateway, peer, now)

    with pytest.raises(NotLeftYet):
        authorise(sale, now)


def test_a_line_comes_back_once_unless_its_return_was_cancelled(sale, now):
    return_id = authorise(sale, now)
    with pytest.raises(AlreadyReturning):
        authorise(sale, now)

    for _ in range(2):
        with transaction() as session:
            returns.cancel_return(session, return_id=return_id, actor=sale.treasurer, now=now)

    authorise(sale, now)


def test_what_came_is_not_cancelled(sale, room, now):
    return_id = authorise(sale, now)
    receive(sale, return_id, room, now)

    with pytest.raises(IllegalMove), transaction() as session:
        returns.cancel_return(session, return_id=return_id, actor=sale.treasurer, now=now)


def test_odd_lines_pieces_and_rooms_are_refused(sale, room, now):
    with pytest.raises(Invalid) as refusal, transaction() as session:
        returns.authorise_return(
            session,
            order_id=sale.order_id,
            line_ids=[sale.lines[0], new_id()],
            reason="other",
            actor=sale.treasurer,
            now=now,
        )
    assert refusal.value.pointer == "/line_ids/1"
    return_id = authorise(sale, now)
    with pytest.raises(Invalid) as refusal:
        receive(sale, return_id, room, now, [sale.pieces[1]])
    assert refusal.value.pointer == "/piece_ids/0"
    with transaction() as session:
        lost = session.query(Location).filter_by(
            cooperative_id=sale.treasurer.cooperative_id, kind="lost"
        )
        outside = lost.one().id
    with pytest.raises(Invalid) as refusal:
        receive(sale, return_id, outside, now)
    assert refusal.value.pointer == "/location_id"


def test_another_cooperatives_return_is_not_there(sale, room, now):
    return_id = authorise(sale, now)
    with transaction() as session:
        elsewhere = make_cooperative(session)
        stranger = acting(make_staff(session, elsewhere, "coordinator"))
        their_room = make_location(session, elsewhere).id

    with pytest.raises(NotFound):
        receive(sale, return_id, their_room, now, actor=stranger)


def test_a_refund_for_a_return_is_that_of_its_lines_and_asked_once(sale, now):
    return_id = authorise(sale, now, 1)

    refund_id = request(sale, now, return_id=return_id, reason="returned")

    assert parts_of(refund_id) == [("line", 4500)]
    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        assert [part.line_id for part in refund.parts] == [sale.lines[1]]
    with pytest.raises(AlreadyRefunded):
        request(sale, now, minor=5, return_id=return_id, reason="returned")
    with transaction() as session:
        session.get_one(Refund, refund_id).status = "failed"
    request(sale, now, minor=5, return_id=return_id, reason="returned")


def test_a_return_of_another_order_or_a_cancelled_one_is_no_reason(sale, gateway, peer, now):
    return_id = authorise(sale, now)
    other = bought(gateway, peer, now)
    with transaction() as session:
        returns.cancel_return(session, return_id=return_id, actor=sale.treasurer, now=now)

    for one, actor in ((sale, sale.treasurer), (other, other.treasurer)):
        with pytest.raises(Invalid) as refusal:
            request(one, now, return_id=return_id, actor=actor)
        assert refusal.value.pointer == "/return_id"
