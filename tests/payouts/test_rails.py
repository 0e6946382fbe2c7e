"""Which way goes an obligation: what she prefers, else the house's rule; and why it waits."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotFound
from core.ids import new_id
from payments.gateway import Gateway
from payouts import accounts, obligations, pay_days, rail_choices, transfers
from payouts.models import Obligation, PayoutAccount, Rail
from payouts.rails import Standing, Way, choose, ways_of
from payouts.transfers import Result
from people.models import Cooperative
from tests.payouts.banking import banked, give_bank, make_weaver
from tests.payouts.selling import set_policy
from tests.support.make import acting, make_cooperative, make_staff

pytestmark = pytest.mark.usefixtures("session")

T, B, M = Rail.STRIPE_TRANSFER, Rail.STRIPE_OUTBOUND, Rail.MANUAL


def account(transfers_="unknown", bank="unknown", method=None):
    return PayoutAccount(
        account_id="acct_1", capability=transfers_, bank_capability=bank, payout_method=method
    )


READY = account("active", "active", "usba_1")
BANK_ONLY = account("unknown", "active", "usba_1")
#: What she prefers, her account, whether the money is in the box -> the rail, and why it waits.
CHOICES = {
    "nothing said, no account": (None, None, False, M, "no_stripe_account"),
    "nothing said, both ready": (None, READY, False, T, None),
    "nothing said, only the bank": (None, BANK_ONLY, False, B, None),
    "nothing said, bank without account": (
        None, account("unknown", "active"), False, M, "stripe_account_unknown",
    ),
    "nothing said, transfers in question": (
        None, account("pending"), False, M, "stripe_account_pending",
    ),
    "nothing said, money in the box": (None, READY, True, M, "money_not_at_stripe"),
    "by hand": (M, READY, False, M, "paid_by_hand"),
    "bank, though transfers are active": (B, READY, False, B, None),
    "bank, money in the box": (B, BANK_ONLY, True, B, None),
    "bank, no account": (B, None, False, B, "no_bank_account"),
    "bank, not checked yet": (
        B, account("active", "pending", "usba_1"), False, B, "bank_account_pending",
    ),
    "bank, none given": (B, account("active", "active"), False, B, "no_payout_method"),
    "transfer, not active": (T, BANK_ONLY, False, T, "stripe_account_unknown"),
    "transfer, no account": (T, None, False, T, "no_stripe_account"),
    "transfer, money in the box": (T, READY, True, T, "money_not_at_stripe"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOICES)
def test_the_rail_is_hers_or_the_houses_and_never_changed_behind_her_back(case):
    said, hers, in_the_box, rail, waiting = CHOICES[case]
    maker = new_id()
    order = new_id() if in_the_box else None
    owed = Obligation(maker_id=maker, order_id=order, charge_id=None, currency="PEN")
    standing = Standing({maker: hers} if hers else {}, {maker: said.value} if said else {})

    assert choose(owed, standing) == Way(rail, waiting)


def test_without_a_financial_account_a_bank_waits_where_she_chose_it_and_is_no_rule():
    maker = new_id()
    owed = Obligation(maker_id=maker, order_id=None, charge_id=None, currency="PEN")

    chosen = Standing({maker: BANK_ONLY}, {maker: B.value}, banks=False)
    assert choose(owed, chosen) == Way(B, "no_financial_account")
    by_rule = Standing({maker: BANK_ONLY}, {}, banks=False)
    assert choose(owed, by_rule) == Way(M, "stripe_account_unknown")


@pytest.fixture
def weaver(gateway, peer, now):
    return banked(gateway, peer, now)


def way_of(obligation_id):
    with transaction() as session:
        row = session.get_one(Obligation, obligation_id, populate_existing=True)
        return ways_of(session, [row])[obligation_id]


def test_the_way_is_frozen_once_it_is_begun(weaver, now):
    owed = weaver.owe(18000, now)
    assert way_of(owed) == Way(B, None)
    weaver.pay(now)
    weaver.prefer(M, now)
    assert way_of(owed) == Way(B, None)
    weaver.ends("posted", now)
    assert way_of(owed) == Way(B, None)


def test_what_she_prefers_is_what_is_sent_and_nothing_else(weaver, peer, now):
    owed = weaver.owe(18000, now)
    account_id = give_bank(weaver, now)
    begun = accounts.connect(
        weaver.gateway,
        maker_id=weaver.id,
        actor=weaver.treasurer,
        public_url="https://shop.test",
        now=now,
    )
    assert begun.account.account_id == account_id, "one account for both"
    peer.activate(account_id)
    accounts.refresh(weaver.gateway, account_id=account_id, now=now)
    assert way_of(owed) == Way(T, None), "the house's rule: transfers first"
    assert weaver.pay(now) is Result.NOT_NOW

    weaver.prefer(M, now)
    assert way_of(owed) == Way(M, "paid_by_hand")
    assert transfers.settle(weaver.gateway, obligation_id=owed, now=now) is Result.NOT_NOW
    assert weaver.pay(now) is Result.NOT_NOW

    weaver.prefer(B, now)
    assert transfers.settle(weaver.gateway, obligation_id=owed, now=now) is Result.NOT_NOW
    assert settle_jobs(now) == 0
    assert weaver.pay(now) is Result.DONE


def settle_jobs(now):
    """How many obligations the sweep leaves word to pay by transfer."""
    with transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        obligations.fall_due(session, now=now)
        jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'obligation.settle'")
        return session.execute(jobs).scalar_one()


def test_a_house_that_lost_its_financial_account_says_so_and_pays_her_by_hand(weaver, now):
    owed = weaver.owe(18000, now)
    assert on_a_pay_day(weaver, now) is None
    rail_choices.use_banks(lambda: False)
    try:
        assert way_of(owed) == Way(M, "stripe_account_unknown")
        assert on_a_pay_day(weaver, now) == [18000]
    finally:
        rail_choices.use_banks(lambda: True)


def test_a_pay_day_is_for_those_whom_nobody_else_pays(weaver, now):
    weaver.owe(18000, now)
    assert on_a_pay_day(weaver, now) is None
    weaver.prefer(M, now)
    assert on_a_pay_day(weaver, now) == [18000]


def test_whose_bank_sent_it_back_can_be_paid_by_hand(weaver, now):
    weaver.owe(18000, now)
    weaver.pay(now)
    weaver.ends("failed", now)
    assert on_a_pay_day(weaver, now) == [18000]


def on_a_pay_day(weaver, now):
    """What a pay day of today would give, if anything."""
    try:
        with transaction() as session:
            day = pay_days.open_pay_day(
                session, currency="PEN", rates={}, actor=weaver.treasurer, now=now
            )
            return [line.pay_minor for line in day.lines]
    except pay_days.NothingToPay:
        return None


def test_the_form_for_her_bank_asks_for_her_bank_only(gateway, peer, now):
    weaver = make_weaver(gateway, peer, now)
    give_bank(weaver, now, "pending")
    with transaction() as session:
        row = session.get_one(PayoutAccount, weaver.id, populate_existing=True)
        assert (row.capability, row.bank_capability) == ("unknown", "pending")
        asked = row.request["configuration"]["recipient"]["capabilities"]
        assert asked == {"bank_accounts": {"local": {"requested": True}}}
        assert row.payout_method is not None
    owed = weaver.owe(18000, now)
    assert weaver.pay(now) is Result.NOT_NOW
    assert weaver.why(owed) == "stripe_account_unknown"
    weaver.prefer(B, now)
    assert weaver.why(owed) == "bank_account_pending"


def test_a_house_without_a_financial_account_offers_no_bank(peer, gateway, now):
    bare = Gateway(secret_key=peer.api_key, webhook_secret="whsec_x", base_url=peer.url)
    weaver = make_weaver(bare, peer, now)
    with pytest.raises(rail_choices.NoFinancialAccount):
        give_bank(weaver, now)
    with pytest.raises(rail_choices.NoFinancialAccount), transaction() as session:
        rail_choices.prefer_rail(
            session,
            maker_id=weaver.id,
            rail=B,
            reason="x",
            banks=False,
            actor=weaver.treasurer,
            now=now,
        )
    elsewhere = banked(gateway, peer, now)
    elsewhere.owe(18000, now)
    elsewhere.gateway = bare
    assert elsewhere.pay(now) is Result.NOT_NOW


def test_a_stranger_chooses_and_reads_nothing(weaver):
    with transaction() as session:
        stranger = acting(make_staff(session, make_cooperative(session), "treasurer"))
    with pytest.raises(NotFound), transaction() as session:
        rail_choices.list_choices(session, weaver.id, actor=stranger, limit=1)


def test_choices_are_read_newest_first(weaver, now):
    for rail in (M, B):
        weaver.prefer(rail, now)
    with transaction() as session:
        rows = rail_choices.list_choices(session, weaver.id, actor=weaver.treasurer, limit=5)
        assert [row.rail for row in rows] == [B, M]
        before = rail_choices.list_choices(
            session, weaver.id, actor=weaver.treasurer, limit=5, before=rows[0].id
        )
        assert [row.rail for row in before] == [M]


def test_a_lower_least_lets_it_go(gateway, peer, now):
    weaver = banked(gateway, peer, now, minimum_payout={"PEN": 20000})
    owed = weaver.owe(18000, now)
    assert way_of(owed) == Way(B, "below_minimum")
    with transaction() as session:
        home = session.get_one(Cooperative, weaver.cooperative_id)
        set_policy(session, home, now + timedelta(minutes=1), minimum_payout={"PEN": 100})
    assert way_of(owed) == Way(B, None)
