"""Round the bench: the rules of grading, what is out to be put right, what wants a person."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, listed, pages_of
from api.schemas.bench import (
    AlertsWanted,
    AlertView,
    GradingRulesView,
    NewAlertAnswer,
    NewGradingRules,
    ReworksWanted,
    ReworkView,
)
from core import clock
from core.db import current_session
from quality import alerts, reworks, rules

blueprint = Blueprint("bench", "Rules of grading, rework, and what wants a person.")


@blueprint.post("/grading-rules")
@needs("policies:write")
@blueprint.arguments(NewGradingRules)
@once()
@blueprint.response(201, GradingRulesView)
def set_rules(wanted: dict[str, Any]) -> Any:
    """Set the next rules of grading.

    They propose for looks made from now on; what was inspected keeps the version of its day. Grade
    B allows no less than A.
    """
    return rules.set_rules(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/grading-rules")
@needs("quality:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(GradingRulesView))
def list_rules(wanted: dict[str, Any]) -> Any:
    """List the rules of grading.

    Every version, newest first; the first one is in force.
    """
    return listed(partial(rules.list_rules, current_session(), actor=actor()), wanted, by="before")


@blueprint.get("/reworks")
@needs("quality:read")
@blueprint.arguments(ReworksWanted, location="query")
@blueprint.response(200, pages_of(ReworkView))
def list_reworks(wanted: dict[str, Any]) -> Any:
    """List what is out to be put right.

    What, by whom, until when and for which time, oldest first; `overdue` by the days of the
    co-operative's country.
    """
    read = partial(
        reworks.open_reworks,
        current_session(),
        actor=actor(),
        now=clock.now(),
        overdue=wanted.pop("state", None) == "overdue",
        maker_id=wanted.pop("maker_id", None),
    )
    return listed(read, wanted)


@blueprint.get("/bench-alerts")
@needs("quality:read")
@blueprint.arguments(AlertsWanted, location="query")
@blueprint.response(200, pages_of(AlertView))
def list_alerts(wanted: dict[str, Any]) -> Any:
    """List pieces at which a person must look.

    Inspections in conflict, inspections that came late, rework that does not end, something
    critical on a piece that is promised or gone; oldest first.
    """
    state = wanted.pop("state", None)
    read = partial(alerts.list_alerts, current_session(), actor=actor(), state=state)
    return listed(read, wanted)


@blueprint.post("/bench-alerts/<uuid:alert_id>/answer")
@needs("quality:write")
@blueprint.arguments(NewAlertAnswer)
@once()
@blueprint.response(201, AlertView)
def answer_alert(wanted: dict[str, Any], alert_id: uuid.UUID) -> Any:
    """Answer an alert.

    Write down what a person found who looked. It changes nothing else: what is to happen to the
    piece is a new inspection, or the order's matter.
    """
    return alerts.answer_alert(
        current_session(), alert_id=alert_id, actor=actor(), now=clock.now(), **wanted
    )
