"""Journeys: pieces are sent from one room to another, and taken in there."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import writes
from api.paging import Page, listed, pages_of
from api.routes.stock import body_hash
from api.schemas.journeys import (
    ArrivalView,
    JourneyInFullView,
    JourneysWanted,
    JourneyView,
    NewArrival,
    NewJourney,
)
from core import clock
from core.db import current_session
from inventory import arrivals, journeys
from inventory.arrivals import Unpacked, Unpacking
from inventory.journey_models import Journey
from inventory.journeys import Sending

blueprint = Blueprint("journeys", "From one room to another, in two acts.")
COUNTED = ("awaited", "age_days", "late")
OF_JOURNEY = tuple(name for name in JourneyView().fields if name not in COUNTED)


@blueprint.put("/journeys/<uuid:journey_id>")
@needs("stock:write")
@blueprint.arguments(NewJourney)
@writes
@blueprint.response(201, JourneyInFullView)
@blueprint.also_answers(200, JourneyInFullView, "Sent before, with these very contents")
def send(wanted: dict[str, Any], journey_id: uuid.UUID) -> Any:
    """Send pieces to another room.

    All of them or none. The id is made on the phone; the same journey sent again is answered with
    the first (200), another one under its id is refused. From now on the pieces are on the way:
    they can be sold online, but not at the stall, and leave for a buyer once they have arrived.
    """
    session = current_session()
    journey, new = journeys.send(
        session,
        journey_id=journey_id,
        sending=Sending(**wanted),
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
    )
    return _in_full(session, journey), 201 if new else 200


@blueprint.get("/journeys")
@needs("stock:read")
@blueprint.arguments(JourneysWanted, location="query")
@blueprint.response(200, pages_of(JourneyView))
def list_journeys(wanted: dict[str, Any]) -> Any:
    """List journeys.

    In the order of their ids. `status=open` are those of which something is awaited, with their
    age in days and whether they are late.
    """
    session = current_session()
    chosen = {name: wanted.pop(name, None) for name in ("status", "to_id")}
    read = partial(journeys.list_journeys, session, actor=actor(), **chosen)
    body, status, headers = listed(read, wanted)
    return {"items": _seen(session, body["items"])}, status, headers


@blueprint.get("/journeys/<uuid:journey_id>")
@needs("stock:read")
@blueprint.response(200, JourneyInFullView)
def get_journey(journey_id: uuid.UUID) -> Any:
    """Read one journey.

    With each of its pieces, and whether it is still on the way.
    """
    session = current_session()
    return _in_full(session, journeys.get_journey(session, journey_id, actor=actor()))


@blueprint.put("/journeys/<uuid:journey_id>/arrivals/<uuid:arrival_id>")
@needs("stock:write")
@blueprint.arguments(NewArrival)
@writes
@blueprint.response(201, ArrivalView)
@blueprint.also_answers(200, ArrivalView, "Taken in before, with these very contents")
def take_in(wanted: dict[str, Any], journey_id: uuid.UUID, arrival_id: uuid.UUID) -> Any:
    """Take in what came of a journey.

    In as many parts as it came. Each entry is answered by what it was: `arrived`, `extra` (not of
    this journey, and here now), `here_already`, `elsewhere` (with a buyer by the books; nothing
    is moved) or `unknown`. With `last`, what is still on the way is `missing` and lost, but for
    what a buyer was `promised`. A journey that is not known yet is 404: ask again later.
    """
    entries = [Unpacked(**entry) for entry in wanted.pop("entries")]
    arrival, new = arrivals.take_in(
        current_session(),
        journey_id=journey_id,
        arrival_id=arrival_id,
        unpacking=Unpacking(entries=entries, **wanted),
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
    )
    return arrival, 201 if new else 200


@blueprint.get("/journeys/<uuid:journey_id>/arrivals")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ArrivalView))
def list_arrivals(wanted: dict[str, Any], journey_id: uuid.UUID) -> Any:
    """List the arrivals of a journey.

    What came, was missing, or came besides; in the order of their ids.
    """
    session = current_session()
    return listed(
        partial(arrivals.arrivals_of, session, journey_id=journey_id, actor=actor()), wanted
    )


def _seen(session: Session, found: Sequence[Journey]) -> list[dict[str, Any]]:
    return [
        {name: getattr(one.journey, name) for name in OF_JOURNEY}
        | {name: getattr(one, name) for name in COUNTED}
        for one in journeys.seen(session, found, now=clock.now())
    ]


def _in_full(session: Session, journey: Journey) -> dict[str, Any]:
    (seen,) = _seen(session, [journey])
    pieces = [
        {"id": piece.id, "tag": piece.tag, "status": piece.status, "awaited": awaited}
        for piece, awaited in journeys.pieces_of(session, journey.id)
    ]
    return seen | {"pieces": pieces}
