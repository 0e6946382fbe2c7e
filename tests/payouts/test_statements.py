"""A maker's statement says what she earned, what reached her and how, and why the rest waits."""

from datetime import date, timedelta

import pytest

from core.db import transaction
from core.errors import NotFound
from payouts import by_hand, reading, statements, transfers
from payouts.models import Obligation, ObligationStatus, PayoutAccount, Posting
from payouts.reading import ObligationFilter
from tests.payouts.selling import begun, connect, due_sale, hand_over, sell
from tests.support.make import acting, make_cooperative, make_staff

pytestmark = pytest.mark.usefixtures("committed")


def lines_of(sale, **given):
    with transaction() as session:
        statement = statements.statement_of(
            session, maker_id=sale.makers[0], actor=sale.treasurer, **given
        )
        shown = [
            (line.tag, line.obligation.amount_minor, line.obligation.status, line.waiting)
            for line in statement.lines
        ]
        return shown, statement.totals


def test_it_names_piece_amount_and_proof_and_adds_up(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,), count=3)
    hand_over(sale, now)
    with transaction() as session:
        by_hand.settle_by_hand(
            session,
            obligation_id=sale.obligations[0],
            method="plin",
            witness_id=sale.witness_id,
            actor=sale.treasurer,
            now=now,
        )

    lines, totals = lines_of(sale)

    assert len({tag for tag, *_ in lines}) == 3
    assert [amount for _, amount, *_ in lines] == [4760, 4760, 4760]
    assert sorted(waiting or "" for *_, waiting in lines) == [
        "",
        "no_stripe_account",
        "no_stripe_account",
    ]
    assert totals == [{"currency": "USD", "earned": 14280, "paid": 4760, "owed": 9520, "count": 3}]


def test_its_totals_are_of_everything_also_of_what_is_too_much_to_list(
    gateway, peer, now, monkeypatch
):
    sale = sell(gateway, peer, now, weights=(1,), count=3)
    monkeypatch.setattr(statements, "MOST_LINES", 1)

    lines, totals = lines_of(sale)

    assert len(lines) == 1
    assert totals == [{"currency": "USD", "earned": 14280, "paid": 0, "owed": 14280, "count": 3}]


def test_what_was_cancelled_is_listed_and_counts_for_nothing(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,), count=2)
    with transaction() as session:
        session.get_one(Obligation, sale.obligations[0]).become(
            ObligationStatus.CANCELLED, actor=sale.treasurer, why="test", at=now
        )

    lines, totals = lines_of(sale)

    assert sorted(status for _, _, status, _ in lines) == ["cancelled", "held"]
    assert totals == [{"currency": "USD", "earned": 4760, "paid": 0, "owed": 4760, "count": 1}]


def test_a_month_shows_what_was_earned_in_it(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,))
    this_month = date(now.year, now.month, 1)
    next_month = (this_month + timedelta(days=32)).replace(day=1)

    assert len(lines_of(sale, month=this_month)[0]) == 1
    assert lines_of(sale, month=next_month) == ([], [])


def test_december_ends_with_the_year(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,))

    assert lines_of(sale, month=date(now.year - 1, 12, 1)) == ([], [])


def test_nobody_reads_the_statement_of_another_cooperatives_maker(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,))
    with transaction() as session:
        stranger = acting(make_staff(session, make_cooperative(session), "treasurer"))

    with pytest.raises(NotFound), transaction() as session:
        statements.statement_of(session, maker_id=sale.makers[0], actor=stranger)


def why(sale):
    (line,) = lines_of(sale)[0]
    return line[-1]


def test_it_says_at_every_step_why_it_waits(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1,), channel="online")
    assert why(sale) == "not_handed_over"

    hand_over(sale, now)
    assert why(sale) == "hold_window"

    hand_over_long_ago = sell(gateway, peer, now, weights=(1,))
    hand_over(hand_over_long_ago, now)
    assert why(hand_over_long_ago) == "no_stripe_account"

    connect(gateway, peer, hand_over_long_ago, hand_over_long_ago.makers[0], now, "pending")
    assert why(hand_over_long_ago) == "stripe_account_pending"


def test_after_a_no_and_during_a_try_it_says_so(gateway, peer, now):
    sale = due_sale(gateway, peer, now)
    (owed,) = sale.obligations
    assert why(sale) is None

    with transaction() as session:
        account_id = session.get_one(PayoutAccount, sale.makers[0]).account_id
    peer.activate(account_id, "restricted")
    transfers.settle(gateway, obligation_id=owed, now=now)
    assert why(sale) == "stripe_refused"

    begun(owed, now + timedelta(hours=1))
    assert why(sale) == "being_paid"


def test_lists_are_narrowed_and_go_on_after_an_id(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1, 2, 3))
    other = sell(gateway, peer, now, weights=(1,))

    def listed(limit=10, after=None, **wanted):
        with transaction() as session:
            rows = reading.list_obligations(
                session,
                actor=sale.treasurer,
                wanted=ObligationFilter(**wanted),
                limit=limit,
                after=after,
            )
            return [row.id for row in rows]

    assert listed() == sale.obligations
    assert listed(limit=2) == sale.obligations[:2]
    assert listed(after=sale.obligations[1]) == sale.obligations[2:]
    assert listed(status="due") == []
    assert len(listed(maker_id=sale.makers[0], order_id=sale.order_id)) == 1
    with transaction() as session, pytest.raises(NotFound):
        reading.get_obligation(session, other.obligations[0], actor=sale.treasurer)


def test_settlements_are_listed_for_their_own_cooperative(gateway, peer, now):
    sale, other = due_sale(gateway, peer, now), due_sale(gateway, peer, now)
    for one in (sale, other):
        transfers.settle(gateway, obligation_id=one.obligations[0], now=now)

    with transaction() as session:
        (row,) = reading.list_settlements(session, actor=sale.treasurer, limit=10)
        assert row.obligation_id == sale.obligations[0]
        assert row.transfer_id
        assert reading.list_settlements(session, actor=sale.treasurer, limit=10, after=row.id) == []


def test_each_sale_says_what_it_gave_the_fund_and_the_sum_is_of_everything(
    gateway, peer, now, monkeypatch
):
    sale = sell(gateway, peer, now, weights=(14, 22, 3), count=2)
    monkeypatch.setattr(statements, "MOST_LINES", 1)

    with transaction() as session:
        statement = statements.statement_of(session, maker_id=sale.makers[0], actor=sale.treasurer)
        funds = [line.fund for line in statement.lines]
        posted = session.query(Posting).filter_by(order_id=sale.order_id, source="fund")
        (fund,) = [row.amount_minor for row in posted]

    assert funds == [1360]
    assert statement.funds == [{"currency": "USD", "amount_minor": 2720}]
    assert fund == 2720
