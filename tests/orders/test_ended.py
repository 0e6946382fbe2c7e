"""An order is cancelled when its money has gone, and stands again when the money comes back."""

import logging

import pytest

from core.db import transaction
from core.lives import LifeMove
from orders import fulfilment, money_back
from orders.freezes import frozen, why_frozen
from orders.refund_models import Refund
from tests.orders.buying import place, standing
from tests.orders.refunding import bought, refunded, request, send
from tests.support.peer import PeerProcess

pytestmark = pytest.mark.usefixtures("committed")


def stands(sale):
    with transaction() as session:
        return standing(session, sale.order_id)


def hand_over(sale, now):
    with transaction() as session:
        fulfilment.hand_over(session, order_id=sale.order_id, actor=sale.treasurer, now=now)


def bank_sends_back(gateway, peer: PeerProcess, refund_id, now):
    with transaction() as session:
        stripe_id = session.get_one(Refund, refund_id).stripe_id
    assert stripe_id is not None
    peer.end_refund(stripe_id, "failed")
    for _ in range(2):
        money_back.look(gateway, refund_id=refund_id, now=now)


def test_while_all_of_it_is_going_back_the_order_is_paid_and_nothing_leaves(gateway, peer, now):
    sale = bought(gateway, peer, now)
    asked = request(sale, now, whole=True)

    assert stands(sale)[:2] == ("paid", ["sold", "sold"])
    with pytest.raises(fulfilment.GoingBack):
        hand_over(sale, now)

    send(gateway, asked, now)
    assert stands(sale)[:2] == ("cancelled", ["listed", "listed"])


def test_a_whole_refund_that_stripe_refuses_leaves_the_order_as_it_was(gateway, peer, now):
    sale = bought(gateway, peer, now)
    asked = request(sale, now, whole=True)
    peer.dispute(sale.charge_id)
    send(gateway, asked, now)

    assert stands(sale)[:2] == ("paid", ["sold", "sold"])
    hand_over(sale, now)
    assert stands(sale)[0] == "fulfilled"


def test_when_a_bank_sends_a_whole_refund_back_the_order_stands_again(gateway, peer, now):
    sale = bought(gateway, peer, now)
    asked = refunded(gateway, sale, now, whole=True)
    with transaction() as session:
        assert frozen(session, [sale.order_id]) == {sale.order_id}

    bank_sends_back(gateway, peer, asked, now)

    assert stands(sale)[:2] == ("paid", ["sold", "sold"])
    hand_over(sale, now)
    with transaction() as session:
        moves = session.query(LifeMove).filter_by(subject_id=sale.order_id).order_by(LifeMove.id)
        assert [move.to_status for move in moves][-3:] == ["cancelled", "paid", "fulfilled"]


def test_where_its_pieces_are_gone_it_stays_cancelled_and_pays_nobody(
    gateway, peer, now, caplog: pytest.LogCaptureFixture
):
    sale = bought(gateway, peer, now)
    asked = refunded(gateway, sale, now, whole=True)
    with transaction() as session:
        place(session, {"piece_id": sale.pieces[0]}, now=now, currency="USD")

    with caplog.at_level(logging.CRITICAL, logger="pallay.orders"):
        bank_sends_back(gateway, peer, asked, now)

    assert "its pieces are gone" in caplog.text
    assert stands(sale)[:2] == ("cancelled", ["held", "listed"])
    with transaction() as session:
        assert why_frozen(session, [sale.order_id]) == {sale.order_id: "refund_pending"}
    # Another refund brings the money to the buyer after all.
    refunded(gateway, sale, now, whole=True)
