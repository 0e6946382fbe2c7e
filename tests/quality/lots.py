"""Inspection lots for tests: pieces of one small design, a lot opened, its sample looked at."""

from typing import Any

from core.ids import new_id
from quality import inspection_lots, lot_verdicts
from quality.inspection_lot_models import InspectionLot
from quality.sampling_rules import STARTING_SAMPLING, set_sampling_rules
from tests.quality.bench import MINUTE, Bench
from tests.support.make import NOW, acting, house, make_design, make_pieces, pay_on_acceptance

OPENED = NOW - 60 * MINUTE
LOOKED = NOW - 40 * MINUTE
SEED = "seed of a test, 1234"


class LotBench(Bench):
    """A bench where eight equal straps are a lot: five are drawn for majors, three for minors."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.design = make_design(session, self.home, kind="strap")
        self.sampling()

    def sampling(self, **given: Any) -> None:
        told = {**STARTING_SAMPLING, "least_pieces": 2, **given}
        set_sampling_rules(
            self.session, reason="for a test", actor=house(self.home), now=NOW, **told
        )

    def pieces(self, count: int = 8, **given: Any) -> list[Any]:
        told = {"weights": [(self.makers[0], "weave", 1)], "agreement": pay_on_acceptance(9000)}
        cloth = {"design": self.design, "location": self.room}
        return make_pieces(self.session, self.home, count, **{**cloth, **told, **given})

    def open(self, pieces: list[Any], **given: Any) -> InspectionLot:
        return self.open_or_meet(pieces, **given)[0]

    def open_or_meet(self, pieces: list[Any], **given: Any) -> tuple[InspectionLot, bool]:
        by = given.pop("by", self.first)
        values = {"lot_id": new_id(), "seed": SEED, "request_hash": "h", "now": OPENED}
        return inspection_lots.open_lot(
            self.session,
            piece_ids=[piece.id for piece in pieces],
            actor=acting(by),
            **{**values, **given},
        )

    def drawn(self, lot: InspectionLot) -> list[Any]:
        return [one.piece for one in lot.pieces if one.drawn]

    def rest(self, lot: InspectionLot) -> list[Any]:
        return [one.piece for one in lot.pieces if not one.drawn]

    def look_at_sample(self, lot: InspectionLot, *bad: str) -> None:
        """The first drawn pieces each have one of these defects; the others nothing."""
        for place, piece in enumerate(self.drawn(lot)):
            defects = [{"code": bad[place]}] if place < len(bad) else []
            self.look(piece, "reject" if defects else "accept_a", at=LOOKED, defects=defects)

    def decide(self, lot: InspectionLot, **given: Any) -> InspectionLot:
        return self.decide_or_meet(lot, **given)[0]

    def decide_or_meet(self, lot: InspectionLot, **given: Any) -> tuple[InspectionLot, bool]:
        by, at = given.pop("by", self.first), given.pop("at", NOW - 20 * MINUTE)
        values = {"grade": "A", "request_hash": "h", "now": NOW, "critical_checked_at": at}
        return lot_verdicts.decide_lot(
            self.session,
            lot_id=lot.id,
            decided_at=at,
            actor=acting(by),
            **{**values, **given},
        )
