"""The coordinator is warned where an hour of somebody's brought too little; nothing is refused."""

from datetime import date, timedelta

import pytest

from core.db import transaction
from core.errors import Invalid, NotFound
from core.ids import new_id
from inventory import deliveries
from payouts import acceptances, by_hand, fair_pay_reading, pay_days, wages
from payouts.fair_pay_reading import PayFilter, design_pay, list_piece_pay, piece_pay
from payouts.passports import read_passport
from people.permissions import Role, scopes_of_roles
from tests.payouts.selling import sell
from tests.support.make import (
    NOW,
    SHARE_ON_SALE,
    accept,
    acting,
    house,
    make_cooperative,
    make_design,
    make_location,
    make_maker,
    make_staff,
    pay_on_acceptance,
)

MONTH = 12_480


@pytest.fixture
def home(session):
    """A co-operative with the wages of the domain's reference."""
    home = make_cooperative(session)
    set_wage(session, home, "living", 199_700, date(2024, 1, 1))
    set_wage(session, home, "minimum", 113_000, date(2025, 1, 1))
    return home


def set_wage(session, home, kind, monthly, valid_from, **given):
    return wages.set_reference_wage(
        session,
        **{
            "kind": kind,
            "amount_minor": monthly,
            "currency": "PEN",
            "minutes": MONTH,
            "valid_from": valid_from,
            "source": "made for a test",
            "actor": house(home),
            "now": NOW,
        }
        | given,
    )


def handed_in(
    session, home, steps, *, price=16_200, currency="PEN", on=date(2026, 11, 20), **given
):
    """A piece with the minutes its makers told: (maker, stage, weight, minutes, materials)."""
    design = given.get("design") or make_design(session, home)
    agreement = given.get("agreement") or pay_on_acceptance(price, currency)
    delivery, _new = deliveries.record_delivery(
        session,
        delivery_id=new_id(),
        delivered_on=on,
        location_id=make_location(session, home).id,
        pieces=[
            {
                "design_id": design.id,
                "agreement": agreement,
                "contributions": [
                    {
                        "maker_id": maker.id,
                        "stage": stage,
                        "weight": weight,
                        "minutes": minutes,
                        "materials_minor": materials,
                    }
                    for maker, stage, weight, minutes, materials in steps
                ],
            }
        ],
        request_hash=new_id().hex,
        actor=house(home),
        now=NOW,
    )
    session.refresh(delivery)
    (piece,) = delivery.pieces
    return piece


def of(session, home, piece):
    return piece_pay(session, piece_id=piece.id, actor=house(home))


def test_the_worked_piece_is_warned_about_and_each_maker_stands_by_herself(session, home):
    spinner, dyer, weaver, finisher = [make_maker(session, home) for _ in range(4)]
    piece = handed_in(
        session,
        home,
        [
            (spinner, "spin", 840, 840, None),
            (dyer, "dye", 180, 180, None),
            (weaver, "weave", 1320, 1320, None),
            (finisher, "finish", 150, 150, None),
        ],
    )

    found = of(session, home, piece)

    assert found.rests_on == "agreed"
    assert [one.minor for one in found.makers] == [5465, 1171, 8588, 976]
    assert (found.minor, found.minutes, found.hourly_minor) == (16_200, 2490, 390)
    assert [(one.kind, one.share_bp) for one in found.against] == [
        ("living", 4065),
        ("minimum", 7185),
    ]
    assert found.below == ["living", "minimum"]
    assert found.missing == []


def test_earned_and_paid_are_apart_and_agreed_is_known_before_both(session, home):
    maker = make_maker(session, home)
    piece = handed_in(session, home, [(maker, "weave", 1, 600, None)])
    (before,) = of(session, home, piece).makers
    accept(piece)
    session.flush()
    (owed,) = acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)
    (accepted,) = of(session, home, piece).makers
    by_hand.settle_by_hand(
        session,
        obligation_id=owed.id,
        method="cash",
        witness_id=make_staff(session, home, "storekeeper").id,
        actor=acting(make_staff(session, home, "treasurer")),
        now=NOW,
    )
    (met,) = of(session, home, piece).makers

    told = [(one.share.gets, one.share.earned, one.share.paid) for one in (before, accepted, met)]
    whole, nothing = {"PEN": 16_200}, {"PEN": 0}
    assert told == [(whole, {}, {}), (whole, whole, nothing), (whole, whole, whole)]
    assert [one.hourly_minor for one in (before, accepted, met)] == [1620] * 3
    assert of(session, home, piece).below == []


