"""Points of cloth by the metre: whole numbers, one rule of rounding, and nothing below 3 m2."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.ids import new_id
from quality.four_point import (
    AreaUnknown,
    ScoreSigned,
    TooSmallForPoints,
    per_100_m2_hundredths,
    points_of,
    sign_score,
)
from tests.quality.bench import Bench
from tests.support.make import NOW, acting, make_design


def fault(length_mm, metre=0, *, hole=False):
    return {"metre": metre, "length_mm": length_mm, "hole": hole}


@pytest.mark.parametrize(
    ("length_mm", "points"),
    [(1, 1), (75, 1), (76, 2), (150, 2), (151, 3), (230, 3), (231, 4), (5000, 4)],
)
def test_points_of_one_fault(length_mm, points):
    assert points_of([fault(length_mm)]) == points
    assert points_of([fault(length_mm, hole=True)]) == 4


def test_a_metre_has_four_points_at_most():
    assert points_of([fault(231), fault(10), fault(10, 1), fault(100, 1)]) == 4 + 3


def test_the_examples_of_the_trade():
    # One small fault on a runner of 0.30 x 2.00 m, and on the least that is scored.
    assert per_100_m2_hundredths(1, width_mm=300, length_mm=2000) == 16667
    assert per_100_m2_hundredths(1, width_mm=1000, length_mm=3000) == 3333
    assert per_100_m2_hundredths(28, width_mm=1500, length_mm=50_000) == 3733


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 200_000))
def test_it_is_the_fraction_with_a_half_rounded_up(points, width, length):
    exact = Fraction(points * 10**10, width * length)

    found = per_100_m2_hundredths(points, width_mm=width, length_mm=length)

    assert found == (exact + Fraction(1, 2)).__floor__()


def measured(bench, width, length):
    names = [("width", width), ("length", length)]
    limits = [
        {"name": n, "unit": "mm", "spec": v, "minus": 0, "plus": 0, "required": False}
        for n, v in names
    ]
    bench.design = make_design(bench.session, bench.home, measures=limits)
    values = [{"name": name, "value": value} for name, value in names]
    return bench.look(bench.piece(), "accept_a", measurements=values)


def score(bench, look, faults=(), **given):
    values = {"score_id": new_id(), "request_hash": "h", "now": NOW, "actor": acting(bench.first)}
    return sign_score(
        bench.session, inspection_id=look.id, faults=list(faults), **{**values, **given}
    )


def test_the_area_comes_from_what_was_measured_and_a_second_sending_meets_the_first(session):
    bench = Bench(session)
    look = measured(bench, 1500, 2000)

    row, new = score(bench, look, [fault(80), fault(10, 1)])

    assert (new, row.points, row.per_100_m2_hundredths) == (True, 3, 10_000)
    assert score(bench, look, score_id=row.id) == (row, False)
    with pytest.raises(ScoreSigned):
        score(bench, look, score_id=row.id, request_hash="other")
    with pytest.raises(Invalid):
        score(bench, look, [fault(10, 2)])


def test_less_than_three_square_metres_is_refused_with_its_area(session):
    bench = Bench(session)

    with pytest.raises(TooSmallForPoints) as refused:
        score(bench, measured(bench, 1499, 2000))

    assert refused.value.details == {"area_mm2": 2_998_000, "least_mm2": 3_000_000}


def test_without_length_and_width_there_is_no_area(session):
    bench = Bench(session)
    look = bench.look(bench.piece(), "accept_a")

    with pytest.raises(AreaUnknown):
        score(bench, look)
