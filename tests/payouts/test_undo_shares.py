"""Whatever goes back, in however many parts: nobody gives more than she got, and all is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.undo_shares import Left, taken_of

HELD = st.lists(st.integers(0, 5000), min_size=1, max_size=6)


def after(left, price_minor, taken):
    held = {bearer: minor - taken.get(bearer, 0) for bearer, minor in left.held.items()}
    return Left(left.price_minor - price_minor, held)


@given(st.integers(1, 20_000), HELD, st.lists(st.integers(1, 20_000), max_size=12))
def test_any_parts_of_a_price_together_take_exactly_everything(price, held, parts):
    left = Left(price, dict(enumerate(held)))

    for wanted in [*parts, price]:
        if not left.price_minor:
            break
        part = min(wanted, left.price_minor)
        taken = taken_of(left, part)
        assert all(0 < minor <= left.held[bearer] for bearer, minor in taken.items())
        left = after(left, part, taken)

    assert left.price_minor > 0 or left.value == 0


def test_three_thirds_take_a_cent_that_does_not_divide():
    left = Left(100, {"maker": 70, "fund": 20, "programme": 10})
    seen = []
    for part in (33, 33, 34):
        taken = taken_of(left, part)
        seen.append(taken)
        left = after(left, part, taken)

    assert seen[0] == {"maker": 23, "fund": 7, "programme": 3}
    assert left.value == 0


@pytest.mark.parametrize("minor", [0, -1, 101])
def test_more_than_is_left_or_nothing_is_refused(minor):
    with pytest.raises(ValueError, match="more than is left"):
        taken_of(Left(100, {"fund": 100}), minor)


def test_what_nobody_holds_is_given_by_nobody():
    assert taken_of(Left(100, {"fund": 0}), 50) == {}
