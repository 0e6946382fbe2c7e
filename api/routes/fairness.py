"""Fairness of inspection: by inspector and by design, for those who teach."""

import hashlib
from typing import Any

from flask import Response, request

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import pictures
from api.schemas.fairness import ChartView, ChartWanted, DaysWanted, FairnessView
from core.db import current_session
from quality import fairness
from quality.chart_picture import draw_chart

blueprint = Blueprint("fairness", "How inspection itself fares; for teaching, never by maker.")


@blueprint.get("/inspection-fairness")
@needs("quality:read")
@blueprint.arguments(DaysWanted, location="query")
@blueprint.response(200, FairnessView)
def show_fairness(wanted: dict[str, Any]) -> Any:
    """Show how inspection fares.

    By inspector and by design: what passed, defects by class, time; and how far two inspectors
    agree on the same pieces (Cohen's kappa). Read by people only, and nothing is grouped by maker.
    """
    return fairness.read_fairness(current_session(), actor=actor(), **wanted)


@blueprint.get("/inspection-chart")
@needs("quality:read")
@blueprint.arguments(ChartWanted, location="query")
@blueprint.response(200, ChartView)
def show_chart(wanted: dict[str, Any]) -> Any:
    """Show which deliveries differ by more than chance.

    A p-chart of pieces that did not pass at their first look, with control limits at three standard
    deviations.
    """
    return fairness.read_chart(current_session(), actor=actor(), **wanted)


@blueprint.get("/inspection-chart.svg")
@needs("quality:read")
@blueprint.arguments(ChartWanted, location="query")
@pictures("image/svg+xml")
def show_chart_svg(wanted: dict[str, Any]) -> Any:
    """See the chart as a drawing.

    An SVG, which can be enlarged. Whoever has this very one already is told so (304).
    """
    return _drawn(wanted, "svg", "image/svg+xml")


@blueprint.get("/inspection-chart.png")
@needs("quality:read")
@blueprint.arguments(ChartWanted, location="query")
@pictures("image/png")
def show_chart_png(wanted: dict[str, Any]) -> Any:
    """See the chart as a picture.

    A PNG. Whoever has this very one already is told so (304).
    """
    return _drawn(wanted, "png", "image/png")


def _drawn(wanted: dict[str, Any], kind: str, content_type: str) -> Response:
    """The picture; whoever has this very one already is told so before anything is drawn."""
    chart = fairness.read_chart(current_session(), actor=actor(), **wanted)
    etag = hashlib.sha256(f"{kind} {chart}".encode()).hexdigest()[:16]
    known = request.if_none_match.contains_weak(etag)
    response = Response(status=304) if known else Response(draw_chart(chart, kind))
    response.set_etag(etag)
    response.content_type = content_type
    return response
