"""What an hour of work brought, and how that stands to a reference wage. Arithmetic only.

Whole minor units and whole minutes; nothing is rounded before it is compared. What is shown by the
hour is rounded, a half up; the comparison never is.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.money import BASIS_POINTS, split_minor


class TimeFrom(StrEnum):
    """Where a maker's minutes come from."""

    #: She said so at delivery, of every step of hers.
    RECORDED = "recorded"
    #: Of some step it is the design's own time.
    ESTIMATED = "estimated"
    #: Of some step nobody has said anything.
    UNKNOWN = "unknown"


class Step(Protocol):
    """One maker's step on a piece, with her minutes where she said."""

    @property
    def maker_id(self) -> uuid.UUID:
        """Whose step."""

    @property
    def stage(self) -> str:
        """Which step."""

    @property
    def weight(self) -> int:
        """What divides a stage among those who shared it."""

    @property
    def minutes(self) -> int | None:
        """How long it took her, where she said."""


@dataclass(frozen=True, slots=True)
class Wage:
    """A reference wage as numbers: minor units for so many minutes."""

    kind: str
    amount_minor: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Worked:
    """A maker's minutes on one piece, all her steps together; None where they are not known."""

    minutes: int | None
    comes_from: TimeFrom


@dataclass(frozen=True, slots=True)
class Against:
    """How pay stands to one reference wage.

    ``share_bp`` is rounded down, so it is below 10,000 exactly when the pay is below the wage.
    ``enough_minor``: the least that would not be below.
    """

    kind: str
    hourly_minor: int
    share_bp: int
    enough_minor: int

    @property
    def below(self) -> bool:
        """Whether an hour brought less than the wage says."""
        return self.share_bp < BASIS_POINTS


def worked(steps: Sequence[Step], by_stage: Mapping[str, int]) -> dict[uuid.UUID, Worked]:
    """Each maker's time on a piece; ``by_stage``: the design's own minutes.

    Her own minutes where she said. Otherwise the design's time of that stage, which those who
    shared the stage divide by weight.
    """
    known: dict[uuid.UUID, list[int | None]] = {}
    estimated = set()
    for place, step in enumerate(steps):
        minutes = step.minutes
        if minutes is None and step.stage in by_stage:
            minutes = _estimate(steps, place, by_stage[step.stage])
            estimated.add(step.maker_id)
        known.setdefault(step.maker_id, []).append(minutes)
    return {maker: _together(each, maker in estimated) for maker, each in known.items()}


def against(minor: int, minutes: int, wage: Wage) -> Against:
    """How an amount for so many minutes stands to a wage in the same currency."""
    return Against(
        kind=wage.kind,
        hourly_minor=hourly_minor(wage.amount_minor, wage.minutes),
        share_bp=minor * wage.minutes * BASIS_POINTS // (wage.amount_minor * minutes),
        enough_minor=-(-minutes * wage.amount_minor // wage.minutes),
    )


def hourly_minor(minor: int, minutes: int) -> int:
    """What an hour brought, to the nearest minor unit; a half is rounded up."""
    return (2 * 60 * minor + minutes) // (2 * minutes)


def _estimate(steps: Sequence[Step], place: int, minutes: int) -> int:
    sharing = [at for at, one in enumerate(steps) if one.stage == steps[place].stage]
    parts = split_minor(minutes, [steps[at].weight for at in sharing])
    return parts[sharing.index(place)]


def _together(each: Sequence[int | None], estimated: bool) -> Worked:
    told = [minutes for minutes in each if minutes is not None]
    if len(told) < len(each) or not sum(told):
        return Worked(None, TimeFrom.UNKNOWN)
    return Worked(sum(told), TimeFrom.ESTIMATED if estimated else TimeFrom.RECORDED)
