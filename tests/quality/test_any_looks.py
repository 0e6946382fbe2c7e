"""Whatever is done at the bench and around it: nothing passes with something critical open in it,
and what was signed stays as it was."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.errors import PallayError
from core.ids import new_id
from inventory import listings, stock
from inventory.locations import outside
from inventory.models import LocationKind, PieceStatus
from inventory.moving import move_piece
from quality.models import Inspection
from tests.quality.bench import MINUTE, PIN, Bench
from tests.support.make import NOW, house

PASSED = {"accepted", "listed", "withdrawn", "returned_to_maker"}
FACTS = text(
    "SELECT id::text AS fact, md5(inspections::text) AS print FROM inspections UNION ALL"
    " SELECT id::text, md5(critical_reviews::text) FROM critical_reviews UNION ALL"
    " SELECT inspection_id::text || code, md5(defects::text) FROM defects"
)

WHO = st.sampled_from(["first", "second", "coordinator"])
LOOKS = st.tuples(
    st.just("look"), WHO, st.integers(1, 90), st.sampled_from(["accept_a", "rework", "reject"]),
    st.booleans(),
)  # fmt: skip
REVIEWS = st.tuples(
    st.just("review"), WHO, st.integers(0, 90), st.sampled_from(["confirmed", "cleared"])
)
AROUND = st.tuples(st.sampled_from(["market", "hold", "release", "sell", "leave", "home"]))
reached: Counter[str] = Counter()


class Story:
    """One piece, and whatever happens to it; what is refused changes nothing."""

    def __init__(self, bench):
        self.bench, self.session = bench, bench.session
        self.piece, self.order = bench.piece(), new_id()
        self.house: dict[str, Any] = {"actor": house(bench.home), "now": NOW}

    def look(self, who, ago, decision, critical):
        more = {"defects": PIN} if critical else {}
        self.bench.look(
            self.piece, decision, by=getattr(self.bench, who), at=NOW - ago * MINUTE, **more
        )

    def review(self, who, ago, verdict):
        looks = self.session.query(Inspection).filter_by(piece_id=self.piece.id)
        look = next((one for one in looks if one.open_critical), None)
        if look is not None:
            at = max(look.inspected_at, NOW - ago * MINUTE)
            self.bench.review(look, verdict, by=getattr(self.bench, who), at=at)

    def market(self):
        """The common way to the shelf, so that what comes after it is met often."""
        self.look("first", 89, "accept_a", critical=False)
        self.offer()

    def offer(self):
        listings.add_listing(
            self.session,
            design_id=self.bench.design.id,
            title={"en": "A runner"},
            description={},
            prices={"USD": 3333},
            piece_ids=[self.piece.id],
            photos=[],
            status="published",
            **self.house,
        )

    def hold(self):
        stock.reserve(
            self.session, [self.piece.id], order_id=self.order, expires_at=NOW, **self.house
        )

    def release(self):
        stock.release(self.session, self.order, why="expired", **self.house)

    def sell(self):
        stock.sell(self.session, self.order, **self.house)

    def leave(self):
        open_before = self.open_critical()
        stock.hand_over(self.session, [self.piece.id], order_number="1", **self.house)
        assert not open_before

    def home(self):
        makers = outside(self.session, self.bench.home.id, LocationKind.MAKERS)
        move_piece(
            self.session,
            piece_id=self.piece.id,
            destination_id=makers.id,
            reason="hers",
            **self.house,
        )

    def open_critical(self):
        looks = self.session.query(Inspection).filter_by(piece_id=self.piece.id)
        return any(look.open_critical for look in looks)

    def do(self, name, *what):
        try:
            with self.session.begin_nested():
                getattr(self, name)(*what)
        except PallayError:
            self.session.expire_all()

    def facts(self):
        return {row.fact: row.print for row in self.session.execute(FACTS)}


def test_nothing_passes_with_something_critical_open_and_no_fact_is_edited(session):
    bench = Bench(session)
    reached.clear()

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.one_of(LOOKS, LOOKS, REVIEWS, AROUND), min_size=3, max_size=9))
    def live(steps):
        with session.begin_nested() as point:
            story = Story(bench)
            known = story.facts()
            for step in steps:
                status = story.piece.status
                story.do(*step)
                critical = story.open_critical()
                came_out = story.piece.status in PASSED - {"returned_to_maker"} or (
                    story.piece.status == "returned_to_maker" != status
                )
                assert not (critical and came_out), (steps, step)
                facts = story.facts()
                assert known.items() <= facts.items()
                known = facts
                reached[story.piece.status] += 1
            point.rollback()
        session.expire_all()

    live()
    assert reached[PieceStatus.QUARANTINED]
    assert reached[PieceStatus.ACCEPTED]
    assert reached[PieceStatus.LISTED]
