"""How much is asked of the database: as many queries for 24 rows as for one, and by index."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from tests.api.world import World, make_order, make_reservation
from tests.inventory.spinning import make_dyed, rub
from tests.support.make import (
    make_commission,
    make_cooperative,
    make_design,
    make_group,
    make_listing,
    make_location,
    make_maker,
    make_pieces,
)


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    """Every statement sent to the database in the block, without savepoints."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


@contextmanager
def explained(connection: Connection, words: str) -> Iterator[list[str]]:
    """The plan of every statement in the block with these words in it."""
    plans: list[str] = []

    def explain(_connection: object, _cursor: object, statement: str, values: Any, *_: object):
        if words in statement:
            cursor = connection.connection.cursor()
            cursor.execute("EXPLAIN " + statement, values)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    event.listen(connection, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(connection, "before_cursor_execute", explain)


def queries(connection: Connection, asks: FlaskClient, path: str, key: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    asks.get(path, headers=headers)  # so that the key's use is noted before we count
    with counted(connection) as sent:
        answer = asks.get(path, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return len(sent)


def test_a_page_of_the_catalogue_is_one_query_however_many_rows(
    world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    home = world.cooperative
    cloth: dict[str, Any] = {"design": world.design, "location": world.location}
    for _ in range(24):
        make_listing(seen, home, weights=[(world.maker, "weave", 1)], **cloth)
    seen.flush()

    for filters in ("", "&sort=price_asc&currency=USD", "&kind=runner"):
        one = queries(connection, asks, f"/v1/listings?limit=1{filters}")
        many = queries(connection, asks, f"/v1/listings?limit=24{filters}")
        assert one == many == 1


def test_a_listing_takes_as_many_queries_with_one_piece_as_with_24(
    world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    home = world.cooperative
    makers = [(make_maker(seen, home), "weave", 1) for _ in range(4)]
    one = make_listing(seen, home, count=1)
    many = make_listing(seen, home, count=24, weights=makers)
    seen.flush()

    few = queries(connection, asks, f"/v1/listings/{one.slug}")

    assert queries(connection, asks, f"/v1/listings/{many.slug}") == few <= 9


@pytest.mark.parametrize(
    "path",
    [
        "/v1/pieces?limit={}",
        "/v1/makers?limit={}",
        "/v1/designs?limit={}",
        "/v1/inspections?state=waiting&limit={}",
        "/v1/orders?status=awaiting_payment&limit={}",
        "/v1/orders?status=fulfilled&limit={}",
        "/v1/refunds?limit={}",
        "/v1/returns?limit={}",
        "/v1/obligations?limit={}",
        "/v1/staff?limit={}",
        "/v1/api-keys?limit={}",
        "/v1/settlements?limit={}",
        "/v1/fair-pay?limit={}",
        "/v1/fair-pay?below=living&limit={}",
        "/v1/journeys?limit={}",
        "/v1/stocktakes?limit={}",
        "/v1/stock?limit={}",
        "/v1/stock/pieces?limit={}",
        "/v1/stock/value?limit={}",
        "/v1/stock/ages?limit={}",
        "/v1/stock/low?limit={}",
        "/v1/commissions?limit={}",
        "/v1/commissions?state=late&limit={}",
        "/v1/maker-groups?limit={}",
        "/v1/tag-reservations?limit={}",
        "/v1/outbound-payments?limit={}",
        "/v1/news?limit={}",
        "/v1/jobs?state=waiting&limit={}",
        "/v1/yarn-lots?limit={}",
        "/v1/dye-lots?limit={}",
        "/v1/audit?limit={}",
        "/v1/batches?limit={}",
    ],
)
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(
    path: str, world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    home = world.cooperative
    weights = [(make_maker(seen, home), "weave", 1), (make_maker(seen, home), "spin", 1)]
    make_pieces(seen, home, 5, weights=weights)
    for _ in range(3):
        rub(seen, home, make_dyed(seen, home))
        make_design(seen, home)
        make_group(seen, home, weights[0][0])
        make_commission(seen, home, weights[0][0], weights[1][0])
        make_reservation(seen, world.boss, world.location, world.paid_order.placed_at)
        make_order(seen, make_listing(seen, home), world.paid_order.placed_at)
    seen.flush()

    assert queries(connection, asks, path.format(1), world.key) == queries(
        connection, asks, path.format(50), world.key
    )


CATALOGUE = """
SELECT listings.id FROM listings JOIN designs ON designs.id = listings.design_id
WHERE listings.status = 'published' ORDER BY listings.id DESC LIMIT 25
"""
BY_PRICE = """
SELECT listings.id FROM listings JOIN listing_prices ON listing_prices.listing_id = listings.id
WHERE listings.status = 'published' AND listing_prices.currency = 'USD'
AND listing_prices.amount_minor BETWEEN 100 AND 9000
ORDER BY listing_prices.amount_minor, listings.id LIMIT 25
"""


MANY_DRAFTS = """
INSERT INTO listings SELECT drafts.*
FROM (SELECT to_jsonb(listings) AS one FROM listings LIMIT 1) AS first,
    generate_series(1, 2000) AS n,
    jsonb_populate_record(CAST(NULL AS listings), first.one || jsonb_build_object(
        'id', gen_random_uuid(), 'slug', 'draft-' || n, 'status', 'draft')) AS drafts
"""


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (CATALOGUE, "ix_listings_status_id"),
        (BY_PRICE, "ix_listing_prices_currency_amount_minor"),
    ],
)
def test_what_buyers_ask_most_is_found_by_index(query: str, index: str, seen: Session) -> None:
    # Of many listings a few are published, and the planner knows it, whatever ran before.
    seen.execute(text(MANY_DRAFTS))
    seen.execute(text("ANALYZE listings"))
    seen.execute(text("SET LOCAL enable_seqscan = off"))

    plan = "\n".join(seen.execute(text(f"EXPLAIN {query}")).scalars())

    assert index in plan, plan
    assert "Seq Scan" not in plan, plan


def test_the_real_catalogue_query_reads_no_table_from_end_to_end(
    world: World, asks: FlaskClient, seen: Session, connection: Connection
) -> None:
    other = make_cooperative(seen)
    cloth: dict[str, Any] = {
        "design": make_design(seen, other),
        "location": make_location(seen, other),
    }
    for _ in range(3):
        make_listing(seen, other, **cloth)
    seen.flush()
    seen.execute(text("SET LOCAL enable_seqscan = off"))

    with explained(connection, "FROM listings") as plans:
        asks.get("/v1/listings?sort=price_asc&currency=USD&kind=runner&min_price=1&max_price=9000")

    (plan,) = plans
    assert "Seq Scan" not in plan, plan
