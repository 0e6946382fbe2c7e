"""Handing pieces in, for tests: a co-operative on delivery day, and rows by default."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor
from core.ids import new_id
from inventory import deliveries
from inventory.commission_models import Commission
from inventory.deliveries import Day
from inventory.design_models import Design
from inventory.models import Delivery, Location
from people.models import Cooperative, Maker
from tests.support.make import (
    NOW,
    SHARE_ON_SALE,
    house,
    make_cooperative,
    make_design,
    make_location,
    make_maker,
)


@dataclass
class Home:
    """A co-operative, its room, a design and a maker."""

    cooperative: Cooperative
    location: Location
    design: Design
    maker: Maker

    @property
    def actor(self) -> Actor:
        return house(self.cooperative)


def home_of(session: Session) -> Home:
    cooperative = make_cooperative(session)
    return Home(
        cooperative,
        make_location(session, cooperative),
        make_design(session, cooperative),
        make_maker(session, cooperative),
    )


def row(home: Home, **given: Any) -> dict[str, Any]:
    """A row as a phone sends it."""
    return {
        "id": new_id(),
        "design_id": home.design.id,
        "agreement": SHARE_ON_SALE,
        "contributions": [{"maker_id": home.maker.id, "stage": "weave", "weight": 3}],
    } | given


def ordered_row(home: Home, commission: Commission, **given: Any) -> dict[str, Any]:
    """A row for the first line of a commission."""
    bare = row(home)
    bare.pop("agreement")
    return bare | {"commission_line_id": commission.lines[0].id} | given


def handed_in(session: Session, home: Home, *rows: dict[str, Any], **given: Any) -> Delivery:
    """A delivery that is taken in whole."""
    values: dict[str, Any] = {
        "delivery_id": new_id(),
        "delivered_on": NOW.date(),
        "location_id": home.location.id,
        "request_hash": "h",
        "actor": home.actor,
        "now": NOW,
    } | given
    return deliveries.record_delivery(session, pieces=rows, **values)[0]


def sent(
    session: Session,
    home: Home,
    *rows: dict[str, Any],
    under: uuid.UUID | None = None,
    **given: Any,
) -> tuple[Delivery, bool, list[Any]]:
    """A delivery of which each row stands for itself."""
    day = Day(under or new_id(), NOW.date(), home.location.id, **given)
    numbered = dict(enumerate(rows))
    return deliveries.record_rows(session, day=day, rows=numbered, actor=home.actor, now=NOW)
