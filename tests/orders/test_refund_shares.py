"""Any sequence of refunds: together never more than the charge, of no part more than it is."""

import uuid
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from orders.refund_models import RefundPart
from orders.refund_shares import RefundTooLarge, divided, of_lines, shares_left

PRICES = st.lists(st.integers(1, 10_000), min_size=1, max_size=6)
#: A whole refund, an amount, or an amount (or all) of the line at a place.
STEPS = st.lists(
    st.one_of(
        st.just(("whole", 0, 0)),
        st.tuples(st.just("amount"), st.just(0), st.integers(1, 30_000)),
        st.tuples(st.just("line"), st.integers(0, 5), st.integers(0, 12_000)),
    ),
    max_size=25,
)


def order_of(prices, shipping, tax):
    lines = [SimpleNamespace(id=uuid.uuid4(), price_minor=price) for price in prices]
    return SimpleNamespace(lines=lines, shipping_minor=shipping, tax_minor=tax)


@given(prices=PRICES, shipping=st.integers(0, 5000), tax=st.integers(0, 5000), steps=STEPS)
def test_any_sequence_of_refunds_stays_within_every_part_and_loses_nothing(
    prices, shipping, tax, steps
):
    order = order_of(prices, shipping, tax)
    gone: list[RefundPart] = []
    total = sum(prices) + shipping + tax

    for kind, place, minor in steps:
        left = shares_left(order, gone)
        whole = sum(share.minor for share in left)
        try:
            if kind == "line":
                line = order.lines[place % len(order.lines)]
                shares = of_lines(left, [(line.id, minor or None)])
            else:
                shares = divided(left, whole if kind == "whole" else minor)
        except RefundTooLarge:
            continue
        asked = whole if kind == "whole" else minor or sum(share.minor for share in shares)
        assert sum(share.minor for share in shares) == asked
        assert all(share.minor > 0 for share in shares)
        gone += [
            RefundPart(what=share.what, line_id=share.line_id, amount_minor=share.minor)
            for share in shares
        ]

    back = sum(part.amount_minor for part in gone)
    assert back <= total
    for line in order.lines:
        of_line = sum(part.amount_minor for part in gone if part.line_id == line.id)
        assert of_line <= line.price_minor
    for what, most in (("shipping", shipping), ("tax", tax)):
        assert sum(part.amount_minor for part in gone if part.what == what) <= most
    assert sum(share.minor for share in shares_left(order, gone)) == total - back


def test_an_amount_goes_where_it_came_from_in_proportion():
    order = order_of([3000, 1000], 500, 500)

    shares = divided(shares_left(order, []), 1000)

    assert [(share.what, share.minor) for share in shares] == [
        ("line", 600),
        ("line", 200),
        ("shipping", 100),
        ("tax", 100),
    ]


def test_a_part_that_went_back_bears_nothing_more():
    order = order_of([3000, 1000], 0, 0)
    first = RefundPart(what="line", line_id=order.lines[0].id, amount_minor=3000)

    shares = divided(shares_left(order, [first]), 1000)

    assert [(share.line_id, share.minor) for share in shares] == [(order.lines[1].id, 1000)]


def test_a_line_with_nothing_left_is_refused():
    order = order_of([3000], 0, 0)
    gone = RefundPart(what="line", line_id=order.lines[0].id, amount_minor=3000)

    with pytest.raises(RefundTooLarge):
        of_lines(shares_left(order, [gone]), [(order.lines[0].id, None)])
    with pytest.raises(Invalid):
        of_lines(shares_left(order, []), [(uuid.uuid4(), None)])
