"""Any sequence of buying, refunding, disputing, settling, reversing and pay days keeps the books.

The machine answers for Stripe itself; after every step everything is added up.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import String, func, select
from sqlalchemy import cast as cast_sql
from sqlalchemy.orm import Session

from core.errors import PallayError
from core.lives import LifeMove
from core.money import Money
from orders import disputes, fulfilment, money_back, paying, refund_news, refunds, till
from orders.dispute_models import Dispute
from orders.models import Order, OrderPayment
from orders.refund_models import Refund, RefundStatus
from orders.refunds import Wanted
from payments.attempts import AttemptOutcome
from payments.gateway import Checkout, Gateway
from payouts import (
    advances,
    by_hand,
    decisions,
    differences,
    disputed,
    ledger,
    many_transfers,
    obligations,
    pay_days,
    recoveries,
    reversal_news,
    reversals,
    transfers,
    undoing,
    undone_differences,
)
from payouts.advance_models import Advance, Deduction
from payouts.models import Obligation, ObligationStatus, PayoutAccount, Posting, Settlement
from payouts.payable import payable_minor
from payouts.recovery_models import Recovery, RecoveryStatus
from tests.lives.stripes_side import USD, StripesSide
from tests.orders.buying import place
from tests.payouts.selling import set_policy
from tests.support.make import (
    NOW,
    accept,
    acting,
    make_cooperative,
    make_design,
    make_listing,
    make_location,
    make_maker,
    make_pieces,
    make_staff,
)

PICK = st.integers(0, 30)
WEIGHTS = st.lists(st.integers(1, 30), min_size=1, max_size=3)
#: Accounts whose balance is never above zero, and those where it is never below.
NEVER_ABOVE = ("maker:", "by_hand")
NEVER_BELOW = ("advance:", "undecided", "disputed:", "cash_box", "bank")


class Purse(RuleBasedStateMachine):
    """A co-operative with two makers at Stripe and one without, in one savepoint."""

    session: Session  # given by the test
    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.now = NOW
        self.stripe = StripesSide()
        self.home = make_cooperative(self.session)
        set_policy(self.session, self.home, NOW, hold_days_online=1, fee_bearer="everyone")
        self.design = make_design(self.session, self.home)
        self.room = make_location(self.session, self.home)
        self.makers = [make_maker(self.session, self.home) for _ in range(3)]
        for maker in self.makers[:2]:
            self.session.add(
                PayoutAccount(
                    cooperative_id=self.home.id, maker_id=maker.id, key=f"ac:{maker.id}",
                    request={}, account_id=f"acct_{maker.id.hex}", capability="active",
                    created_at=NOW, created_by="system:test",
                )
            )  # fmt: skip
        self.treasurer = acting(make_staff(self.session, self.home, "treasurer", "coordinator"))
        self.witness = make_staff(self.session, self.home, "storekeeper").id
        self.who: dict[str, Any] = {"actor": self.treasurer}
        self.session.flush()

    def teardown(self) -> None:
        rows = select(LifeMove.noun, LifeMove.to_status).where(
            LifeMove.cooperative_id == self.home.id
        )
        self.reached.update(f"{noun} {status}" for noun, status in self.session.execute(rows))
        self.savepoint.rollback()
        self.session.expire_all()

    def attempt(self, operation: Any) -> Any:
        """Do it, or be refused by name and leave nothing behind."""
        held = self.stripe.balance
        try:
            with self.session.begin_nested():
                return operation()
        except PallayError:
            self.session.expire_all()
            assert self.stripe.balance == held, "Stripe did something that we refused"
            return None

    def any_of(self, model: Any, pick: int, *conditions: Any) -> Any:
        rows = self.session.scalars(
            select(model)
            .where(model.cooperative_id == self.home.id, *conditions)
            .order_by(*model.__mapper__.primary_key)
        ).all()
        return rows[pick % len(rows)] if rows else None

    def goods(self, weights: list[int], currency: str, price: int) -> list[dict[str, Any]]:
        steps = [(maker, "weave", n) for maker, n in zip(self.makers, weights, strict=False)]
        pieces = make_pieces(
            self.session, self.home, 2, design=self.design, location=self.room, weights=steps
        )
        for piece in pieces:
            accept(piece)
        self.session.flush()
        make_listing(self.session, self.home, pieces, prices={currency: price})
        return [{"piece_id": piece.id} for piece in pieces]

    @rule(weights=WEIGHTS, price=st.integers(50, 9999), fee=st.integers(0, 40), out=st.booleans())
    def buy_and_pay(self, weights, price, fee, out):
        items = self.goods(weights, USD, price)
        order = place(self.session, *items, now=self.now, channel="online")
        payment = self.stripe.charge(order.total_minor, fee, self.now)
        checkout = Checkout(
            session_id=f"cs_{order.id.hex}", url=None, status="complete", paid=True,
            expires_at=order.expires_at, order_id=order.id, payment=payment,
        )  # fmt: skip
        for _ in range(2):
            paying.apply_checkout(self.session, order_id=order.id, checkout=checkout, now=self.now)
            obligations.record_sale(self.session, order_id=order.id, now=self.now)
        if out:
            self.hand_over_order(order.id)

    @rule(weights=WEIGHTS, price=st.integers(50, 9999))
    def sell_for_cash(self, weights, price):
        items = self.goods(weights, "PEN", price)
        order = till.sell_by_hand(
            self.session, items=items[:1], tender="cash", given_minor=price, currency="PEN",
            language="es", now=self.now, **self.who,
        )  # fmt: skip
        obligations.record_sale(self.session, order_id=order.id, now=self.now)
        self.hand_over_order(order.id)

    @rule(pick=PICK)
    def hand_over(self, pick):
        if (order := self.any_of(Order, pick)) is not None:
            self.hand_over_order(order.id)

    def hand_over_order(self, order_id):
        def leave():
            fulfilment.hand_over(self.session, order_id=order_id, now=self.now, **self.who)
            obligations.start_hold_window(self.session, order_id=order_id, now=self.now)

        self.attempt(leave)

    @rule(weights=WEIGHTS, price=st.integers(50, 9999), fee=st.integers(0, 40))
    def sell_through_and_pay_everybody(self, weights, price, fee):
        """The common way, so that what comes after it is met often."""
        self.buy_and_pay(weights, price, fee, True)
        self.a_week_goes_by()
        for _ in range(len(weights)):
            self.settle("yes", 0)

    @initialize(weights=WEIGHTS, price=st.integers(50, 9999), fee=st.integers(0, 40))
    def something_was_sold_and_a_part_went_back(self, weights, price, fee):
        self.sell_through_and_pay_everybody(weights, price, fee)
        self.send_it_back_and_bring_it_back(0, price // 3, "amount")

    @rule(pick=PICK, minor=st.integers(1, 9000), how=st.sampled_from(["whole", "amount"]))
    def send_it_back_and_bring_it_back(self, pick, minor, how):
        """The common way back."""
        self.refund(pick, minor, how)
        self.stripe_answers_a_refund(0, "yes")
        for _ in range(2):
            self.reverse("yes", 0)

    @rule()
    def a_week_goes_by(self):
        self.now += timedelta(days=7)
        obligations.fall_due(self.session, now=self.now)
        recoveries.follow_outcomes(self.session, now=self.now)

    @rule(pick=PICK, minor=st.integers(1, 9000), how=st.sampled_from(["whole", "line", "amount"]))
    def refund(self, pick, minor, how):
        payment = self.any_of(OrderPayment, pick)
        if payment is None:
            return
        order = self.session.get_one(Order, payment.order_id)
        wanted = {
            "whole": Wanted(whole=True),
            "line": Wanted(lines=[(order.lines[0].id, None)]),
            "amount": Wanted(amount=Money(minor, order.currency)),
        }[how]
        cash = payment.charge_id is None
        asked = self.attempt(
            lambda: refunds.request_refund(
                self.session, order_id=order.id, wanted=wanted, reason="goodwill",
                witness_id=self.witness if cash else None, now=self.now, **self.who,
            )
        )  # fmt: skip
        if asked is not None and cash:
            undoing.record_refund(self.session, refund_id=asked.id, now=self.now)

    @rule(pick=PICK, says=st.sampled_from(["yes", "yes", "yes", "never"]))
    def stripe_answers_a_refund(self, pick, says):
        asking = Refund.status == RefundStatus.ASKING
        if (row := self.any_of(Refund, pick, asking)) is None:
            return
        sending = money_back._SendingBack(cast("Gateway", None), row.id)
        begun = sending.begin(self.session, self.now)
        if begun is None:
            return
        if says == "never":
            never = money_back.Never("no")
            sending.note_answer(self.session, begun, never, self.now)
            return
        sent = self.stripe.refund(row.charge_id, row.amount_minor, self.now, row.id)
        for _ in range(2):
            sending.note_answer(self.session, begun, sent, self.now)
            undoing.record_refund(self.session, refund_id=row.id, now=self.now)

    @rule(pick=PICK, minor=st.integers(1, 500))
    def refund_in_the_dashboard(self, pick, minor):
        payment = self.any_of(OrderPayment, pick, OrderPayment.charge_id.is_not(None))
        if payment is None or self._asked_of(payment) + minor > payment.charged_minor:
            return
        sent = self.stripe.refund(payment.charge_id, minor, self.now, None)
        refund_news.apply_refund(self.session, sent, now=self.now)
        known = select(Refund.id).where(Refund.stripe_id == sent.id)
        undoing.record_refund(
            self.session, refund_id=self.session.scalars(known).one(), now=self.now
        )

    def _asked_of(self, payment):
        """What went back or may still, and what a bank has taken."""
        going = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.charge_id == payment.charge_id, Refund.status != RefundStatus.FAILED
        )
        called = self.stripe.disputes.values()
        minor = sum(one.amount.minor for one in called if one.charge_id == payment.charge_id)
        return (self.session.scalar(going) or 0) + minor

    @rule(pick=PICK)
    def a_bank_sends_a_refund_back(self, pick):
        booked = Refund.settled_minor.is_not(None) & Refund.stripe_id.is_not(None)
        row = self.any_of(Refund, pick, booked, Refund.status != RefundStatus.FAILED)
        if row is None:
            return
        sent = self.stripe.refund(row.charge_id, row.amount_minor, self.now, row.id)
        self.stripe.take_back(sent)

        def hear():
            order, refund = refunds.lock_refund(self.session, row.id)
            failed = _failed(sent, row.stripe_id)
            money_back.follow(self.session, order, refund, failed, now=self.now)
            undoing.restore_refund(self.session, refund_id=row.id, now=self.now)

        with_answer = self.attempt(lambda: (hear(), True))
        if with_answer:
            self.stripe.take_back(sent)

    @rule(pick=PICK, part=st.booleans())
    def dispute(self, pick, part):
        payment = self.any_of(OrderPayment, pick, OrderPayment.charge_id.is_not(None))
        if payment is None:
            return
        left = payment.charged_minor - self._asked_of(payment)
        if left > 1:
            seen = self.stripe.dispute(payment.charge_id, left // 2 if part else left, self.now)
            self._hear_of(seen)

    @rule(pick=PICK, to=st.sampled_from(["won", "lost", "lost", "reinstated", "withdrawn"]))
    def move_a_dispute(self, pick, to):
        called = list(self.stripe.disputes.values())
        if not called or self._reversing():
            return
        seen = called[pick % len(called)]
        if seen.status in {"won", "lost"} and to in {"won", "lost"}:
            return
        if seen.status == "won" and to == "withdrawn":
            return
        self._hear_of(self.stripe.move(seen, to, self.now))

    def _reversing(self):
        under_way = Recovery.status == RecoveryStatus.REVERSING
        return self.any_of(Recovery, 0, under_way) is not None

    def _hear_of(self, seen):
        for _ in range(2):
            disputes.apply_dispute(self.session, seen, now=self.now)
            known = select(Dispute.id).where(Dispute.stripe_id == seen.id)
            disputed.record_dispute(
                self.session, dispute_id=self.session.scalars(known).one(), now=self.now
            )

    @rule(says=st.sampled_from(["yes", "yes", "no", "nothing"]), pick=PICK)
    def settle(self, says, pick):
        open_ones = Obligation.status.in_([ObligationStatus.DUE, ObligationStatus.SETTLING])
        if (row := self.any_of(Obligation, pick, open_ones)) is None:
            return
        attempt = transfers._attempt(self.session, row.id, self.now)
        if attempt is None or says == "nothing":
            return
        if says == "no":
            transfers.record_no(self.session, attempt.id, AttemptOutcome.REFUSED, "no", self.now)
            return
        request = attempt.request
        made = self.stripe.transfer(request["amount"], request["metadata"], self.now)
        for _ in range(2):
            transfers.record_yes(self.session, attempt.id, made, self.now)

    @rule(answers=st.lists(st.sampled_from(["yes", "yes", "no", "nothing"]), min_size=1))
    def run_a_pay_run(self, answers):
        """Everything that is due in one run, answered one after another, recorded twice."""
        open_ones = Obligation.status.in_([ObligationStatus.DUE, ObligationStatus.SETTLING])
        owed = select(Obligation.id).where(Obligation.cooperative_id == self.home.id, open_ones)
        errands = many_transfers._SendingMany(
            cast("Gateway", None), self.home.id, frozenset(self.session.scalars(owed))
        )
        said, silent = [], []
        for turn, asking in enumerate(errands.begin(self.session, self.now)):
            answer, request = answers[turn % len(answers)], asking.request
            if answer == "no":
                errands.note_no(self.session, asking, AttemptOutcome.REFUSED, "no", self.now)
            elif answer == "nothing":
                silent.append(asking)
            else:
                made = self.stripe.transfer(request["amount"], request["metadata"], self.now)
                said.append((asking, made))
        for _ in range(2):
            errands.note_answers(self.session, said, silent, self.now)

    @rule(says=st.sampled_from(["yes", "yes", "no"]), pick=PICK)
    def reverse(self, says, pick):
        under_way = Recovery.status == RecoveryStatus.REVERSING
        if (row := self.any_of(Recovery, pick, under_way)) is None:
            return
        errand = reversals._Reversing(cast("Gateway", None), row.id)
        begun = errand.begin(self.session, self.now)
        if begun is None:
            return
        request = begun.request
        made = (
            self.stripe.reverse(
                request["transfer"], request["amount"], request["metadata"]["recovery"]
            )
            if says == "yes"
            else None
        )
        if made is None:
            errand.note_no(self.session, begun, AttemptOutcome.REFUSED, "spent", self.now)
            return
        for _ in range(2):
            errand.note_answer(self.session, begun, made, self.now)

    @rule(pick=PICK, minor=st.integers(1, 900))
    def reverse_in_the_dashboard(self, pick, minor):
        sent = sorted(self.stripe.transfers)
        if not sent:
            return
        paid = select(Obligation.status).join(Settlement, Settlement.obligation_id == Obligation.id)
        transfer_id = sent[pick % len(sent)]
        status = self.session.scalar(paid.where(Settlement.transfer_id == transfer_id))
        if status == ObligationStatus.SETTLING:
            return
        made = self.stripe.reverse(transfer_id, min(minor, self.stripe.left[transfer_id]), None)
        if made is None:
            return
        for _ in range(2):
            assert reversal_news.apply_reversal(self.session, made, now=self.now)

    @rule(pick=PICK, minor=st.integers(1, 3000), currency=st.sampled_from([USD, "PEN"]))
    def give_an_advance(self, pick, minor, currency):
        advances.give_advance(
            self.session, maker_id=self.makers[pick % 3].id, amount_minor=minor,
            currency=currency, given_for="yarn", method="cash", witness_id=self.witness,
            now=self.now, **self.who,
        )  # fmt: skip

    @rule(pick=PICK)
    def pay_by_hand(self, pick):
        if (row := self.any_of(Obligation, pick)) is not None:
            self.attempt(
                lambda: by_hand.settle_by_hand(
                    self.session, obligation_id=row.id, method="cash", witness_id=self.witness,
                    now=self.now, **self.who,
                )
            )  # fmt: skip

    @rule()
    def hold_a_pay_day(self):
        day = self.attempt(
            lambda: pay_days.open_pay_day(
                self.session, currency="PEN", rates={USD: "3.75"}, now=self.now, **self.who
            )
        )
        if day is None:
            return
        for maker_id in sorted({line.maker_id for line in day.lines}):
            pay_days.pay_maker(
                self.session, pay_day_id=day.id, maker_id=maker_id, method="cash",
                witness_id=self.witness, now=self.now, evidence_url="https://p.test/1.jpg",
                **self.who,
            )  # fmt: skip
        pay_days.close_pay_day(self.session, pay_day_id=day.id, now=self.now, **self.who)

    @rule(pick=PICK, decision=st.sampled_from(["absorbed", "offset", "retry"]))
    def decide(self, pick, decision):
        undecided = Recovery.status == RecoveryStatus.UNDECIDED
        if (row := self.any_of(Recovery, pick, undecided)) is not None:
            self.attempt(
                lambda: decisions.decide(
                    self.session, recovery_id=row.id, decision=decision, reason="so it is",
                    consent="yes", evidence_url="https://p.test/2.jpg", bearer="fund",
                    now=self.now, **self.who,
                )
            )  # fmt: skip

    @invariant()
    def everything_is_somewhere_once(self):
        held = ledger.balances(self.session, self.home.id)
        self._every_currency_sums_to_zero_and_nothing_is_left_between(held)
        self._no_balance_is_where_it_may_not_be(held)
        self._nothing_is_settled_twice_and_nothing_payable_is_below_zero(held)
        self._shares_funds_and_fees_are_the_charge()
        self._no_more_comes_off_or_goes_back_than_there_was()
        self._the_house_finds_no_difference_of_its_own()

    def _every_currency_sums_to_zero_and_nothing_is_left_between(self, held):
        for currency in {currency for _, currency in held}:
            assert sum(minor for (_, one), minor in held.items() if one == currency) == 0
        between = ("order:", "stripe_fees", "exchange_difference")
        assert not [key for key in held if key[0].startswith(between)]

    def _no_balance_is_where_it_may_not_be(self, held):
        assert held.get((ledger.STRIPE, USD), 0) == self.stripe.balance
        for (account, _currency), minor in held.items():
            assert not (minor > 0 and account.startswith(NEVER_ABOVE)), (account, minor)
            assert not (minor < 0 and account.startswith(NEVER_BELOW)), (account, minor)

    def _nothing_is_settled_twice_and_nothing_payable_is_below_zero(self, held):
        rows = self.session.scalars(
            select(Obligation).where(Obligation.cooperative_id == self.home.id)
        ).all()
        unpaid = payable_minor(self.session, rows)
        assert [minor for minor in unpaid.values() if minor < 0] == []
        owed: Counter[tuple[str, str]] = Counter()
        for row in rows:
            owed[ledger.maker_account(row.maker_id), row.currency] -= unpaid[row.id]
            if row.status in {ObligationStatus.SETTLED, ObligationStatus.REVERSED}:
                assert unpaid[row.id] == 0
        hers = {key: minor for key, minor in held.items() if key[0].startswith("maker:")}
        assert hers == {key: minor for key, minor in owed.items() if minor}
        sent = Counter(
            (made.metadata["obligation"], made.metadata["round"])
            for made in self.stripe.transfers.values()
        )
        assert [one for one, times in sent.items() if times > 1] == []

    def _shares_funds_and_fees_are_the_charge(self):
        shares = select(Obligation.order_id, func.sum(Obligation.amount_minor)).where(
            Obligation.cooperative_id == self.home.id, Obligation.order_id.is_not(None)
        )
        owed = dict(self.session.execute(shares.group_by(Obligation.order_id)).all())
        into = func.concat("order:", cast_sql(Posting.order_id, String))
        came = select(Posting.order_id, Posting.source, Posting.amount_minor).where(
            Posting.cooperative_id == self.home.id,
            Posting.event.startswith("order_paid:"),
            Posting.destination == into,
        )
        parts: dict[Any, Counter[bool]] = {}
        for order_id, source, minor in self.session.execute(came):
            parts.setdefault(order_id, Counter())[source.startswith("maker:")] += minor
        for payment in self.session.scalars(
            select(OrderPayment).where(OrderPayment.cooperative_id == self.home.id)
        ):
            of_it = parts[payment.order_id]
            assert of_it[True] == owed.get(payment.order_id, 0)
            assert of_it.total() == payment.gross_minor
            charge = payment.charge_id
            assert charge is None or self.stripe.refunded[charge] <= payment.charged_minor

    def _no_more_comes_off_or_goes_back_than_there_was(self):
        off = select(Advance.amount_minor, func.sum(Deduction.amount_minor)).join(
            Deduction, Deduction.advance_id == Advance.id
        )
        mine = off.where(Advance.cooperative_id == self.home.id).group_by(Advance.id)
        assert [row for row in self.session.execute(mine) if row[1] > row[0]] == []
        assert [left for left in self.stripe.left.values() if left < 0] == []

    def _the_house_finds_no_difference_of_its_own(self):
        found = [
            *differences.misposted(self.session),
            *differences.unmatched(self.session),
            *differences.unproved(self.session),
            *undone_differences.not_taken_back(self.session),
            *undone_differences.disputes_not_posted(self.session),
        ]
        ended = "money came for an order that ended"
        assert [row for row in found if row.words != ended] == []


def _failed(sent, stripe_id):
    values = {name: getattr(sent, name) for name in sent.__slots__}
    return type(sent)(**(values | {"id": stripe_id, "status": "failed", "failure": "closed"}))


@pytest.mark.slow
def test_any_sequence_of_money_keeps_the_books(session):
    """`pytest --hypothesis-profile=long` looks for longer."""
    Purse.session = session
    Purse.reached.clear()
    long = settings.get_current_profile_name() == "long"
    run_state_machine_as_test(
        Purse,
        settings=settings(
            max_examples=400 if long else 6,
            stateful_step_count=40 if long else 20,
            deadline=None,
            derandomize=not long,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for step in ("refund succeeded", "obligation settled", "recovery reversed"):
        assert Purse.reached[step] > 0, (step, sorted(Purse.reached.items()))
