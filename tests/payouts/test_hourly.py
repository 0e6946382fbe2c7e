"""What an hour brought is compared to the last céntimo, in whole numbers only."""

import uuid
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import BASIS_POINTS, split_minor
from payouts.hourly import TimeFrom, Wage, against, hourly_minor, worked

SABINA, JUSTINA, EUSEBIA = sorted(uuid.uuid4() for _ in range(3))
LIVING, MINIMUM = Wage("living", 199_700, 12_480), Wage("minimum", 113_000, 12_480)
BY_240_HOURS = Wage("minimum", 113_000, 14_400)


@dataclass(frozen=True)
class Did:
    maker_id: uuid.UUID
    stage: str
    weight: int = 1
    minutes: int | None = None
    materials_minor: int | None = field(default=None)


def test_the_reference_wages_by_the_hour():
    assert hourly_minor(LIVING.amount_minor, LIVING.minutes) == 960
    assert hourly_minor(MINIMUM.amount_minor, MINIMUM.minutes) == 543
    assert hourly_minor(BY_240_HOURS.amount_minor, BY_240_HOURS.minutes) == 471


def test_the_worked_piece_of_the_trade():
    """S/ 162.00 for 41.5 hours, as the domain's reference works it."""
    whole = against(16_200, 2490, LIVING)

    assert split_minor(16_200, [840, 180, 1320, 150]) == [5465, 1171, 8588, 976]
    assert hourly_minor(16_200, 2490) == 390
    assert (whole.share_bp, whole.below) == (4065, True)
    assert whole.enough_minor == 39_844


AMOUNTS = st.integers(-10_000, 99_999_999)
MINUTES = st.integers(1, 20_000_000)
WAGES = st.builds(Wage, st.just("living"), st.integers(1, 99_999_999), st.integers(1, 1_000_000))


@settings(max_examples=50)
@given(AMOUNTS, MINUTES, WAGES)
def test_below_is_exactly_below_and_enough_is_the_least_that_is_not(minor, minutes, wage):
    found = against(minor, minutes, wage)

    assert found.below == (Fraction(minor, minutes) < Fraction(wage.amount_minor, wage.minutes))
    assert found.below == (minor < found.enough_minor)
    assert found.below == (found.share_bp < BASIS_POINTS)
    assert not against(found.enough_minor, minutes, wage).below
    assert against(found.enough_minor - 1, minutes, wage).below


@settings(max_examples=50)
@given(AMOUNTS, MINUTES)
def test_an_hour_is_told_to_the_nearest_centimo(minor, minutes):
    exact = Fraction(minor * 60, minutes)

    assert Fraction(-1, 2) < hourly_minor(minor, minutes) - exact <= Fraction(1, 2)


@settings(max_examples=50)
@given(st.lists(st.tuples(AMOUNTS, MINUTES), min_size=1, max_size=8), WAGES)
def test_where_all_together_are_below_somebody_is(parts, wage):
    together = against(sum(one for one, _ in parts), sum(minutes for _, minutes in parts), wage)

    if together.below:
        assert any(against(minor, minutes, wage).below for minor, minutes in parts)


def test_her_own_minutes_count_and_the_designs_where_she_said_none():
    steps = [
        Did(SABINA, "spin", minutes=600),
        Did(SABINA, "weave", minutes=1200),
        Did(JUSTINA, "dye"),
        Did(EUSEBIA, "finish", minutes=30),
        Did(EUSEBIA, "dye"),
    ]

    found = worked(steps, {"dye": 181, "weave": 9999})

    assert (found[SABINA].minutes, found[SABINA].comes_from) == (1800, TimeFrom.RECORDED)
    assert (found[JUSTINA].minutes, found[JUSTINA].comes_from) == (91, TimeFrom.ESTIMATED)
    assert (found[EUSEBIA].minutes, found[EUSEBIA].comes_from) == (120, TimeFrom.ESTIMATED)


def test_time_that_nobody_told_is_unknown_and_not_nothing():
    found = worked([Did(SABINA, "spin", minutes=60), Did(SABINA, "sew")], {"weave": 60})

    assert (found[SABINA].minutes, found[SABINA].comes_from) == (None, TimeFrom.UNKNOWN)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 1_000_000), min_size=1, max_size=6), st.integers(1, 1_000_000))
def test_those_who_shared_a_stage_share_its_time_whole(weights, minutes):
    steps = [Did(uuid.uuid4(), "weave", weight) for weight in weights]

    found = worked(steps, {"weave": minutes})

    assert sum(one.minutes or 0 for one in found.values()) == minutes


@pytest.mark.parametrize("minutes", [0, None])
def test_an_estimate_of_nothing_is_no_time(minutes):
    by_stage = {} if minutes is None else {"weave": minutes}

    assert worked([Did(SABINA, "weave")], by_stage)[SABINA].minutes is None
