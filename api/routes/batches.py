"""Batches: spreadsheets of designs, makers and pieces, sent in and taken out."""

import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import request

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import downloads, takes_bytes
from api.house import settings
from api.idempotency import once, writes
from api.paging import Page, listed, pages_of
from api.schemas.base import Nothing
from api.schemas.batches import BatchProblemView, BatchView, NewBatch
from core import clock
from core.actors import Actor
from core.db import current_session
from inventory import batch_exports, batches
from inventory.batches import Limits

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_EXAMPLE = "id,code,kind,technique,name_en,name_es,name_qu\r\n"
blueprint = Blueprint("batches", "Many things at once, from a spreadsheet and into one.")


@blueprint.put("/batches/<uuid:batch_id>")
@needs("batches:write")
@takes_bytes(CSV, XLSX)
@blueprint.arguments(NewBatch, location="query")
@writes
@blueprint.response(201, BatchView)
@blueprint.also_answers(200, BatchView, "Sent before, with these very bytes")
def send_batch(wanted: dict[str, Any], batch_id: uuid.UUID) -> Any:
    """Send a spreadsheet to be checked.

    The body is the file itself; what it is, its first bytes say. A worker looks at every row and
    changes nothing; `status` becomes `checked`, or `refused` when the file cannot be read. It needs
    the scope by which such things are written one by one, too.
    """
    told = settings()
    request.max_content_length = told.batch_max_bytes
    batch, new = batches.send_batch(
        current_session(),
        batch_id=batch_id,
        content=request.get_data(),
        limits=Limits(told.batch_max_bytes, told.batch_max_rows),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return batch, 201 if new else 200


@blueprint.get("/batches")
@needs("batches:write")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(BatchView))
def list_batches(wanted: dict[str, Any]) -> Any:
    """List spreadsheets that were sent.

    By id; of the kinds that the key may write.
    """
    return listed(partial(batches.list_batches, current_session(), actor=actor()), wanted)


@blueprint.get("/batches/<uuid:batch_id>")
@needs("batches:write")
@blueprint.response(200, BatchView)
def get_batch(batch_id: uuid.UUID) -> Any:
    """See how far a spreadsheet is.

    `rows_checked` and `rows_applied` grow while a worker is at it.
    """
    return batches.get_batch(current_session(), batch_id, actor=actor())


@blueprint.get("/batches/<uuid:batch_id>/problems")
@needs("batches:write")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(BatchProblemView))
def list_batch_problems(wanted: dict[str, Any], batch_id: uuid.UUID) -> Any:
    """List what is wrong with a spreadsheet.

    Row by row, each with its cell, a code and plain words.
    """
    read = partial(batches.list_problems, current_session(), batch_id, actor=actor())
    return listed(read, wanted)


@blueprint.post("/batches/<uuid:batch_id>/application")
@needs("batches:write")
@blueprint.arguments(Nothing)
@once()
@blueprint.response(201, BatchView)
def apply_batch(_wanted: dict[str, Any], batch_id: uuid.UUID) -> Any:
    """Apply a spreadsheet, whole or not at all.

    Refused while anything is wrong with it. A worker checks every row again and writes all of them
    in one transaction; `status` becomes `applied`, or `refused` when what was right is so no
    longer.
    """
    return batches.apply_batch(current_session(), batch_id=batch_id, actor=actor(), now=clock.now())


@blueprint.get("/exports/designs.csv")
@needs("designs:read")
@downloads(CSV, example=CSV_EXAMPLE)
def export_designs_as_csv() -> Any:
    """Export every design as a CSV file.

    It can be sent in again as a batch.
    """
    return "designs.csv", partial(_csv, "designs", actor())


@blueprint.get("/exports/designs.xlsx")
@needs("designs:read")
@downloads(XLSX)
def export_designs_as_workbook() -> Any:
    """Export every design as a workbook.

    It can be sent in again as a batch.
    """
    return "designs.xlsx", partial(_workbook, "designs", actor())


@blueprint.get("/exports/makers.csv")
@needs("makers:read")
@downloads(CSV, example=CSV_EXAMPLE)
def export_makers_as_csv() -> Any:
    """Export every maker as a CSV file.

    It can be sent in again as a batch.
    """
    return "makers.csv", partial(_csv, "makers", actor())


@blueprint.get("/exports/makers.xlsx")
@needs("makers:read")
@downloads(XLSX)
def export_makers_as_workbook() -> Any:
    """Export every maker as a workbook.

    It can be sent in again as a batch.
    """
    return "makers.xlsx", partial(_workbook, "makers", actor())


@blueprint.get("/exports/pieces.csv")
@needs("stock:read")
@downloads(CSV, example=CSV_EXAMPLE)
def export_pieces_as_csv() -> Any:
    """Export every piece as a CSV file.

    It can be sent in again as a batch.
    """
    return "pieces.csv", partial(_csv, "pieces", actor())


@blueprint.get("/exports/pieces.xlsx")
@needs("stock:read")
@downloads(XLSX)
def export_pieces_as_workbook() -> Any:
    """Export every piece as a workbook.

    It can be sent in again as a batch.
    """
    return "pieces.xlsx", partial(_workbook, "pieces", actor())


def _csv(kind: str, who: Actor) -> Iterator[str]:
    return batch_exports.sheet_as_csv(current_session(), kind, actor=who)


def _workbook(kind: str, who: Actor) -> Iterator[bytes]:
    return batch_exports.sheet_as_workbook(current_session(), kind, actor=who)
