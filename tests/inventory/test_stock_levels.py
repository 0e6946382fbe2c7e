"""What is where, what was where, what it is worth, how old it is, and what is low."""

from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import text

from core.money import Money
from inventory import low_stock, moving, stock, stock_rules, stock_worth, whereabouts
from inventory.whereabouts import StockFilter
from tests.inventory.keeping import LATER, make_stock_room
from tests.orders.buying import place
from tests.support.make import NOW, make_listing, make_piece, pay_on_acceptance

DAY = timedelta(days=1)
STEP = "migrations.versions.0004_the_stock_room"


@pytest.fixture
def room(session):
    return make_stock_room(session)


def levels(room, **wanted):
    rows = whereabouts.stock_of(
        room.session, actor=room.keeper, wanted=StockFilter(**wanted), limit=100
    )
    return {row.location.code: (row.pieces, row.free, row.promised) for row in rows}


def test_stock_is_counted_by_location_and_design_with_what_is_free_and_promised(room):
    first, second, third, fourth = room.listed(4)
    place(room.session, {"piece_id": first.id}, now=LATER)
    room.send([second])
    room.report(third, "damaged")
    room.report(fourth, "lost")

    assert levels(room) == {"village": (2, 0, 1), "transit": (1, 1, 0)}
    assert levels(room, location_id=room.shop.id) == {}
    stranger = make_stock_room(room.session)
    assert levels(stranger) == {}


def test_what_was_where_is_known_for_every_moment(room):
    (piece,) = room.pieces()
    journey, _ = room.send([piece], now=NOW + DAY)
    room.unpack(journey.id, [piece], now=NOW + 2 * DAY)
    room.report(piece, "lost", happened_at=NOW + 3 * DAY)
    before = timedelta(seconds=1)

    assert levels(room, at=NOW - before) == {}
    assert levels(room, at=NOW) == {"village": (1, None, None)}
    assert levels(room, at=NOW + DAY - before) == {"village": (1, None, None)}
    assert levels(room, at=NOW + DAY) == {"transit": (1, None, None)}
    assert levels(room, at=NOW + 2 * DAY) == {"shop": (1, None, None)}
    assert levels(room, at=NOW + 3 * DAY) == {} == levels(room)
    (there,) = whereabouts.pieces_there(
        room.session,
        actor=room.keeper,
        wanted=StockFilter(at=NOW + 2 * DAY, location_id=room.shop.id),
        limit=9,
    )
    assert (there.id, there.since) == (piece.id, NOW + 2 * DAY)


def test_pages_of_stock_are_the_whole_of_it_once(room):
    room.pieces(2)
    room.pieces(1, at=room.shop)
    other = make_piece(room.session, room.home, location=room.shop)
    whole = whereabouts.stock_of(room.session, actor=room.keeper, wanted=StockFilter(), limit=100)

    found, after = [], None
    while page := whereabouts.stock_of(
        room.session, actor=room.keeper, wanted=StockFilter(), limit=1, after=after
    ):
        found += page
        after = (page[-1].location.id, page[-1].design.id)

    assert found == whole
    assert len(whole) == 3
    assert other.design_id in {row.design.id for row in whole}


def test_stock_is_valued_at_cost_and_at_price_and_currencies_are_never_added(room):
    soles = room.pieces(2, agreement=pay_on_acceptance(10000))
    dollars = room.pieces(1, agreement=pay_on_acceptance(2500, "USD"))
    shared = room.pieces(1)
    make_listing(room.session, room.home, soles, prices={"PEN": 16000, "USD": 4500})
    make_listing(room.session, room.home, dollars, prices={"EUR": 4000})
    delivered = make_piece(
        room.session, room.home, location=room.village, agreement=pay_on_acceptance(77)
    )

    village, shop = stock_worth.worth(room.session, actor=room.keeper, limit=9)

    assert village.cost == [Money(20000, "PEN"), Money(2500, "USD")]
    assert village.price == [Money(4000, "EUR"), Money(32000, "PEN"), Money(9000, "USD")]
    assert (village.pieces, village.without_cost, village.without_price) == (4, 1, 1)
    assert (shop.pieces, shop.cost, shop.price) == (0, [], [])
    assert {piece.status for piece in [*shared, delivered]} == {"accepted", "delivered"}


def test_what_is_sold_lost_or_damaged_is_worth_nothing_to_us(room):
    sold, lost, damaged, held = room.listed(4, agreement=pay_on_acceptance(10000))
    order = place(room.session, {"piece_id": sold.id}, now=LATER)
    stock.sell(room.session, order.id, actor=room.keeper, now=LATER)
    place(room.session, {"piece_id": held.id}, now=LATER)
    room.report(lost, "lost")
    room.report(damaged, "damaged")

    village, _shop = stock_worth.worth(room.session, actor=room.keeper, limit=9)

    assert (village.pieces, village.cost) == (1, [Money(10000, "PEN")])


