"""Any sequence of operations leaves legal states, stock equal to movements, and balanced books."""

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.errors import PallayError
from core.ids import new_id
from core.lives import LifeMove
from core.money import Money
from inventory import listings, stock
from inventory.models import PIECE_MOVES, LocationKind, Movement, Piece, PieceStatus
from orders import fulfilment, paying
from orders.models import ORDER_MOVES, Order, OrderStatus
from payments.attempts import AttemptOutcome
from payments.gateway import Checkout, Payment, Transfer
from payouts import acceptances, by_hand, ledger, obligations, transfers
from payouts.models import OBLIGATION_MOVES, Obligation, ObligationStatus, PayoutAccount, Posting
from quality import inspections
from quality.findings import Evidence
from tests.orders.buying import place
from tests.payouts.selling import set_policy
from tests.support.make import (
    NOW,
    acting,
    house,
    make_cooperative,
    make_design,
    make_location,
    make_maker,
    make_pieces,
    make_staff,
    pay_on_acceptance,
)

IN_ROOMS = {LocationKind.WORKSHOP, LocationKind.STORE, LocationKind.TRANSIT}
GOOD = Evidence([{"name": "length", "value": 1500}], [{"code": "no_metal", "answer": "yes"}])


STATUS: dict[str, Any] = {"paid": "complete", "expired": "expired", "open": "open"}
WEIGHTS = st.lists(st.integers(1, 50), min_size=1, max_size=3)


