"""One life with everything in it: handed in, looked at, sampled, mended, sent, counted, sold and
brought back; in any order, and every promise of it holds after every step."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.errors import PallayError
from core.ids import new_id
from core.lives import LifeMove
from inventory import stock, stocktakes
from inventory.arrivals import Unpacked
from inventory.models import IN_STOCK, PIECE_MOVES, Location, LocationKind, Piece, PieceStatus
from inventory.place_models import PiecePlace
from orders import fulfilment, returns, till
from orders.models import Order
from orders.return_models import Return
from quality import inspection_lots, inspections, lot_verdicts, reviews
from quality.bench_models import BenchCard, CriticalReview
from quality.catalogue import begin_catalogue
from quality.findings import Evidence
from quality.inspection_lot_models import InspectionLot
from quality.models import DefectClass, Inspection
from quality.rules import begin_rules
from quality.sampling_rules import STARTING_SAMPLING, set_sampling_rules
from tests.inventory.keeping import LATER, StockRoom, make_stock_room
from tests.quality.bench import ANSWERED, MEASURED
from tests.support.make import (
    NOW,
    acting,
    house,
    make_design,
    make_listing,
    make_maker,
    make_pieces,
    make_staff,
)

PICK = st.integers(0, 11)
PICKS = st.lists(PICK, min_size=1, max_size=4, unique=True)
LEAD = st.integers(0, 1)
FOUND = st.sampled_from([None, None, "M03", "C01"])
#: The one thing the check is right to name: somebody said that a sold piece is lost.
KNOWN = "sold, and lost or damaged since: its buyer waits for an answer"
ON_THE_SHELF = {PieceStatus.ACCEPTED, PieceStatus.LISTED, PieceStatus.WITHDRAWN}
#: What becomes of a piece that came back, by its new look.
BECOMES = {"accept_a": "restocked", "accept_b": "sold_as_b", "reject": "written_off"}
ACCEPTED = {"accept_a", "accept_b"}
WRITTEN = text(
    "SELECT id::text AS fact, md5(inspections::text) AS print FROM inspections"
    " UNION ALL SELECT id::text, md5(critical_reviews::text) FROM critical_reviews"
    " UNION ALL SELECT inspection_id::text || position, md5(defects::text) FROM defects"
    " UNION ALL SELECT lot_id::text || piece_id, md5(inspection_lot_pieces::text)"
    " FROM inspection_lot_pieces"
    " UNION ALL SELECT lot_id::text, md5(inspection_lot_verdicts::text)"
    " FROM inspection_lot_verdicts"
    " UNION ALL SELECT id::text, md5(movements::text) FROM movements"
    " UNION ALL SELECT id::text, md5(life_moves::text) FROM life_moves"
)


class Life(RuleBasedStateMachine):
    """Two rooms, two leads, a maker of small goods, and buyers at the stall."""

    session: Session  # given by the test
    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.now: datetime = LATER
        self.room: StockRoom = make_stock_room(self.session)
        home = self.room.home
        begin_catalogue(self.session, cooperative_id=home.id)
        begin_rules(self.session, cooperative_id=home.id, now=NOW - timedelta(days=60))
        sampling = {**STARTING_SAMPLING, "least_pieces": 2, "reason": "for a test"}
        set_sampling_rules(self.session, actor=house(home), now=NOW, **sampling)
        self.room.design = make_design(self.session, home, kind="strap")
        self.room.allow(40000)
        self.leads = [acting(make_staff(self.session, home)) for _ in range(2)]
        self.maker = make_maker(self.session, home)
        self.pieces: list[Any] = []
        self.journeys: list[Any] = []
        self.counting: list[Any] = []
        self.known: dict[str, str] = {}

    def teardown(self) -> None:
        self.no_life_was_bent()
        self.savepoint.rollback()
        self.session.expire_all()

    def attempt(self, operation: Any) -> Any:
        """Do it a minute later, or be refused by name and leave nothing behind."""
        self.now += timedelta(minutes=1)
        try:
            with self.session.begin_nested():
                return operation()
        except PallayError:
            self.session.expire_all()
            return None

    def piece(self, pick: int) -> Any:
        return self.pieces[pick % len(self.pieces)]

    def any_of(self, model: Any, pick: int, *conditions: Any) -> Any:
        rows = self.session.scalars(
            select(model)
            .where(model.cooperative_id == self.room.home.id, *conditions)
            .order_by(model.id)
        ).all()
        return rows[pick % len(rows)] if rows else None

    # What people do.

    @rule(count=st.integers(1, 4), shop=st.booleans())
    def hand_in(self, count: int, shop: bool) -> None:
        self.taken_in(count, shop)

    def taken_in(self, count: int, shop: bool) -> list[Any]:
        if len(self.pieces) >= 16:
            return []
        made = make_pieces(
            self.session,
            self.room.home,
            count,
            design=self.room.design,
            location=self.room.shop if shop else self.room.village,
            weights=[(self.maker, "weave", 1)],
        )
        self.pieces += made
        return made

    @rule(
        pick=PICK,
        lead=LEAD,
        decision=st.sampled_from(["accept_a", "accept_a", "accept_b", "rework", "reject"]),
        found=FOUND,
    )
    def look(self, pick: int, lead: int, decision: str, found: str | None) -> None:
        if self.pieces:
            self.look_at(self.piece(pick), lead, decision, found)

    def look_at(self, piece: Any, lead: int, decision: str, found: str | None = None) -> Any:
        defects = [{"code": found}] if found else []
        return self.attempt(
            lambda: inspections.sign_inspection(
                self.session,
                inspection_id=new_id(),
                piece_id=piece.id,
                decision=decision,
                inspected_at=self.now,
                evidence=Evidence(MEASURED, ANSWERED, defects),
                reason="because",
                request_hash="h",
                actor=self.leads[lead],
                now=self.now,
            )
        )

    @rule(pick=PICK, lead=LEAD, verdict=st.sampled_from(["confirmed", "cleared"]))
    def look_again(self, pick: int, lead: int, verdict: str) -> None:
        looks = self.session.scalars(
            select(Inspection).where(Inspection.cooperative_id == self.room.home.id)
        )
        waiting = sorted(one.id for one in looks if one.open_critical)
        if waiting:
            self.review(waiting[pick % len(waiting)], lead, verdict)

    def review(self, look_id: Any, lead: int, verdict: str) -> None:
        self.attempt(
            lambda: reviews.sign_review(
                self.session,
                inspection_id=look_id,
                review_id=new_id(),
                verdict=verdict,
                reason="looked",
                reviewed_at=self.now,
                request_hash="h",
                actor=self.leads[lead],
                now=self.now,
            )
        )

    @rule(count=st.integers(2, 5), bad=st.integers(0, 2), signed=st.booleans())
    def sample(self, count: int, bad: int, signed: bool) -> None:
        """A lot of fresh pieces: drawn, its sample looked at, and decided by what was found."""
        made = self.taken_in(count, shop=False)
        opened = self.attempt(lambda: self.open_lot(made))
        if opened is None:
            return
        for place, one in enumerate(one for one in opened[0].pieces if one.drawn):
            found = "M03" if place < bad else None
            self.look_at(one.piece, 0, "reject" if found else "accept_a", found)
        if signed:
            self.attempt(lambda: self.decide(opened[0].id))

    @rule(picks=PICKS)
    def sample_any(self, picks: list[int]) -> None:
        """A lot of whatever there is; mostly refused."""
        if self.pieces:
            chosen = list({piece.id: piece for piece in map(self.piece, picks)}.values())
            self.attempt(lambda: self.open_lot(chosen))

    @rule(pick=PICK, kept=st.booleans())
    def end_lot(self, pick: int, kept: bool) -> None:
        lot = self.any_of(InspectionLot, pick, InspectionLot.status == "open")
        if lot is None:
            return
        who = {"actor": self.leads[0]}
        cancel = {"lot_id": lot.id, "reason": "dark", **who}
        self.attempt(
            lambda: (
                self.decide(lot.id)
                if kept
                else inspection_lots.cancel_lot(self.session, now=self.now, **cancel)
            )
        )

    def open_lot(self, pieces: list[Any]) -> Any:
        return inspection_lots.open_lot(
            self.session,
            lot_id=new_id(),
            piece_ids=[piece.id for piece in pieces],
            seed="seed of a test, 1234",
            request_hash="h",
            actor=self.leads[0],
            now=self.now,
        )

    def decide(self, lot_id: Any) -> Any:
        return lot_verdicts.decide_lot(
            self.session,
            lot_id=lot_id,
            grade="A",
            critical_checked_at=self.now,
            decided_at=self.now,
            request_hash="h",
            actor=self.leads[0],
            now=self.now,
        )

    @rule(picks=PICKS)
    def send(self, picks: list[int]) -> None:
        if self.pieces:
            chosen = list({piece.id: piece for piece in map(self.piece, picks)}.values())
            sent = self.attempt(lambda: self.room.send(chosen, now=self.now))
            if sent:
                self.journeys.append(sent[0].id)

    @rule(pick=PICK, picks=PICKS, last=st.booleans(), damaged=st.booleans())
    def unpack(self, pick: int, picks: list[int], last: bool, damaged: bool) -> None:
        if self.journeys:
            ids = {self.piece(one).id for one in picks}
            seen = [Unpacked(piece_id=one, damaged=damaged) for one in sorted(ids)]
            journey_id = self.journeys[pick % len(self.journeys)]
            self.attempt(lambda: self.room.unpack(journey_id, seen, last=last, now=self.now))

    @rule(shop=st.booleans(), picks=PICKS, agree=st.booleans(), ended=st.booleans())
    def count(self, shop: bool, picks: list[int], agree: bool, ended: bool) -> None:
        where = self.room.shop if shop else self.room.village
        counting = self.attempt(lambda: self.room.count(where, opened_at=self.now))
        if counting and self.pieces:
            self.counting.append(counting)
            seen = list({one.id: one for one in map(self.piece, picks)}.values())
            self.attempt(lambda: self.room.see(counting, *seen, at=self.now, now=self.now))
        if ended and self.counting:
            counting = self.counting.pop()
            self.attempt(lambda: self.room.close(counting, now=self.now))
            end = stocktakes.approve_stocktake if agree else stocktakes.refuse_stocktake
            told = {"stocktake_id": counting, "reason": "x", "actor": self.room.second}
            self.attempt(lambda: end(self.session, now=self.now, **told))

    @rule(pick=PICK, kind=st.sampled_from(["lost", "damaged", "found", "mended"]))
    def report(self, pick: int, kind: str) -> None:
        given: dict[str, Any] = {"location_id": self.room.shop.id} if kind == "found" else {}
        if self.pieces:
            self.attempt(
                lambda: self.room.report(
                    self.piece(pick), kind, happened_at=self.now, although_sold=True, **given
                )
            )

    @rule(pick=PICK)
    def offer(self, pick: int) -> None:
        if self.pieces:
            self.attempt(lambda: self.listing_of(self.piece(pick)))

    def listing_of(self, piece: Any) -> Any:
        return make_listing(self.session, self.room.home, [piece], prices={"PEN": 9000})

    @rule(pick=PICK, out=st.booleans())
    def sell(self, pick: int, out: bool) -> None:
        if self.pieces:
            self.sell_one(self.piece(pick), out)

    def sell_one(self, piece: Any, out: bool) -> Any:
        sold = self.attempt(
            lambda: till.sell_by_hand(
                self.session,
                items=[{"piece_id": piece.id}],
                tender="cash",
                given_minor=9000,
                currency="PEN",
                language="es",
                actor=self.room.keeper,
                now=self.now,
            )
        )
        if sold and out:
            self.hand_over_order(sold.id)
        return sold

    @rule(pick=PICK)
    def hand_over(self, pick: int) -> None:
        if (order := self.any_of(Order, pick)) is not None:
            self.hand_over_order(order.id)

    def hand_over_order(self, order_id: Any) -> None:
        self.attempt(
            lambda: fulfilment.hand_over(
                self.session, order_id=order_id, actor=self.room.keeper, now=self.now
            )
        )

    @rule(pick=PICK, shop=st.booleans())
    def bring_back(self, pick: int, shop: bool) -> None:
        if (order := self.any_of(Order, pick)) is not None:
            self.bring_back_order(order, shop)

    def bring_back_order(self, order: Any, shop: bool) -> None:
        told: dict[str, Any] = {"actor": self.room.keeper, "now": self.now}
        back = self.attempt(
            lambda: returns.authorise_return(
                self.session,
                order_id=order.id,
                line_ids=[line.id for line in order.lines],
                reason="changed_mind",
                **told,
            )
        )
        room = self.room.shop if shop else self.room.village
        if back is not None:
            self.attempt(
                lambda: returns.receive_return(
                    self.session, return_id=back.id, location_id=room.id, **told
                )
            )

    @rule(pick=PICK, becomes=st.sampled_from(sorted(BECOMES.values())))
    def decide_a_return(self, pick: int, becomes: str) -> None:
        self.decide_return(pick, becomes)

    def decide_return(self, pick: int, becomes: str) -> None:
        back = self.any_of(Return, pick, Return.status == "received")
        if back is None:
            return
        choices = [returns.Decided(row.piece_id, becomes, "so it is") for row in back.pieces]
        self.attempt(
            lambda: returns.close_return(
                self.session,
                return_id=back.id,
                decided=choices,
                actor=self.room.keeper,
                now=self.now,
            )
        )

    @rule(far=st.integers(1, 5), again=st.sampled_from(["accept_a", "accept_b", "reject"]))
    def walk(self, far: int, again: str) -> None:
        """The common way of one piece, so that what can follow late in a life is met often."""
        for piece in self.taken_in(1, shop=True):
            self.look_at(piece, 0, "accept_a")
            self.attempt(lambda piece=piece: self.listing_of(piece))
            sold = self.sell_one(piece, far > 2) if far > 1 else None
            if sold is not None and far > 3:
                self.bring_back_order(sold, shop=True)
            if far > 4:
                self.look_at(piece, 1, again)
                self.decide_return(-1, BECOMES[again])

    @rule(
        critical=st.booleans(),
        then=st.sampled_from(["confirmed", "cleared", None]),
        last=st.sampled_from(["accept_a", "rework", "reject"]),
    )
    def mend(self, critical: bool, then: str | None, last: str) -> None:
        """A piece with something in it: mended and looked at again, or seen by a second person."""
        for piece in self.taken_in(1, shop=False):
            if not critical:
                self.look_at(piece, 0, "rework", "M03")
            elif (signed := self.look_at(piece, 0, "reject", "C01")) and then:
                self.review(signed[0].id, 1, then)
            self.look_at(piece, 1, last)

    # What must be true all the time.

    @invariant()
    def stock_equals_its_movements(self) -> None:
        assert set(self.room.amiss()) <= {KNOWN}
        counted = stock.counted(self.session, self.room.home.id)
        assert sum(counted.values()) == 0
        assert sum(number for number in counted.values() if number > 0) == len(self.pieces)

    @invariant()
    def a_piece_is_where_its_life_says(self) -> None:
        places = self.session.execute(
            select(Piece.status, Location.kind)
            .join(PiecePlace, PiecePlace.piece_id == Piece.id)
            .join(Location, Location.id == PiecePlace.location_id)
            .where(Piece.cooperative_id == self.room.home.id)
        ).all()
        assert len(places) == len(self.pieces)
        for status, kind in places:
            if status == PieceStatus.HANDED_OVER:
                assert kind == LocationKind.BUYERS
            if status in ON_THE_SHELF | {PieceStatus.RETURNED, PieceStatus.DELIVERED}:
                assert kind in IN_STOCK, (status, kind)

    @invariant()
    def nothing_critical_is_accepted(self) -> None:
        looks = self.session.scalars(
            select(Inspection).where(Inspection.cooperative_id == self.room.home.id)
        ).all()
        open_ones = {one.piece_id for one in looks if one.open_critical}
        offered = self.session.scalars(
            select(Piece.id).where(Piece.id.in_(open_ones), Piece.status.in_(ON_THE_SHELF))
        )
        assert list(offered) == []
        cleared = set(
            self.session.scalars(
                select(CriticalReview.inspection_id).where(CriticalReview.verdict == "cleared")
            )
        )
        counts = set(self.session.scalars(select(BenchCard.inspection_id)))
        for look in looks:
            critical = any(one.severity == DefectClass.CRITICAL for one in look.defects)
            if critical and look.id in counts and look.decision in ACCEPTED:
                assert look.id in cleared

    @invariant()
    def what_was_written_stays_as_it_was(self) -> None:
        written = {row.fact: row.print for row in self.session.execute(WRITTEN)}
        assert self.known.items() <= written.items()
        self.known = written

    def no_life_was_bent(self) -> None:
        moves = select(LifeMove).where(LifeMove.cooperative_id == self.room.home.id)
        for move in self.session.scalars(moves):
            self.reached[f"{move.noun} {move.to_status}"] += 1
            if move.noun == "piece" and move.from_status is not None:
                assert PIECE_MOVES.allow(PieceStatus(move.from_status), PieceStatus(move.to_status))


@pytest.mark.slow
def test_any_life_with_everything_in_it_keeps_its_promises(session: Session) -> None:
    """`pytest --hypothesis-profile=long` looks for longer."""
    Life.session = session
    Life.reached.clear()
    long = settings.get_current_profile_name() == "long"
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=300 if long else 12,
            stateful_step_count=40 if long else 20,
            deadline=None,
            derandomize=not long,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for step in (
        "piece accepted",
        "piece quarantined",
        "piece rework",
        "piece handed_over",
        "inspection lot accepted",
        "inspection lot rejected",
        "return received",
        "return closed",
    ):
        assert Life.reached[step] > 0, (step, dict(Life.reached))
