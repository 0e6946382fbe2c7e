"""The rules propose, the lead decides; what she pays and why is written down beside it."""

import pytest

from core.errors import Invalid
from inventory.models import PieceStatus
from payouts.reduction_models import Reduction
from payouts.statements import statement_of
from people.permissions import ScopeMissing
from quality import reworks
from quality.findings import Pay, ReasonMissing
from quality.reworks import Task
from quality.rules import rules_at
from tests.quality.bench import MINUTE, Bench, reduced
from tests.support.make import NOW, acting, house, make_maker


@pytest.fixture
def bench(session):
    return Bench(session)


def found(*codes, **given):
    return {"defects": [{"code": code} for code in codes], **given}


PROPOSALS = {
    "nothing": (found(), "accept_a"),
    "two small marks": (found("N02", "N03"), "accept_a"),
    "three small marks": (found("N02", "N03", "N06"), "accept_b"),
    "one mark three times": ({"defects": [{"code": "N03", "count": 3}]}, "accept_b"),
    "a broken pallay": (found("M03"), "accept_b"),
    "two broken pallays": (found("M03", "M09"), "reject"),
    "a float": (found("M04"), "rework"),
    "a stain and a broken pallay": (found("M06", "M03", "M09"), "rework"),
    "many loose threads": ({"defects": [{"code": "N04", "count": 6}]}, "rework"),
    "many slubs": ({"defects": [{"code": "N03", "count": 6}]}, "reject"),
    "too short": ({"measurements": [{"name": "length", "value": 1400}]}, "accept_b"),
    "against a question": ({"answers": [{"code": "no_metal", "answer": "no"}]}, "reject"),
    "a pin": (found("C01"), "reject"),
}


@pytest.mark.parametrize("case", PROPOSALS)
def test_the_starting_rules_propose(bench, case):
    evidence, proposed = PROPOSALS[case]

    look = bench.look(bench.piece(), "reject", **evidence)

    assert (look.proposed, look.decision, look.rules_version) == (proposed, "reject", 1)


def test_deciding_otherwise_than_proposed_needs_a_reason(bench):
    piece = bench.piece()

    with pytest.raises(ReasonMissing) as refusal:
        bench.look(piece, "accept_b", reason="")

    assert refusal.value.details == {"proposed": "accept_a"}
    assert bench.look(piece, "accept_b", reason="her first one").reason == "her first one"


def test_the_rules_of_the_day_of_the_look_propose_however_late_it_comes(bench):
    before = rules_at(bench.session, cooperative_id=bench.home.id, at=NOW)
    assert before is not None
    bench.rules(minor_a=0, b_reduced_bp=1500)

    new = bench.look(bench.piece(), "accept_b", **found("N02"), pay=reduced(1500))
    old = bench.look(bench.piece(), "accept_a", **found("N02"), rules_version=before.version)

    assert (new.proposed, new.proposed_reduced_bp, new.rules_version) == ("accept_b", 1500, 2)
    assert (old.proposed, old.proposed_reduced_bp, old.rules_version) == ("accept_a", 0, 1)
    with pytest.raises(Invalid):
        bench.look(bench.piece(), "accept_a", rules_version=9)


def test_grade_b_allows_no_less_than_a(bench):
    with pytest.raises(Invalid):
        bench.rules(minor_a=9)


def test_an_acceptance_pays_the_whole_price_unless_somebody_says_why_not(bench):
    piece = bench.piece(18001)

    bench.look(piece, "accept_b")

    assert bench.owed(piece) == [(6000, "due"), (12001, "due")]
    assert bench.session.query(Reduction).count() == 0


@pytest.mark.parametrize("pay", [Pay(2000), Pay(10000), Pay(1, " ")])
def test_paying_less_needs_a_reason(bench, pay):
    with pytest.raises(ReasonMissing):
        bench.look(bench.piece(), "accept_b", pay=pay)


def test_paying_otherwise_than_the_rules_needs_a_reason_too(bench):
    bench.rules(b_reduced_bp=2000)

    with pytest.raises(ReasonMissing) as refusal:
        bench.look(bench.piece(), "accept_b")

    assert refusal.value.details == {"proposed_reduced_bp": 2000}
    bench.look(bench.piece(), "accept_b", pay=Pay(0, "we keep our word"))


def test_what_is_taken_off_is_owed_to_nobody_and_stands_on_her_statement(bench):
    piece = bench.piece(18001)

    bench.look(piece, "accept_b", pay=reduced(2500, "one band is mirrored"))

    # 18001 less a quarter is 13500.75; the largest remainder is hers: 13501, one part and two.
    assert bench.owed(piece) == [(4500, "due"), (9001, "due")]
    her = statement_of(bench.session, maker_id=bench.makers[1].id, actor=house(bench.home))
    (row,) = her.reductions
    assert (row.reduction.agreed_minor, row.reduction.amount_minor) == (12001, 9001)
    assert (row.reduction.reduced_bp, row.reduction.reason) == (2500, "one band is mirrored")
    assert row.tag == piece.tag


