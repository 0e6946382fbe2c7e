"""Money is divided without losing or making a single minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, split_minor

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@given(st.integers(0, 10**12), WEIGHTS)
def test_the_parts_of_a_split_add_up_exactly(total, weights):
    parts = split_minor(total, weights)

    assert sum(parts) == total
    assert min(parts) >= 0


@given(st.integers(0, 10**9), WEIGHTS)
def test_no_part_is_a_whole_unit_away_from_its_fair_share(total, weights):
    whole = sum(weights)

    for part, weight in zip(split_minor(total, weights), weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@given(st.integers(0, 10**9), WEIGHTS)
def test_a_weight_of_nothing_gets_nothing(total, weights):
    for part, weight in zip(split_minor(total, weights), weights, strict=True):
        assert weight > 0 or part == 0


def test_the_worked_example_of_four_women():
    # Hours 14, 3, 22 and 2.5 of a price of S/ 180.00 after a fund of 10 %.
    assert split_minor(16_200, [280, 60, 440, 50]) == [5465, 1171, 8588, 976]


def test_three_children_of_a_hundred_are_owed_what_they_are_credited():
    assert split_minor(10_000, [1, 1, 1]) == [3334, 3333, 3333]


@pytest.mark.parametrize(
    ("total", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [1, -1]), (1, [2, -1])]
)
def test_what_cannot_be_divided_is_refused(total, weights):
    with pytest.raises(ValueError, match="split needs"):
        split_minor(total, weights)


def test_two_currencies_do_not_add():
    with pytest.raises(ValueError, match="do not add"):
        Money(1, "USD") + Money(1, "PEN")
    assert Money(3, "PEN") - Money(1, "PEN") == Money(2, "PEN")


@pytest.mark.parametrize("currency", ["usd", "US", "", "DOLLAR"])
def test_a_currency_is_three_capital_letters(currency):
    with pytest.raises(ValueError, match="not a currency"):
        Money(1, currency)