def test_what_she_paid_for_yarn_is_not_pay(session, home):
    maker = make_maker(session, home)
    piece = handed_in(session, home, [(maker, "weave", 1, 600, 8000)])

    (one,) = of(session, home, piece).makers

    assert (one.minor, one.hourly_minor, one.below) == (8200, 820, ["living"])


def test_the_designs_time_is_an_estimate_and_no_time_is_said_to_be_missing(session, home):
    maker = make_maker(session, home)
    timed = make_design(session, home, minutes_by_stage={"weave": 1320})
    estimated = handed_in(session, home, [(maker, "weave", 1, None, None)], design=timed)
    untold = handed_in(session, home, [(maker, "weave", 1, None, None)])

    (one,) = of(session, home, estimated).makers
    nobody_said = of(session, home, untold)

    assert (one.worked.minutes, one.worked.comes_from) == (1320, "estimated")
    assert nobody_said.missing == ["minutes"]
    assert (nobody_said.hourly_minor, nobody_said.below) == (None, [])


def test_the_wage_of_the_day_it_was_handed_in_counts_and_the_past_keeps_its_own(session, home):
    maker = make_maker(session, home)
    piece = handed_in(session, home, [(maker, "weave", 1, 600, None)])
    earlier = handed_in(session, home, [(maker, "weave", 1, 600, None)], on=date(2024, 6, 1))
    before_all = handed_in(session, home, [(maker, "weave", 1, 600, None)], on=date(2023, 6, 1))
    set_wage(session, home, "living", 350_000, date(2026, 11, 21))

    assert of(session, home, piece).below == []
    assert [row.kind for row in of(session, home, earlier).wages] == ["living"]
    assert of(session, home, before_all).missing == ["reference"]

    set_wage(session, home, "living", 350_000, date(2026, 11, 20))
    assert of(session, home, piece).below == ["living"]

    corrected = set_wage(session, home, "living", 300_000, date(2026, 11, 20))
    assert corrected.version == 4
    assert of(session, home, piece).below == []


def test_dollars_are_told_in_soles_only_at_a_rate_somebody_wrote_down(session, home):
    maker = make_maker(session, home)
    steps = [(maker, "weave", 1, 600, None)]
    piece = handed_in(session, home, steps, price=4000, currency="USD")

    unknown = of(session, home, piece)
    assert unknown.missing == ["rate"]
    assert (unknown.minor, unknown.below, unknown.rates) == (None, [], [])

    accept(piece)
    session.flush()
    (owed,) = acceptances.record_acceptance(session, piece_id=piece.id, now=NOW)
    treasurer = acting(make_staff(session, home, "treasurer"))
    day = pay_days.open_pay_day(
        session, currency="PEN", rates={"USD": "3.75"}, actor=treasurer, now=NOW
    )
    known = of(session, home, piece)
    assert (known.minor, known.hourly_minor, known.missing) == (15_000, 1500, [])
    assert [(one.rate, one.source) for one in known.rates] == [("3.75", day.number)]

    pay_days.cancel_pay_day(
        session, pay_day_id=day.id, reason="the road was closed", actor=treasurer, now=NOW
    )
    settled = by_hand.settle_by_hand(
        session,
        obligation_id=owed.id,
        method="cash",
        witness_id=make_staff(session, home, "storekeeper").id,
        paid_minor=14_000,
        paid_currency="PEN",
        rate="3.5",
        actor=treasurer,
        now=NOW - timedelta(days=1),
    )
    paid = of(session, home, piece)
    assert paid.minor == 14_000, "the rate she was paid at comes before a newer one"
    assert settled.receipt is not None
    assert [one.source for one in paid.rates] == [settled.receipt.number]


