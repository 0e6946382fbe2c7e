"""Labels: sheets to print, what a market asks for, numbers of GS1, care symbols, who answers."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import downloads
from api.house import settings
from api.idempotency import once
from api.paging import Page, listed, pages_of
from api.schemas.labels import (
    CareSymbolsView,
    GtinView,
    LabelCheckView,
    LabelPartyView,
    LabelRulesView,
    NewCareSymbols,
    NewGtin,
    NewGtinEnding,
    NewLabelParty,
    NewLabelSheet,
    WantedLabels,
)
from core import clock
from core.db import current_session
from labels import care, gtins, parties, printing
from labels.choosing import Chosen
from labels.geometries import GEOMETRIES
from labels.markets import rules_on
from labels.printing import Order

blueprint = Blueprint("labels", "What is printed and tied to a piece.")


@blueprint.post("/label-sheets")
@needs("stock:read")
@blueprint.arguments(NewLabelSheet)
@downloads("application/pdf")
def print_sheet(wanted: dict[str, Any]) -> Any:
    """Print labels.

    A PDF, to be printed at 100 %; it creates nothing, so repeat it at will. Refused with
    `labels_incomplete` while something the market asks for is missing, unless `mark_incomplete`.
    """
    marked = wanted.pop("mark_incomplete")
    order = _order(wanted)
    sheet = printing.print_labels(
        current_session(),
        order,
        mark_incomplete=marked,
        public_url=settings().public_url,
        actor=actor(),
        now=clock.now(),
    )
    return f"labels-{order.market}-{order.paper}.pdf", sheet


@blueprint.post("/label-checks")
@needs("stock:read")
@blueprint.arguments(WantedLabels)
@blueprint.response(200, LabelCheckView)
def check_labels(wanted: dict[str, Any]) -> Any:
    """Look over labels before printing.

    What each piece's label lacks for the market; nothing is created.
    """
    return printing.check_labels(
        current_session(),
        _order(wanted),
        public_url=settings().public_url,
        actor=actor(),
        now=clock.now(),
    )


@blueprint.get("/label-rules")
@needs("stock:read")
@blueprint.response(200, LabelRulesView)
def read_rules() -> Any:
    """Read what markets ask of a label, and the papers.

    As of today, each demand with its source; one that is not `verified` was taken from hearsay.
    """
    return {"markets": rules_on(clock.now().date()), "papers": list(GEOMETRIES.values())}


@blueprint.post("/gtins")
@needs("designs:write")
@blueprint.arguments(NewGtin)
@once()
@blueprint.response(201, GtinView)
def assign_gtin(wanted: dict[str, Any]) -> Any:
    """Give a design its GTIN.

    One the co-operative bought from GS1; its labels carry it from now on. None is ever made up, and
    none is given to a second design.
    """
    return gtins.assign_gtin(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/gtins")
@needs("designs:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(GtinView))
def list_gtins(wanted: dict[str, Any]) -> Any:
    """List GTINs.

    Oldest first; of those of a design that are not ended, the newest is printed.
    """
    return listed(partial(gtins.list_gtins, current_session(), actor=actor()), wanted)


@blueprint.post("/gtins/<uuid:gtin_id>/ending")
@needs("designs:write")
@blueprint.arguments(NewGtinEnding)
@once()
@blueprint.response(201, GtinView)
def end_gtin(wanted: dict[str, Any], gtin_id: uuid.UUID) -> Any:
    """Print a GTIN no longer.

    What carries it leads to its piece as before.
    """
    return gtins.end_gtin(
        current_session(), gtin_id=gtin_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.post("/designs/<uuid:design_id>/care-symbols")
@needs("designs:write")
@blueprint.arguments(NewCareSymbols)
@once()
@blueprint.response(201, CareSymbolsView)
def set_care(wanted: dict[str, Any], design_id: uuid.UUID) -> Any:
    """Set a design's care symbols.

    They hold from now on; what was said before is kept.
    """
    return care.set_care(
        current_session(), design_id=design_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/designs/<uuid:design_id>/care-symbols")
@needs("designs:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(CareSymbolsView))
def list_care(wanted: dict[str, Any], design_id: uuid.UUID) -> Any:
    """List a design's care symbols.

    Newest first; the first one is printed.
    """
    read = partial(care.list_care, current_session(), design_id=design_id, actor=actor())
    return listed(read, wanted, by="before")


@blueprint.post("/label-parties")
@needs("designs:write")
@blueprint.arguments(NewLabelParty)
@once()
@blueprint.response(201, LabelPartyView)
def set_party(wanted: dict[str, Any]) -> Any:
    """Say who answers in a market.

    The importer or responsible person, from a day on; the newest that has begun is printed.
    """
    return parties.set_party(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/label-parties")
@needs("designs:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(LabelPartyView))
def list_parties(wanted: dict[str, Any]) -> Any:
    """List who answers in markets.

    Newest first; of a market's, the one that began last is printed.
    """
    read = partial(parties.list_parties, current_session(), actor=actor())
    return listed(read, wanted, by="before")


def _order(wanted: dict[str, Any]) -> Order:
    names = ("piece_ids", "delivery_id", "tags")
    return Order(Chosen(**{name: wanted.pop(name, None) for name in names}), **wanted)
