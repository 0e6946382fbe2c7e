"""Sampling: how many pieces of a lot are looked at, which, and what they say of the rest.

Pure; no session, no clock. ISO 2859-1, single sampling, normal inspection
(``quality.sampling_tables``).
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from quality.sampling_tables import CELLS, DOWN, LETTERS, ORDER, SAMPLE_SIZES, Level

#: How a sample is drawn; written on each lot, so that it can be drawn again.
DRAWN_BY = "sha256-order-1"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many units are looked at, and how many nonconforming ones the lot may have there.

    ``start``: the letter of the lot's size; ``letter``: that of the plan, arrows followed.
    ``size`` is never more than the lot.
    """

    start: str
    letter: str
    size: int
    accept: int

    @property
    def reject(self) -> int:
        """From how many on the lot is rejected; in single sampling one more."""
        return self.accept + 1


def letter_for(lot_size: int, level: Level) -> str:
    """The code letter of table 1, for two units or more."""
    if lot_size < 2:
        raise ValueError("one unit is no lot: inspect it")
    column = list(Level).index(level)
    row = next(row for most, row in LETTERS if most is None or lot_size <= most)
    return row.split()[column]


def plan_for(lot_size: int, level: Level, aql: int) -> Plan:
    """The plan of table 2-A for one class. ``aql`` in tenths.

    An arrow moves to another row, and the sample's size is that row's. Where it would be as large
    as the lot or larger, everything is looked at.
    """
    start = letter_for(lot_size, level)
    place = ORDER.index(start)
    while not isinstance(cell := CELLS[ORDER[place], aql], int):
        place += 1 if cell == DOWN else -1
    letter = ORDER[place]
    return Plan(start, letter, min(SAMPLE_SIZES[letter], lot_size), cell)


def plans_for(lot_size: int, level: Level, aqls: Mapping[str, int]) -> dict[str, Plan]:
    """One plan for each class, by its own AQL in tenths.

    Where they differ in size, the largest sample serves all classes, with that letter's acceptance
    number for each, as the standard allows. A class for which that letter has an arrow keeps its
    own plan: it is judged by the first units of the same sample.
    """
    own = {name: plan_for(lot_size, level, aql) for name, aql in aqls.items()}
    letter = max((plan.letter for plan in own.values()), key=ORDER.index)
    size = min(SAMPLE_SIZES[letter], lot_size)
    found = {}
    for name, plan in own.items():
        cell = CELLS[letter, aqls[name]]
        shared = isinstance(cell, int)
        found[name] = Plan(plan.start, letter, size, int(cell)) if shared else plan
    return found


def drawing_order(unit_ids: Iterable[uuid.UUID], seed: str) -> list[uuid.UUID]:
    """All units of a lot in the order of the draw; a sample of n is the first n.

    Each is placed by the SHA-256 of ``seed:id``, so the same seed draws the same units for ever,
    on any machine and in whatever order they are named.
    """
    return sorted(unit_ids, key=lambda unit: hashlib.sha256(f"{seed}:{unit}".encode()).digest())


def passes(plan: Plan, units: Sequence[bool]) -> bool:
    """Whether a sample in drawing order, True for each nonconforming unit, passes this plan."""
    return sum(units[: plan.size]) <= plan.accept
