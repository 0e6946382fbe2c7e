"""Designs, and the versions of their limits."""

import uuid
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, listed, pages_of
from api.schemas.designs import (
    DesignSummaryView,
    DesignView,
    KindLimitsView,
    NewDesign,
    NewKindLimits,
    NewLimits,
)
from core import clock
from core.db import current_session
from inventory import designs, limits
from inventory.design_models import Design

blueprint = Blueprint("designs", "What is woven: fibres, measures with tolerances, checklist.")


@blueprint.post("/designs")
@needs("designs:write")
@blueprint.arguments(NewDesign)
@once()
@blueprint.response(201, DesignView)
def add_design(wanted: dict[str, Any]) -> Any:
    """Add a design.

    The fibres of each part sum to 10,000 basis points; vicuña needs the number of its permit. The
    measures and the checklist become version 1 of its limits.
    """
    session = current_session()
    design = designs.add_design(session, actor=actor(), now=clock.now(), **wanted)
    return _in_full(session, design), 201, {"Location": f"/v1/designs/{design.id}"}


@blueprint.get("/designs")
@needs("designs:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(DesignSummaryView))
def list_designs(wanted: dict[str, Any]) -> Any:
    """List designs.

    Every design of the key's co-operative, oldest first, without measures and checklist.
    """
    return listed(partial(designs.list_designs, current_session(), actor=actor()), wanted)


@blueprint.get("/designs/<uuid:design_id>")
@needs("designs:read")
@blueprint.response(200, DesignView)
def get_design(design_id: uuid.UUID) -> Any:
    """Read one design.

    With its own limits, and with what is in force together with those of its kind.
    """
    session = current_session()
    return _in_full(session, designs.get_design(session, design_id, actor=actor()))


@blueprint.post("/designs/<uuid:design_id>/limits")
@needs("designs:write")
@blueprint.arguments(NewLimits)
@once()
@blueprint.response(201, DesignView)
def change_limits(wanted: dict[str, Any], design_id: uuid.UUID) -> Any:
    """Set a new version of a design's limits.

    Inspections signed before keep the version they used.
    """
    session = current_session()
    design = designs.change_limits(
        session, design_id=design_id, actor=actor(), now=clock.now(), **wanted
    )
    return _in_full(session, design)


@blueprint.post("/kind-limits")
@needs("designs:write")
@blueprint.arguments(NewKindLimits)
@once()
@blueprint.response(201, KindLimitsView)
def change_kind_limits(wanted: dict[str, Any]) -> Any:
    """Set a new version of a kind's template.

    Every design of the kind inherits it; what a design names itself stands over it. Inspections
    signed before keep the version they used.
    """
    return limits.change_kind_limits(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/kind-limits")
@needs("designs:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(KindLimitsView))
def list_kind_limits(wanted: dict[str, Any]) -> Any:
    """List the templates of kinds.

    The version in force of each kind that has one.
    """
    return listed(partial(limits.list_kind_limits, current_session(), actor=actor()), wanted)


def _in_full(session: Session, design: Design) -> dict[str, Any]:
    checklist = limits.checklist_of(session, design)
    own = {name: getattr(checklist.design, name) for name in LIMITS}
    return {
        **{name: getattr(design, name) for name in SUMMARY},
        "kind_limit_set_version": checklist.kind_limit_set_version,
        **own,
        "in_force": checklist,
    }


LIMITS = ("measures", "checklist", "criteria")
SUMMARY = tuple(DesignSummaryView().fields)
