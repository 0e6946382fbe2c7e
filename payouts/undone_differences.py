"""Differences about money that went back: every refund has been taken back, or somebody decided."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from orders.dispute_models import Dispute, DisputeMove
from orders.models import StrayPayment
from orders.refund_models import Refund, RefundReason, RefundStatus
from payments.gateway import SeenDispute, SentRefund
from payouts.differences import Difference
from payouts.models import Posting, Settlement
from payouts.recovery_models import FoundReversal, Recovery, RecoveryStatus

OPEN = {
    RecoveryStatus.WAITING: "waits for a payment's outcome",
    RecoveryStatus.REVERSING: "its transfer is being reversed",
    RecoveryStatus.UNDECIDED: "waits for a decision",
}
GONE = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
AT_ONCE = 10_000


def undecided(session: Session) -> Iterator[Difference]:
    """5: what was paid for a sale that was undone has come back, or somebody decided about it."""
    rows = session.scalars(
        select(Recovery).where(Recovery.status.in_(list(OPEN))).order_by(Recovery.id)
    )
    for row in rows:
        cause = row.refund_id or row.dispute_id
        words = OPEN[RecoveryStatus(row.status)]
        yield Difference(
            5, f"recovery:{row.id}", str(cause), row.amount_minor, row.currency, words,
            str(row.cooperative_id),
        )  # fmt: skip


def reversed_and_not_paid_again(session: Session) -> Iterator[Difference]:
    """5: what somebody reversed at Stripe unasked is owed to her again, and a person must say how
    she is paid."""
    met = exists().where(
        Settlement.obligation_id == FoundReversal.obligation_id,
        Settlement.round >= FoundReversal.round,
    )
    open_ones = select(FoundReversal).where(~met).order_by(FoundReversal.id)
    for row in session.scalars(open_ones):
        words = "reversed at Stripe by somebody, and not paid again"
        yield Difference(
            5, f"obligation:{row.obligation_id}", row.reversal_id, row.amount_minor, row.currency,
            words, str(row.cooperative_id),
        )  # fmt: skip


def not_taken_back(session: Session) -> Iterator[Difference]:
    """5: a refund that went out was taken back of somebody, one that failed was given again."""
    taken = _posted("refunded:")
    given = _posted("refund_failed:")
    out = Refund.status.in_(GONE) & Refund.settled_minor.is_not(None)
    for refund, words in (
        *((row, "went out, and nobody bears it") for row in _those(session, out & ~taken)),
        *(
            (row, "failed, and nobody was given it again")
            for row in _those(session, (Refund.status == RefundStatus.FAILED) & taken & ~given)
        ),
    ):
        minor, currency = refund.settled_minor or 0, refund.settlement_currency or refund.currency
        name, theirs = f"refund:{refund.id}", refund.stripe_id or ""
        yield Difference(5, name, theirs, minor, currency, words, str(refund.cooperative_id))
    for refund in _those(session, _in_the_buyers_way()):
        words = "failed, and the buyer has nothing for her money"
        name, theirs, minor = f"refund:{refund.id}", refund.stripe_id or "", refund.amount_minor
        yield Difference(5, name, theirs, minor, refund.currency, words, str(refund.cooperative_id))
    stray = ~exists().where(
        Posting.event == func.concat("stray_paid:", cast(StrayPayment.id, String))
    )
    for row in session.scalars(select(StrayPayment).where(stray)):
        name, minor, currency = f"order:{row.order_id}", row.gross_minor, row.settlement_currency
        words = "money no order can keep is not in the books"
        yield Difference(5, name, row.charge_id, minor, currency, words, str(row.cooperative_id))


def _in_the_buyers_way() -> ColumnElement[bool]:
    """Refunds the house itself had to make (paid twice, or the piece is gone) that failed, and no
    other one of that payment since."""
    other = aliased(Refund)
    again = exists().where(
        other.order_id == Refund.order_id,
        other.charge_id.is_not_distinct_from(Refund.charge_id),
        other.status != RefundStatus.FAILED,
        other.id > Refund.id,
    )
    own = Refund.reason.in_((RefundReason.PAID_TWICE, RefundReason.PIECE_GONE))
    return own & (Refund.status == RefundStatus.FAILED) & ~again


def refunds_unknown(session: Session, theirs: Sequence[SentRefund]) -> Iterator[Difference]:
    """5: every refund at Stripe that did not fail is one of ours, for the same amount."""
    known: dict[str, Refund] = {}
    for start in range(0, len(theirs), AT_ONCE):
        ids = [refund.id for refund in theirs[start : start + AT_ONCE]]
        rows = session.scalars(select(Refund).where(Refund.stripe_id.in_(ids)))
        known |= {row.stripe_id or "": row for row in rows}
    for refund in theirs:
        ours = known.get(refund.id)
        minor, currency = refund.amount.minor, refund.amount.currency
        if ours is None and not refund.failed:
            words = "no refund of ours"
            yield Difference(5, refund.charge_id or "", refund.id, minor, currency, words)
        elif ours is not None and ours.amount_minor != minor:
            off, home = minor - ours.amount_minor, str(ours.cooperative_id)
            words = "refunded another amount"
            yield Difference(5, f"refund:{ours.id}", refund.id, off, currency, words, home)


def _those(session: Session, which: ColumnElement[bool]) -> Sequence[Refund]:
    return session.scalars(select(Refund).where(which).order_by(Refund.id)).all()


def _posted(stem: str) -> ColumnElement[bool]:
    return exists().where(Posting.event == func.concat(stem, cast(Refund.id, String)))


def disputes_unknown(session: Session, theirs: Sequence[SeenDispute]) -> Iterator[Difference]:
    """5: every dispute at Stripe is one of ours, with everything it moved."""
    ids = [dispute.id for dispute in theirs]
    rows = session.scalars(select(Dispute).where(Dispute.stripe_id.in_(ids)))
    known = {row.stripe_id: row for row in rows}
    for dispute in theirs:
        ours = known.get(dispute.id)
        home = str(ours.cooperative_id) if ours else None
        name = f"dispute:{ours.id}" if ours else dispute.charge_id
        told = sum(move.amount.minor for move in dispute.moves)
        noted = sum(move.amount_minor for move in ours.moves) if ours else 0
        if ours is None:
            minor, currency = dispute.amount.minor, dispute.amount.currency
            yield Difference(5, name, dispute.id, minor, currency, "no dispute of ours", home)
        elif told != noted or ours.status != dispute.status:
            words = "not as Stripe says"
            yield Difference(5, name, dispute.id, told - noted, "", words, home)


def disputes_not_posted(session: Session) -> Iterator[Difference]:
    """5: what a dispute moved is in the books, and what was lost is borne by somebody."""
    moved = exists().where(
        Posting.event == func.concat("dispute_moved:", cast(DisputeMove.id, String))
    )
    for move in session.scalars(select(DisputeMove).where(~moved).order_by(DisputeMove.id)):
        home, words = str(move.cooperative_id), "moved, and not in the books"
        yield Difference(
            5, f"dispute:{move.dispute_id}", move.balance_transaction_id, move.amount_minor,
            move.currency, words, home,
        )  # fmt: skip
    for dispute, left in session.execute(_not_borne()):
        home, words = str(dispute.cooperative_id), "lost, and nobody bears it"
        if left < 0:
            words = "put back, and nobody was given it again"
        yield Difference(5, f"dispute:{dispute.id}", dispute.stripe_id, int(left), "", words, home)


def _not_borne() -> Select[Any]:
    """Lost disputes whose money is still apart, of orders that have no other one."""
    account = func.concat("disputed:", cast(Dispute.order_id, String))
    summed = select(func.coalesce(func.sum(Posting.amount_minor), 0))
    came = summed.where(Posting.destination == account).scalar_subquery()
    went = summed.where(Posting.source == account).scalar_subquery()
    other = aliased(Dispute)
    undecided = exists().where(other.order_id == Dispute.order_id, other.status != "lost")
    return (
        select(Dispute, came - went)
        .where(Dispute.status == "lost", came != went, ~undecided)
        .order_by(Dispute.id)
    )
