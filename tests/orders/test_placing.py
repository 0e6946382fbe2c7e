"""Placing an order: what is held, what is copied, what is refused, and that totals add up."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from inventory import tags
from inventory.models import Hold
from inventory.stock import PieceUnavailable
from orders import charges, numbers, payment_page
from orders.charges import ShippingUnavailable, basis_points_of
from orders.choosing import OneCooperative
from orders.models import Order, OrderLine, ShippingRate, TaxRule
from orders.placing import NoPriceInCurrency
from tests.conftest import row_counts
from tests.orders.buying import HOLD, jobs, make_offer, page_of, pieces_of, place, standing
from tests.support.make import (
    NOW,
    make_cooperative,
    make_design,
    make_listing,
    make_piece,
)

ADDRESS = {"line1": "1 Rua", "city": "Lima", "country": "PE"}
TO_LIMA = {"fulfilment": "ship", "address": ADDRESS}


def make_rate(session, cooperative_id, **values):
    rate = {
        "zone": "peru",
        "countries": ["PE"],
        "currency": "USD",
        "up_to_g": 2000,
        "amount_minor": 700,
        "label": "Shipping: Peru",
    }
    session.add(ShippingRate(cooperative_id=cooperative_id, **(rate | values)))
    session.flush()


def make_tax(session, cooperative_id, rate_bp=1800, **values):
    rule = {
        "fulfilment": "pick_up",
        "label": "IGV",
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
    }
    session.add(TaxRule(cooperative_id=cooperative_id, rate_bp=rate_bp, **(rule | values)))
    session.flush()


def test_pieces_are_held_and_words_and_prices_copied(session):
    listing = make_offer(session, 2)

    order = place(session, {"slug": listing.slug, "quantity": 2}, now=NOW)

    assert standing(session, order.id) == ("awaiting_payment", ["held"] * 2, ["held"] * 2)
    assert [line.piece_id for line in order.lines] == pieces_of(session, listing)
    assert {(line.title, line.price_minor) for line in order.lines} == {("Un camino de mesa", 4500)}
    assert (order.subtotal_minor, order.total_minor, order.currency) == (9000, 9000, "USD")
    assert order.expires_at == NOW + HOLD
    assert {hold.expires_at for hold in session.query(Hold)} == {order.expires_at}


def test_what_was_agreed_does_not_follow_the_listing(session):
    listing = make_offer(session)
    order = place(session, listing, now=NOW)

    listing.prices[0].amount_minor = 1
    listing.title = {"en": "Something else"}
    session.flush()
    session.refresh(order)

    assert order.total_minor == 4500
    assert order.lines[0].title == "Un camino de mesa"


def test_a_number_can_be_typed_in_any_way_and_a_slip_is_noticed(session):
    order = place(session, make_offer(session), now=NOW)

    assert numbers.read(order.number.lower().replace("-", " ")) == order.number
    assert tags.is_valid(order.number.replace("-", ""))
    slip = order.number[:-1] + ("2" if order.number[-1] != "2" else "3")
    with pytest.raises(numbers.OrderNumberInvalid):
        numbers.read(slip)


def test_the_request_to_stripe_is_frozen_with_the_order(session):
    listing = make_offer(session)
    make_rate(session, listing.cooperative_id)
    make_tax(session, listing.cooperative_id, 1000, fulfilment="ship")

    order = place(session, listing, now=NOW, buyer_email="ana@example.org", **TO_LIMA)

    (attempt,) = order.attempts
    about = {"order_id": str(order.id), "order_number": order.number}
    assert (attempt.number, attempt.key, attempt.status) == (1, f"co:{order.id}:1", "asking")
    assert attempt.request == {
        "mode": "payment",
        "client_reference_id": str(order.id),
        "customer_email": "ana@example.org",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": minor,
                    "product_data": {"name": name},
                },
            }
            for name, minor in [
                ("Un camino de mesa", 4500),
                ("Shipping: Peru", 700),
                ("IGV", 450),
            ]
        ],
        "metadata": {**about, "attempt": "1"},
        "payment_intent_data": {"metadata": about, "transfer_group": str(order.id)},
        "allowed_payment_method_types": ["card", "link"],
        "expires_at": int((NOW + HOLD).timestamp()),
        "success_url": page_of(order.id),
        "cancel_url": page_of(order.id),
        "locale": "es-419",
    }


def test_no_email_is_sent_that_was_not_given(session):
    order = place(session, make_offer(session), now=NOW)

    assert "customer_email" not in order.attempts[0].request


def test_the_order_is_looked_after_if_everybody_forgets_it(session):
    order = place(session, make_offer(session), now=NOW)

    assert jobs(session, "order.open_checkout") == [{"order_id": str(order.id)}]
    assert jobs(session, "order.check_payment") == [{"order_id": str(order.id)}]


def test_a_listing_named_twice_in_one_call_is_added_up(session):
    listing = make_offer(session, 3)
    by_id, by_slug = {"listing_id": listing.id}, {"slug": listing.slug, "quantity": 2}

    order = place(session, by_id, by_slug, now=NOW)

    assert len({line.piece_id for line in order.lines}) == 3


def test_a_listing_named_twice_for_more_than_there_is_holds_nothing(session):
    listing = make_offer(session, 3)
    twice = {"listing_id": listing.id, "quantity": 2}

    with pytest.raises(PieceUnavailable):
        place(session, twice, twice, now=NOW)

    assert session.query(Hold).count() == 0


def test_a_named_piece_and_its_listing_give_different_pieces(session):
    listing = make_offer(session, 2)
    oldest = pieces_of(session, listing)[0]

    order = place(session, {"listing_id": listing.id}, {"piece_id": oldest}, now=NOW)

    assert {line.piece_id for line in order.lines} == set(pieces_of(session, listing))


def test_the_oldest_free_pieces_are_taken_first(session):
    listing = make_offer(session, 3)
    first, second, third = pieces_of(session, listing)
    place(session, {"piece_id": first}, now=NOW)

    order = place(session, {"listing_id": listing.id}, now=NOW)

    assert [line.piece_id for line in order.lines] == [second]
    with pytest.raises(PieceUnavailable) as refusal:
        place(session, {"listing_id": listing.id, "quantity": 2}, now=NOW)
    assert set(refusal.value.details["pieces"]) == {str(first), str(second)}
    assert standing(session, order.id)[0] == "awaiting_payment"
    assert third not in {hold.piece_id for hold in session.query(Hold)}


def test_who_meets_a_late_hold_is_told_whose_it_is(session):
    listing = make_offer(session)
    earlier = place(session, listing, now=NOW)

    with pytest.raises(PieceUnavailable) as in_time:
        place(session, listing, now=NOW + HOLD - timedelta(seconds=1))
    with pytest.raises(PieceUnavailable) as late:
        place(session, listing, now=NOW + HOLD)

    assert in_time.value.late_orders == ()
    assert late.value.late_orders == (earlier.id,)


def test_a_hold_is_kept_within_what_stripe_allows(session):
    listing = make_offer(session, 2)

    short = place(session, listing, now=NOW, hold_minutes=1)
    long = place(session, listing, now=NOW, hold_minutes=10_000)

    assert short.expires_at == NOW + timedelta(minutes=31)
    assert NOW + timedelta(hours=23) < long.expires_at < NOW + timedelta(hours=24)


BAD_ITEMS: dict[str, tuple[list[Any], str]] = {
    "nothing": ([], "/items"),
    "too many": ([{"slug": "x"}] * 21, "/items"),
    "neither piece nor listing": ([{"quantity": 1}], "/items/0"),
    "both at once": ([{"slug": "x", "listing_id": uuid.uuid4()}], "/items/0"),
    "unknown slug": ([{"slug": "no-such-thing"}], "/items/0/slug"),
    "unknown listing": ([{"listing_id": uuid.uuid4()}], "/items/0/listing_id"),
    "unknown piece": ([{"piece_id": uuid.uuid4()}], "/items/0/piece_id"),
}


@pytest.mark.parametrize("name", BAD_ITEMS)
def test_items_that_make_no_sense_are_refused_and_change_nothing(session, name):
    items, pointer = BAD_ITEMS[name]
    before = row_counts(session)

    with pytest.raises(Invalid) as refusal:
        place(session, *items, now=NOW)

    assert refusal.value.pointer == pointer
    assert row_counts(session) == before


@pytest.mark.parametrize("quantity", [0, -1, 21, 1.0, True, "2"])
def test_a_quantity_is_a_whole_number_from_1_to_20(session, quantity):
    listing = make_offer(session)

    with pytest.raises(Invalid) as refusal:
        place(session, {"slug": listing.slug, "quantity": quantity}, now=NOW)

    assert refusal.value.pointer == "/items/0/quantity"


def test_twenty_pieces_are_the_most_however_they_are_named(session):
    listing = make_offer(session)

    with pytest.raises(Invalid) as refusal:
        place(session, {"slug": listing.slug, "quantity": 20}, listing, now=NOW)

    assert refusal.value.pointer == "/items"


def test_a_piece_named_twice_is_refused(session):
    (piece,) = pieces_of(session, make_offer(session))

    with pytest.raises(Invalid) as refusal:
        place(session, {"piece_id": piece}, {"piece_id": piece}, now=NOW)

    assert refusal.value.pointer == "/items/1/piece_id"


def test_a_piece_has_no_quantity(session):
    (piece,) = pieces_of(session, make_offer(session))

    with pytest.raises(Invalid):
        place(session, {"piece_id": piece, "quantity": 2}, now=NOW)


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_what_is_not_published_is_not_sold(session, status):
    listing = make_offer(session)
    (piece,) = pieces_of(session, listing)
    listing.status = status
    session.flush()

    for item in ({"listing_id": listing.id}, {"piece_id": piece}):
        with pytest.raises(Invalid):
            place(session, item, now=NOW)


def test_a_piece_nobody_offers_is_not_sold(session):
    piece = make_piece(session, make_cooperative(session))

    with pytest.raises(Invalid):
        place(session, {"piece_id": piece.id}, now=NOW)


def test_an_order_is_for_one_cooperative(session):
    here, there = make_offer(session), make_offer(session)

    with pytest.raises(OneCooperative):
        place(session, here, there, now=NOW)
    with pytest.raises(OneCooperative):
        place(session, here, now=NOW, cooperative_id=there.cooperative_id)
    assert place(session, here, now=NOW, cooperative_id=here.cooperative_id)


def test_everything_needs_a_price_in_the_currency(session):
    cooperative = make_cooperative(session)
    both = make_listing(session, cooperative)
    dollars = make_listing(session, cooperative, prices={"USD": 100})

    with pytest.raises(NoPriceInCurrency) as refusal:
        place(session, both, dollars, now=NOW, currency="PEN")

    assert refusal.value.details["listings"] == [dollars.slug]
    assert session.query(Hold).count() == 0


BAD_WORDS: dict[str, tuple[dict[str, Any], str]] = {
    "fulfilment": ({"fulfilment": "drone"}, "/fulfilment"),
    "channel": ({"channel": "fax"}, "/channel"),
    "language": ({"language": "xx"}, "/language"),
    "no address": ({"fulfilment": "ship"}, "/address/line1"),
    "blank city": (
        {"fulfilment": "ship", "address": ADDRESS | {"city": " "}},
        "/address/city",
    ),
    "small country": (
        {"fulfilment": "ship", "address": ADDRESS | {"country": "pe"}},
        "/address/country",
    ),
    "long country": (
        {"fulfilment": "ship", "address": ADDRESS | {"country": "PER"}},
        "/address/country",
    ),
    "unknown part": (
        {"fulfilment": "ship", "address": ADDRESS | {"planet": "Earth"}},
        "/address/planet",
    ),
    "address to nowhere": ({"address": ADDRESS}, "/address"),
}


@pytest.mark.parametrize("name", BAD_WORDS)
def test_words_outside_the_choices_are_refused(session, name):
    values, pointer = BAD_WORDS[name]
    listing = make_offer(session)

    with pytest.raises(Invalid) as refusal:
        place(session, listing, now=NOW, **values)

    assert refusal.value.pointer == pointer
    assert session.query(Order).count() == 0


def test_shipping_is_priced_by_zone_and_weight(session):
    listing = make_offer(session, 4)  # 300 g each, by the design
    coop = listing.cooperative_id
    make_rate(session, coop, up_to_g=600, amount_minor=700)
    make_rate(session, coop, up_to_g=5000, amount_minor=1500)
    make_rate(session, coop, up_to_g=600, amount_minor=9, currency="PEN")
    make_rate(session, coop, zone="rest", countries=[], up_to_g=600, amount_minor=3600)

    def shipping(quantity, country):
        to = {"fulfilment": "ship", "address": ADDRESS | {"country": country}}
        with session.begin_nested() as undone:
            order = place(session, {"slug": listing.slug, "quantity": quantity}, now=NOW, **to)
            minor = order.shipping_minor
            undone.rollback()
        return minor

    assert [shipping(2, "PE"), shipping(3, "PE"), shipping(2, "JP")] == [700, 1500, 3600]
    with pytest.raises(ShippingUnavailable):
        shipping(3, "JP")


def test_shipping_is_refused_where_we_have_no_price(session):
    listing = make_offer(session)

    with pytest.raises(ShippingUnavailable) as refusal:
        place(session, listing, now=NOW, **TO_LIMA)

    assert refusal.value.details == {"country": "PE", "currency": "USD", "weight_g": 300}


def test_a_design_without_a_weight_weighs_the_usual(session):
    cooperative = make_cooperative(session)
    heavy = make_design(session, cooperative)
    unknown = make_design(session, cooperative, measures=[])

    weighed = charges.weight_of(session, [heavy.id, heavy.id, unknown.id])

    assert weighed == 300 + 300 + charges.USUAL_WEIGHT_G


def test_what_is_picked_up_costs_no_shipping(session):
    listing = make_offer(session)
    make_rate(session, listing.cooperative_id)

    order = place(session, listing, now=NOW)

    assert (order.shipping_minor, order.shipping_label, order.address) == (0, "", None)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "tax"),
    [
        (date(2026, 11, 23), None, 810),
        (date(2026, 1, 1), date(2026, 11, 23), 810),
        (date(2026, 11, 24), None, 0),
        (date(2026, 1, 1), date(2026, 11, 22), 0),
    ],
)
def test_tax_is_what_the_rule_in_force_says(session, valid_from, valid_to, tax):
    listing = make_offer(session)
    make_tax(session, listing.cooperative_id, valid_from=valid_from, valid_to=valid_to)

    order = place(session, listing, now=NOW)

    assert (order.tax_minor, order.total_minor) == (tax, 4500 + tax)


def test_tax_is_of_the_way_the_order_is_fulfilled(session):
    listing = make_offer(session)
    make_tax(session, listing.cooperative_id, fulfilment="ship")

    assert place(session, listing, now=NOW).tax_minor == 0


@given(st.integers(0, 10**10), st.integers(0, 10_000))
def test_a_part_is_rounded_to_the_nearest_unit_and_a_half_up(minor, rate_bp):
    exact_twice = 2 * minor * rate_bp  # in twentieths of a thousandth

    assert -10_000 < 2 * 10_000 * basis_points_of(minor, rate_bp) - exact_twice <= 10_000


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    prices=st.lists(st.integers(1, 99_999_999), min_size=1, max_size=4),
    shipping=st.integers(0, 1_000_000),
    rate_bp=st.integers(0, 10_000),
)
def test_totals_always_add_up_and_stripe_is_asked_for_exactly_that(
    session, prices, shipping, rate_bp
):
    with session.begin_nested() as undone:
        cooperative = make_cooperative(session)
        make_rate(session, cooperative.id, amount_minor=shipping)
        make_tax(session, cooperative.id, rate_bp, fulfilment="ship")
        offers = [make_listing(session, cooperative, prices={"USD": price}) for price in prices]

        order = place(session, *offers, now=NOW, **TO_LIMA)

        assert order.subtotal_minor == sum(line.price_minor for line in order.lines) == sum(prices)
        assert order.total_minor == order.subtotal_minor + order.shipping_minor + order.tax_minor
        asked = [item["price_data"] for item in order.attempts[0].request["line_items"]]
        assert sum(price["unit_amount"] for price in asked) == order.total_minor
        assert all(price["unit_amount"] > 0 for price in asked)
        undone.rollback()


def test_a_long_title_is_cut_for_stripe_only():
    order = Order(id=uuid.uuid4(), number="P", currency="USD", language="en", expires_at=NOW)
    order.shipping_minor = order.tax_minor = 0
    order.shipping_label = order.tax_label = ""
    order.lines = [OrderLine(title="x" * 400, price_minor=1)]

    request = payment_page.checkout_request(order, page="https://shop.test", attempt=1)

    assert request["line_items"][0]["price_data"]["product_data"]["name"] == "x" * 250


def test_numbers_are_drawn_until_one_is_free(session, monkeypatch):
    first = place(session, make_offer(session), now=NOW)
    drawn = iter([first.number, first.number, "P22-222-22J"])
    monkeypatch.setattr(numbers, "draw", lambda: next(drawn))

    second = place(session, make_offer(session), now=NOW)

    assert second.number == "P22-222-22J"
