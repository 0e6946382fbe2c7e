"""Looks: several inspections of one piece, and which of them counts. Pure; no session, no clock.

Two phones may have looked at one piece and send what they saw late, twice and in any order. What
becomes of the piece depends on the looks alone, never on the order in which they came:

- The later look counts; of two made at the same moment, the one with the greater id.
- A look *knew* an earlier one if the same person made both, if the earlier had been recorded before
  the later was made, or if its phone says so. Two looks that did not know of each other and decided
  differently are in conflict; the later counts, the other stays, marked.
- A critical finding at which no second person has looked stops the piece, whatever else was seen.
  One that was confirmed bars every acceptance looked at before, and every overruling. One that was
  cleared does not count, nor does the rest of that look: the piece is looked at anew.
- A lot's word for a piece counts only as long as nobody looked at the piece alone.
- A look that came when the piece was past being inspected never counts; a person is told.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inventory.models import Grade, PieceStatus
from quality.models import Decision, Inspection

OUTCOME = {
    Decision.ACCEPT_A: (PieceStatus.ACCEPTED, Grade.A),
    Decision.ACCEPT_B: (PieceStatus.ACCEPTED, Grade.B),
    Decision.REWORK: (PieceStatus.REWORK, None),
    Decision.REJECT: (PieceStatus.REJECTED, None),
}


class Standing(StrEnum):
    """What became of one look among the others."""

    COUNTS = "counts"
    #: It waits for a second person's look at something critical.
    WAITS = "waits"
    SUPERSEDED = "superseded"
    CONFLICTING = "conflicting"
    #: It accepts, and something critical was confirmed after it was made.
    BARRED = "barred"
    #: A second person cleared what was critical in it.
    CLEARED = "cleared"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the looks send the piece, and the one that counts.

    ``rounds``: how often it was sent to rework. ``spent``: more often than the rules allow.
    ``stopped``: something critical is open, or was confirmed and nothing accepted it since.
    """

    status: PieceStatus
    counts: Inspection | None
    rounds: int = 0
    spent: bool = False
    stopped: bool = False

    @property
    def grade(self) -> Grade | None:
        """The grade, where it was accepted."""
        if self.counts is None or self.status is not PieceStatus.ACCEPTED:
            return None
        return OUTCOME[Decision(self.counts.decision)][1]


def outcome_of(looks: Sequence[Inspection], *, since: datetime | None) -> Outcome | None:
    """What all looks at a piece come to; None when none of them says anything.

    ``since``: when the piece last came back to be inspected; earlier looks were of before.
    """
    able = [look for look in in_order(looks) if _may_count(look, looks, since)]
    counts = able[-1] if able else None
    rounds = sum(look.decision == Decision.REWORK for look in _told_apart(able))
    if any(look.open_critical for look in looks):
        return Outcome(PieceStatus.QUARANTINED, counts, rounds, stopped=True)
    confirmed = any(look.confirmed_at for look in looks)
    if counts is None:
        seen = any(look.critical for look in looks)
        return Outcome(PieceStatus.INSPECTING, None, stopped=confirmed) if seen else None
    spent = _is_spent(counts, rounds)
    status = PieceStatus.INSPECTING if spent else OUTCOME[Decision(counts.decision)][0]
    return Outcome(status, counts, rounds, spent, stopped=confirmed and not counts.accepts)


def in_order(looks: Sequence[Inspection]) -> list[Inspection]:
    """By the moment they were made, then by id: the last one has the last word."""
    return sorted(looks, key=place_of)


def place_of(look: Inspection) -> tuple[datetime, uuid.UUID]:
    """A look's place among the others."""
    return look.inspected_at, look.id


def knew(later: Inspection, earlier: Inspection) -> bool:
    """Whether whoever made the later look knew of the earlier one."""
    return (
        later.inspector_id == earlier.inspector_id
        or earlier.recorded_at <= later.inspected_at
        or earlier.id in {later.supersedes_id, later.overrules_id}
    )


def in_conflict(one: Inspection, other: Inspection) -> bool:
    """Whether two looks did not know of each other and decided differently."""
    if one.on_lot or other.on_lot:
        return False
    earlier, later = in_order([one, other])
    return not knew(later, earlier) and _word(earlier) != _word(later)


def superseded_by(look: Inspection, looks: Sequence[Inspection]) -> uuid.UUID | None:
    """What a look knowingly took the place of: as its phone says, or the last one it knew."""
    if look.overrules_id or look.supersedes_id:
        return look.overrules_id or look.supersedes_id
    before = [one for one in in_order(looks) if place_of(one) < place_of(look) and knew(look, one)]
    return before[-1].id if before else None


def standing_of(
    look: Inspection,
    looks: Sequence[Inspection],
    counts: uuid.UUID | None,
    *,
    stopped: bool,
) -> Standing:
    """What became of one look. ``counts``: the id of the one that counts; ``stopped``: the piece
    waits for a second person."""
    if look.open_critical or (stopped and look.id == counts):
        return Standing.WAITS
    if look.late:
        return Standing.LATE
    if look.id == counts:
        return Standing.COUNTS
    if look.cleared:
        return Standing.CLEARED
    if _barred(look, looks):
        return Standing.BARRED
    others = (one for one in looks if one.id != look.id and not one.late)
    apart = any(in_conflict(look, one) for one in others)
    return Standing.CONFLICTING if apart else Standing.SUPERSEDED


def _may_count(look: Inspection, looks: Sequence[Inspection], since: datetime | None) -> bool:
    before = since is not None and look.inspected_at < since
    outdone = look.on_lot and any(not (one.on_lot or one.late) for one in looks)
    return not (look.late or before or outdone or look.cleared or _barred(look, looks))


def _barred(look: Inspection, looks: Sequence[Inspection]) -> bool:
    if not look.accepts:
        return False
    confirmed = [one.confirmed_at for one in looks if one.confirmed_at is not None]
    return any(look.overrules_id or look.inspected_at <= at for at in confirmed)


def _told_apart(looks: Sequence[Inspection]) -> list[Inspection]:
    """Looks that did not know of each other are one round: the last of them."""
    rounds: list[Inspection] = []
    for look in looks:
        if rounds and not knew(look, rounds[-1]):
            rounds.pop()
        rounds.append(look)
    return rounds


def _is_spent(counts: Inspection, rounds: int) -> bool:
    """Whether it goes to rework once more than its rules allow, without a coordinator's word."""
    if counts.decision != Decision.REWORK or counts.overrules_id or counts.rules is None:
        return False
    return rounds > counts.rules.rework_rounds


def _word(look: Inspection) -> tuple[str, int]:
    return look.decision, look.reduced_bp