def test_a_piece_for_a_share_has_no_figure_before_it_is_sold(session, home):
    maker = make_maker(session, home)
    piece = handed_in(session, home, [(maker, "weave", 1, 600, None)], agreement=SHARE_ON_SALE)

    found = of(session, home, piece)

    assert (found.rests_on, found.minor, found.missing) == ("nothing_yet", None, [])
    listed, _further = list_piece_pay(session, actor=house(home), wanted=PayFilter(), limit=10)
    assert listed == []


def test_those_below_are_found_a_thousand_at_a_time(session, home, monkeypatch):
    maker = make_maker(session, home)
    steps = [(maker, "weave", 1, 600, None)]
    poor = [handed_in(session, home, steps, price=5000).id for _ in range(3)]
    for _ in range(3):
        handed_in(session, home, steps, price=50_000)
    monkeypatch.setattr(fair_pay_reading, "MOST_PIECES", 2)

    def all_below(limit):
        found, before, asked = [], None, 0
        while asked == 0 or before:
            rows, before = list_piece_pay(
                session,
                actor=house(home),
                wanted=PayFilter(below="living"),
                limit=limit,
                before=before,
            )
            found += [row.piece.id for row in rows]
            asked += 1
        return found, asked

    assert all_below(10) == (sorted(poor, reverse=True), 4)
    assert all_below(1)[0] == sorted(poor, reverse=True)


def test_a_design_is_summed_over_what_is_known(session, home):
    maker, design = make_maker(session, home), make_design(session, home)
    for price, minutes in ((5000, 600), (50_000, 600), (9999, None)):
        handed_in(session, home, [(maker, "weave", 1, minutes, None)], price=price, design=design)

    found = design_pay(session, design_id=design.id, actor=house(home))

    assert (found.pieces, found.known) == (3, 2)
    assert (found.minutes, found.minor, found.hourly_minor) == (1200, 55_000, 2750)
    assert (found.lowest_minor, found.below) == (500, {"living": 1, "minimum": 1})


def test_nobody_else_sees_it_and_no_passport_tells_it(session, home):
    maker = make_maker(session, home)
    piece = handed_in(session, home, [(maker, "weave", 1, 600, None)])
    stranger = house(make_cooperative(session))

    with pytest.raises(NotFound):
        piece_pay(session, piece_id=piece.id, actor=stranger)
    with pytest.raises(NotFound):
        design_pay(session, design_id=piece.design_id, actor=stranger)
    assert list_piece_pay(session, actor=stranger, wanted=PayFilter(), limit=9) == ([], None)
    passport = read_passport(session, piece.tag, today=NOW.date())
    assert not any("hour" in name or "minutes" in name for name in passport.__slots__)
    seeing = {role for role in Role if "payouts:read" in scopes_of_roles([role])}
    assert seeing == {Role.COORDINATOR, Role.TREASURER}


def test_a_wage_in_another_currency_is_refused(session, home):
    with pytest.raises(Invalid) as refused:
        set_wage(session, home, "living", 1000, date(2026, 1, 1), currency="USD")
    assert refused.value.pointer == "/wage/currency"


@pytest.mark.usefixtures("committed")
def test_a_share_of_a_sale_is_what_she_gets_and_less_than_a_cent_is_nothing(gateway, peer, now):
    sale = sell(gateway, peer, now, weights=(1, 999_999), price=100)

    with transaction() as session:
        (row, _further) = list_piece_pay(
            session, actor=sale.treasurer, wanted=PayFilter(maker_id=sale.makers[0]), limit=9
        )
        (found,) = row

        assert (found.rests_on, found.missing) == ("shares", ["minutes", "rate", "reference"])
        told = {one.maker.id: (dict(one.share.gets), one.minor) for one in found.makers}
    assert told == {sale.makers[0]: ({}, 0), sale.makers[1]: ({"USD": 70}, None)}
