"""Batches on the wire: a spreadsheet, how far it is, what is wrong with it."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.fields import Choice, Id, Moment, Text
from inventory.batch_models import BatchKind

BATCH_ID = "0197f1a5-c2d0-7a31-b2c3-d4e5f6a7ba01"
STAFF = "staff:0197f1a5-0000-7000-8000-0000000000a1"


class NewBatch(Request):
    """What the file is; its bytes are the body."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"kind": "pieces", "name": "inventario-2026.xlsx"}

    kind = Choice(BatchKind, required=True)
    name = Text(200, required=True, metadata={"description": "how people call the file"})


class BatchView(View):
    """A spreadsheet that was sent, and how far it is."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": BATCH_ID,
        "kind": "pieces",
        "format": "xlsx",
        "name": "inventario-2026.xlsx",
        "status": "checking",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "byte_length": 48231,
        "row_count": None,
        "rows_checked": 3000,
        "rows_applied": 0,
        "problem_count": 2,
        "refusal": None,
        "created_at": "2026-11-23T15:00:00Z",
        "created_by": STAFF,
        "checked_at": None,
        "applied_at": None,
        "applied_by": None,
    }

    id = Id()
    kind = fields.String()
    format = fields.String()
    name = fields.String()
    status = fields.String()
    sha256 = fields.String()
    byte_length = fields.Integer()
    row_count = fields.Integer(allow_none=True)
    rows_checked = fields.Integer()
    rows_applied = fields.Integer()
    problem_count = fields.Integer()
    refusal = fields.String(allow_none=True, metadata={"description": "why, in plain words"})
    created_at = Moment()
    created_by = fields.String()
    checked_at = Moment(allow_none=True)
    applied_at = Moment(allow_none=True)
    applied_by = fields.String(allow_none=True)


class BatchProblemView(View):
    """One thing wrong with one cell."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-c2d0-7a31-b2c3-d4e5f6a7ba02",
        "row": 17,
        "cell": "B17",
        "column": "tag",
        "code": "tag_taken",
        "words": "Another piece already carries this tag.",
    }

    id = Id()
    row = fields.Integer()
    cell = fields.String()
    column = fields.String()
    code = fields.String()
    words = fields.String()
