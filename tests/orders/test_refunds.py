"""Refunds: never more than is left, each of them once, and every céntimo allocated."""

import pytest

from core.db import transaction
from core.errors import Invalid, NotFound
from core.ids import new_id
from core.money import Money
from inventory.listing_models import Listing
from orders import fulfilment, refunds
from orders.dispute_models import Dispute
from orders.freezes import frozen, why_frozen
from orders.fulfilment import OrderNotPaid
from orders.models import Order
from orders.reading import token_of
from orders.refund_models import Refund
from orders.refund_shares import RefundTooLarge
from orders.refunds import OrderDisputed, Wanted
from tests.orders.buying import standing
from tests.orders.refunding import (
    USD,
    Bought,
    all_refunds,
    at_stripe,
    bought,
    notes,
    parts_of,
    refunded,
    request,
    send,
    status_of,
    treasurer_of,
    unpaid,
)
from tests.support.make import acting, make_cooperative, make_staff
from tests.support.races import commit_while_blocked

pytestmark = pytest.mark.usefixtures("committed")


def usd(minor):
    return Money(minor, USD)


def test_an_amount_is_divided_over_everything_that_is_left(gateway, peer, now):
    sale = bought(gateway, peer, now, tax_bp=1000)  # 45.00 + 45.00 + 9.00

    refund_id = request(sale, now, minor=1000)

    assert parts_of(refund_id) == [("line", 455), ("line", 454), ("tax", 91)]


def test_a_line_goes_back_whole_or_in_part_and_the_rest_of_it_later(gateway, peer, now):
    sale = bought(gateway, peer, now)
    first, second = sale.lines

    request(sale, now, lines=[(first, usd(1500)), (second, None)])
    rest = request(sale, now, lines=[(first, None)])

    assert parts_of(rest) == [("line", 3000)]
    assert [row[2] for row in all_refunds(sale)] == [6000, 3000]


def test_a_whole_refund_is_what_is_left(gateway, peer, now):
    sale = bought(gateway, peer, now, tax_bp=1000)
    request(sale, now, minor=3333)

    request(sale, now, whole=True)

    assert sum(row[2] for row in all_refunds(sale)) == sale.total == 9900


def test_two_equal_partial_refunds_are_two(gateway, peer, now):
    sale = bought(gateway, peer, now)

    refunded(gateway, sale, now, minor=1000)
    refunded(gateway, sale, now, minor=1000)

    assert [sent.amount.minor for sent in at_stripe(gateway, sale)] == [1000, 1000]


@pytest.mark.parametrize(
    "over",
    [
        {"minor": 8001},
        {"lines": 0, "amount": 4001},
        {"lines": 0, "amount": 4500},
    ],
    ids=str,
)
def test_more_than_is_left_is_refused_and_says_how_much_is(gateway, peer, now, over):
    sale = bought(gateway, peer, now)
    request(sale, now, minor=1000)  # 5.00 of each line
    if "lines" in over:
        over = {"lines": [(sale.lines[0], usd(over["amount"]))]}

    with pytest.raises(RefundTooLarge) as refusal:
        request(sale, now, **over)

    assert refusal.value.details["left_minor"] == (4000 if "lines" in over else 8000)
    assert len(all_refunds(sale)) == 1


@pytest.mark.parametrize("status", ["asking", "pending", "succeeded"])
def test_every_refund_that_has_not_failed_counts(gateway, peer, now, status):
    sale = bought(gateway, peer, now)
    peer.slow_refunds(status == "pending")
    refund_id = request(sale, now, minor=5000)
    if status != "asking":
        send(gateway, refund_id, now)
    peer.slow_refunds(False)
    assert status_of(refund_id) == status

    with pytest.raises(RefundTooLarge):
        request(sale, now, minor=4001)
    with transaction() as session:
        session.get_one(Refund, refund_id).status = "failed"
    request(sale, now, minor=4001)


