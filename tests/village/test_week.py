"""A week of the village without network: 300 operations on two phones lose and double nothing."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import stock, tag_sheets
from inventory.commission_models import Commission, Fulfilment
from inventory.delivery_models import Attendance, TagReservation
from inventory.locations import outside
from inventory.models import Delivery, LocationKind, Movement, Piece
from quality.catalogue import begin_catalogue
from quality.models import Inspection
from tests.inventory.delivering import Home, home_of
from tests.support.make import acting, make_commission, make_key, make_maker, make_staff
from tests.village.phones import Operation, Phone, in_bursts, one_of_many

DAYS, DELIVERIES, ROWS = 7, 24, 4
OPERATIONS = 300
ORDERED = 40


@dataclass
class Week:
    """What was done in the village: the truth that has to arrive."""

    home: Home
    sheet: TagReservation
    commission: Commission
    phones: tuple[Phone, Phone]
    chance: random.Random
    #: Of each delivery, its pieces' ids; a whole one is sent as one, the others row by row.
    deliveries: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    inspections: dict[str, str] = field(default_factory=dict)
    present: set[tuple[str, str]] = field(default_factory=set)

    @property
    def count(self) -> int:
        return sum(len(phone.queue) for phone in self.phones)


@pytest.fixture
def week(session: Session) -> Week:
    """Two phones, a printed sheet of tags and a commission; then the road is closed."""
    home = home_of(session)
    begin_catalogue(session, cooperative_id=home.cooperative.id)
    lead = make_staff(session, home.cooperative, "quality_lead")
    sheet = tag_sheets.reserve_tags(
        session,
        location_id=home.location.id,
        reserved_for=datetime.now(UTC).date(),
        count=DELIVERIES * ROWS,
        actor=acting(lead),
        now=datetime.now(UTC),
    )
    chance = random.Random(20261125)
    phones = (
        Phone(make_key(session, lead), chance),
        Phone(make_key(session, make_staff(session, home.cooperative, "quality_lead")), chance),
    )
    commission = make_commission(
        session, home.cooperative, home.maker, design=home.design, count=ORDERED
    )
    done = Week(home, sheet, commission, phones, chance)
    session.flush()
    live_through(done, [str(make_maker(session, home.cooperative).id) for _ in range(5)])
    session.flush()
    return done


def live_through(week: Week, others: list[str]) -> None:
    """Deliveries on one phone or both, inspections on either; 300 operations in all."""
    chance, tags = week.chance, [one.tag for one in week.sheet.tags]
    for n in range(DELIVERIES):
        hand_in(week, n, tags[n * ROWS : (n + 1) * ROWS], chance.sample(others, 2))
    pieces = [piece for ids in week.deliveries.values() for piece in ids]
    while week.count < OPERATIONS:
        inspect(week, chance.choice(pieces))


def hand_in(week: Week, n: int, tags: list[str], present: list[str]) -> None:
    chance, delivery_id = week.chance, one_of_many(week.chance)
    rows = [row(week, tag) for tag in tags]
    body: dict[str, Any] = {
        "id": delivery_id,
        "delivered_on": (datetime.now(UTC) - timedelta(days=n % DAYS)).date().isoformat(),
        "location_id": str(week.home.location.id),
    }
    week.deliveries[delivery_id] = [one["id"] for one in rows]
    if n % 3 == 0:
        post(chance.choice(week.phones), body | {"pieces": rows})
        return
    week.present |= {(delivery_id, maker) for maker in present}
    # Both phones were there: each has some of the rows, one row is on both.
    body |= {"mode": "each_row", "makers_present": present}
    post(week.phones[0], body | {"pieces": rows[:3]})
    post(week.phones[1], body | {"pieces": rows[2:]})


def row(week: Week, tag: str) -> dict[str, Any]:
    step = {"maker_id": str(week.home.maker.id), "stage": "weave", "weight": 1, "minutes": 600}
    one: dict[str, Any] = {
        "id": one_of_many(week.chance),
        "tag": tag,
        "design_id": str(week.home.design.id),
        "contributions": [step],
    }
    ordered = sum("commission_line_id" in row for row in week.rows.values())
    if ordered < ORDERED and week.chance.random() < 0.5:
        one["commission_line_id"] = str(week.commission.lines[0].id)
    else:
        one["agreement"] = {"kind": "share_on_sale"}
    week.rows[one["id"]] = one
    return one


def post(phone: Phone, body: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": one_of_many(phone.chance)}
    phone.do(Operation("delivery", "POST", "/v1/deliveries", body, headers))


def inspect(week: Week, piece_id: str) -> None:
    """A look at a piece, by either phone; a piece may be looked at again."""
    inspection_id = one_of_many(week.chance)
    week.inspections[inspection_id] = piece_id
    body = {
        "decision": week.chance.choice(["rework", "accept_b"]),
        "reason": "a loose thread",
        "inspected_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "limit_set_version": 1,
        "measurements": [{"name": "length", "value": 1500}],
        "answers": [{"code": "no_metal", "answer": "yes"}],
        "defects": [],
    }
    path = f"/v1/pieces/{piece_id}/inspections/{inspection_id}"
    week.chance.choice(week.phones).do(Operation("inspection", "PUT", path, body))


def test_nothing_is_lost_and_nothing_doubled(
    week: Week, client: FlaskClient, session: Session
) -> None:
    everything = [list(phone.queue) for phone in week.phones]
    assert week.count == OPERATIONS

    in_bursts(client, *week.phones)
    arrived = state_of(session, week)
    for phone, done in zip(week.phones, everything, strict=True):
        phone.queue = done
    in_bursts(client, *week.phones)

    assert_all_there(session, week)
    assert state_of(session, week) == arrived, "the second sending changed something"
    assert sum(phone.sent for phone in week.phones) > 2 * OPERATIONS


def assert_all_there(session: Session, week: Week) -> None:
    """Every piece once, where it belongs, with its tag; every inspection once; every name."""
    home = week.home
    pieces = session.scalars(select(Piece).where(Piece.cooperative_id == home.cooperative.id)).all()
    assert {str(piece.id): piece.tag for piece in pieces} == {
        one["id"]: one["tag"] for one in week.rows.values()
    }
    by_delivery = Counter(str(piece.delivery_id) for piece in pieces)
    assert by_delivery == dict.fromkeys(week.deliveries, ROWS)
    counts = session.execute(
        select(Delivery.id, Delivery.piece_count).where(
            Delivery.cooperative_id == home.cooperative.id
        )
    )
    assert {str(one): count for one, count in counts} == by_delivery
    signed = session.execute(
        select(Inspection.id, Inspection.piece_id).where(
            Inspection.cooperative_id == home.cooperative.id
        )
    )
    assert {str(one): str(piece) for one, piece in signed} == week.inspections
    came = session.execute(select(Attendance.delivery_id, Attendance.maker_id))
    assert {(str(delivery), str(maker)) for delivery, maker in came} == week.present
    assert_stock_and_commission_agree(session, week)


def assert_stock_and_commission_agree(session: Session, week: Week) -> None:
    home, total = week.home, DELIVERIES * ROWS
    makers = outside(session, home.cooperative.id, LocationKind.MAKERS)
    assert stock.counted(session, home.cooperative.id) == {
        home.location.id: total,
        makers.id: -total,
    }
    ordered = {one["id"] for one in week.rows.values() if "commission_line_id" in one}
    assert {str(one) for one in session.scalars(select(Fulfilment.piece_id))} == ordered
    session.refresh(week.commission)
    expected = "complete" if len(ordered) == ORDERED else "part_delivered"
    assert week.commission.status == expected
    used = tag_sheets.carriers(session, [week.sheet])
    assert {tag: str(piece) for tag, piece in used.items()} == {
        one["tag"]: one["id"] for one in week.rows.values()
    }


def state_of(session: Session, week: Week) -> dict[str, Any]:
    """How many of everything there are, and how each piece stands."""
    session.expire_all()
    models = (Piece, Delivery, Inspection, Movement, Fulfilment, Attendance)
    found: dict[str, Any] = {
        model.__name__: session.scalar(select(func.count()).select_from(model)) for model in models
    }
    rows = session.execute(select(Piece.id, Piece.status, Piece.grade).order_by(Piece.id))
    return found | {"pieces": [tuple(row) for row in rows]}
