"""An inspection is signed once, by a person who did not make the piece, and it decides."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.actors import system
from core.errors import Invalid
from core.ids import new_id
from inventory import designs, stock
from inventory.models import PieceStatus
from quality import alerts, findings, inspections, reading
from quality.catalogue import STARTING_SET, begin_catalogue
from quality.rules import begin_rules
from tests.support.make import (
    NOW,
    acting,
    house,
    make_cooperative,
    make_design,
    make_listing,
    make_maker,
    make_piece,
    make_staff,
)
from tests.support.races import commit_while_blocked

GOOD = findings.Evidence(
    measurements=[{"name": "length", "value": 1500}],
    answers=[{"code": "no_metal", "answer": "yes"}],
)


@pytest.fixture
def bench(session):
    """A co-operative with its catalogue, a piece fresh from delivery, and a quality lead."""
    cooperative = make_cooperative(session)
    begin_catalogue(session, cooperative_id=cooperative.id)
    begin_rules(session, cooperative_id=cooperative.id, now=NOW)
    return cooperative, make_piece(session, cooperative), make_staff(session, cooperative)


def sign(session, piece, lead, decision="accept_a", evidence=GOOD, **given):
    values = {
        "inspection_id": new_id(),
        "decision": decision,
        "reason": "",
        "inspected_at": NOW,
        "request_hash": "h",
        "actor": acting(lead),
        "now": NOW,
    } | given
    return inspections.sign_inspection(session, piece_id=piece.id, evidence=evidence, **values)


def with_defect(code, **given):
    return findings.Evidence(GOOD.measurements, GOOD.answers, [{"code": code, **given}])


def jobs(session):
    rows = session.execute(text("SELECT task_name FROM procrastinate_jobs ORDER BY id"))
    return list(rows.scalars())


@pytest.mark.parametrize(
    ("decision", "status", "grade"),
    [
        ("accept_a", PieceStatus.ACCEPTED, "A"),
        ("accept_b", PieceStatus.ACCEPTED, "B"),
        ("rework", PieceStatus.REWORK, None),
        ("reject", PieceStatus.REJECTED, None),
    ],
)
def test_each_decision_sends_the_piece_its_way(session, bench, decision, status, grade):
    _, piece, lead = bench

    sign(session, piece, lead, decision, reason="because")

    assert (piece.status, piece.grade) == (status, grade)


def test_value_spec_limit_verdict_and_version_are_kept_apart(session, bench):
    _, piece, lead = bench
    short = findings.Evidence([{"name": "length", "value": 1400}], GOOD.answers)

    inspection, _ = sign(session, piece, lead, "accept_b", short, reason="fits another order")

    (row,) = inspection.measurements
    assert (row.value, row.spec, row.minus, row.plus, row.verdict) == (1400, 1500, 45, 45, "below")
    assert inspection.limit_set_version == 1


def test_the_limits_of_the_day_stay_with_the_inspection(session, bench):
    cooperative, piece, lead = bench
    inspection, _ = sign(session, piece, lead)

    designs.change_limits(
        session,
        design_id=piece.design_id,
        measures=[
            {"name": "length", "unit": "mm", "spec": 9, "minus": 0, "plus": 0, "required": True}
        ],
        checklist=[],
        actor=house(cooperative),
        now=NOW,
    )

    assert inspection.limit_set_version == 1
    assert inspection.measurements[0].spec == 1500


def test_a_critical_defect_cannot_be_accepted(session, bench):
    _, piece, lead = bench

    with pytest.raises(findings.CriticalDefect) as refusal:
        sign(session, piece, lead, evidence=with_defect("C01"), reason="please")

    assert refusal.value.details == {"defects": ["C01"]}
    sign(session, piece, lead, "reject", with_defect("C01"), reason="needle")


def test_an_acceptance_waits_for_every_required_measure_and_answer(session, bench):
    _, piece, lead = bench
    unmeasured = findings.Evidence([{"name": "weight", "value": 300}], GOOD.answers)
    unanswered = findings.Evidence(GOOD.measurements, [])

    with pytest.raises(findings.MeasureMissing) as measure:
        sign(session, piece, lead, evidence=unmeasured)
    with pytest.raises(findings.AnswerMissing):
        sign(session, piece, lead, evidence=unanswered)

    assert measure.value.details == {"measures": ["length"]}
    assert piece.status == PieceStatus.DELIVERED


@pytest.mark.parametrize("decision", ["rework", "reject"])
def test_sending_a_piece_back_needs_a_reason(session, bench, decision):
    _, piece, lead = bench

    with pytest.raises(findings.ReasonMissing):
        sign(session, piece, lead, decision)


@pytest.mark.parametrize(
    "evidence",
    [
        findings.Evidence([{"name": "length", "value": 1546}], GOOD.answers),
        findings.Evidence(GOOD.measurements, [{"code": "no_metal", "answer": "no"}]),
    ],
)
def test_accepting_outside_a_limit_or_against_a_question_needs_a_reason(session, bench, evidence):
    _, piece, lead = bench

    with pytest.raises(findings.ReasonMissing):
        sign(session, piece, lead, evidence=evidence)

    sign(session, piece, lead, evidence=evidence, reason="the buyer agreed")


def test_nobody_inspects_a_piece_she_worked_on(session, bench):
    cooperative, _, _ = bench
    maker = make_maker(session, cooperative)
    piece = make_piece(session, cooperative, weights=[(maker, "spin", 1)])
    lead = make_staff(session, cooperative, "quality_lead", maker=maker)

    with pytest.raises(inspections.InspectorIsMaker):
        sign(session, piece, lead)


def test_only_a_person_signs(session, bench):
    cooperative, piece, lead = bench

    with pytest.raises(inspections.PersonNeeded):
        sign(session, piece, lead, actor=house(cooperative))


def test_a_phone_that_sends_the_same_inspection_twice_makes_one(session, bench):
    _, piece, lead = bench
    inspection_id = new_id()

    first, new = sign(session, piece, lead, inspection_id=inspection_id)
    again, newer = sign(session, piece, lead, inspection_id=inspection_id)

    assert (first.id, new, newer) == (again.id, True, False)
    assert jobs(session) == ["piece.accepted"]


def test_a_signed_id_is_not_signed_again_with_other_words(session, bench):
    cooperative, piece, lead = bench
    inspection_id = new_id()
    sign(session, piece, lead, inspection_id=inspection_id)

    with pytest.raises(inspections.InspectionSigned):
        sign(session, piece, lead, "reject", inspection_id=inspection_id, request_hash="other")
    with pytest.raises(inspections.InspectionSigned):
        sign(session, make_piece(session, cooperative), lead, inspection_id=inspection_id)


def test_two_phones_with_the_same_inspection_at_once_make_one(committed):
    with committed() as arranging:
        cooperative = make_cooperative(arranging)
        piece = make_piece(arranging, cooperative)
        lead = make_staff(arranging, cooperative)
    inspection_id = new_id()

    def second_phone():
        with committed() as second:
            return sign(second, piece, lead, inspection_id=inspection_id)[1]

    with committed() as first:
        assert sign(first, piece, lead, inspection_id=inspection_id)[1]
        assert commit_while_blocked(first, second_phone) is False


def test_a_later_look_supersedes_and_the_first_stays(session, bench):
    _, piece, lead = bench
    first, _ = sign(session, piece, lead, "rework", reason="loose end")
    second, _ = sign(session, piece, lead)

    history = inspections.inspections_of(session, piece_id=piece.id, actor=acting(lead))
    assert [row.id for row in history] == [first.id, second.id]
    looks = reading.seen(session, piece.id, history)
    assert [look.standing for look in looks] == ["superseded", "counts"]
    assert looks[1].supersedes_id == first.id
    assert piece.status == PieceStatus.ACCEPTED


def test_word_is_left_for_those_who_pay_when_an_acceptance_is_taken_back(session, bench):
    _, piece, lead = bench
    sign(session, piece, lead)
    sign(session, piece, lead, "reject", reason="moth found", evidence=with_defect("C02"))

    assert jobs(session) == ["piece.accepted", "piece.acceptance_withdrawn"]
    assert piece.grade is None


def test_a_look_at_a_piece_that_is_listed_or_held_is_kept_and_shown_to_a_person(session, bench):
    cooperative, _, lead = bench
    piece = make_listing(session, cooperative).entries[0].piece
    sign(session, piece, lead, "reject", reason="crooked")
    assert piece.status == PieceStatus.LISTED

    stock.reserve(
        session, [piece.id], order_id=new_id(), expires_at=NOW, actor=system("t"), now=NOW
    )
    look, _ = sign(session, piece, lead, "reject", reason="crooked")

    assert (look.late, piece.status) == (True, PieceStatus.HELD)
    assert alerts.open_kinds(session, piece.id) == ["late"]
    assert jobs(session) == []


@pytest.mark.parametrize(
    "evidence",
    [
        findings.Evidence([{"name": "no_such", "value": 1}]),
        findings.Evidence([{"name": "length", "value": 1}] * 2),
        findings.Evidence(answers=[{"code": "no_such", "answer": "yes"}]),
        findings.Evidence(defects=[{"code": "Z99"}]),
    ],
)
def test_what_nobody_knows_is_refused(session, bench, evidence):
    _, piece, lead = bench

    with pytest.raises(Invalid):
        sign(session, piece, lead, "reject", evidence, reason="x")


def test_an_inspection_is_not_dated_ahead(session, bench):
    _, piece, lead = bench

    with pytest.raises(Invalid):
        sign(session, piece, lead, inspected_at=NOW + timedelta(seconds=1))


@pytest.mark.parametrize("table", ["inspections", "measurements", "checklist_answers", "defects"])
def test_the_database_refuses_to_change_what_was_signed(session, bench, table):
    _, piece, lead = bench
    sign(session, piece, lead, "accept_b", with_defect("N04"), reason="her first one")

    with pytest.raises(IntegrityError, match="written once"):
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608


def test_the_catalogue_begins_with_the_starting_set_and_keeps_what_was_changed(session):
    cooperative = make_cooperative(session)
    begin_catalogue(session, cooperative_id=cooperative.id)
    begin_catalogue(session, cooperative_id=cooperative.id)

    count = session.execute(
        text("SELECT count(*) FROM defect_kinds WHERE cooperative_id = :id"),
        {"id": cooperative.id},
    ).scalar_one()
    assert count == len(STARTING_SET) == 23


def test_pieces_that_wait_are_listed_longest_waiting_first(session, bench):
    cooperative, piece, lead = bench
    design = make_design(session, cooperative)
    second = make_piece(session, cooperative, design=design)

    everything = inspections.waiting_pieces(session, actor=acting(lead), limit=10)
    rest = inspections.waiting_pieces(session, actor=acting(lead), limit=10, after=piece.id)

    assert [row.id for row in everything] == [piece.id, second.id]
    assert [row.id for row in rest] == [second.id]
