"""Stocktakes: opened, counted in bursts, closed, agreed to."""

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once, writes
from api.paging import Page, listed, pages_of
from api.routes.stock import body_hash
from api.schemas.stocktakes import (
    CountDifferenceView,
    CountsTakenView,
    CountsWanted,
    CountView,
    NewCounts,
    NewStocktake,
    Reason,
    StocktakesWanted,
    StocktakeView,
)
from core import clock
from core.db import current_session
from inventory import stocktake_ending, stocktakes
from inventory.stocktake_models import Stocktake
from inventory.stocktakes import Scan, Tally

blueprint = Blueprint("stocktakes", "What was counted, and what came of the differences.")
TALLIED = ("seen", "strange")
COLUMNS = tuple(name for name in StocktakeView().fields if name not in {*TALLIED, "missing_value"})


@blueprint.put("/stocktakes/<uuid:stocktake_id>")
@needs("stock:write")
@blueprint.arguments(NewStocktake)
@writes
@blueprint.response(201, StocktakeView)
@blueprint.also_answers(200, StocktakeView, "Opened before, with these very contents")
def open_stocktake(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """Open a stocktake.

    The id is made on the phone. One room is counted by one stocktake at a time: 409
    `stocktake_open` names the one that is under way, to which this phone adds its scans.
    """
    session = current_session()
    stocktake, new = stocktakes.open_stocktake(
        session,
        stocktake_id=stocktake_id,
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **{"note": "", **wanted},
    )
    return _one(session, stocktake), 201 if new else 200


@blueprint.get("/stocktakes")
@needs("stock:read")
@blueprint.arguments(StocktakesWanted, location="query")
@blueprint.response(200, pages_of(StocktakeView))
def list_stocktakes(wanted: dict[str, Any]) -> Any:
    """List stocktakes.

    In the order of their ids; by status or by room.
    """
    session = current_session()
    chosen = {name: wanted.pop(name, None) for name in ("status", "location_id")}
    read = partial(stocktakes.list_stocktakes, session, actor=actor(), **chosen)
    body, status, headers = listed(read, wanted)
    return {"items": _shown(session, body["items"])}, status, headers


@blueprint.get("/stocktakes/<uuid:stocktake_id>")
@needs("stock:read")
@blueprint.response(200, StocktakeView)
def get_stocktake(stocktake_id: uuid.UUID) -> Any:
    """Read one stocktake.

    With how many pieces it has seen, and how many tags that nobody knows or can read.
    """
    session = current_session()
    return _one(session, stocktakes.get_stocktake(session, stocktake_id, actor=actor()))


@blueprint.post("/stocktakes/<uuid:stocktake_id>/counts")
@needs("stock:write")
@blueprint.arguments(NewCounts)
@once()
@blueprint.response(201, CountsTakenView)
def add_counts(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """Add a burst of scans.

    Each has an id made on its phone, so a burst may come twice, late and in any order: what had
    come before is `again`. A tag nobody knows is kept as it was typed. What comes after the end
    brings back what was lost for want of it.
    """
    scans = [Scan(**scan) for scan in wanted["scans"]]
    counts = stocktakes.add_counts(
        current_session(), stocktake_id=stocktake_id, scans=scans, actor=actor(), now=clock.now()
    )
    return {"counts": counts}


@blueprint.get("/stocktakes/<uuid:stocktake_id>/counts")
@needs("stock:read")
@blueprint.arguments(CountsWanted, location="query")
@blueprint.response(200, pages_of(CountView))
def list_counts(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """List the scans of a stocktake.

    `sight=unknown` and `sight=unreadable` are the findings that a person has to look after.
    """
    read = partial(
        stocktakes.counts_of,
        current_session(),
        stocktake_id=stocktake_id,
        actor=actor(),
        sight=wanted.pop("sight", None),
    )
    return listed(read, wanted)


@blueprint.get("/stocktakes/<uuid:stocktake_id>/differences")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(CountDifferenceView))
def list_differences(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """List what differs.

    While people count: as it would be if it were closed now. After that: as it was, with what
    became of each.
    """
    session = current_session()
    stocktake = stocktakes.get_stocktake(session, stocktake_id, actor=actor())
    return listed(
        partial(stocktake_ending.differences, session, stocktake, now=clock.now()), wanted
    )


@blueprint.post("/stocktakes/<uuid:stocktake_id>/closure")
@needs("stock:write")
@blueprint.arguments(Reason)
@once(required=True)
@blueprint.response(201, StocktakeView)
def close_stocktake(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """Close a stocktake.

    What is missing goes to lost, what was found elsewhere is moved here, what was lost and seen
    comes back; held and sold pieces are left to people. When more value is missing than the rules
    allow, or nobody can say how much, it waits for a second person.
    """
    return _ended(stocktakes.close_stocktake, stocktake_id, wanted)


@blueprint.post("/stocktakes/<uuid:stocktake_id>/approval")
@needs("stock:approve")
@blueprint.arguments(Reason)
@once(required=True)
@blueprint.response(201, StocktakeView)
def approve_stocktake(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """Agree to what a stocktake changes.

    Somebody else than who closed it. What has been answered since, by a sale, a movement or a
    late scan, is left as it is.
    """
    return _ended(stocktakes.approve_stocktake, stocktake_id, wanted)


@blueprint.post("/stocktakes/<uuid:stocktake_id>/refusal")
@needs("stock:approve")
@blueprint.arguments(Reason)
@once(required=True)
@blueprint.response(201, StocktakeView)
def refuse_stocktake(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """Refuse what a stocktake would change.

    Nothing is changed; the room can be counted anew.
    """
    return _ended(stocktakes.refuse_stocktake, stocktake_id, wanted)


@blueprint.post("/stocktakes/<uuid:stocktake_id>/cancellation")
@needs("stock:write")
@blueprint.arguments(Reason)
@writes
@blueprint.response(201, StocktakeView)
def cancel_stocktake(wanted: dict[str, Any], stocktake_id: uuid.UUID) -> Any:
    """Cancel a stocktake.

    One that is still being counted; what was counted stays to be read, and changes nothing.
    """
    return _ended(stocktakes.cancel_stocktake, stocktake_id, wanted)


def _ended(
    end: Callable[..., Stocktake], stocktake_id: uuid.UUID, wanted: dict[str, Any]
) -> dict[str, Any]:
    session = current_session()
    stocktake = end(session, stocktake_id=stocktake_id, actor=actor(), now=clock.now(), **wanted)
    return _one(session, stocktake)


def _one(session: Session, stocktake: Stocktake) -> dict[str, Any]:
    (shown,) = _shown(session, [stocktake])
    return shown


def _shown(session: Session, found: Sequence[Stocktake]) -> list[dict[str, Any]]:
    tallies = stocktakes.tallies(session, [one.id for one in found])
    return [
        {name: getattr(one, name) for name in (*COLUMNS, "missing_minor", "currency")}
        | {name: getattr(tallies.get(one.id, Tally()), name) for name in TALLIED}
        for one in found
    ]