def test_where_nothing_is_paid_her_statement_says_so_and_why(bench):
    piece = bench.piece(9000)

    bench.look(piece, "accept_b", pay=reduced(10000, "sold for her at the fair"))

    assert bench.owed(piece) == []
    her = statement_of(bench.session, maker_id=bench.makers[0].id, actor=house(bench.home))
    assert [row.reduction.amount_minor for row in her.reductions] == [0]
    assert her.lines == []


def test_a_better_price_that_counts_later_is_owed_in_full_and_the_reduction_is_past(bench):
    piece = bench.piece(9000)
    bench.look(piece, "accept_b", pay=reduced(5000))
    assert bench.owed(piece) == [(1500, "due"), (3000, "due")]

    bench.look(piece, "accept_a", at=NOW - MINUTE)

    assert bench.owed(piece) == [(3000, "due"), (6000, "due")]
    her = statement_of(bench.session, maker_id=bench.makers[0].id, actor=house(bench.home))
    assert her.reductions == []


@pytest.mark.parametrize(
    ("given", "price"),
    [
        ({"decision": "reject", "pay": Pay()}, 9000),
        ({"decision": "accept_b", "pay": reduced(100)}, None),
        ({"decision": "accept_a", "rework": Task()}, 9000),
    ],
)
def test_what_does_not_go_together_is_refused(bench, given, price):
    with pytest.raises(Invalid):
        bench.look(bench.piece(price), **given)


def test_rework_says_who_what_and_until_when(bench):
    piece = bench.piece()
    usual = bench.look(piece, "rework", reason="uneven tassels").rework
    other = make_maker(bench.session, bench.home)
    asked = bench.look(
        bench.piece(),
        "rework",
        rework=Task(other.id, "sew the seam again", NOW.date()),
    ).rework

    # Whoever did most, what the reason says, fourteen days.
    assert (usual.maker_id, usual.what) == (bench.makers[1].id, "uneven tassels")
    assert str(usual.due_on) == "2026-12-07"
    assert (asked.maker_id, asked.what, asked.due_on) == (
        other.id,
        "sew the seam again",
        NOW.date(),
    )


def test_overdue_rework_is_listed_with_its_round(bench):
    late = bench.look(bench.piece(), "rework", rework=Task(due_on=NOW.date()))
    bench.look(bench.piece(), "rework")
    mended = bench.piece()
    bench.look(mended, "rework", rework=Task(due_on=NOW.date()))
    bench.look(mended, "accept_a", at=NOW - MINUTE)

    def listed(**given):
        return reworks.open_reworks(
            bench.session,
            actor=acting(bench.first),
            limit=9,
            **{"now": NOW + 1440 * MINUTE, **given},
        )

    assert [(row.id, row.round) for row in listed(overdue=True)] == [(late.id, 1)]
    assert len(listed()) == 2
    assert listed(now=NOW, overdue=True) == []
    assert listed(maker_id=bench.makers[0].id) == []


def test_after_the_last_round_somebody_else_decides(bench):
    piece = bench.piece()
    for minutes in (50, 40):
        bench.look(piece, "rework", at=NOW - minutes * MINUTE)
    assert piece.status == PieceStatus.REWORK

    third = bench.look(piece, "rework", at=NOW - 30 * MINUTE)
    assert piece.status == PieceStatus.INSPECTING

    bench.look(piece, "rework", at=NOW - 20 * MINUTE, by=bench.coordinator, overrules_id=third.id)
    assert piece.status == PieceStatus.REWORK


def test_a_coordinator_overrules_with_a_reason_and_both_stay(bench):
    piece = bench.piece()
    look = bench.look(piece, "reject")
    word = {"overrules_id": look.id, "measurements": [], "answers": [], "at": NOW - MINUTE}

    with pytest.raises(ScopeMissing):
        bench.look(piece, "accept_b", by=bench.second, **word)
    with pytest.raises(ReasonMissing):
        bench.look(piece, "accept_b", by=bench.coordinator, reason="", **word)
    with pytest.raises(Invalid):
        bench.look(bench.piece(), "accept_b", by=bench.coordinator, **word)
    over = bench.look(piece, "accept_b", by=bench.coordinator, reason="she may sell it", **word)

    assert (piece.status, piece.grade) == (PieceStatus.ACCEPTED, "B")
    assert (over.overrules_id, look.decision) == (look.id, "reject")


def test_nobody_overrules_what_was_confirmed_as_critical(bench):
    piece = bench.piece()
    look = bench.look(piece, "reject", **found("C01"))
    bench.review(look, "confirmed")

    bench.look(piece, "accept_a", by=bench.coordinator, overrules_id=look.id, at=NOW - MINUTE)

    assert piece.status == PieceStatus.REJECTED
