"""A passport shows how the price was divided, unless that would give one silent maker away."""

import pytest

from core.db import transaction
from inventory.models import Piece
from payouts.models import Obligation
from payouts.passports import read_passport
from people.models import Maker
from tests.payouts.selling import sell
from tests.support.make import NOW, make_consent

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def sold(committed, gateway, peer, now):
    """A piece of three makers, sold; its tag and its makers."""
    sale = sell(gateway, peer, now)
    with transaction() as session:
        row = session.get_one(Obligation, sale.obligations[0])
        return session.get_one(Piece, row.piece_id).tag, sale.makers


def allow(makers):
    with transaction() as session:
        for maker_id in makers:
            make_consent(session, session.get_one(Maker, maker_id), "price_share")


def shown(tag):
    with transaction() as session:
        passport = read_passport(session, tag, today=NOW.date())
        split = passport.price_split
        numbers = split and (split.makers_bp, split.fund_bp, split.programme_bp)
        return [step.shares for step in passport.makers], passport.makers_together, numbers


def test_nobodys_own_share_is_shown_before_she_allows_it(sold):
    tag, _makers = sold

    shares, together, split = shown(tag)

    assert shares == [None] * 3
    assert together == [{"currency": "USD", "earned_minor": 4760, "paid_minor": 0}]
    assert split == (7000, 2000, 1000)


def test_with_one_silent_maker_no_sum_gives_hers_away(sold):
    tag, makers = sold
    allow(makers[:2])

    shares, together, split = shown(tag)

    assert sum(share is None for share in shares) == 1
    assert (together, split) == ([], None)


def test_with_everybodys_consent_everything_is_shown(sold):
    tag, makers = sold
    allow(makers)

    shares, together, split = shown(tag)

    assert sum(share[0]["earned_minor"] for share in shares) == 4760
    assert together[0]["earned_minor"] == 4760
    assert split == (7000, 2000, 1000)
