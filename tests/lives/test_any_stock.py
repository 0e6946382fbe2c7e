"""Any sequence of journeys, counts, losses and sales leaves every piece in one place, and known."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import PallayError
from core.lives import LifeMove
from inventory import moving, stock, stocktakes
from inventory.arrivals import Unpacked
from inventory.models import PIECE_MOVES, PieceStatus
from tests.inventory.keeping import LATER, StockRoom, make_stock_room
from tests.orders.buying import place
from tests.support.make import make_listing

#: The one thing the check is right to name: somebody said that a sold piece is lost.
KNOWN = "sold, and lost or damaged since: its buyer waits for an answer"
PICK = st.integers(0, 7)
PICKS = st.lists(PICK, min_size=1, max_size=4, unique=True)


class Keeping(RuleBasedStateMachine):
    """Two rooms, eight pieces, and everything that can happen to them."""

    session: Session  # given by the test

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.now = LATER
        self.room: StockRoom = make_stock_room(self.session)
        self.room.allow(40000)
        self.pieces = self.room.pieces(8)
        make_listing(self.session, self.room.home, self.pieces[:5])
        self.journeys: list[Any] = []
        self.counting: list[Any] = []
        self.orders: list[Any] = []

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

    @rule(picks=PICKS)
    def send(self, picks: list[int]) -> None:
        chosen = [self.pieces[pick] for pick in picks]
        sent = self.attempt(lambda: self.room.send(chosen, now=self.now))
        if sent:
            self.journeys.append(sent[0].id)

    @rule(pick=PICK, picks=PICKS, last=st.booleans(), damaged=st.booleans())
    def unpack(self, pick: int, picks: list[int], last: bool, damaged: bool) -> None:
        if self.journeys:
            seen = [Unpacked(piece_id=self.pieces[one].id, damaged=damaged) for one in picks]
            journey_id = self.journeys[pick % len(self.journeys)]
            self.attempt(lambda: self.room.unpack(journey_id, seen, last=last, now=self.now))

    @rule(shop=st.booleans())
    def begin_to_count(self, shop: bool) -> None:
        where = self.room.shop if shop else self.room.village
        counting = self.attempt(lambda: self.room.count(where, opened_at=self.now))
        if counting:
            self.counting.append(counting)

    @rule(pick=PICK, picks=PICKS, ago=st.integers(0, 5))
    def see(self, pick: int, picks: list[int], ago: int) -> None:
        if self.counting:
            seen = [self.pieces[one] for one in picks]
            counting = self.counting[pick % len(self.counting)]
            at = self.now - timedelta(minutes=ago)
            self.attempt(lambda: self.room.see(counting, *seen, at=at, now=self.now))

    @rule(pick=PICK, agree=st.booleans())
    def close(self, pick: int, agree: bool) -> None:
        if not self.counting:
            return
        counting = self.counting[pick % len(self.counting)]
        self.attempt(lambda: self.room.close(counting, now=self.now))
        end = stocktakes.approve_stocktake if agree else stocktakes.refuse_stocktake
        told = {"stocktake_id": counting, "reason": "x", "actor": self.room.second}
        self.attempt(lambda: end(self.session, now=self.now, **told))

    @rule(pick=PICK, kind=st.sampled_from(["lost", "damaged", "found", "mended"]))
    def report(self, pick: int, kind: str) -> None:
        given: dict[str, Any] = {"location_id": self.room.shop.id} if kind == "found" else {}
        self.attempt(
            lambda: self.room.report(
                self.pieces[pick], kind, happened_at=self.now, although_sold=True, **given
            )
        )

    @rule(pick=PICK, shop=st.booleans())
    def carry(self, pick: int, shop: bool) -> None:
        room = self.room.shop if shop else self.room.village
        self.attempt(
            lambda: moving.move_piece(
                self.session,
                piece_id=self.pieces[pick].id,
                destination_id=room.id,
                reason="x",
                actor=self.room.keeper,
                now=self.now,
            )
        )

    @rule(pick=PICK, out=st.booleans())
    def sell(self, pick: int, out: bool) -> None:
        piece = self.pieces[pick]

        def buy() -> Any:
            order = place(self.session, {"piece_id": piece.id}, now=self.now)
            return stock.sell(self.session, order.id, actor=self.room.keeper, now=self.now)

        self.attempt(buy)
        if out:
            self.attempt(
                lambda: stock.hand_over(
                    self.session,
                    [piece.id],
                    order_number="x",
                    actor=self.room.keeper,
                    now=self.now,
                )
            )

    @invariant()
    def stock_equals_its_movements(self) -> None:
        assert set(self.room.amiss()) <= {KNOWN}
        counted = stock.counted(self.session, self.room.home.id)
        assert sum(counted.values()) == 0
        assert sum(number for number in counted.values() if number > 0) == len(self.pieces)

    def no_life_was_bent(self) -> None:
        moves = select(LifeMove).where(
            LifeMove.cooperative_id == self.room.home.id, LifeMove.noun == "piece"
        )
        for move in self.session.scalars(moves):
            if move.from_status is not None:
                assert PIECE_MOVES.allow(PieceStatus(move.from_status), PieceStatus(move.to_status))


@pytest.mark.slow
def test_any_sequence_in_the_stock_room_keeps_its_promises(session: Session) -> None:
    Keeping.session = session
    run_state_machine_as_test(
        Keeping,
        settings=settings(
            max_examples=5,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
