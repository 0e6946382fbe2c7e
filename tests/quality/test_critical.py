"""Something critical keeps the piece until a second person has looked, whatever else comes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.errors import Invalid
from core.ids import new_id
from core.lives import IllegalMove
from inventory import listings, stock
from inventory.locations import outside
from inventory.models import LocationKind, PieceStatus
from inventory.moving import move_piece
from quality import alerts, inspections, reviews
from tests.quality.bench import MINUTE, PIN, Bench
from tests.support.make import NOW, acting, house, make_listing, make_maker, make_piece, make_staff


@pytest.fixture
def bench(session):
    return Bench(session)


@pytest.fixture
def found(bench):
    """A piece with a pin in it."""
    piece = bench.piece()
    return piece, bench.look(piece, "reject", defects=PIN)


def test_it_waits_in_quarantine_and_nothing_else_happens_to_it(bench, found):
    piece, _ = found
    makers = outside(bench.session, bench.home.id, LocationKind.MAKERS)
    bench.look(piece, "accept_a", by=bench.second, at=NOW - 5 * MINUTE)

    assert (piece.status, piece.grade) == (PieceStatus.QUARANTINED, None)
    assert inspections.newest(bench.session, piece.id) is None
    with pytest.raises(IllegalMove):
        move_piece(
            bench.session,
            piece_id=piece.id,
            destination_id=makers.id,
            reason="home",
            actor=house(bench.home),
            now=NOW,
        )
    with pytest.raises(listings.PieceNotListable):
        make_listing(bench.session, bench.home, [piece])
    waiting = inspections.waiting_pieces(
        bench.session, actor=acting(bench.first), limit=9, state="quarantined"
    )
    assert waiting == [piece]


@pytest.mark.parametrize("status", ["accepted", "listed", "handed_over", "returned_to_maker"])
def test_the_database_too_lets_it_go_nowhere(session, found, status):
    piece, _ = found
    move = text("UPDATE pieces SET status = :status, grade = 'A' WHERE id = :id")

    with pytest.raises(IntegrityError, match="ck_pieces_quarantine"):
        session.execute(move, {"status": status, "id": piece.id})


def test_confirmed_the_inspection_is_carried_out_and_earlier_acceptances_are_barred(bench, found):
    piece, look = found
    bench.look(piece, "accept_a", by=bench.second, at=NOW - 20 * MINUTE)

    bench.review(look, "confirmed", by=bench.coordinator)
    assert (piece.status, piece.quarantined_at) == (PieceStatus.REJECTED, None)
    bench.look(piece, "accept_a", by=bench.second, at=NOW - 11 * MINUTE)
    assert piece.status == PieceStatus.REJECTED

    bench.look(piece, "accept_a", by=bench.second, at=NOW - MINUTE)
    assert (piece.status, len(bench.owed(piece))) == (PieceStatus.ACCEPTED, 2)


def test_cleared_the_piece_is_looked_at_anew(bench, found):
    piece, look = found

    bench.review(look, "cleared")
    assert piece.status == PieceStatus.INSPECTING

    bench.look(piece, "accept_a", at=NOW - MINUTE)
    assert piece.status == PieceStatus.ACCEPTED


def test_one_that_confirms_outweighs_those_that_clear_in_any_order(bench):
    ends = []
    for verdicts in (("cleared", "confirmed"), ("confirmed", "cleared")):
        piece = bench.piece()
        look = bench.look(piece, "reject", defects=PIN)
        for verdict, who in zip(verdicts, (bench.second, bench.coordinator), strict=True):
            bench.review(look, verdict, by=who)
        ends.append((piece.status, len(look.reviews)))

    assert ends == [(PieceStatus.REJECTED, 2)] * 2


def test_the_second_person_is_another_and_no_maker_of_the_piece(bench, session):
    maker = make_maker(session, bench.home)
    own = make_staff(session, bench.home, "quality_lead", maker=maker)
    piece = make_piece(session, bench.home, design=bench.design, weights=[(maker, "weave", 1)])
    look = bench.look(piece, "reject", defects=PIN)

    with pytest.raises(reviews.SamePersonAgain):
        bench.review(look, "cleared", by=bench.first)
    with pytest.raises(reviews.InspectorIsMaker):
        bench.review(look, "cleared", by=own)
    with pytest.raises(reviews.PersonNeeded):
        reviews.sign_review(
            session,
            review_id=new_id(),
            inspection_id=look.id,
            verdict="cleared",
            reason="x",
            reviewed_at=NOW,
            request_hash="h",
            actor=house(bench.home),
            now=NOW,
        )
    assert piece.status == PieceStatus.QUARANTINED


def test_a_review_is_signed_once_and_in_its_time(bench, found):
    piece, look = found
    review = bench.review(look, "cleared")
    again = bench.review(look, "cleared", review_id=review.id)

    assert (again.id, len(look.reviews)) == (review.id, 1)
    with pytest.raises(reviews.ReviewSigned):
        bench.review(look, "confirmed", review_id=review.id, request_hash="other")
    with pytest.raises(Invalid):
        bench.review(look, "confirmed", by=bench.coordinator, at=NOW + MINUTE)
    with pytest.raises(Invalid):
        bench.review(look, "confirmed", by=bench.coordinator, at=look.inspected_at - MINUTE)
    with pytest.raises(reviews.NothingCritical):
        bench.review(bench.look(piece, "rework", at=NOW - MINUTE), "cleared")


def test_the_database_refuses_a_second_look_by_the_first_person(session, found, bench):
    _, look = found
    forged = text(
        "INSERT INTO critical_reviews (id, cooperative_id, inspection_id, inspector_id,"
        " reviewer_id, verdict, reason, request_hash, reviewed_at, recorded_at, actor) VALUES"
        " (gen_random_uuid(), :home, :look, :one, :one, 'cleared', 'x', 'h', now(), now(),"
        " 'system:x')"
    )

    with pytest.raises(IntegrityError, match="second_person"):
        session.execute(forged, {"home": bench.home.id, "look": look.id, "one": look.inspector_id})


def test_what_is_on_the_shelf_is_taken_down_for_something_critical(bench):
    piece = make_listing(bench.session, bench.home).entries[0].piece

    look = bench.look(piece, "reject", defects=PIN)

    assert (look.late, piece.status) == (True, PieceStatus.QUARANTINED)
    bench.review(look, "confirmed")
    assert piece.status == PieceStatus.INSPECTING  # a late look decides nothing by itself


def sold(bench):
    piece = make_listing(bench.session, bench.home).entries[0].piece
    order = new_id()
    stock.reserve(
        bench.session,
        [piece.id],
        order_id=order,
        expires_at=NOW,
        actor=house(bench.home),
        now=NOW,
    )
    return piece, order


def hand_over(bench, piece):
    stock.hand_over(bench.session, [piece.id], order_number="1", actor=house(bench.home), now=NOW)


def test_what_is_sold_does_not_leave_before_it_is_cleared(bench):
    piece, order = sold(bench)
    look = bench.look(piece, "reject", defects=PIN)
    stock.sell(bench.session, order, actor=house(bench.home), now=NOW)

    with pytest.raises(stock.PieceQuarantined):
        hand_over(bench, piece)
    assert alerts.open_kinds(bench.session, piece.id) == ["critical_out", "late"]

    bench.review(look, "cleared")
    hand_over(bench, piece)
    assert piece.status == PieceStatus.HANDED_OVER
    assert alerts.open_kinds(bench.session, piece.id) == ["late"]


def test_what_was_held_goes_to_quarantine_and_not_back_on_the_shelf(bench):
    piece, order = sold(bench)
    look = bench.look(piece, "reject", defects=PIN)

    stock.release(bench.session, order, actor=house(bench.home), why="expired", now=NOW)
    assert piece.status == PieceStatus.QUARANTINED

    bench.review(look, "confirmed")
    assert (piece.status, piece.grade) == (PieceStatus.INSPECTING, None)
