"""A bench for tests: a co-operative with catalogue and rules, two leads, looks at pieces."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.ids import new_id
from payouts import acceptances
from payouts.models import Obligation
from quality import inspections, reviews
from quality.bench_models import CriticalReview
from quality.catalogue import begin_catalogue
from quality.findings import Evidence, Pay
from quality.inspections import Particulars
from quality.models import Inspection
from quality.rules import STARTING_RULES, begin_rules, set_rules
from tests.support.make import (
    NOW,
    acting,
    house,
    make_cooperative,
    make_design,
    make_location,
    make_maker,
    make_piece,
    make_staff,
    pay_on_acceptance,
)

MINUTE = timedelta(minutes=1)
MEASURED = [{"name": "length", "value": 1500}]
ANSWERED = [{"code": "no_metal", "answer": "yes"}]
PIN = ({"code": "C01"},)


class Bench:
    """Two leads and a coordinator, none of them a maker; pieces of one design."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.home = make_cooperative(session)
        begin_catalogue(session, cooperative_id=self.home.id)
        begin_rules(session, cooperative_id=self.home.id, now=NOW - timedelta(days=60))
        self.design = make_design(session, self.home)
        self.room = make_location(session, self.home)
        self.makers = sorted(
            (make_maker(session, self.home) for _ in range(2)), key=lambda maker: maker.id
        )
        self.first = make_staff(session, self.home)
        self.second = make_staff(session, self.home)
        self.coordinator = make_staff(session, self.home, "coordinator")

    def piece(self, price: int | None = 18001) -> Any:
        """A piece of two makers, one part in three and two; paid on acceptance, or by its sale."""
        weights = [(maker, "weave", n) for maker, n in zip(self.makers, (1, 2), strict=True)]
        given: dict[str, Any] = {"design": self.design, "location": self.room, "weights": weights}
        agreed = pay_on_acceptance(price) if price else None
        return make_piece(self.session, self.home, agreement=agreed, **given)

    def rules(self, **given: int) -> None:
        """New rules of the day before."""
        set_rules(
            self.session,
            reason="made for a test",
            actor=house(self.home),
            now=NOW - timedelta(days=1),
            **{**STARTING_RULES, **given},
        )

    def look(self, piece: Any, decision: str, **given: Any) -> Inspection:
        """A look that is signed, and whoever pays hears of it."""
        look = self.sign(piece, decision, **given)[0]
        self.follow(piece)
        return look

    def sign(self, piece: Any, decision: str, **given: Any) -> tuple[Inspection, bool]:
        """``by`` whom, ``at`` which moment, with which ``defects`` and ``particulars``."""
        told = {
            name: given.pop(name)
            for name in list(given)
            if name in Particulars.__dataclass_fields__
        }
        by, at = given.pop("by", self.first), given.pop("at", NOW - 60 * MINUTE)
        found = {
            name: given.pop(name) for name in list(given) if name in Evidence.__dataclass_fields__
        }
        evidence = Evidence(**{"measurements": MEASURED, "answers": ANSWERED, **found})
        values = {"inspection_id": new_id(), "reason": "because", "request_hash": "h", "now": NOW}
        return inspections.sign_inspection(
            self.session,
            piece_id=piece.id,
            decision=decision,
            inspected_at=at,
            evidence=evidence,
            actor=acting(by),
            particulars=Particulars(**told),
            **{**values, **given},
        )

    def review(self, look: Inspection, verdict: str, **given: Any) -> CriticalReview:
        """A second person's look, which those who pay hear of too."""
        by, at = given.pop("by", self.second), given.pop("at", NOW - 10 * MINUTE)
        values = {"review_id": new_id(), "reason": "looked", "request_hash": "h", "now": NOW}
        review, _new = reviews.sign_review(
            self.session,
            inspection_id=look.id,
            verdict=verdict,
            reviewed_at=at,
            actor=acting(by),
            **{**values, **given},
        )
        self.follow(self.session.get_one(type(look), look.id))
        return review

    def follow(self, of: Any) -> None:
        """What the worker would do."""
        piece_id = getattr(of, "piece_id", of.id)
        acceptances.record_acceptance(self.session, piece_id=piece_id, now=NOW)
        acceptances.withdraw_acceptance(self.session, piece_id=piece_id, now=NOW)

    def owed(self, piece: Any) -> list[tuple[int, str]]:
        """What stands of what was owed for a piece, by maker."""
        rows = self.session.query(Obligation).filter_by(piece_id=piece.id)
        standing = [row for row in rows if row.status != "cancelled"]
        return [
            (row.amount_minor, row.status)
            for row in sorted(standing, key=lambda row: (row.maker_id, row.part))
        ]


def reduced(share_bp: int, reason: str = "agreed with her") -> Pay:
    return Pay(share_bp, reason)
