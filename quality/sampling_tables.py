"""ISO 2859-1: the tables of single sampling under normal inspection, as they are printed.

Source: ISO 2859-1 (the same as MIL-STD-105E and ANSI/ASQ Z1.4), table 1 and table 2-A. Letters and
numbers of A to Q were compared with published copies of MIL-STD-105E cell by cell; row R follows
from the table's diagonal and was not read in a copy. One widely found web page prints AQL 2.5 for
the letters D and E otherwise; it is wrong. There are no letters I and O. Tightened and reduced
inspection are not here: their tables were not verified.
"""

from enum import StrEnum


class Level(StrEnum):
    """How hard one looks: II is usual, I and III less and more, S-1 to S-4 for costly tests."""

    S1 = "S-1"
    S2 = "S-2"
    S3 = "S-3"
    S4 = "S-4"
    I = "I"  # noqa: E741 - the standard's own name
    II = "II"
    III = "III"


#: Table 1. The largest lot of each row (None: no largest), and its letter for each level.
LETTERS: tuple[tuple[int | None, str], ...] = (
    (8, "A A A A A A B"),
    (15, "A A A A A B C"),
    (25, "A A B B B C D"),
    (50, "A B B C C D E"),
    (90, "B B C C C E F"),
    (150, "B B C D D F G"),
    (280, "B C D E E G H"),
    (500, "B C D E F H J"),
    (1_200, "C C E F G J K"),
    (3_200, "C D E G H K L"),
    (10_000, "C D F G J L M"),
    (35_000, "C D F H K M N"),
    (150_000, "D E G J L N P"),
    (500_000, "D E G J M P Q"),
    (None, "D E H K N Q R"),
)

#: Acceptable quality limits, in tenths: 25 is AQL 2.5.
AQLS = (10, 15, 25, 40, 65)
DOWN, UP = "down", "up"

#: Table 2-A. Letter, sample size, and for each AQL the acceptance number or an arrow: ``v`` the
#: first plan below, ``^`` the first plan above. The rejection number is one more.
_PLANS = """
A    2  v  v  v  v  0
B    3  v  v  v  0  ^
C    5  v  v  0  ^  v
D    8  v  0  ^  v  1
E   13  0  ^  v  1  2
F   20  ^  v  1  2  3
G   32  v  1  2  3  5
H   50  1  2  3  5  7
J   80  2  3  5  7 10
K  125  3  5  7 10 14
L  200  5  7 10 14 21
M  315  7 10 14 21  ^
N  500 10 14 21  ^  ^
P  800 14 21  ^  ^  ^
Q 1250 21  ^  ^  ^  ^
R 2000  ^  ^  ^  ^  ^
"""


def _read(cell: str) -> int | str:
    return {"v": DOWN, "^": UP}.get(cell) or int(cell)


_ROWS = [line.split() for line in _PLANS.split("\n") if line]
#: The letters in the order of the table.
ORDER = tuple(row[0] for row in _ROWS)
SAMPLE_SIZES = {row[0]: int(row[1]) for row in _ROWS}
#: For each letter and AQL the acceptance number, or an arrow.
CELLS: dict[tuple[str, int], int | str] = {
    (row[0], aql): _read(cell) for row in _ROWS for aql, cell in zip(AQLS, row[2:], strict=True)
}
