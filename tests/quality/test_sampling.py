"""ISO 2859-1, cell by cell, against a copy written for this test; and the draw."""

import uuid
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.sampling import drawing_order, letter_for, passes, plan_for, plans_for
from quality.sampling_tables import AQLS, CELLS, ORDER, SAMPLE_SIZES, Level

#: From, to, and the letters of S-1, S-2, S-3, S-4, I, II, III.
LOTS = [
    (2, 8, "AAAAAAB"),
    (9, 15, "AAAAABC"),
    (16, 25, "AABBBCD"),
    (26, 50, "ABBCCDE"),
    (51, 90, "BBCCCEF"),
    (91, 150, "BBCDDFG"),
    (151, 280, "BCDEEGH"),
    (281, 500, "BCDEFHJ"),
    (501, 1200, "CCEFGJK"),
    (1201, 3200, "CDEGHKL"),
    (3201, 10000, "CDFGJLM"),
    (10001, 35000, "CDFHKMN"),
    (35001, 150000, "DEGJLNP"),
    (150001, 500000, "DEGJMPQ"),
    (500001, 9000000, "DEHKNQR"),
]
SIZES = [2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000]
#: By column of the table: each begins with arrows, then 0, an arrow up, one down, then upwards.
NUMBERS = [0, None, None, 1, 2, 3, 5, 7, 10, 14, 21]
FIRST_ZERO = {10: "E", 15: "D", 25: "C", 40: "B", 65: "A"}
LEVELS = ["S-1", "S-2", "S-3", "S-4", "I", "II", "III"]

RESOLVED = """
A E 13 0 D 8 0 C 5 0 B 3 0 A 2 0
B E 13 0 D 8 0 C 5 0 B 3 0 A 2 0
C E 13 0 D 8 0 C 5 0 B 3 0 D 8 1
D E 13 0 D 8 0 C 5 0 E 13 1 D 8 1
E E 13 0 D 8 0 F 20 1 E 13 1 E 13 2
F E 13 0 G 32 1 F 20 1 F 20 2 F 20 3
G H 50 1 G 32 1 G 32 2 G 32 3 G 32 5
H H 50 1 H 50 2 H 50 3 H 50 5 H 50 7
J J 80 2 J 80 3 J 80 5 J 80 7 J 80 10
K K 125 3 K 125 5 K 125 7 K 125 10 K 125 14
L L 200 5 L 200 7 L 200 10 L 200 14 L 200 21
M M 315 7 M 315 10 M 315 14 M 315 21 L 200 21
N N 500 10 N 500 14 N 500 21 M 315 21 L 200 21
P P 800 14 P 800 21 N 500 21 M 315 21 L 200 21
Q Q 1250 21 P 800 21 N 500 21 M 315 21 L 200 21
R Q 1250 21 P 800 21 N 500 21 M 315 21 L 200 21
"""
#: A lot whose letter at level III is this one, and larger than its sample where there is such.
LOT_OF = {letter: most for _least, most, letters in LOTS if (letter := letters[6])}

VECTORS = [
    (2, 25, "A", "C", 2, 0),
    (5, 25, "A", "C", 5, 0),
    (8, 25, "A", "C", 5, 0),
    (8, 40, "A", "B", 3, 0),
    (8, 10, "A", "E", 8, 0),
    (13, 10, "B", "E", 13, 0),
    (15, 10, "B", "E", 13, 0),
    (20, 65, "C", "D", 8, 1),
    (40, 25, "D", "C", 5, 0),
    (40, 40, "D", "E", 13, 1),
    (60, 25, "E", "F", 20, 1),
    (120, 15, "F", "G", 32, 1),
    (280, 10, "G", "H", 50, 1),
    (500, 25, "H", "H", 50, 3),
    (1000, 10, "J", "J", 80, 2),
    (3000, 25, "K", "K", 125, 7),
]


@pytest.mark.parametrize(("least", "most", "letters"), LOTS)
def test_every_cell_of_the_table_of_letters(least, most, letters):
    for level, letter in zip(LEVELS, letters, strict=True):
        assert letter_for(least, Level(level)) == letter_for(most, Level(level)) == letter


def test_one_unit_is_no_lot():
    with pytest.raises(ValueError, match="no lot"):
        letter_for(1, Level.II)


