"""Equal pieces judged by a sample: what may be a lot, what is drawn, what becomes of the rest."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.errors import Invalid, NotFound
from core.ids import new_id
from core.lives import IllegalMove
from inventory.models import PieceStatus
from quality import inspection_lots, inspections
from quality.inspection_lot_models import InspectionLotClaim
from quality.inspection_lots import LotNotSorted, LotOpened, NotALot, PieceInLot, PieceNotForLot
from quality.lot_verdicts import CriticalOpen, LotDecided, SampleIncomplete
from quality.reviews import InspectorIsMaker, PersonNeeded
from quality.sampling import DRAWN_BY, drawing_order
from tests.quality.bench import MINUTE, PIN
from tests.quality.lots import LOOKED, SEED, LotBench
from tests.support.make import (
    NOW,
    acting,
    house,
    make_cooperative,
    make_design,
    make_piece,
    make_staff,
)
from tests.support.races import commit_while_blocked


@pytest.fixture
def bench(session):
    return LotBench(session)


def test_a_lot_has_a_plan_for_each_class_and_its_draw_can_be_repeated(bench):
    pieces = bench.pieces(8)

    lot = bench.open(pieces)

    plans = {p.severity: (p.start_letter, p.letter, p.sample_size, p.accept) for p in lot.plans}
    assert plans == {
        "critical": (None, None, 8, 0),
        "major": ("A", "C", 5, 0),
        "minor": ("A", "B", 3, 0),
    }
    order = drawing_order([piece.id for piece in pieces], SEED)
    assert [one.piece_id for one in lot.pieces] == order
    assert [one.drawn for one in lot.pieces] == [True] * 5 + [False] * 3
    assert (lot.seed, lot.drawn_by, lot.size) == (SEED, DRAWN_BY, 8)


def test_a_good_sample_accepts_the_rest_by_looks_that_name_the_lot(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot)

    bench.decide(lot, grade="B")

    assert (lot.status, lot.verdict.accepted_unseen) == ("accepted", 3)
    for piece in bench.rest(lot):
        (look,) = inspections.inspections_of(
            bench.session, piece_id=piece.id, actor=acting(bench.first)
        )
        assert (look.inspection_lot_id, look.decision, look.seen_at) == (lot.id, "accept_b", None)
        assert (look.measurements, look.answers, look.inspector_id) == ([], [], bench.first.id)
        bench.follow(piece)
        assert (piece.status, piece.grade) == (PieceStatus.ACCEPTED, "B")
        assert [minor for minor, _status in bench.owed(piece)] == [9000]


def test_pieces_are_counted_and_not_defects(bench):
    bench.sampling(minor_aql=65)
    lot = bench.open(bench.pieces(20))
    assert {p.severity: (p.sample_size, p.accept) for p in lot.plans}["minor"] == (8, 1)
    drawn = bench.drawn(lot)
    bench.look(drawn[0], "accept_b", at=LOOKED, defects=[{"code": "N02", "count": 9}])
    for piece in drawn[1:]:
        bench.look(piece, "accept_a", at=LOOKED)

    bench.decide(lot)

    assert (lot.status, lot.verdict.minor_units, lot.verdict.major_units) == ("accepted", 1, 0)


def test_one_major_too_many_rejects_and_nobody_passes_unseen(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot, "M03")

    bench.decide(lot)

    assert (lot.status, lot.verdict.major_units, lot.verdict.accepted_unseen) == ("rejected", 1, 0)
    assert {piece.status for piece in bench.rest(lot)} == {PieceStatus.DELIVERED}
    assert bench.drawn(lot)[0].status == PieceStatus.REJECTED


def test_a_bad_piece_of_the_sample_does_not_pass_though_its_lot_does(bench):
    bench.sampling(major_aql=65, minor_aql=65)
    lot = bench.open(bench.pieces(20))
    bench.look_at_sample(lot, "M03")

    bench.decide(lot)

    assert lot.status == "accepted"
    assert bench.drawn(lot)[0].status == PieceStatus.REJECTED


def test_what_was_put_right_before_the_verdict_was_still_found(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot)
    piece = bench.drawn(lot)[0]
    bench.look(piece, "rework", at=LOOKED + MINUTE, defects=[{"code": "M04"}])
    bench.look(piece, "accept_a", at=LOOKED + 2 * MINUTE)

    bench.decide(lot)

    assert (lot.status, piece.status) == ("rejected", PieceStatus.ACCEPTED)


def test_something_critical_anywhere_in_the_lot_rejects_it_once_a_second_person_looked(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot)
    look = bench.look(bench.rest(lot)[0], "reject", at=LOOKED, defects=PIN)
    with pytest.raises(CriticalOpen):
        bench.decide(lot)
    bench.review(look, "confirmed")

    bench.decide(lot)

    assert (lot.status, lot.verdict.critical_units) == ("rejected", 1)


def test_what_a_second_person_cleared_does_not_reject_a_lot_and_is_looked_at_anew(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot)
    piece = bench.rest(lot)[0]
    bench.review(bench.look(piece, "reject", at=LOOKED, defects=PIN), "cleared")

    bench.decide(lot)

    assert (lot.status, lot.verdict.accepted_unseen) == ("accepted", 2)
    assert piece.status == PieceStatus.INSPECTING


def test_a_look_at_the_piece_alone_outweighs_the_word_of_its_lot(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot)
    bench.decide(lot)
    piece = bench.rest(lot)[0]
    bench.follow(piece)

    # It was made before the verdict, by a phone that had no signal.
    bench.look(piece, "reject", by=bench.second, at=LOOKED)

    assert (piece.status, bench.owed(piece)) == (PieceStatus.REJECTED, [])


def test_no_verdict_before_the_whole_sample_was_looked_at(bench):
    lot = bench.open(bench.pieces(8))
    for piece in bench.drawn(lot)[1:]:
        bench.look(piece, "accept_a", at=LOOKED)

    with pytest.raises(SampleIncomplete) as refused:
        bench.decide(lot)

    assert refused.value.details["pieces"] == [str(bench.drawn(lot)[0].id)]


def test_a_rejected_lot_is_sorted_piece_by_piece_and_may_then_come_again(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot, "M03")
    bench.decide(lot)
    good = [*bench.drawn(lot)[1:], *bench.rest(lot)]
    with pytest.raises(LotNotSorted):
        bench.open(good)
    with pytest.raises(LotNotSorted) as refused:
        bench.open(good, resubmits_id=lot.id)
    assert sorted(refused.value.details["pieces"]) == sorted(str(p.id) for p in bench.rest(lot))
    for piece in bench.rest(lot):
        bench.look(piece, "accept_a", at=NOW - 15 * MINUTE)

    with pytest.raises(PieceNotForLot):
        bench.open(bench.drawn(lot)[:1] + bench.rest(lot), resubmits_id=lot.id)

    again = bench.open(good, resubmits_id=lot.id, now=NOW - 12 * MINUTE)

    for piece in bench.drawn(again):
        bench.look(piece, "accept_a", at=NOW - 11 * MINUTE)
    bench.decide(again, at=NOW - 10 * MINUTE)
    assert (again.status, again.verdict.accepted_unseen) == ("accepted", 0)


def test_one_off_pieces_are_refused_as_a_lot_with_the_reason(bench):
    bench.sampling(least_pieces=4)
    runners = bench.pieces(4, design=make_design(bench.session, bench.home, kind="runner"))
    reasons = []
    for pieces in (runners, bench.pieces(3), [*bench.pieces(3), runners[0]]):
        with pytest.raises(NotALot) as refused:
            bench.open(pieces)
        reasons.append(refused.value.details["reason"])

    assert reasons == ["one_off_kind", "too_few", "several_designs"]


def test_without_rules_nothing_is_a_lot(session):
    home = make_cooperative(session)
    lead = make_staff(session, home)
    pieces = [make_piece(session, home)]

    with pytest.raises(NotALot) as refused:
        inspection_lots.open_lot(
            session,
            lot_id=new_id(),
            piece_ids=[piece.id for piece in pieces],
            seed=SEED,
            request_hash="h",
            actor=acting(lead),
            now=NOW,
        )

    assert refused.value.details["reason"] == "no_rules"


def test_what_was_looked_at_or_is_in_another_lot_or_of_another_house_is_refused(bench):
    pieces = bench.pieces(4)
    bench.look(pieces[0], "accept_a")
    with pytest.raises(PieceNotForLot):
        bench.open(pieces)
    bench.open(pieces[1:])
    with pytest.raises(PieceInLot):
        bench.open(pieces[2:])
    other = make_piece(bench.session, make_cooperative(bench.session))
    with pytest.raises(NotFound):
        bench.open([*bench.pieces(2), other])
    with pytest.raises(Invalid):
        bench.open([*pieces, pieces[0]])


def test_the_database_keeps_a_piece_in_one_open_lot(bench):
    pieces = bench.pieces(4)
    lot, other = bench.open(pieces[:2]), bench.open(pieces[2:])

    with pytest.raises(IntegrityError), bench.session.begin_nested():
        bench.session.execute(
            text("INSERT INTO inspection_lot_claims VALUES (:piece, :lot, :home)"),
            {"piece": pieces[0].id, "lot": other.id, "home": bench.home.id},
        )

    assert bench.session.get_one(InspectionLotClaim, pieces[0].id).lot_id == lot.id


def test_a_lot_given_up_lets_its_pieces_go_and_has_no_verdict(bench):
    pieces = bench.pieces(4)
    lot = bench.open(pieces)
    bench.look_at_sample(lot)
    inspection_lots.cancel_lot(
        bench.session, lot_id=lot.id, reason="too dark", actor=acting(bench.first), now=NOW
    )

    assert bench.session.get(InspectionLotClaim, pieces[0].id) is None
    with pytest.raises(IllegalMove):
        bench.decide(lot)


def test_opened_and_decided_twice_is_done_once(bench):
    pieces = bench.pieces(4)
    lot, new = bench.open_or_meet(pieces)
    assert (new, bench.open_or_meet(pieces, lot_id=lot.id, seed="y" * 16)) == (True, (lot, False))
    assert lot.seed == SEED
    bench.look_at_sample(lot)

    assert bench.decide_or_meet(lot) == (lot, True)
    assert bench.decide_or_meet(lot) == (lot, False)
    with pytest.raises(LotDecided):
        bench.decide(lot, request_hash="other")
    with pytest.raises(LotOpened):
        bench.open(pieces, lot_id=lot.id, request_hash="other")


def test_nobody_answers_for_a_lot_with_a_piece_of_her_own(bench):
    weaver = make_staff(bench.session, bench.home, maker=bench.makers[0])
    lot = bench.open(bench.pieces(4))
    bench.look_at_sample(lot)

    with pytest.raises(InspectorIsMaker):
        bench.open(bench.pieces(4), by=weaver)
    with pytest.raises(InspectorIsMaker):
        bench.decide(lot, by=weaver)
    with pytest.raises(PersonNeeded):
        inspection_lots.person_for_all(bench.session, [], house(bench.home))


def test_a_verdict_is_given_after_the_draw_and_after_the_look_for_what_is_critical(bench):
    lot = bench.open(bench.pieces(4))
    bench.look_at_sample(lot)

    for odd in ({"at": NOW + MINUTE}, {"at": NOW - 61 * MINUTE}, {"critical_checked_at": NOW}):
        with pytest.raises(Invalid):
            bench.decide(lot, **odd)


def test_of_two_who_open_a_lot_with_one_piece_the_second_waits_and_is_refused(committed):
    with committed() as first:
        bench = LotBench(first)
        pieces = bench.pieces(4)
        ids, who = [piece.id for piece in pieces], acting(bench.first)
        first.commit()
        told: dict[str, Any] = {"seed": SEED, "actor": who, "now": NOW}
        inspection_lots.open_lot(
            first, lot_id=new_id(), piece_ids=ids[:3], request_hash="h", **told
        )

        def second():
            with committed() as session, pytest.raises(PieceInLot):
                inspection_lots.open_lot(
                    session, lot_id=new_id(), piece_ids=ids[2:], request_hash="h", **told
                )

        commit_while_blocked(first, second)


def test_a_look_that_comes_during_the_verdict_waits_for_it(committed):
    with committed() as first:
        bench = LotBench(first)
        lot = bench.open(bench.pieces(8))
        bench.look_at_sample(lot)
        piece_id = bench.rest(lot)[0].id
        first.commit()
        bench.decide(lot)

        def second():
            with committed() as session:
                other = LotBench.__new__(LotBench)
                other.session, other.first = session, bench.second
                piece = session.get_one(type(bench.rest(lot)[0]), piece_id)
                other.sign(piece, "reject", at=LOOKED)
                return piece.status

        assert commit_while_blocked(first, second) == PieceStatus.REJECTED