def test_stock_has_its_age_since_it_was_received_and_since_it_was_offered(room):
    room.allow(0, age_steps=[30, 90])
    offered, _kept = room.listed()[0], room.pieces()[0]
    at = {name: NOW + days * DAY for name, days in {"a": 29, "b": 30, "c": 89, "d": 90}.items()}

    def bands(now):
        village, _shop = stock_worth.ages(room.session, actor=room.keeper, now=now, limit=9)
        return [
            [band.pieces for band in ages]
            for ages in (village.since_received, village.since_listed)
        ]

    assert {name: bands(now) for name, now in at.items()} == {
        "a": [[2, 0, 0], [1, 0, 0]],
        "b": [[0, 2, 0], [0, 1, 0]],
        "c": [[0, 2, 0], [0, 1, 0]],
        "d": [[0, 0, 2], [0, 0, 1]],
    }
    order = place(room.session, {"piece_id": offered.id}, now=NOW + 40 * DAY)
    stock.release(room.session, order.id, actor=room.keeper, why="x", now=NOW + 40 * DAY)
    assert bands(at["d"])[1] == [0, 0, 1], "a hold that ended does not make it young again"


def test_without_rules_there_is_one_age(room):
    room.pieces()

    village, _shop = stock_worth.ages(room.session, actor=room.keeper, now=NOW, limit=9)

    assert [(one.from_days, one.to_days, one.pieces) for one in village.since_received] == [
        (0, None, 1)
    ]


def test_low_is_less_than_the_newest_minimum_with_what_is_coming(room):
    def want(minimum):
        stock_rules.set_minimum(
            room.session,
            design_id=room.design.id,
            location_id=room.shop.id,
            minimum=minimum,
            reason="season",
            actor=room.keeper,
            now=NOW,
        )

    def low():
        rows = low_stock.low_stock(room.session, actor=room.keeper, limit=9)
        return [(row.location.code, row.minimum, row.here, row.coming) for row in rows]

    want(2)
    assert low() == [("shop", 2, 0, 0)]
    here, coming, held = room.listed(3)
    for piece in (here, held):
        moving.move_piece(
            room.session,
            piece_id=piece.id,
            destination_id=room.shop.id,
            reason="x",
            actor=room.keeper,
            now=LATER,
        )
    assert low() == []
    place(room.session, {"piece_id": held.id}, now=LATER)
    room.send([coming])
    assert low() == [("shop", 2, 1, 1)]
    want(1)
    assert low() == []
    want(0)
    assert stock_rules.list_minimums(room.session, actor=room.keeper, limit=9) == []


MANY = """
WITH one AS (SELECT * FROM pieces LIMIT 1), fresh AS (
    INSERT INTO pieces SELECT p.* FROM one, generate_series(1, :pieces) AS n,
        jsonb_populate_record(CAST(NULL AS pieces), to_jsonb(one) || jsonb_build_object(
            'id', gen_random_uuid(), 'tag', 'T' || n, 'position', n + 1000)) AS p
    RETURNING id, cooperative_id)
INSERT INTO movements (id, cooperative_id, piece_id, sequence, source_id, destination_id, reason,
    actor, at)
SELECT gen_random_uuid(), cooperative_id, id, s,
    CASE s % 2 WHEN 1 THEN CAST(:there AS uuid) ELSE CAST(:here AS uuid) END,
    CASE s % 2 WHEN 1 THEN CAST(:here AS uuid) ELSE CAST(:there AS uuid) END,
    'x', 'system:test', CAST(:at AS timestamptz) + s * interval '1 hour'
FROM fresh, generate_series(1, 8) AS s ORDER BY s
"""


def test_what_is_and_was_where_is_found_by_index_among_many_movements(room, engine):
    """1,000 pieces with 8 movements each: no movement is read but the one that counts."""
    make_piece(room.session, room.home, location=room.village)
    where = {"here": room.village.id, "there": room.shop.id, "at": NOW, "pieces": 1000}
    room.session.execute(text(MANY), where)
    for table in ("movements", "pieces", "piece_places", "locations"):
        room.session.execute(text(f"ANALYZE {table}"))
    at = NOW + timedelta(hours=5, minutes=1)

    def plan(**wanted):
        found = whereabouts._there(room.home.id, StockFilter(**wanted)).element.compile(
            engine, compile_kwargs={"literal_binds": True}
        )
        rows = room.session.execute(text(f"EXPLAIN {str(found).replace(':', chr(92) + ':')}"))
        return "\n".join(rows.scalars())

    then, now = plan(at=at), plan(location_id=room.village.id)
    assert "uq_movements_piece_id_sequence" in then, then
    assert "Seq Scan on movements" not in then, then
    assert "Seq Scan on piece_places" not in now, now
    assert levels(room, at=at) == {"village": (1001, None, None)}
    assert levels(room)["shop"][0] == 1000


def test_a_house_that_was_there_before_gets_the_places_its_movements_say(room):
    (piece,), _others = room.pieces(), room.pieces(2, at=room.shop)
    room.send([piece])
    kept = text("SELECT piece_id, location_id, movement_id, sequence, since FROM piece_places")
    before = set(room.session.execute(kept))

    room.session.execute(text("DELETE FROM piece_places"))
    assert "its kept place is not where its newest movement ends" in room.amiss()
    room.session.execute(text(import_module(STEP).PLACES_OF_NOW))

    assert len(before) == 3
    assert set(room.session.execute(kept)) == before
    assert room.amiss() == []
