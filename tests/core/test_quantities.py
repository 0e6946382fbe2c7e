"""A mean and a limit are whole numbers, and what is shown is what is judged."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.quantities import Limit, Sides, Verdict, allowance, mean_of

VALUE = st.integers(0, 1_000_000)


@settings(max_examples=50)
@given(st.lists(VALUE, min_size=1, max_size=3))
def test_a_mean_is_the_nearest_whole_number_and_a_half_goes_up(readings):
    exact = Fraction(sum(readings), len(readings))

    assert -Fraction(1, 2) <= exact - mean_of(readings) < Fraction(1, 2)


@settings(max_examples=50)
@given(VALUE, VALUE, st.integers(0, 10_000))
def test_of_a_whole_tolerance_and_a_share_the_greater_counts(spec, whole, share_bp):
    share = mean_of([2 * spec * share_bp // 10_000]) // 2

    assert allowance(spec, whole, 0) == whole
    assert allowance(spec, whole, share_bp) >= max(whole, share)
    assert allowance(spec, 0, 10_000) == spec


def test_three_per_cent_but_at_least_twenty():
    assert [allowance(spec, 20, 300) for spec in (500, 667, 1500, 1550)] == [20, 20, 45, 47]


@pytest.mark.parametrize(
    ("sides", "judged"),
    [
        (Sides.BOTH, [Verdict.BELOW, Verdict.WITHIN, Verdict.WITHIN, Verdict.ABOVE]),
        (Sides.LEAST, [Verdict.BELOW, Verdict.WITHIN, Verdict.WITHIN, Verdict.WITHIN]),
        (Sides.MOST, [Verdict.WITHIN, Verdict.WITHIN, Verdict.WITHIN, Verdict.ABOVE]),
    ],
)
def test_a_limit_may_be_judged_on_one_side_only(sides, judged):
    limit = Limit(100, 10, 10, sides)

    assert [limit.judge(value) for value in (89, 90, 110, 111)] == judged