WRONG = {
    "two ways at once": (lambda sale: Wanted(whole=True, amount=usd(100)), ""),
    "no way": (lambda sale: Wanted(), ""),
    "nothing": (lambda sale: Wanted(amount=usd(0)), "/amount/amount_minor"),
    "less than nothing": (lambda sale: Wanted(amount=usd(-5)), "/amount/amount_minor"),
    "another currency": (lambda sale: Wanted(amount=Money(5, "PEN")), "/amount/currency"),
    "a line of nobody": (lambda sale: Wanted(lines=[(new_id(), None)]), "/lines/0/line_id"),
    "a line twice": (
        lambda sale: Wanted(lines=[(sale.lines[0], usd(1)), (sale.lines[0], usd(1))]),
        "/lines/1/line_id",
    ),
    "nothing of a line": (
        lambda sale: Wanted(lines=[(sale.lines[0], usd(0))]),
        "/lines/0/amount/amount_minor",
    ),
    "a line in soles": (
        lambda sale: Wanted(lines=[(sale.lines[0], Money(5, "PEN"))]),
        "/lines/0/amount/currency",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_refused_and_the_place_named(gateway, peer, now, name):
    sale = bought(gateway, peer, now)
    wanted, pointer = WRONG[name]

    with pytest.raises(Invalid) as refusal, transaction() as session:
        refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=wanted(sale),
            reason="goodwill",
            actor=sale.treasurer,
            now=now,
        )

    assert refusal.value.pointer == pointer


def test_what_was_not_paid_does_not_go_back(now):
    order_id = unpaid(now)
    with transaction() as session:
        boss = treasurer_of(session, session.get_one(Order, order_id).cooperative_id)
    sale = Bought(order_id, "ch_none", 9000, (), (), boss)

    with pytest.raises(OrderNotPaid):
        request(sale, now, whole=True)


def test_another_cooperatives_order_is_not_there(gateway, peer, now):
    sale = bought(gateway, peer, now)
    with transaction() as session:
        stranger = acting(make_staff(session, make_cooperative(session), "treasurer"))

    with pytest.raises(NotFound):
        request(sale, now, whole=True, actor=stranger)


def open_dispute(sale, now, *, status, closed_at=None):
    with transaction() as session:
        order = session.get_one(Order, sale.order_id)
        session.add(
            Dispute(
                cooperative_id=order.cooperative_id,
                order_id=order.id,
                stripe_id=f"du_{new_id().hex}",
                charge_id=sale.charge_id,
                amount_minor=sale.total,
                currency=USD,
                reason="general",
                status=status,
                opened_at=now,
                seen_at=now,
                closed_at=closed_at,
            )
        )


def test_a_disputed_order_is_left_to_the_dispute(gateway, peer, now):
    sale = bought(gateway, peer, now)
    open_dispute(sale, now, status="needs_response")

    with pytest.raises(OrderDisputed):
        request(sale, now, whole=True)


@pytest.mark.parametrize(
    ("status", "closed"), [("warning_needs_response", False), ("won", True)], ids=str
)
def test_an_inquiry_may_be_answered_by_a_refund_and_a_closed_dispute_is_over(
    gateway, peer, now, status, closed
):
    sale = bought(gateway, peer, now)
    open_dispute(sale, now, status=status, closed_at=now if closed else None)

    request(sale, now, minor=100)


def test_an_order_is_frozen_until_its_refund_is_booked_and_taken_back(gateway, peer, now):
    sale = bought(gateway, peer, now)
    refund_id = request(sale, now, minor=100)
    with transaction() as session:
        assert frozen(session, [sale.order_id]) == {sale.order_id}

    send(gateway, refund_id, now)

    with transaction() as session:
        assert why_frozen(session, [sale.order_id]) == {sale.order_id: "refund_pending"}
        session.get_one(Refund, refund_id).undone_at = now
        assert frozen(session, [sale.order_id]) == set()


def test_two_who_want_the_last_of_it_at_once_get_it_once(committed, gateway, peer, now):
    sale = bought(gateway, peer, now)

    def ask(session):
        refunds.request_refund(
            session,
            order_id=sale.order_id,
            wanted=Wanted(amount=usd(5000)),
            reason="goodwill",
            actor=sale.treasurer,
            now=now,
        )

    def second():
        with pytest.raises(RefundTooLarge) as refusal, committed() as session:
            ask(session)
        return refusal.value.details

    with committed() as first:
        ask(first)
        assert commit_while_blocked(first, second) == {"left_minor": 4000}

    assert [row[2] for row in all_refunds(sale)] == [5000]


def test_a_whole_refund_before_anything_left_cancels_the_order_and_frees_its_pieces(
    committed, gateway, peer, now
):
    sale = bought(gateway, peer, now)
    first = request(sale, now, minor=1000)
    refunded(gateway, sale, now, whole=True)
    with committed() as session:
        assert standing(session, sale.order_id)[0] == "paid", "the first has not gone yet"

    send(gateway, first, now)

    with committed() as session:
        assert standing(session, sale.order_id) == (
            "cancelled",
            ["listed", "listed"],
            ["released", "released"],
        )


def test_pieces_whose_listing_was_taken_down_are_accepted_and_not_offered(
    committed, gateway, peer, now
):
    sale = bought(gateway, peer, now)
    with committed() as session:
        order = session.get_one(Order, sale.order_id)
        session.get_one(Listing, order.lines[0].listing_id).status = "draft"

    refunded(gateway, sale, now, whole=True)

    with committed() as session:
        assert standing(session, sale.order_id)[1] == ["accepted", "accepted"]


def test_a_whole_refund_after_something_left_changes_no_goods(committed, gateway, peer, now):
    sale = bought(gateway, peer, now)
    with committed() as session:
        fulfilment.hand_over(
            session,
            order_id=sale.order_id,
            piece_ids=[sale.pieces[0]],
            actor=sale.treasurer,
            now=now,
        )

    request(sale, now, whole=True)

    with committed() as session:
        status, pieces, _holds = standing(session, sale.order_id)
        assert (status, sorted(pieces)) == ("part_fulfilled", ["handed_over", "sold"])


def test_a_refund_leaves_word_for_the_worker_and_for_those_who_pay(gateway, peer, now):
    sale = bought(gateway, peer, now)

    refund_id = request(sale, now, minor=100)
    assert notes("refund.send") == [{"refund_id": str(refund_id)}]
    assert notes("order.refunded") == []
    send(gateway, refund_id, now)

    assert notes("order.refunded") == [{"refund_id": str(refund_id)}]


def test_what_went_back_is_told_to_the_buyer_with_its_reason(
    committing_client, flask_app, settings, gateway, peer, now
):
    with flask_app.app_context():
        sale = bought(gateway, peer, now)
        request(sale, now, minor=100, reason="not_arrived")

    token = token_of(sale.order_id, settings.secret_key)
    page = committing_client.get(f"/v1/orders/{sale.order_id}", headers={"Order-Token": token})

    (told,) = page.get_json()["refunds"]
    assert set(told) == {"id", "amount", "reason", "status", "requested_at"}
    assert (told["reason"], told["status"]) == ("not_arrived", "asking")
