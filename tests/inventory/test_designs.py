"""A design's fibres sum to 100 % in every part, vicuña has a permit, and limits have versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, NotFound
from core.quantities import Limit, Verdict
from inventory import designs
from tests.support.make import NOW, house, make_cooperative, make_design

WHOLE = [{"part": "body", "fibre": "alpaca", "share_bp": 10000}]


@pytest.mark.parametrize(
    "fibres",
    [
        [{"part": "body", "fibre": "alpaca", "share_bp": 9999}],
        [*WHOLE, {"part": "edge", "fibre": "sheep_wool", "share_bp": 5000}],
        [*WHOLE, {"part": "body", "fibre": "cotton", "share_bp": 1}],
    ],
)
def test_each_part_sums_to_100_percent(session, fibres):
    with pytest.raises(Invalid):
        make_design(session, make_cooperative(session), fibres=fibres)


def test_a_fibre_is_named_once_in_a_part(session):
    halves = [{"part": "body", "fibre": "alpaca", "share_bp": 5000}] * 2

    with pytest.raises(Invalid, match="twice"):
        make_design(session, make_cooperative(session), fibres=halves)


def test_vicuna_needs_its_permit(session):
    cooperative = make_cooperative(session)
    vicuna = [{"part": "body", "fibre": "vicuna", "share_bp": 10000}]

    with pytest.raises(designs.VicunaWithoutPermit):
        make_design(session, cooperative, fibres=vicuna)

    design = make_design(session, cooperative, fibres=vicuna, vicuna_permit="PE-2026-0001")
    assert design.vicuna_permit == "PE-2026-0001"


def test_a_code_is_used_once_in_a_cooperative(session):
    ours = make_cooperative(session)
    make_design(session, ours, code="runner-1")
    make_design(session, make_cooperative(session), code="runner-1")

    with pytest.raises(designs.DesignExists):
        make_design(session, ours, code="runner-1")


def test_new_limits_are_a_new_version_and_the_old_one_stays(session):
    cooperative = make_cooperative(session)
    design = make_design(session, cooperative)
    wider = {"name": "length", "unit": "mm", "spec": 1500, "minus": 90, "plus": 90}

    designs.change_limits(
        session,
        design_id=design.id,
        measures=[wider | {"required": True}],
        checklist=[],
        actor=house(cooperative),
        now=NOW,
    )

    session.refresh(design)
    assert design.limit_set_version == 2
    assert [limits.version for limits in design.limit_sets] == [1, 2]
    assert designs.current_limits(session, design).measures[0].plus == 90


def test_a_tolerance_is_not_wider_than_its_value(session):
    measure = {"name": "w", "unit": "g", "spec": 5, "minus": 6, "plus": 0, "required": True}

    with pytest.raises(Invalid):
        make_design(session, make_cooperative(session), measures=[measure])


def test_another_cooperatives_design_is_not_found(session):
    design = make_design(session, make_cooperative(session))

    with pytest.raises(NotFound):
        designs.get_design(session, design.id, actor=house(make_cooperative(session)))


LENGTHS = st.integers(0, 10_000)


@given(LENGTHS, LENGTHS, LENGTHS, st.integers(0, 40_000))
def test_both_ends_of_a_limit_are_within_it(spec, minus, plus, value):
    verdict = Limit(spec, minus, plus).judge(value)

    assert (verdict is Verdict.WITHIN) == (spec - minus <= value <= spec + plus)
    assert (verdict is Verdict.BELOW) == (value < spec - minus)
