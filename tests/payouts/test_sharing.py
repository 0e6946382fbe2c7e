"""A sale is divided to the last minor unit, and no maker bears what she should not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from payouts.sharing import SoldLine, Terms, allocate, split_by_weights

MAKERS = [new_id() for _ in range(4)]


@st.composite
def terms(draw):
    makers = draw(st.integers(0, 10_000))
    fund = draw(st.integers(0, 10_000 - makers))
    bearer = draw(st.sampled_from(["fund", "programme", "everyone"]))
    return Terms(makers, fund, 10_000 - makers - fund, bearer)


@st.composite
def lines(draw):
    return [
        SoldLine(
            line_id=new_id(),
            price_minor=draw(st.integers(1, 10**6)),
            weights={
                maker: draw(st.integers(1, 1000))
                for maker in draw(st.sets(st.sampled_from(MAKERS), min_size=1))
            },
            paid_already=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]


@given(
    gross=st.integers(1, 10**7),
    fee=st.integers(0, 10**5),
    sold=lines(),
    shipping=st.integers(0, 10**5),
    tax=st.integers(0, 10**5),
    policy=terms(),
)
def test_every_part_together_is_the_charge(gross, fee, sold, shipping, tax, policy):
    shared = allocate(
        gross_minor=gross,
        fee_minor=fee,
        lines=sold,
        shipping_minor=shipping,
        tax_minor=tax,
        terms=policy,
    )

    assert shared.total == gross
    assert shared.fee_on_lines + shared.fee_on_fund + shared.fee_on_programme == fee
    for line in shared.lines:
        assert min([*line.makers.values(), line.fund, line.programme]) >= 0


def one_line(price=6800, weights=None, **given):
    return SoldLine(new_id(), price, weights or {MAKERS[0]: 1}, **given)


def shared(line, *, gross=6800, fee=227, bearer="fund", shipping=0):
    return allocate(
        gross_minor=gross,
        fee_minor=fee,
        lines=[line],
        shipping_minor=shipping,
        tax_minor=0,
        terms=Terms(7000, 2000, 1000, bearer),
    )


def test_a_fee_the_fund_bears_leaves_the_makers_share_whole():
    allocation = shared(one_line())

    (line,) = allocation.lines
    assert (sum(line.makers.values()), line.fund, line.programme) == (4760, 1360, 680)
    assert allocation.fee_on_fund == 227


def test_a_fee_everyone_bears_is_taken_off_before_the_division():
    (line,) = shared(one_line(), bearer="everyone").lines

    assert (sum(line.makers.values()), line.fund, line.programme) == (4601, 1315, 657)


def test_the_makers_of_a_piece_that_was_paid_already_get_nothing_twice():
    (line,) = shared(one_line(paid_already=True)).lines

    assert (line.makers, line.fund, line.programme) == ({}, 4760 + 1360, 680)


def test_shipping_is_divided_off_in_the_proportion_of_the_order_not_by_its_currency():
    allocation = shared(one_line(price=3000), gross=8000, shipping=1000, fee=0)

    assert allocation.shipping == 2000
    assert allocation.total == 8000


def test_a_fee_larger_than_the_sale_never_makes_a_share_negative():
    allocation = shared(one_line(price=20), gross=20, fee=31, bearer="everyone")

    assert allocation.lines[0].makers == {MAKERS[0]: 0}
    assert allocation.fee_on_fund == 11


def test_the_worked_example_of_four_women():
    weights = dict(zip(sorted(MAKERS), [280, 60, 440, 50], strict=True))

    assert list(split_by_weights(16_200, weights).values()) == [5465, 1171, 8588, 976]


@given(st.integers(0, 10**6), st.permutations(MAKERS))
def test_the_order_in_which_makers_are_named_changes_nothing(amount, order):
    weights = {maker: place + 1 for place, maker in enumerate(MAKERS)}

    assert split_by_weights(amount, {maker: weights[maker] for maker in order}) == (
        split_by_weights(amount, weights)
    )


@pytest.mark.parametrize("count", [2, 3, 7])
def test_equal_weights_differ_by_one_minor_unit_at_most(count):
    parts = split_by_weights(10_000, {new_id(): 1 for _ in range(count)}).values()

    assert max(parts) - min(parts) <= 1
