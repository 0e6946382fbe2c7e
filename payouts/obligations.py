"""Obligations: what each maker is owed, written once when it is owed, never recomputed."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import actors
from core.db import lock_rows
from core.ids import new_id
from core.jobs import defer, named_under_way, only_one, under_way
from inventory.models import AgreementKind, Contribution, Piece
from inventory.stock import lock_pieces
from orders.freezes import is_frozen
from orders.models import Order, OrderLine, OrderPayment
from orders.reading import lock_order
from payouts import ledger
from payouts.ledger import Entry, maker_account, order_account
from payouts.models import (
    Obligation,
    ObligationStatus,
    SettlementAttempt,
    SharePolicy,
)
from payouts.policies import NoPolicy, hold_window, policy_at, terms_of
from payouts.rail_choices import goes_by_transfer
from payouts.reopening import is_unasked
from payouts.sharing import Allocation, SoldLine, allocate

HOUSE = actors.system("payouts")
AT_ONCE = 500
TOLD_AT_ONCE = 2_000
#: How many one job settles; a worker that is told to stop still ends it in time.
IN_ONE_JOB = 25
SETTLE = "obligation.settle:"
MANY = "obligations.settle"

#: (the obligation, its co-operative, its status)
Ready = tuple[uuid.UUID, uuid.UUID, str]


def record_sale(session: Session, *, order_id: uuid.UUID, now: datetime) -> list[Obligation]:
    """Divide a paid order into postings and obligations; a second time finds it done.

    Everything is in settlement currency: what the charge's balance transaction says. The policy is
    the one that was in force when the buyer paid, however late the news of it comes.
    """
    order = lock_order(session, order_id)
    event = f"order_paid:{order_id}"
    if order.payment is None or order.paid_at is None or ledger.happened(session, event):
        return []
    policy = policy_at(session, cooperative_id=order.cooperative_id, at=order.paid_at)
    if policy is None:
        raise NoPolicy()
    allocation = allocation_of(session, order, order.payment, policy)
    obligations = _shares(order, order.payment, allocation, policy, now)
    add_held(session, obligations, f"order {order.number} was paid", now)
    ledger.post(
        session,
        event=event,
        entries=_entries(order, order.payment, allocation, obligations),
        currency=order.payment.settlement_currency,
        cooperative_id=order.cooperative_id,
        order_id=order.id,
        actor=HOUSE,
        now=now,
    )
    if order.handed_over_at is not None:
        start_hold_window(session, order_id=order_id, now=now)
    return obligations


def start_hold_window(session: Session, *, order_id: uuid.UUID, now: datetime) -> None:
    """Once every piece of an order has left: its shares fall due after the policy's window."""
    order = lock_order(session, order_id)
    if order.handed_over_at is None:
        return
    ids = session.scalars(select(Obligation.id).where(Obligation.order_id == order_id))
    for obligation in lock_obligations(session, list(ids)):
        if obligation.due_at is None:
            policy = session.get_one(SharePolicy, obligation.policy_id)
            obligation.due_at = order.handed_over_at + hold_window(policy, order.channel)
    session.flush()


def fall_due(
    session: Session,
    *,
    now: datetime,
    order_id: uuid.UUID | None = None,
    piece_id: uuid.UUID | None = None,
) -> int:
    """Let what was held fall due, and have everything settled that can be; how many fell due.

    Of one order or piece, if named: whoever hands over one order does not look at all others. At
    most 500 fall due at a time, and word is left of 2,000; whatever another worker is just holding
    is left to it.
    """
    named = [
        column == wanted
        for column, wanted in ((Obligation.order_id, order_id), (Obligation.piece_id, piece_id))
        if wanted is not None
    ]
    held = session.scalars(
        select(Obligation)
        .where(Obligation.status == ObligationStatus.HELD, Obligation.due_at <= now, *named)
        .order_by(Obligation.id)
        .limit(AT_ONCE)
        .with_for_update(of=Obligation, skip_locked=True, key_share=True)
    ).all()
    for obligation in held:
        obligation.become(ObligationStatus.DUE, actor=HOUSE, why="the hold window is over", at=now)
    session.flush()
    _leave_word(session, _ready(session, now, named), each=bool(named))
    return len(held)


def _leave_word(session: Session, ready: Sequence[Ready], *, each: bool) -> None:
    """Have all that is ready settled: in a job ``each``, or many of a co-operative in one."""
    several: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for obligation_id, cooperative_id, status in ready:
        if each or status != ObligationStatus.DUE:
            settle_later(session, obligation_id)
        else:
            several[cooperative_id].append(obligation_id)
    if not several or not only_one(session, MANY):
        return
    for cooperative_id, ids in several.items():
        for start in range(0, len(ids), IN_ONE_JOB):
            some = ids[start : start + IN_ONE_JOB]
            if len(some) == 1:
                settle_later(session, some[0])
                continue
            defer(
                session,
                "obligations.settle",
                urgent=False,
                cooperative_id=cooperative_id,
                obligation_ids=some,
            )


def settle_later(session: Session, obligation_id: uuid.UUID) -> None:
    """Leave word that this obligation can be paid; once is enough."""
    word = f"{SETTLE}{obligation_id}"
    defer(session, "obligation.settle", once=word, patient=False, obligation_id=obligation_id)


