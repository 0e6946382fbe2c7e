"""A payment to a bank is made once, meets what it is of when it is posted, and can come back."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from stripe.events import _event_classes

from app.news import TOPICS, apply_news
from core import actors
from core.db import transaction
from core.money import Money
from inventory.models import Piece, PieceStatus
from payments import inbox
from payments.errors import Unreachable
from payments.gateway import BankPayout, Gateway
from payments.webhooks import ReceivedNews
from payouts import (
    acceptances,
    accounts,
    advances,
    bank_due,
    bank_payouts,
    catching_up,
    ledger,
    outbound_news,
)
from payouts.models import Obligation, Posting, Rail, SettlementUndone
from payouts.outbound_models import OutboundStatus
from payouts.transfers import Result
from tests.payouts.banking import banked
from tests.payouts.selling import DAY, status_of

pytestmark = pytest.mark.usefixtures("session")

HOUR = timedelta(hours=1)
HOUSE = actors.system("test")
SILENCE = ["drop_answer", "error_500_after", "error_500_before", "rate_limit"]
CREATE = {"method": "POST", "path": "/v2/money_management/outbound_payments"}


@pytest.fixture
def weaver(gateway, peer, now):
    return banked(gateway, peer, now)


def books(weaver):
    with transaction() as session:
        return ledger.balances(session, weaver.cooperative_id)


def keys_asked(peer):
    return [
        request["idempotency_key"]
        for request in peer.requests()
        if request["method"] == "POST" and request["path"] == CREATE["path"]
    ]


def jobs():
    with transaction() as session:
        statement = text(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'maker.pay_to_bank'"
        )
        return session.execute(statement).scalar_one()


def test_what_is_due_is_sent_in_soles_and_met_when_her_bank_is_credited(weaver, now):
    owed = [weaver.owe(minor, now) for minor in (18000, 5000)]
    assert weaver.pay(now) is Result.DONE
    (payment,) = weaver.payments()
    assert (payment.status, payment.amount_minor) == (OutboundStatus.PROCESSING, 23000)
    assert [weaver.why(one) for one in owed] == ["being_paid", "being_paid"]

    weaver.ends("posted", now)

    (payment,) = weaver.payments()
    assert (payment.debited_minor, payment.debited_currency) == (6210, "USD")
    assert (payment.credited_minor, payment.credited_currency) == (23000, "PEN")
    with transaction() as session:
        for one, minor in zip(owed, (18000, 5000), strict=True):
            row = session.get_one(Obligation, one, populate_existing=True)
            met = row.settlement
            assert met is not None
            assert (row.status, met.rail) == ("settled", Rail.STRIPE_OUTBOUND)
            assert (met.amount_minor, met.outbound_payment_id) == (minor, payment.id)
    assert books(weaver) == {
        ("pieces_bought", "PEN"): 23000,
        ("exchange", "PEN"): -23000,
        ("exchange", "USD"): 6210,
        ("stripe_outbound", "USD"): -6210,
    }


def test_the_request_is_frozen_with_the_bank_account_it_goes_to(weaver, now):
    weaver.owe(18000, now)
    weaver.pay(now)
    (payment,) = weaver.payments()
    assert payment.key == f"op:{payment.id}"
    assert payment.request["amount"] == {"value": 18000, "currency": "pen"}
    assert payment.request["to"]["payout_method"].startswith("usba")
    assert payment.request["metadata"] == {
        "outbound_payment": str(payment.id),
        "maker": str(weaver.id),
    }


def test_less_than_the_least_waits_visibly_and_accumulates(gateway, peer, now):
    weaver = banked(gateway, peer, now, minimum_payout={"PEN": 20000})
    first = weaver.owe(18000, now)
    assert weaver.pay(now) is Result.NOT_NOW
    assert (status_of(first), weaver.why(first)) == ("due", "below_minimum")
    second = weaver.owe(2000, now)
    assert weaver.why(first) is None

    assert weaver.pay(now) is Result.DONE

    (payment,) = weaver.payments()
    assert {part.obligation_id for part in payment.parts} == {first, second}
    assert payment.amount_minor == 20000


def test_word_is_left_only_for_what_is_enough(gateway, peer, now):
    weaver = banked(gateway, peer, now, minimum_payout={"PEN": 20000})
    weaver.owe(18000, now)
    with transaction() as session:
        assert bank_due.take_up(session, now=now) == 0
    weaver.owe(2000, now)
    with transaction() as session:
        assert bank_due.take_up(session, now=now) == 1
        assert bank_due.take_up(session, now=now) == 1
    assert jobs() == 1


def give(weaver, minor, now):
    with transaction() as session:
        advances.give_advance(
            session,
            maker_id=weaver.id,
            amount_minor=minor,
            currency="PEN",
            given_for="wool",
            method="cash",
            witness_id=weaver.witness_id,
            actor=weaver.treasurer,
            now=now,
        )


def test_what_she_had_ahead_comes_off_first_and_counts_against_the_least(gateway, peer, now):
    weaver = banked(gateway, peer, now, minimum_payout={"PEN": 10000})
    give(weaver, 12000, now)
    first, second = weaver.owe(9000, now), weaver.owe(8000, now)
    assert weaver.pay(now) is Result.NOT_NOW, "5,000 is left, less than the least"
    assert (status_of(first), status_of(second)) == ("due", "due")
    third = weaver.owe(5000, now)

    assert weaver.pay(now) is Result.DONE

    (payment,) = weaver.payments()
    assert payment.amount_minor == 10000
    assert status_of(first) == "settled"
    assert {part.obligation_id: part.amount_minor for part in payment.parts} == {
        second: 5000,
        third: 5000,
    }


@pytest.mark.parametrize("outcome", ["failed", "canceled", "returned"])
def test_what_never_arrived_is_owed_as_before_until_somebody_says_how(weaver, now, outcome):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    weaver.ends(outcome, now)

    assert (status_of(owed), weaver.why(owed)) == ("due", f"bank_payment_{outcome}")
    assert weaver.pay(now + DAY) is Result.NOT_NOW
    assert books(weaver) == {
        ("pieces_bought", "PEN"): 18000,
        (f"maker:{weaver.id}", "PEN"): -18000,
    }
    weaver.prefer(Rail.STRIPE_OUTBOUND, now)
    assert weaver.pay(now + DAY) is Result.DONE
    weaver.ends("posted", now + DAY)
    assert status_of(owed) == "settled"
    assert [row.status for row in weaver.payments()] == [outcome, "posted"]


def test_another_bank_account_is_tried_without_asking(weaver, peer, now):
    weaver.owe(18000, now)
    weaver.pay(now)
    weaver.ends("failed", now)
    account = weaver.payments()[0].request["to"]["recipient"]
    peer.payout_method(account, new=True)
    accounts.refresh(weaver.gateway, account_id=account, now=now)

    assert weaver.pay(now) is Result.DONE


def test_what_comes_back_after_it_was_posted_opens_the_obligation_again(weaver, now):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    weaver.ends("posted", now)
    weaver.ends("returned", now)

    assert (status_of(owed), weaver.why(owed)) == ("due", "bank_payment_returned")
    with transaction() as session:
        row = session.get_one(Obligation, owed, populate_existing=True)
        assert (row.round, row.settlement) == (2, None)
        assert [one.undone is not None for one in row.settlements] == [True]
        assert session.scalars(select(SettlementUndone)).one().why.endswith("came back")
    assert books(weaver) == {
        ("pieces_bought", "PEN"): 18000,
        (f"maker:{weaver.id}", "PEN"): -18000,
    }
    weaver.prefer(Rail.STRIPE_OUTBOUND, now)
    weaver.pay(now)
    weaver.ends("posted", now)
    with transaction() as session:
        row = session.get_one(Obligation, owed, populate_existing=True)
        assert row.settlement is not None
        assert (row.round, row.settlement.round) == (2, 2)
        assert session.scalars(
            select(Posting.event).where(Posting.obligation_id == owed)
        ).all() == [
            f"accepted:{owed}",
            f"settled:{owed}",
            f"settled_undone:{row.settlements[0].id}",
            f"settled:{owed}:2",
        ]


def test_an_acceptance_taken_back_meanwhile_is_asked_about_when_the_money_is_back(weaver, now):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    with transaction() as session:
        row = session.get_one(Obligation, owed)
        piece = session.get_one(Piece, row.piece_id)
        piece.become(PieceStatus.INSPECTING, actor=HOUSE, why="again", at=now)
        piece.grade = None
        acceptances.withdraw_acceptance(session, piece_id=piece.id, now=now)
        piece_id = piece.id
    assert status_of(owed) == "settling", "what is just being paid is left to its end"
    weaver.ends("failed", now)
    with transaction() as session:
        acceptances.withdraw_acceptance(session, piece_id=piece_id, now=now)
    assert status_of(owed) == "cancelled"
    assert books(weaver) == {}


# Exactly once.


@pytest.mark.parametrize("fault", SILENCE)
def test_silence_is_repeated_under_the_same_key_and_pays_once(weaver, peer, now, fault):
    owed = weaver.owe(18000, now)
    before = len(keys_asked(peer))
    peer.arm(fault, **CREATE, times=1)
    try:
        weaver.pay(now)
    except Unreachable:
        assert weaver.pay(now) is Result.DONE

    assert len(set(keys_asked(peer)[before:])) == 1
    assert len(weaver.at_stripe()) == 1
    assert status_of(owed) == "settling"


def test_after_the_keys_time_stripe_is_asked_what_became_of_it_first(weaver, peer, now):
    weaver.owe(18000, now)
    peer.arm("drop_answer", **CREATE, times=1)
    with pytest.raises(Unreachable):
        weaver.pay(now)
    asked = len(keys_asked(peer))

    assert weaver.pay(now + 30 * DAY) is Result.DONE

    assert len(keys_asked(peer)) == asked, "found, not asked again"
    assert len(weaver.at_stripe()) == 1


def test_what_stripe_never_heard_of_is_asked_again_under_the_same_key(weaver, peer, now):
    owed = weaver.owe(18000, now)
    peer.arm("rate_limit", **CREATE, times=1)
    with pytest.raises(Unreachable):
        weaver.pay(now)
    later = now + 30 * DAY
    assert weaver.pay(later) is Result.REFUSED
    assert status_of(owed) == "settling", "it may still arrive"

    assert weaver.pay(later) is Result.DONE

    (payment,) = weaver.payments()
    assert (payment.key, len(weaver.at_stripe())) == (f"op:{payment.id}", 1)


def test_a_no_is_visible_rests_and_is_another_payment_after(gateway, peer, now):
    weaver = banked(gateway, peer, now)
    owed = weaver.owe(31_000_100, now)
    assert weaver.pay(now) is Result.REFUSED
    (payment,) = weaver.payments()
    assert (payment.status, payment.reason) == (OutboundStatus.REFUSED, "The most is 31000000.")
    assert (status_of(owed), weaver.why(owed)) == ("due", "stripe_refused")

    assert weaver.pay(now + HOUR / 2) is Result.NOT_NOW
    with transaction() as session:
        assert bank_due.take_up(session, now=now + HOUR / 2) == 0
    assert weaver.pay(now + HOUR) is Result.REFUSED
    assert weaver.pay(now + 2 * HOUR) is Result.NOT_NOW, "after the second no, two hours"
    assert weaver.pay(now + 3 * HOUR) is Result.REFUSED
    assert [row.number for row in weaver.payments()] == [1, 2, 3]


def test_the_same_answer_noted_by_two_workers_is_noted_once(weaver, now):
    weaver.owe(18000, now)
    weaver.pay(now)
    (payment,) = weaver.payments()
    weaver.peer.end_outbound(payment.stripe_id, "posted")
    for _ in range(2):
        weaver.hear(payment.stripe_id, now)
    assert [row.status for row in weaver.payments()] == ["posted"]


# News, and what is found without any.


def test_news_before_our_own_answer_is_noted_as_the_answer(weaver, peer, now):
    owed = weaver.owe(18000, now)
    peer.arm("drop_answer", **CREATE, times=1)
    with pytest.raises(Unreachable):
        weaver.pay(now)
    (made,) = weaver.at_stripe()
    peer.end_outbound(made.id, "posted")

    weaver.hear(made.id, now)
    assert status_of(owed) == "settled"

    assert weaver.pay(now) is Result.NOT_NOW
    assert len(weaver.at_stripe()) == 1


def test_catching_up_finds_what_became_of_payments_to_banks(weaver, peer, now):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    (payment,) = weaver.payments()

    def catch_up(gateway):
        return catching_up.run(
            gateway, part="bank_payments", since=now - DAY, actor="system:test", clock=lambda: now
        )

    for outcome, status in (("posted", "settled"), ("returned", "due")):
        peer.end_outbound(payment.stripe_id, outcome)
        kept = catch_up(weaver.gateway)
        assert (kept.seen >= 1, status_of(owed)) == (True, status)
        assert catch_up(weaver.gateway).seen == kept.seen, "again it changes nothing"
        assert status_of(owed) == status


def test_a_house_without_a_financial_account_has_no_bank_payments_to_catch_up_on(weaver, peer, now):
    house = Gateway(secret_key=peer.api_key, webhook_secret=peer.webhook_secret, base_url=peer.url)

    assert list(catching_up.bank_payments(house, now - DAY, lambda: now)) == []


def test_a_sweep_finds_what_news_was_lost(weaver, peer, now):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    (payment,) = weaver.payments()
    for outcome, status in (("posted", "settled"), ("returned", "due")):
        peer.end_outbound(payment.stripe_id, outcome)
        assert outbound_news.sweep(weaver.gateway, now=now) >= 1
        assert status_of(owed) == status


def test_a_payment_of_somebody_else_waits(weaver, now):
    weaver.owe(100, now)
    weaver.pay(now)
    stranger = weaver.at_stripe()[0]
    odd = dataclasses.replace(stranger, id="obp_other", metadata={"outbound_payment": "no id"})
    with transaction() as session:
        assert outbound_news.apply_payment(session, odd, now=now).state == "waiting"


def test_a_word_of_stripes_that_cannot_follow_changes_nothing(weaver, now):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    weaver.ends("posted", now)
    for word in ("processing", "canceled", "pondering"):
        seen = dataclasses.replace(weaver.at_stripe()[0], status=word)
        with transaction() as session:
            outbound_news.apply_payment(session, seen, now=now)
    assert (status_of(owed), weaver.payments()[0].status) == ("settled", "posted")


def test_every_event_of_stripes_about_it_is_listened_to():
    known = _event_classes._V2_EVENT_CLASS_LOOKUP
    about_it = {name for name in known if ".outbound_payment." in name}
    assert len(about_it) >= 5
    assert about_it <= set(TOPICS)


def test_news_from_the_inbox_is_read_again_at_stripe_and_applied(weaver, peer, now):
    owed = weaver.owe(18000, now)
    weaver.pay(now)
    (payment,) = weaver.payments()
    peer.end_outbound(payment.stripe_id, "posted")
    news = ReceivedNews(
        id=f"evt_{payment.id.hex}",
        type="v2.money_management.outbound_payment.posted",
        object_id=payment.stripe_id,
        account=None,
        livemode=False,
        api_version=None,
        created_at=now,
    )
    with transaction() as session:
        inbox.receive(session, news, now)
    for _ in range(2):
        apply_news(weaver.gateway, event_id=news.id)

    assert status_of(owed) == "settled"
    with transaction() as session:
        assert inbox.get_news(session, news.id).state == "applied"


def test_a_payout_into_the_financial_account_is_seen_and_written_down_there(weaver, now):
    payout = BankPayout("po_1", Money(500, "USD"), "paid", now, financial_account="fa_1")
    with transaction() as session:
        assert bank_payouts.follow(session, payout, now=now)
        bank_payouts.follow(session, payout, now=now)
    assert books(weaver) == {("stripe", "USD"): -500, ("stripe_outbound", "USD"): 500}
