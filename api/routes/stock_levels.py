"""Stock as it is looked at: where what is, worth what, how old, how low; and the rules for it."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, id_in, listed, opened, page, pages_of, place, sealed
from api.schemas.stock_levels import (
    AgesView,
    LowStockView,
    MinimumView,
    NewMinimum,
    NewRules,
    PieceThereView,
    RulesView,
    StockRowView,
    StockWanted,
    WorthView,
)
from core import clock
from core.db import current_session
from inventory import low_stock, stock_rules, stock_worth, whereabouts
from inventory.whereabouts import StockFilter

blueprint = Blueprint("stock levels", "How much of what is where, and what it is worth.")


@blueprint.get("/stock")
@needs("stock:read")
@blueprint.arguments(StockWanted, location="query")
@blueprint.response(200, pages_of(StockRowView))
def count_stock(wanted: dict[str, Any]) -> Any:
    """Count the stock.

    By location and design: what is in the house, on the way among it. With `at`, as it was at that
    moment; `free` (accepted or offered) and `promised` (held or sold) are then not known.
    """
    limit, after = wanted.pop("limit"), _pair(wanted.pop("after", None))
    found = whereabouts.stock_of(
        current_session(),
        actor=actor(),
        wanted=StockFilter(**wanted),
        limit=limit + 1,
        after=after,
    )
    return page(found, limit, _by_pair)


@blueprint.get("/stock/pieces")
@needs("stock:read")
@blueprint.arguments(StockWanted, location="query")
@blueprint.response(200, pages_of(PieceThereView))
def list_stock(wanted: dict[str, Any]) -> Any:
    """List the pieces in stock.

    Each with its location and since when it is there; with `at`, as it was at that moment.
    """
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    found = whereabouts.pieces_there(
        current_session(),
        actor=actor(),
        wanted=StockFilter(**wanted),
        limit=limit + 1,
        after=after,
    )
    return page(found, limit)


@blueprint.get("/stock/value")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(WorthView))
def value_stock(wanted: dict[str, Any]) -> Any:
    """Value the stock.

    By location, what passed inspection and is ours: at cost (what was agreed with its makers) and
    at price (what it is offered for), each currency by itself. Currencies are never added; a piece
    offered in two is in both sums.
    """
    read = partial(stock_worth.worth, current_session(), actor=actor())
    return _by_location(read, wanted)


@blueprint.get("/stock/ages")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(AgesView))
def age_stock(wanted: dict[str, Any]) -> Any:
    """Say how old the stock is.

    By location, in the bands of the stock rules: since a piece was received, and, of those that
    are offered, since that.
    """
    read = partial(stock_worth.ages, current_session(), actor=actor(), now=clock.now())
    return _by_location(read, wanted)


@blueprint.get("/stock/low")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(LowStockView))
def list_low_stock(wanted: dict[str, Any]) -> Any:
    """List what is low.

    Locations that have fewer free pieces of a design than their minimum, with what is coming.
    """
    limit = wanted["limit"]
    found = low_stock.low_stock(
        current_session(), actor=actor(), limit=limit + 1, after=_pair(wanted.get("after"))
    )
    return page(found, limit, _by_pair)


@blueprint.post("/stock-minimums")
@needs("stock:write")
@blueprint.arguments(NewMinimum)
@once()
@blueprint.response(201, MinimumView)
def set_minimum(wanted: dict[str, Any]) -> Any:
    """Set a minimum.

    How many free pieces of a design a location should have from now on; 0 ends it.
    """
    return stock_rules.set_minimum(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/stock-minimums")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(MinimumView))
def list_minimums(wanted: dict[str, Any]) -> Any:
    """List the minimums that hold.

    The newest first; an older one of the same design and location holds no longer.
    """
    read = partial(stock_rules.list_minimums, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.post("/stock-rules")
@needs("stock:approve")
@blueprint.arguments(NewRules)
@once()
@blueprint.response(201, RulesView)
def set_rules(wanted: dict[str, Any]) -> Any:
    """Set the rules of the stock room.

    The next version; it holds from now on. What may be missing from a stocktake without a second
    person, in value, and the ages by which stock is looked at.
    """
    limit = wanted.pop("approval_above")
    return stock_rules.set_rules(
        current_session(),
        approval_above_minor=limit["amount_minor"],
        currency=limit["currency"],
        actor=actor(),
        now=clock.now(),
        **wanted,
    )


@blueprint.get("/stock-rules")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(RulesView))
def list_rules(wanted: dict[str, Any]) -> Any:
    """List the rules of the stock room.

    Every version, the newest first.
    """
    read = partial(stock_rules.list_rules, current_session(), actor=actor())
    return listed(read, wanted, by="before")


def _by_location(read: Any, wanted: dict[str, Any]) -> Any:
    limit = wanted["limit"]
    found = read(limit=limit + 1, after=place(wanted.get("after")))
    return page(found, limit, lambda row: sealed(row.location.id))


def _by_pair(row: Any) -> str:
    return sealed(row.location.id, row.design.id)


def _pair(cursor: str | None) -> tuple[uuid.UUID, uuid.UUID] | None:
    """The location and design after which the page begins. Raises CursorInvalid."""
    if cursor is None:
        return None
    location, design = opened(cursor, 2)
    return id_in(location), id_in(design)