@pytest.mark.parametrize("aql", AQLS)
def test_every_cell_of_the_table_of_plans(aql):
    begins = "ABCDEFGHJKLMNPQR".index(FIRST_ZERO[aql])
    column = ["down"] * begins + ["up" if one is None else one for one in NUMBERS]
    column[begins + 2] = "down"
    column += ["up"] * len(ORDER)

    assert [CELLS[letter, aql] for letter in "ABCDEFGHJKLMNPQR"] == column[:16]
    assert list(SAMPLE_SIZES.values()) == SIZES
    assert set(ORDER).isdisjoint("IO")


@pytest.mark.parametrize("line", RESOLVED.split("\n")[1:-1])
def test_every_arrow_is_followed_and_the_sample_changes_with_it(line):
    start, *cells = line.split()
    wanted = [tuple(cells[n : n + 3]) for n in range(0, 15, 3)]
    level, lot = (Level.II, 8) if start == "A" else (Level.III, LOT_OF[start])

    found = [plan_for(lot, level, aql) for aql in AQLS]

    assert {plan.start for plan in found} == {start}
    assert [(p.letter, SAMPLE_SIZES[p.letter], p.accept) for p in found] == [
        (letter, int(size), int(accept)) for letter, size, accept in wanted
    ]
    assert all(p.size == min(SAMPLE_SIZES[p.letter], lot) for p in found)


@pytest.mark.parametrize(("lot", "aql", "start", "letter", "size", "accept"), VECTORS)
def test_worked_examples(lot, aql, start, letter, size, accept):
    plan = plan_for(lot, Level.II, aql)

    assert (plan.start, plan.letter, plan.size) == (start, letter, size)
    assert (plan.accept, plan.reject) == (accept, accept + 1)


def test_the_largest_sample_serves_all_classes_where_its_letter_has_numbers():
    plans = plans_for(60, Level.II, {"major": 25, "minor": 40})

    assert {name: (p.letter, p.size, p.accept) for name, p in plans.items()} == {
        "major": ("F", 20, 1),
        "minor": ("F", 20, 2),
    }


def test_where_the_largest_letter_has_an_arrow_a_class_keeps_its_own_plan():
    plans = plans_for(40, Level.II, {"major": 25, "minor": 40})

    assert {name: (p.letter, p.size, p.accept) for name, p in plans.items()} == {
        "major": ("C", 5, 0),
        "minor": ("E", 13, 1),
    }


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 600_000), st.sampled_from(list(Level)), st.sampled_from(AQLS))
def test_a_sample_is_never_larger_than_its_lot_and_one_more_bad_unit_decides(lot, level, aql):
    plan = plan_for(lot, level, aql)

    assert 1 <= plan.size <= lot
    bad = min(plan.accept, plan.size)
    good = [False] * (plan.size - bad)
    assert passes(plan, [True] * bad + good)
    if plan.size > plan.accept:
        assert not passes(plan, [True] * plan.reject + good)


def test_what_is_drawn_beyond_a_plan_does_not_count_against_it():
    plan = plan_for(40, Level.II, 25)

    assert passes(plan, [False] * 5 + [True] * 8)
    assert not passes(plan, [False] * 4 + [True])


UNITS = [uuid.UUID(int=n) for n in range(20)]
WRITTEN_DOWN = [7, 18, 0, 3, 11, 9]


def test_a_seed_draws_the_same_units_for_ever_in_whatever_order_they_are_named():
    # Written down on 26 November 2026; another answer would mean that old draws cannot be repeated.
    assert [unit.int for unit in drawing_order(UNITS, "huilloc")[:6]] == WRITTEN_DOWN
    assert drawing_order(reversed(UNITS), "huilloc") == drawing_order(UNITS, "huilloc")
    assert drawing_order(UNITS, "another") != drawing_order(UNITS, "huilloc")


def test_every_unit_is_drawn_about_as_often_as_any_other():
    seeds = 2000
    drawn = Counter(unit for n in range(seeds) for unit in drawing_order(UNITS, f"seed {n}")[:5])

    expected = seeds * 5 / len(UNITS)
    squares = sum((drawn[unit] - expected) ** 2 for unit in UNITS) / expected
    # Chi-square with 19 degrees of freedom: beyond 43.8 once in a thousand. The seeds are fixed.
    assert squares < 43.8
