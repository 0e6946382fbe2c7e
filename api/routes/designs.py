"""Designs and the versions of their limits."""

import uuid
from typing import Any

from api.access import actor, needs
from api.idempotency import once
from api.paging import PageQuery, after_id, page
from api.schemas.inventory import DesignView, NewDesign, NewLimits
from api.wire import Blueprint, gives, takes
from core import clock
from core.db import current_session, transaction
from inventory import designs
from inventory.design_models import Design, LimitSet

blueprint = Blueprint("designs", __name__, description="What is woven, and within which limits")


@blueprint.post("/designs")
@needs("designs:write")
@once()
@takes(blueprint, NewDesign)
@gives(blueprint, 201, DesignView)
def add_design(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add a design with version 1 of its limits; vicuña needs its permit."""
    with transaction() as session:
        design = designs.add_design(session, actor=actor(), now=clock.now(), **wanted)
        return shown(design, designs.current_limits(session, design))


@blueprint.get("/designs")
@needs("designs:read")
@takes(blueprint, PageQuery, where="query")
@gives(blueprint, 200, DesignView.page())
def list_designs(wanted: dict[str, Any]) -> Any:
    """Designs of the co-operative, oldest first."""
    session, place = current_session(), after_id(wanted.get("after"))

    def read(limit: int) -> list[dict[str, Any]]:
        rows = designs.list_designs(session, actor=actor(), limit=limit, after=place)
        limits = designs.limits_in_force(session, rows)
        return [shown(row, limits[row.id]) for row in rows]

    return page(read, wanted["limit"], lambda row: [row["id"]])


@blueprint.get("/designs/<uuid:design_id>")
@needs("designs:read")
@gives(blueprint, 200, DesignView)
def get_design(design_id: uuid.UUID) -> dict[str, Any]:
    """One design with the limits in force."""
    session = current_session()
    design = designs.get_design(session, design_id, actor=actor())
    return shown(design, designs.current_limits(session, design))


@blueprint.post("/designs/<uuid:design_id>/limits")
@needs("designs:write")
@once()
@takes(blueprint, NewLimits)
@gives(blueprint, 201, DesignView)
def change_limits(wanted: dict[str, Any], design_id: uuid.UUID) -> dict[str, Any]:
    """Give a design a new version of its limits; inspections keep the version they used."""
    with transaction() as session:
        design = designs.change_limits(
            session, design_id=design_id, actor=actor(), now=clock.now(), **wanted
        )
        return shown(design, designs.current_limits(session, design))


def shown(design: Design, limits: LimitSet) -> dict[str, Any]:
    """A design with its limits."""
    names = set(DesignView().fields) - {"limits"}
    return {name: getattr(design, name) for name in names} | {"limits": limits}
