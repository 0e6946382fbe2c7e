"""Kappa and control limits against answers worked out by hand; the picture is always the same."""

from datetime import date
from io import BytesIO
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from quality.agreement import chart_of, kappa_permille, limits_of, permille
from quality.chart_picture import draw_chart


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreed 0.7, by chance 0.5.
        ({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}, 400),
        # Agreed 0.6 both times, by chance 0.54 and 0.46.
        ({("y", "y"): 45, ("y", "n"): 15, ("n", "y"): 25, ("n", "n"): 15}, 130),
        ({("y", "y"): 25, ("y", "n"): 35, ("n", "y"): 5, ("n", "n"): 35}, 259),
        ({("y", "y"): 3, ("n", "n"): 4}, 1000),
        ({("y", "n"): 5, ("n", "y"): 5}, -1000),
        ({("y", "y"): 1, ("y", "n"): 1, ("n", "y"): 1, ("n", "n"): 1}, 0),
        ({("a", "b"): 2}, 0),
        ({("y", "y"): 7}, None),
        ({}, None),
    ],
)
def test_kappa_of_known_tables(pairs, kappa):
    assert kappa_permille(pairs) == kappa


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([(a, b) for a in "ABRX" for b in "ABRX"]), max_size=30))
def test_kappa_is_the_same_from_either_side_and_never_beyond_one(said):
    pairs = {one: said.count(one) for one in set(said)}
    turned = {(b, a): count for (a, b), count in pairs.items()}

    kappa = kappa_permille(pairs)

    assert kappa == kappa_permille(turned)
    assert kappa is None or -1000 <= kappa <= 1000


@pytest.mark.parametrize(
    ("bad", "size", "all_bad", "all_size", "expected"),
    [
        # p = 0.1, n = 100: 0.1 ± 3 * 0.03.
        (10, 100, 100, 1000, (10, 190, False)),
        (19, 100, 100, 1000, (10, 190, False)),
        (20, 100, 100, 1000, (10, 190, True)),
        # p = 0.1, n = 9: 0.1 ± 0.3, clipped at nothing.
        (9, 9, 100, 1000, (0, 400, True)),
        # p = 0.5, n = 4: 0.5 ± 0.75, clipped on both sides.
        (4, 4, 5, 10, (0, 1000, False)),
        (0, 5, 0, 50, (0, 0, False)),
    ],
)
def test_control_limits_of_known_samples(bad, size, all_bad, all_size, expected):
    found = limits_of(bad, size, all_bad=all_bad, all_size=all_size)

    assert (found.lower, found.upper, found.outside) == expected


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 500), st.integers(1, 5000), st.data())
def test_control_limits_are_those_of_the_formula(size, all_size, data):
    all_bad = data.draw(st.integers(0, all_size))
    p = all_bad / all_size
    reach = 3 * sqrt(p * (1 - p) / size)

    found = limits_of(0, size, all_bad=all_bad, all_size=all_size)

    assert abs(found.lower - 1000 * max(0, p - reach)) <= 0.51
    assert abs(found.upper - 1000 * min(1, p + reach)) <= 0.51


def test_shares_are_thousandths_with_a_half_rounded_up_and_nothing_has_none():
    assert (permille(1, 3), permille(1, 2000), permille(0, 7), permille(0, 0)) == (333, 1, 0, None)


CHART = chart_of(
    [
        {"delivery_id": n, "delivered_on": date(2026, 1, 1 + n), "pieces": 20, "bad": bad}
        for n, bad in enumerate([1, 0, 2, 12, 1])
    ]
)


def test_the_delivery_that_differs_by_more_than_chance_is_marked():
    assert (CHART["pieces"], CHART["bad"], CHART["mean"]) == (100, 16, 160)
    assert [row["outside"] for row in CHART["points"]] == [False, False, False, True, False]


@pytest.mark.parametrize("chart", [CHART, chart_of([])])
def test_the_same_chart_is_the_same_picture(chart):
    svg, png = draw_chart(chart, "svg"), draw_chart(chart, "png")

    assert svg == draw_chart(chart, "svg")
    assert b"<svg" in svg
    assert Image.open(BytesIO(png)).size == (900, 450)
