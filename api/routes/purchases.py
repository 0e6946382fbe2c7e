"""Purchases of pieces: what their documents are written from, and the rules and papers behind."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import downloads
from api.idempotency import once
from api.paging import Page, listed, pages_of
from api.schemas.purchases import (
    NewPaper,
    NewWithholdingRule,
    PaperView,
    PeriodWanted,
    WithholdingRuleView,
)
from core import clock
from core.db import current_session
from core.errors import Invalid
from payouts import purchases, withholding
from people import papers
from people.makers import get_maker
from people.permissions import require

SHEET_EXAMPLE = "fecha,compra_id,estado,compradora,lugar,vendedora_id,vendedora_nombre\r\n"
blueprint = Blueprint("purchases", "Pieces bought at an agreed price, for the tax papers of it.")


@blueprint.get("/exports/liquidaciones.csv")
@needs("books:read")
@blueprint.arguments(PeriodWanted, location="query")
@downloads("text/csv", example=SHEET_EXAMPLE)
def export_purchases(wanted: dict[str, Any]) -> Any:
    """Export purchases for liquidaciones de compra.

    One row a maker and accepted piece, by the day of acceptance, with legal name and identity
    paper: the key needs `makers:private` too. CSV in UTF-8 that a spreadsheet opens.
    """
    who, first, last = actor(), wanted.get("first"), wanted.get("last")
    require(who, "makers:private")
    if first and last and last < first:
        raise Invalid("it ends before it begins", pointer="?to")
    return "liquidaciones.csv", lambda: purchases.purchases_as_csv(
        current_session(), actor=who, first=first, last=last
    )


@blueprint.post("/withholding-rules")
@needs("policies:write")
@blueprint.arguments(NewWithholdingRule)
@once()
@blueprint.response(201, WithholdingRuleView)
def set_rule(wanted: dict[str, Any]) -> Any:
    """Set a rule of withholding.

    A rate for purchases of these days. `verified` says that somebody who may say so has confirmed
    it; the export marks every figure that rests on one that is not.
    """
    return withholding.set_withholding_rule(
        current_session(), actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/withholding-rules")
@needs("books:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(WithholdingRuleView))
def list_rules(wanted: dict[str, Any]) -> Any:
    """List rules of withholding.

    Every version, the newest written first.
    """
    read = partial(withholding.list_withholding_rules, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.post("/makers/<uuid:maker_id>/papers")
@needs("makers:write")
@blueprint.arguments(NewPaper)
@once()
@blueprint.response(201, PaperView)
def record_paper(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """Write down a maker's identity paper.

    For the papers of what is bought from her, and nothing else; the key needs `makers:private` too.
    From a day on, so that a tax number she has later changes no earlier purchase.
    """
    require(actor(), "makers:private")
    return papers.record_paper(
        current_session(), maker_id=maker_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/makers/<uuid:maker_id>/papers")
@needs("makers:private")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(PaperView))
def list_papers(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """List a maker's identity papers.

    The newest written first; of a day, the one that begins last before it counts.
    """
    session = current_session()
    maker = get_maker(session, maker_id, actor=actor())
    return listed(partial(papers.list_papers, session, maker), wanted, by="before")
