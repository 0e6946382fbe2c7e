"""Commissions: groups and colours, what makers are asked, what they say, what has come of it."""

import uuid
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once, writes
from api.paging import Page, listed, page, pages_of, place
from api.schemas.commissions import (
    ColourView,
    CommissionsWanted,
    CommissionView,
    CommissionWithLifeView,
    GroupMembers,
    GroupView,
    NewAnswer,
    NewColour,
    NewCommission,
    NewCommissionCancellation,
    NewGroup,
    NewProgress,
    ProgressView,
)
from core import clock
from core.db import current_session
from inventory import colours, commission_life, commission_reading, commissions, fulfilling
from inventory.commission_models import AskedMaker, Commission, CommissionAnswer, CommissionLine
from inventory.commission_reading import CommissionFilter
from inventory.fulfilling import Handed
from inventory.pieces import life_of
from people import groups

blueprint = Blueprint("commissions", "What makers are asked to weave, and what has come of it.")


@blueprint.post("/maker-groups")
@needs("makers:write")
@blueprint.arguments(NewGroup)
@once()
@blueprint.response(201, GroupView)
def add_group(wanted: dict[str, Any]) -> Any:
    """Add a group of makers.

    Makers who take on work together; a maker may be in several groups.
    """
    return groups.add_group(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/maker-groups")
@needs("makers:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(GroupView))
def list_groups(wanted: dict[str, Any]) -> Any:
    """List groups of makers.

    Oldest first, each with those who are in it now.
    """
    return listed(partial(groups.list_groups, current_session(), actor=actor()), wanted)


@blueprint.put("/maker-groups/<uuid:group_id>/members")
@needs("makers:write")
@blueprint.arguments(GroupMembers)
@writes
@blueprint.response(200, GroupView)
def set_group_members(wanted: dict[str, Any], group_id: uuid.UUID) -> Any:
    """Say who is in a group from now on.

    Whoever is no longer named has left; commissions that were asked before stay as they were asked.
    """
    return groups.set_members(
        current_session(), group_id=group_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.post("/colour-standards")
@needs("designs:write")
@blueprint.arguments(NewColour)
@once()
@blueprint.response(201, ColourView)
def add_colour(wanted: dict[str, Any]) -> Any:
    """Add a colour standard.

    The photo of its swatch may follow under the id that was made with it. A colour is never
    changed: another shade is another code.
    """
    return colours.add_colour(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/colour-standards")
@needs("designs:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ColourView))
def list_colours(wanted: dict[str, Any]) -> Any:
    """List colour standards.

    Oldest first, each with its names and where its swatch is.
    """
    return listed(partial(colours.list_colours, current_session(), actor=actor()), wanted)


@blueprint.post("/commissions")
@needs("commissions:write")
@blueprint.arguments(NewCommission)
@once(required=True)
@blueprint.response(201, CommissionView)
def ask_makers(wanted: dict[str, Any]) -> Any:
    """Ask makers to weave.

    By name, as a group, or both. The terms stand as they are asked: others are another commission
    with `replaces_id`, which cancels the first as long as nobody has accepted that.
    """
    session = current_session()
    advance = wanted.pop("advance", None)
    made = commissions.ask(
        session,
        advance=commissions.Advance(**advance) if advance else None,
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return _shown(session, [made])[0], 201, {"Location": f"/v1/commissions/{made.id}"}


@blueprint.get("/commissions")
@needs("commissions:read")
@blueprint.arguments(CommissionsWanted, location="query")
@blueprint.response(200, pages_of(CommissionView))
def list_commissions(wanted: dict[str, Any]) -> Any:
    """List commissions.

    Oldest first. `state=late`: open ones whose day has passed; `maker_id`: those she was asked for.
    """
    session = current_session()
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    found = commission_reading.list_commissions(
        session,
        actor=actor(),
        now=clock.now(),
        wanted=CommissionFilter(**wanted),
        limit=limit + 1,
        after=after,
    )
    body, status, headers = page(found, limit)
    return {"items": _shown(session, body["items"])}, status, headers


@blueprint.get("/commissions/<uuid:commission_id>")
@needs("commissions:read")
@blueprint.response(200, CommissionWithLifeView)
def get_commission(commission_id: uuid.UUID) -> Any:
    """Read one commission.

    With the pieces that were handed in for it, and every step of its life. `client` is null for
    keys without `commissions:write`.
    """
    session = current_session()
    found = commissions.get_commission(session, commission_id, actor=actor())
    return {
        **_shown(session, [found])[0],
        "pieces": fulfilling.fulfilments_of(session, found.id),
        "life": life_of(session, found.id),
    }


@blueprint.post("/commissions/<uuid:commission_id>/answers")
@needs("commissions:report")
@blueprint.arguments(NewAnswer)
@once(required=True)
@blueprint.response(201, CommissionView)
def record_answer(wanted: dict[str, Any], commission_id: uuid.UUID) -> Any:
    """Write down a maker's yes or no.

    On her word; her last answer counts. The first yes makes the commission accepted; when everybody
    said no it is declined.
    """
    session = current_session()
    found = commission_life.answer(
        session,
        commission_id=commission_id,
        kind=wanted.pop("answer"),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return _shown(session, [found])[0]


@blueprint.post("/commissions/<uuid:commission_id>/progress")
@needs("commissions:report")
@blueprint.arguments(NewProgress)
@once(required=True)
@blueprint.response(201, ProgressView)
def report_progress(wanted: dict[str, Any], commission_id: uuid.UUID) -> Any:
    """Write down how far a commission is.

    With the day it is expected now, if that is another; the day that was agreed stays.
    """
    return commission_life.report_progress(
        current_session(), commission_id=commission_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/commissions/<uuid:commission_id>/progress")
@needs("commissions:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ProgressView))
def list_progress(wanted: dict[str, Any], commission_id: uuid.UUID) -> Any:
    """List the reports on a commission.

    Oldest first; the last one that names a day says when it is expected.
    """
    session = current_session()
    found = commissions.get_commission(session, commission_id, actor=actor())
    return listed(partial(commission_life.progress_of, session, found.id), wanted)


@blueprint.post("/commissions/<uuid:commission_id>/cancellation")
@needs("commissions:write")
@blueprint.arguments(NewCommissionCancellation)
@writes
@blueprint.response(201, CommissionView)
def cancel_commission(wanted: dict[str, Any], commission_id: uuid.UUID) -> Any:
    """Cancel a commission, or what is still missing of it.

    What was handed in stays, and is paid as it was agreed.
    """
    session = current_session()
    found = commission_life.cancel(
        session, commission_id=commission_id, actor=actor(), now=clock.now(), **wanted
    )
    return _shown(session, [found])[0]


def _shown(session: Session, found: list[Commission]) -> list[dict[str, Any]]:
    """Commissions with how they stand; whose client it is for only to those who ask makers."""
    private = "commissions:write" in actor().scopes
    standings = commission_reading.standings(session, found, now=clock.now())
    return [
        {
            **{name: getattr(row, name) for name in COMMISSION},
            "client": row.client if private else None,
            "days_late": standing["days_late"],
            "expected_on": standing["expected_on"],
            "makers": [_said(one, standing["answers"].get(one.maker_id)) for one in row.asked],
            "lines": [_line(line, standing["delivered"][line.id]) for line in row.lines],
        }
        for row, standing in zip(found, standings, strict=True)
    ]


def _said(one: AskedMaker, answer: CommissionAnswer | None) -> dict[str, Any]:
    return {
        "maker_id": one.maker_id,
        "public_name": one.maker.public_name,
        "answer": answer.answer if answer else None,
        "reason": answer.reason if answer else None,
        "answered_on": answer.answered_on if answer else None,
    }


def _line(line: CommissionLine, handed: Handed) -> dict[str, Any]:
    agreement = {
        "kind": line.agreement,
        "price_minor": line.price_minor,
        "currency": line.currency,
    }
    return {
        **{name: getattr(line, name) for name in LINE},
        "delivered": handed.delivered,
        "missing": line.pieces - handed.delivered,
        "surplus": handed.surplus,
        "agreement": agreement,
        "colours": [row.colour for row in line.colours],
    }


#: What the views read straight from the rows.
COMMISSION = (
    "id", "number", "status", "due_on", "note", "group_id", "advance_minor", "advance_currency",
    "replaces_id", "created_at", "created_by",
)  # fmt: skip
LINE = ("id", "design_id", "maker_id", "pieces", "limit_set_version", "measures", "note")
