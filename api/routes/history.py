"""History: the audit of everything, and all that happened to one piece."""

import uuid
from datetime import UTC, datetime
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.paging import CursorInvalid, Page, id_in, opened, page, pages_of, sealed
from api.schemas.history import AuditEntryView, AuditWanted, HistoryEntryView
from core.db import current_session
from payouts import piece_history
from people import audits
from people.audits import MOST_SHOWN, AuditFilter

blueprint = Blueprint("history", "Who did what, when, and with which key.")
KINDS = [source.what for source in piece_history.SOURCES]
OF_ENTRY = ("id", "at", "actor", "key_id", "reference", "operation", "touched_count")


@blueprint.get("/audit")
@needs("audit:read")
@blueprint.arguments(AuditWanted, location="query")
@blueprint.response(200, pages_of(AuditEntryView))
def list_audit(wanted: dict[str, Any]) -> Any:
    """List who changed what.

    Newest first. Every transaction that changed something has one entry, written with it and never
    edited; what was refused or only read has none. `operation` is as in `POST /v1/orders`, the name
    of a worker's job, or a command. Tables and ids, never what is in them.
    """
    limit, before = wanted.pop("limit"), wanted.pop("after", None)
    rows = audits.list_entries(
        current_session(),
        actor=actor(),
        wanted=AuditFilter(**wanted),
        limit=limit + 1,
        before=_time_and_id(*opened(before, 2)) if before else None,
    )
    body, status, headers = page(rows, limit, lambda row: sealed(row.at.isoformat(), row.id))
    return {"items": [_entry(row) for row in body["items"]]}, status, headers


@blueprint.get("/pieces/<uuid:piece_id>/history")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(HistoryEntryView))
def read_history(wanted: dict[str, Any], piece_id: uuid.UUID) -> Any:
    """Read a piece's history.

    In the order in which it was written down, oldest first: its life, movements, journeys, counts,
    incidents, holds, orders by number, returns. Inspections with `quality:read`, refunds with
    `orders:read`, what makers are owed with `payouts:read`; without it they are left out.
    """
    limit, after = wanted["limit"], wanted.get("after")
    found = piece_history.history_of(
        current_session(),
        piece_id,
        actor=actor(),
        limit=limit + 1,
        after=_place(after) if after else None,
    )
    return page(found, limit, lambda one: sealed(one.at.isoformat(), one.id, one.what))


def _entry(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in OF_ENTRY} | {
        "subject": {"noun": row.subject_noun, "id": row.subject_id},
        "touched": [_touched(one) for one in row.touched],
    }


def _touched(one: dict[str, Any]) -> dict[str, Any]:
    return {"id": None, "rows": 1, **one, "of": one.get("of", [])[:MOST_SHOWN]}


def _place(cursor: str) -> tuple[datetime, uuid.UUID, str]:
    at, row_id, what = opened(cursor, 3)
    if what not in KINDS:
        raise CursorInvalid(pointer="?after")
    return *_time_and_id(at, row_id), what


def _time_and_id(at: Any, row_id: Any) -> tuple[datetime, uuid.UUID]:
    """The first two parts of a place. Raises CursorInvalid."""
    try:
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise CursorInvalid(pointer="?after") from None
    return moment, id_in(row_id)
