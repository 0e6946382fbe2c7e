"""What is owed is written once, when it is owed, from the policy of that day."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.db import transaction
from core.ids import new_id
from payouts import acceptances, ledger, obligations
from payouts.models import Obligation, SharePolicy
from people.models import Cooperative
from quality import inspections
from quality.findings import Evidence
from tests.payouts.selling import DAY, hand_over, sell, set_policy, status_of
from tests.support.make import (
    NOW,
    accept,
    acting,
    make_cooperative,
    make_maker,
    make_piece,
    make_staff,
    pay_on_acceptance,
)

pytestmark = pytest.mark.usefixtures("committed")


def owed(order_id):
    with transaction() as session:
        rows = session.query(Obligation).filter_by(order_id=order_id)
        return [(row.maker_id, row.amount_minor, row.currency, row.status) for row in rows]


def balances(cooperative_id):
    with transaction() as session:
        return ledger.balances(session, cooperative_id)


def test_a_sale_is_divided_in_settlement_currency_to_the_cent(gateway, peer, now):
    sale = sell(gateway, peer, now)

    # 68.00: makers 70 % = 47.60 by 14 : 22 : 3, fund 13.60, programme 6.80; fee 2.9 % + 30 = 2.27.
    assert sorted(amount for _, amount, _, _ in owed(sale.order_id)) == [366, 1709, 2685]
    assert balances(sale.cooperative_id) == {
        ("stripe", "USD"): 6800 - 227,
        ("fund", "USD"): -(1360 - 227),
        ("programme", "USD"): -680,
    } | {(f"maker:{maker}", "USD"): -amount for maker, amount, _, _ in owed(sale.order_id)}


def test_the_news_of_a_payment_told_twice_owes_once(gateway, peer, now):
    sale = sell(gateway, peer, now)

    with transaction() as session:
        assert obligations.record_sale(session, order_id=sale.order_id, now=now) == []
    assert len(owed(sale.order_id)) == 3


def test_the_database_refuses_to_post_an_event_twice(gateway, peer, now):
    sale = sell(gateway, peer, now)
    columns = text(
        "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position)"
        " FROM information_schema.columns WHERE table_name = 'postings' AND column_name <> 'id'"
    )
    assert sale.obligations
    with transaction() as session:
        names = session.execute(columns).scalar_one()
    again = text(
        f"INSERT INTO postings (id, {names}) SELECT gen_random_uuid(), {names}"  # noqa: S608
        " FROM postings LIMIT 1"
    )
    with (
        pytest.raises(IntegrityError, match="uq_postings_event_position"),
        transaction() as session,
    ):
        session.execute(again)


def test_a_later_policy_changes_nothing_that_was_sold_before(gateway, peer, now):
    sale = sell(gateway, peer, now)
    before = owed(sale.order_id)

    with transaction() as session:
        home = session.get_one(Cooperative, sale.cooperative_id)
        set_policy(session, home, now, makers_bp=1000, fund_bp=8000)
        obligations.record_sale(session, order_id=sale.order_id, now=now)

    assert owed(sale.order_id) == before
    with transaction() as session:
        row = session.get_one(Obligation, sale.obligations[0])
        assert session.get_one(SharePolicy, row.policy_id).version == 1


def test_a_share_waits_for_the_hand_over_and_then_for_its_window(gateway, peer, now):
    sale = sell(gateway, peer, now, channel="online")
    (first, *_rest) = sale.obligations

    with transaction() as session:
        obligations.fall_due(session, now=now + 30 * DAY)
    assert status_of(first) == "held"

    hand_over(sale, now)
    with transaction() as session:
        obligations.fall_due(session, now=now + 6 * DAY)
    assert status_of(first) == "held"

    with transaction() as session:
        obligations.fall_due(session, now=now + 7 * DAY)
    assert status_of(first) == "due"


def test_at_the_stall_a_share_is_due_with_the_hand_over(gateway, peer, now):
    sale = sell(gateway, peer, now, channel="stall")

    hand_over(sale, now)

    assert {status_of(one) for one in sale.obligations} == {"due"}


def test_the_fund_gets_the_makers_part_of_a_piece_that_was_paid_when_accepted(gateway, peer, now):
    sale = sell(gateway, peer, now, agreement=pay_on_acceptance())

    assert owed(sale.order_id) == []
    assert balances(sale.cooperative_id)["fund", "USD"] == -(4760 + 1360 - 227)


@pytest.fixture
def bench(committed):
    """A piece to be paid on acceptance: S/ 180.00 by four women, and a quality lead."""
    with committed() as session:
        cooperative = make_cooperative(session)
        steps = [(make_maker(session, cooperative), "weave", n) for n in (280, 60, 440, 50)]
        piece = make_piece(session, cooperative, weights=steps, agreement=pay_on_acceptance(16200))
        lead = acting(make_staff(session, cooperative))
    return cooperative, piece, lead


def inspect(session, piece, lead, decision):
    inspections.sign_inspection(
        session,
        inspection_id=new_id(),
        piece_id=piece.id,
        decision=decision,
        reason="because",
        inspected_at=NOW,
        evidence=Evidence(
            [{"name": "length", "value": 1500}], [{"code": "no_metal", "answer": "yes"}]
        ),
        request_hash="h",
        actor=lead,
        now=NOW,
    )


def on_acceptance(piece):
    with transaction() as session:
        rows = session.query(Obligation).filter_by(piece_id=piece.id).order_by(Obligation.maker_id)
        return [(row.amount_minor, row.currency, row.status) for row in rows]


def test_an_accepted_piece_is_owed_at_once_and_once(bench):
    cooperative, piece, lead = bench
    with transaction() as session:
        inspect(session, piece, lead, "accept_a")
    for _ in range(2):
        with transaction() as session:
            acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)

    amounts = [5465, 1171, 8588, 976]
    assert on_acceptance(piece) == [(amount, "PEN", "due") for amount in amounts]
    assert balances(cooperative.id)["pieces_bought", "PEN"] == 16200


def test_an_acceptance_that_is_taken_back_owes_nothing_and_a_new_one_owes_again(bench):
    cooperative, piece, lead = bench
    with transaction() as session:
        inspect(session, piece, lead, "accept_a")
        acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)
    with transaction() as session:
        inspect(session, piece, lead, "rework")
        acceptances.withdraw_acceptance(session, piece_id=piece.id, now=NOW)

    assert balances(cooperative.id) == {}
    assert {status for _, _, status in on_acceptance(piece)} == {"cancelled"}

    with transaction() as session:
        inspect(session, piece, lead, "accept_b")
        acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)
    assert balances(cooperative.id)["pieces_bought", "PEN"] == 16200


def test_late_words_of_an_old_acceptance_are_judged_by_how_the_piece_stands_now(bench):
    _, piece, lead = bench
    with transaction() as session:
        inspect(session, piece, lead, "accept_a")
        inspect(session, piece, lead, "reject")
        acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)
    assert on_acceptance(piece) == []

    with transaction() as session:
        inspect(session, piece, lead, "accept_a")
        acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)
        acceptances.withdraw_acceptance(session, piece_id=piece.id, now=NOW)
    assert len(on_acceptance(piece)) == 4


def test_a_share_on_sale_piece_owes_nothing_when_it_is_accepted(committed):
    with committed() as session:
        piece = accept(make_piece(session, make_cooperative(session)))
    with transaction() as session:
        assert acceptances.record_acceptance(session, piece_id=piece.id, now=NOW) == []
