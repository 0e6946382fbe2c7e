"""A lot is written down once, corrected by a later record, and never used beyond what it weighs."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory import fastness, lots, materials
from inventory.designs import VicunaWithoutPermit
from inventory.draws import LotSpent
from inventory.dyestuffs import STARTING_SET, begin_dyestuffs
from inventory.yarn_models import Draw, Dyestuff, LotKind, MaterialLot, YarnRecord
from tests.inventory.spinning import (
    DAY,
    WOOL,
    correct,
    dye_facts,
    make_dyed,
    make_yarn,
    record,
    rub,
    weave,
    yarn_facts,
)
from tests.support.make import NOW, house, make_cooperative, make_piece, make_pieces
from tests.support.races import commit_while_blocked


@pytest.fixture
def home(session):
    return make_cooperative(session)


def used(session, lot):
    """What the draws of a lot add up to."""
    return session.scalar(
        select(func.coalesce(func.sum(Draw.grams), 0)).where(Draw.lot_id == lot.id)
    )


def test_the_same_lot_sent_twice_is_written_once(session, home):
    facts, lot_id = yarn_facts(session, home), new_id()
    first, new = record(
        session, home, LotKind.YARN, facts, lot_id=lot_id, code="Y-1", request_hash="a"
    )
    again, again_new = record(
        session, home, LotKind.YARN, facts, lot_id=lot_id, code="Y-1", request_hash="a"
    )

    assert (new, again_new, again.id) == (True, False, first.id)
    with pytest.raises(lots.LotIdTaken):
        record(session, home, LotKind.YARN, facts, lot_id=lot_id, code="Y-1", request_hash="b")
    with pytest.raises(lots.LotCodeTaken):
        record(session, home, LotKind.YARN, facts, code="Y-1")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"fibres": [{"fibre": "alpaca", "share_bp": 9999}]}, "/fibres"),
        ({"fibres": [{"fibre": "alpaca", "share_bp": 5000}] * 2}, "/fibres"),
        ({"received_on": date(2026, 12, 1)}, "/received_on"),
        ({"spinner_id": None}, "/spinner_id"),
        ({"supplier": "A mill"}, None),
        ({"spinner_id": new_id()}, "/spinner_id"),
    ],
)
def test_what_cannot_be_of_a_yarn_is_refused_with_its_place(session, home, wrong, pointer):
    facts = yarn_facts(session, home)
    if pointer is None:  # both a maker and a supplier
        wrong, pointer = {"supplier": "A mill"}, "/spinner_id"

    with pytest.raises(Invalid) as refusal:
        record(session, home, LotKind.YARN, facts | wrong)

    assert refusal.value.pointer == pointer


def test_vicuna_comes_in_only_with_its_permit(session, home):
    fibres = [{"fibre": "vicuna", "share_bp": 10000}]

    with pytest.raises(VicunaWithoutPermit):
        make_yarn(session, home, fibres=fibres)
    lot = make_yarn(session, home, fibres=fibres, vicuna_permit="CITES-7")
    assert lot.yarn
    assert lot.yarn.vicuna_permit == "CITES-7"


def test_dyed_yarn_is_taken_from_its_yarn_lot(session, home):
    yarn = make_yarn(session, home, grams=700)
    dyed = make_dyed(session, home, yarn, grams=450)

    assert (yarn.left_g, dyed.left_g) == (250, 450)
    assert dyed.dye
    assert [one.dyestuff.code for one in dyed.dye.used] == ["cochineal", "alum"]
    with pytest.raises(LotSpent) as refusal:
        make_dyed(session, home, yarn, grams=251)
    assert refusal.value.details["left_g"] == 250


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"dyes": ["no_such"]}, "/dyes"),
        ({"dyes": ["alum"]}, "/dyes"),
        ({"mordants": ["cochineal"]}, "/mordants"),
        ({"dyes": ["tara", "tara"]}, "/dyes"),
        ({"yarn_lot_id": new_id()}, "/yarn_lot_id"),
        ({"dyed_on": date(2027, 1, 1)}, "/dyed_on"),
    ],
)
def test_what_cannot_be_of_a_dye_lot_is_refused_with_its_place(session, home, wrong, pointer):
    yarn = make_yarn(session, home)
    make_dyed(session, home, yarn)

    with pytest.raises(Invalid) as refusal:
        record(session, home, LotKind.DYE, dye_facts(session, home, yarn) | wrong)

    assert refusal.value.pointer == pointer


def test_a_dye_lot_is_of_yarn_that_was_not_dyed(session, home):
    dyed = make_dyed(session, home)

    with pytest.raises(Invalid):
        make_dyed(session, home, dyed)


def test_a_correction_is_a_record_of_its_own_and_the_first_stays(session, home):
    lot = make_yarn(session, home, grams=1000)

    correct(session, home, lot, yarn_facts(session, home, grams=900, spun="mill"))

    records = session.scalars(
        select(YarnRecord).where(YarnRecord.lot_id == lot.id).order_by(YarnRecord.version)
    ).all()
    assert [(one.version, one.grams, one.spun) for one in records] == [
        (1, 1000, "hand"),
        (2, 900, "mill"),
    ]
    assert lot.yarn
    assert (lot.grams, lot.version, lot.yarn.spun) == (900, 2, "mill")
    assert records[1].reason == "it was otherwise"


def test_a_lot_cannot_be_corrected_to_less_than_was_used_of_it(session, home):
    lot, piece = make_yarn(session, home, grams=400), make_piece(session, home)
    weave(session, home, piece, (lot, 300))

    with pytest.raises(LotSpent):
        correct(session, home, lot, yarn_facts(session, home, grams=299))


def test_a_dye_lot_corrected_to_another_yarn_gives_the_first_back(session, home):
    first, second = make_yarn(session, home, grams=600), make_yarn(session, home, grams=600)
    dyed = make_dyed(session, home, first, grams=500)

    correct(session, home, dyed, dye_facts(session, home, second, grams=450))

    session.refresh(first)
    session.refresh(second)
    assert (first.left_g, second.left_g, dyed.left_g) == (600, 150, 450)


def test_what_a_piece_does_not_use_after_all_is_given_back(session, home):
    wool, alpaca = make_yarn(session, home), make_yarn(session, home)
    piece = make_piece(session, home)

    weave(session, home, piece, (wool, 200), (alpaca, 100))
    weave(session, home, piece, (wool, 250))
    weave(session, home, piece, (wool, 250))

    assert (wool.used_g, alpaca.used_g) == (250, 0)
    drawn = session.scalars(select(Draw.grams).order_by(Draw.id)).all()
    assert sorted(drawn) == [-100, 50, 100, 200], "facts; the same again wrote none"
    made_of = materials.materials_of(session, piece_id=piece.id, actor=house(home))
    assert [(strand.lot.id, strand.grams) for strand in made_of] == [(wool.id, 250)]


def test_a_lots_pieces_and_a_pieces_lots_can_both_be_read(session, home):
    yarn = make_yarn(session, home)
    dyed = make_dyed(session, home, yarn, grams=500)
    plain, red, other = make_pieces(session, home, 3)
    weave(session, home, plain, (yarn, 100))
    weave(session, home, red, (dyed, 100))

    def pieces_of(lot):
        found = materials.pieces_made_of(
            session, lot_id=lot.id, kind=LotKind(lot.kind), actor=house(home), limit=10
        )
        return {piece.id for piece in found}

    assert pieces_of(yarn) == {plain.id, red.id}
    assert pieces_of(dyed) == {red.id}
    assert materials.materials_of(session, piece_id=other.id, actor=house(home)) == []


def test_another_cooperatives_lots_are_not_known(session, home):
    elsewhere = make_cooperative(session)
    theirs, piece = make_yarn(session, elsewhere), make_piece(session, home)

    with pytest.raises(Invalid):
        weave(session, home, piece, (theirs, 1))
    with pytest.raises(NotFound):
        lots.get_lot(session, theirs.id, kind=LotKind.YARN, actor=house(home))
    with pytest.raises(NotFound):
        correct(session, home, theirs, {})


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 400), st.integers(0, 400)), max_size=12
    )
)
def test_whatever_is_said_no_lot_is_used_beyond_its_grams(session, steps):
    home = make_cooperative(session)
    yarn = make_yarn(session, home, grams=600)
    dyed = make_dyed(session, home, yarn, grams=250)
    pieces = make_pieces(session, home, 3)
    said = {piece.id: (0, 0) for piece in pieces}

    for which, plain_g, dyed_g in steps:
        piece = pieces[which]
        after = said | {piece.id: (plain_g, dyed_g)}
        fits = all(
            sum(one[place] for one in after.values()) <= most
            for place, most in ((0, 350), (1, 250))
        )
        wanted = [(yarn, plain_g)] * (plain_g > 0) + [(dyed, dyed_g)] * (dyed_g > 0)
        if fits:
            weave(session, home, piece, *wanted)
            said = after
        else:
            with pytest.raises(LotSpent), session.begin_nested():
                weave(session, home, piece, *wanted)

    for lot in (yarn, dyed):
        session.refresh(lot)
        assert lot.used_g == used(session, lot) <= lot.grams
    assert yarn.used_g == 250 + sum(plain for plain, _red in said.values())
    assert dyed.used_g == sum(red for _plain, red in said.values())


def test_two_who_take_the_last_of_a_lot_at_once_do_not_both_get_it(committed):
    with committed() as first:
        home = make_cooperative(first)
        lot = make_yarn(first, home, grams=300)
        one, other = make_pieces(first, home, 2)
        first.commit()
        weave(first, home, one, (lot, 200))

        def second_weaver():
            with committed() as second, pytest.raises(LotSpent):
                weave(second, home, other, (lot, 200))

        commit_while_blocked(first, second_weaver)

    with committed() as session:
        assert session.get_one(MaterialLot, lot.id).left_g == 100


def test_the_database_itself_refuses_to_take_more_than_there_is(committed):
    """Even code that locks nothing and looks at nothing cannot do it."""
    with committed() as first:
        home = make_cooperative(first)
        lot = make_yarn(first, home, grams=300)
        one, other = make_pieces(first, home, 2)
        first.commit()

        def careless(session, piece):
            session.add(
                Draw(
                    cooperative_id=home.id,
                    lot_id=lot.id,
                    piece_id=piece.id,
                    grams=200,
                    why="careless",
                    actor="system:test",
                    at=NOW,
                )
            )
            session.flush()

        careless(first, one)

        def second_weaver():
            with committed() as second:
                with pytest.raises(IntegrityError, match="used_g"):
                    careless(second, other)
                second.rollback()

        commit_while_blocked(first, second_weaver)

    with committed() as session:
        assert session.get_one(MaterialLot, lot.id).used_g == 200


def test_grades_are_an_ordered_scale_of_nine():
    steps = [fastness.half_steps(grade) for grade in fastness.GRADES]

    assert fastness.GRADES == ("1", "1-2", "2", "2-3", "3", "3-4", "4", "4-5", "5")
    assert steps == sorted(set(steps)) == list(range(2, 11))
    assert [fastness.written(one) for one in steps] == list(fastness.GRADES)


def test_a_test_is_answered_by_a_later_one(session, home):
    lot = make_dyed(session, home)
    first = rub(session, home, lot, staining="4")
    second = rub(session, home, lot, staining="2-3", corrects_id=first.id)

    session.refresh(lot)
    assert fastness.standing(lot.tests) == [second]
    with pytest.raises(fastness.TestCorrected):
        rub(session, home, lot, corrects_id=first.id)
    with pytest.raises(Invalid):
        rub(session, home, make_dyed(session, home), corrects_id=second.id)
    with pytest.raises(Invalid):
        rub(session, home, lot, staining=None)
    with pytest.raises(NotFound):
        rub(session, home, make_yarn(session, home))


def limit(session, home, least, **given):
    values: dict[str, Any] = {
        "method": "field_rub_damp",
        "rating": "staining",
        "valid_from": date(2026, 1, 1),
    }
    return fastness.set_limit(
        session, least=least, source="test", actor=house(home), now=NOW, **(values | given)
    )


def test_the_closest_limit_of_the_day_says_what_is_disclosed_and_nothing_is_refused(session, home):
    lot = make_dyed(session, home)
    test = rub(session, home, lot, staining="1-2")
    general = limit(session, home, "4")
    own = limit(session, home, "2", dye="cochineal")
    later = limit(session, home, "5", dye="cochineal", valid_from=date(2026, 10, 1))
    other = limit(session, home, "5", dye="tara", mordant="alum")
    limits = [general, own, later, other]

    def least(dyes, of=limits):
        found = fastness.below_limit(test, of, dyes=dyes, mordants=["alum"])
        return [(one["rating"], one["grade"], one["least"]) for one in found]

    assert test.tested_on == DAY
    assert least(["cochineal"]) == [("staining", "1-2", "2")]
    assert least(["nogal"]) == [("staining", "1-2", "4")]
    assert least(["tara"]) == [("staining", "1-2", "5")]
    assert least(["cochineal"], of=[limit(session, home, "1-2")]) == []
    assert least(["cochineal"], of=[]) == []


def test_a_limit_is_for_what_the_catalogue_knows(session, home):
    make_dyed(session, home)

    with pytest.raises(Invalid):
        limit(session, home, "3", dye="alum")
    with pytest.raises(Invalid):
        limit(session, home, "3", mordant="cochineal")


def test_the_starting_catalogue_is_given_once_and_says_what_is_natural(session, home):
    for _ in range(2):
        begin_dyestuffs(session, cooperative_id=home.id, by="system:test", now=NOW)

    rows = session.scalars(select(Dyestuff).filter_by(cooperative_id=home.id)).all()
    assert len(rows) == len(STARTING_SET)
    kinds = {row.code: row.kind for row in rows}
    assert (kinds["cochineal"], kinds["synthetic"], kinds["alum"]) == (
        "natural",
        "synthetic",
        "mordant",
    )
    assert WOOL[0]["share_bp"] == 10000