def _ready(
    session: Session, now: datetime, named: Sequence[ColumnElement[bool]]
) -> Sequence[Ready]:
    """What is due by transfer to an active account, or was begun and has no outcome yet; and
    nobody was told to pay it.

    What was refused lately is left to rest, so that it never stands before what was not; and of
    what is frozen, or waits for people, nobody is told before it is free.
    """
    begun = SettlementAttempt.outcome.is_(None)
    past = aliased(SettlementAttempt)
    resting = exists().where(
        past.obligation_id == Obligation.id,
        # A no rests; what was paid in an earlier round and is owed again does not.
        past.round == Obligation.round,
        past.rests_until > now,
    )
    free = ~resting & ~is_frozen(Obligation.order_id) & ~is_unasked()
    found = session.execute(
        select(Obligation.id, Obligation.cooperative_id, Obligation.status)
        .outerjoin(SettlementAttempt, (SettlementAttempt.obligation_id == Obligation.id) & begun)
        .where(
            or_(
                (Obligation.status == ObligationStatus.DUE) & free & goes_by_transfer(),
                (Obligation.status == ObligationStatus.SETTLING)
                & SettlementAttempt.id.is_not(None),
            ),
            ~under_way(func.concat(SETTLE, cast(Obligation.id, String))),
            Obligation.id.not_in(named_under_way(MANY, "obligation_ids")),
            *named,
        )
        .order_by(Obligation.id)
        .limit(TOLD_AT_ONCE)
    )
    return [(found_id, home, status) for found_id, home, status in found]


def allocation_of(
    session: Session, order: Order, payment: OrderPayment, policy: SharePolicy
) -> Allocation:
    """How a sale was divided: what was agreed gives the same parts whenever it is asked."""
    pieces = {
        piece.id: piece for piece in lock_pieces(session, [row.piece_id for row in order.lines])
    }
    return allocate(
        gross_minor=payment.gross_minor,
        fee_minor=payment.fee_minor,
        lines=[_sold(line, pieces[line.piece_id]) for line in order.lines],
        shipping_minor=order.shipping_minor,
        tax_minor=order.tax_minor,
        terms=terms_of(policy),
    )


def _sold(line: OrderLine, piece: Piece) -> SoldLine:
    return SoldLine(
        line_id=line.id,
        price_minor=line.price_minor,
        weights=weights_of(piece.contributions),
        paid_already=piece.agreement.kind == AgreementKind.PAY_ON_ACCEPTANCE,
    )


def weights_of(contributions: Iterable[Contribution]) -> Mapping[uuid.UUID, int]:
    """Each maker's weight on a piece, all her stages together."""
    weights: Counter[uuid.UUID] = Counter()
    for step in contributions:
        weights[step.maker_id] += step.weight
    return weights


def _shares(
    order: Order,
    payment: OrderPayment,
    allocation: Allocation,
    policy: SharePolicy,
    now: datetime,
) -> list[Obligation]:
    piece_of = {line.id: line.piece_id for line in order.lines}
    return [
        Obligation(
            id=new_id(),
            cooperative_id=order.cooperative_id,
            maker_id=maker_id,
            piece_id=piece_of[share.line_id],
            order_id=order.id,
            line_id=share.line_id,
            policy_id=policy.id,
            agreement=AgreementKind.SHARE_ON_SALE.value,
            amount_minor=amount,
            currency=payment.settlement_currency,
            charge_id=payment.charge_id,
            created_at=now,
        )
        for share in allocation.lines
        for maker_id, amount in share.makers.items()
        if amount
    ]


def _entries(
    order: Order, payment: OrderPayment, allocation: Allocation, obligations: list[Obligation]
) -> list[Entry]:
    clearing = order_account(order.id)
    makers = [
        Entry(maker_account(row.maker_id), clearing, row.amount_minor, "her share", row.id)
        for row in obligations
    ]
    fund = sum(line.fund for line in allocation.lines)
    programme = sum(line.programme for line in allocation.lines)
    return [
        Entry(clearing, ledger.tender_account(payment.tender), payment.gross_minor, "charged"),
        Entry(ledger.STRIPE, ledger.STRIPE_FEES, payment.fee_minor, "kept by Stripe"),
        *makers,
        Entry(ledger.FUND, clearing, fund, "the fund's part"),
        Entry(ledger.PROGRAMME, clearing, programme, "the programme's part"),
        Entry(ledger.SHIPPING, clearing, allocation.shipping, "for shipping"),
        Entry(ledger.TAX, clearing, allocation.tax, "for tax"),
        Entry(ledger.STRIPE_FEES, clearing, allocation.fee_on_lines, "fee, borne by everyone"),
        Entry(ledger.STRIPE_FEES, ledger.FUND, allocation.fee_on_fund, "fee, borne by the fund"),
        Entry(
            ledger.STRIPE_FEES, ledger.PROGRAMME, allocation.fee_on_programme,
            "fee, borne by the programme",
        ),
    ]  # fmt: skip


def add_held(session: Session, obligations: list[Obligation], why: str, now: datetime) -> None:
    """New obligations begin their life held."""
    for obligation in obligations:
        session.add(obligation)
        session.add(obligation.begin(ObligationStatus.HELD, actor=HOUSE, why=why, at=now))
    session.flush()


def lock_obligations(session: Session, ids: Iterable[uuid.UUID]) -> list[Obligation]:
    """Lock obligations for a change, in the order of their ids."""
    return lock_rows(session, Obligation, ids)