class House(RuleBasedStateMachine):
    """The house in one savepoint; what Stripe would answer is said by the machine."""

    session: Session  # given by the test
    reached: ClassVar[Counter[str]] = Counter()
    pieces = Bundle("pieces")
    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.now = NOW
        self.home = make_cooperative(self.session)
        set_policy(self.session, self.home, NOW, hold_days_online=1)
        self.design = make_design(self.session, self.home)
        self.room = make_location(self.session, self.home)
        self.makers = [make_maker(self.session, self.home) for _ in range(3)]
        self._give_account(self.makers[0])
        self.lead = acting(make_staff(self.session, self.home, "quality_lead"))
        self.treasurer = acting(make_staff(self.session, self.home, "treasurer"))
        self.witness = make_staff(self.session, self.home, "storekeeper")

    def teardown(self) -> None:
        self._count()
        self.savepoint.rollback()
        self.session.expire_all()

    def _give_account(self, maker):
        self.session.add(
            PayoutAccount(
                cooperative_id=self.home.id,
                maker_id=maker.id,
                key=f"ac:{maker.id}",
                request={},
                account_id=f"acct_{maker.id.hex}",
                capability="active",
                created_at=NOW,
                created_by="system:test",
            )
        )
        self.session.flush()

    def attempt(self, operation):
        """Do it, or be refused by name and leave nothing behind."""
        try:
            with self.session.begin_nested():
                return operation()
        except PallayError:
            self.session.expire_all()
            return None

    def _count(self):
        """What this run got to, so that the test knows that it saw something."""
        rows = self.session.execute(
            select(LifeMove.noun, LifeMove.to_status).where(LifeMove.cooperative_id == self.home.id)
        )
        self.reached.update(f"{noun} {status}" for noun, status in rows)

    @rule(target=pieces, bought=st.booleans(), weights=WEIGHTS)
    def hand_in(self, bought, weights):
        return multiple(*self._made(bought, weights))

    def _made(self, bought, weights):
        steps = [(maker, "weave", n) for maker, n in zip(self.makers, weights, strict=False)]
        made = make_pieces(
            self.session,
            self.home,
            2,
            design=self.design,
            location=self.room,
            weights=steps,
            agreement=pay_on_acceptance(9999) if bought else None,
        )
        return [piece.id for piece in made]

    @rule(target=pieces, bought=st.booleans(), weights=WEIGHTS)
    def bring_to_market(self, bought, weights):
        """The common way, so that what comes after it is met often."""
        made = self._made(bought, weights)
        for piece_id in made:
            self.inspect(piece_id, "accept_a")
            self.offer(piece_id)
        return multiple(*made)

    @rule(piece_id=pieces, decision=st.sampled_from(["accept_a", "accept_b", "rework", "reject"]))
    def inspect(self, piece_id, decision):
        def sign():
            inspections.sign_inspection(
                self.session,
                inspection_id=new_id(),
                piece_id=piece_id,
                decision=decision,
                reason="because",
                inspected_at=self.now,
                evidence=GOOD,
                request_hash="h",
                actor=self.lead,
                now=self.now,
            )
            acceptances.record_acceptance(self.session, piece_id=piece_id, now=self.now)
            acceptances.withdraw_acceptance(self.session, piece_id=piece_id, now=self.now)

        self.attempt(sign)

    @rule(piece_id=pieces)
    def offer(self, piece_id):
        self.attempt(
            lambda: listings.add_listing(
                self.session,
                design_id=self.design.id,
                title={"en": "A runner"},
                description={},
                prices={"USD": 3333},
                piece_ids=[piece_id],
                photos=[],
                status="published",
                actor=house(self.home),
                now=self.now,
            )
        )

    @rule(
        target=orders,
        wanted=st.lists(pieces, min_size=1, max_size=3),
        channel=st.sampled_from(["online", "stall"]),
    )
    def order(self, wanted, channel):
        items = [{"piece_id": piece_id} for piece_id in wanted]
        placed = self.attempt(lambda: place(self.session, *items, now=self.now, channel=channel))
        return placed.id if placed else multiple()

    @rule(
        target=orders,
        weights=WEIGHTS,
        bought=st.booleans(),
        fee=st.integers(0, 400),
        out=st.booleans(),
    )
    def sell_through(self, weights, bought, fee, out):
        """A whole sale, so that paying makers is met often."""
        made = self.bring_to_market(bought, weights)
        order_id = self.order(list(made.values), "stall")
        self.hear_of_payment(order_id, "paid", fee)
        if out:
            self.hand_over(order_id)
            self.wait(0)
        return order_id

    @rule(
        order_id=orders, how=st.sampled_from(["paid", "expired", "open"]), fee=st.integers(0, 400)
    )
    def hear_of_payment(self, order_id, how, fee):
        order = self.session.get_one(Order, order_id)
        money = Money(order.total_minor, order.currency)
        payment = Payment(
            payment_intent_id=f"pi_{order_id.hex}",
            charge_id=f"ch_{order_id.hex}",
            balance_transaction_id=f"txn_{order_id.hex}",
            charged=money,
            gross=money,
            fee_minor=fee,
            net_minor=money.minor - fee,
            exchange_rate=None,
            paid_at=self.now,
        )
        checkout = Checkout(
            session_id=f"cs_{order_id.hex}",
            url=None,
            status=STATUS[how],
            paid=how == "paid",
            expires_at=order.expires_at,
            order_id=order_id,
            payment=payment if how == "paid" else None,
        )

        def hear():
            paying.apply_checkout(self.session, order_id=order_id, checkout=checkout, now=self.now)
            obligations.record_sale(self.session, order_id=order_id, now=self.now)

        self.attempt(hear)

    @rule(order_id=orders)
    def hand_over(self, order_id):
        def leave():
            fulfilment.hand_over(
                self.session, order_id=order_id, actor=self.treasurer, now=self.now
            )
            obligations.start_hold_window(self.session, order_id=order_id, now=self.now)

        self.attempt(leave)

    @rule(days=st.integers(0, 3))
    def wait(self, days):
        self.now += timedelta(days=days)
        obligations.fall_due(self.session, now=self.now)

    @rule(says=st.sampled_from(["yes", "yes", "no", "nothing"]), pick=st.integers(0, 20))
    def transfer(self, says, pick):
        row = self._any(pick, [ObligationStatus.DUE, ObligationStatus.SETTLING])
        if row is None:
            return
        attempt = transfers._attempt(self.session, row.id, self.now)
        if attempt is None or says == "nothing":
            return
        if says == "no":
            transfers.record_no(self.session, attempt.id, AttemptOutcome.REFUSED, "no", self.now)
            return
        made = Transfer(
            id=f"tr_{attempt.id.hex}",
            amount=Money(row.amount_minor, row.currency),
            destination="acct",
            group=None,
            metadata={},
            created_at=self.now,
            reversed_minor=0,
        )
        for _ in range(2):
            transfers.record_yes(self.session, attempt.id, made, self.now)

    @rule(pick=st.integers(0, 20))
    def pay_by_hand(self, pick):
        row = self._any(pick, list(ObligationStatus))
        if row is not None:
            self.attempt(
                lambda: by_hand.settle_by_hand(
                    self.session,
                    obligation_id=row.id,
                    method="cash",
                    witness_id=self.witness.id,
                    actor=self.treasurer,
                    now=self.now,
                )
            )

    def _any(self, pick, statuses) -> Obligation | None:
        rows = self.session.scalars(
            select(Obligation)
            .where(Obligation.cooperative_id == self.home.id, Obligation.status.in_(statuses))
            .order_by(Obligation.id)
        ).all()
        return rows[pick % len(rows)] if rows else None

    @invariant()
    def every_life_went_along_its_table(self):
        tables: dict[str, Any] = {
            "piece": (PIECE_MOVES, PieceStatus, Piece),
            "order": (ORDER_MOVES, OrderStatus, Order),
            "obligation": (OBLIGATION_MOVES, ObligationStatus, Obligation),
        }
        last: dict[uuid.UUID, str] = {}
        moves = select(LifeMove).where(LifeMove.cooperative_id == self.home.id)
        for move in self.session.scalars(moves.order_by(LifeMove.id)):
            assert move.from_status == last.get(move.subject_id)
            last[move.subject_id] = move.to_status
            if move.from_status is not None and move.noun in tables:
                table, kind, _ = tables[move.noun]
                assert table.allow(kind(move.from_status), kind(move.to_status))
        for _, _, model in tables.values():
            rows = select(model).where(model.cooperative_id == self.home.id)
            for row in self.session.scalars(rows):
                assert last[row.id] == row.status

    @invariant()
    def stock_is_the_sum_of_movements(self):
        counted = stock.counted(self.session, self.home.id)
        assert sum(counted.values()) == 0
        out = {
            PieceStatus.HANDED_OVER,
            PieceStatus.RETURNED_TO_MAKER,
            PieceStatus.LOST,
        }
        mine = select(func.count()).where(Piece.cooperative_id == self.home.id)
        inside = self.session.scalar(mine.where(Piece.status.not_in(out)))
        assert counted.get(self.room.id, 0) == inside
        at_most_once = select(Movement.piece_id, Movement.sequence).group_by(
            Movement.piece_id, Movement.sequence
        )
        assert not self.session.execute(at_most_once.having(func.count() > 1)).all()

    @invariant()
    def a_piece_is_promised_once(self):
        twice = text(
            "SELECT piece_id FROM holds WHERE status IN ('held', 'sold')"
            " GROUP BY piece_id HAVING count(*) > 1"
        )
        assert not self.session.execute(twice).all()

    @invariant()
    def the_books_balance(self):
        held = ledger.balances(self.session, self.home.id)
        for currency in {currency for _, currency in held}:
            assert sum(amount for (_, one), amount in held.items() if one == currency) == 0
        assert not [account for account, _ in held if account.startswith("order:")]
        owed = self.session.execute(
            select(Obligation.maker_id, Obligation.currency, func.sum(Obligation.amount_minor))
            .where(
                Obligation.cooperative_id == self.home.id,
                Obligation.status.in_(["held", "due", "settling"]),
            )
            .group_by(Obligation.maker_id, Obligation.currency)
        )
        makers = {key: amount for key, amount in held.items() if key[0].startswith("maker:")}
        assert makers == {
            (ledger.maker_account(maker), currency): -amount for maker, currency, amount in owed
        }
        postings = select(func.count()).where(
            Posting.cooperative_id == self.home.id, Posting.amount_minor <= 0
        )
        assert self.session.scalar(postings) == 0


@pytest.mark.slow
def test_any_sequence_of_operations_keeps_the_promises(session):
    House.session = session
    House.reached.clear()
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for step in (
        "piece handed_over",
        "obligation settled",
    ):
        assert House.reached[step] > 0, (step, sorted(House.reached.items()))
