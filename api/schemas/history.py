"""History on the wire: the audit, and the timeline of one piece."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import View
from api.schemas.fields import Id, Moment, Text
from api.schemas.stock import AT, PIECE_ID, STAFF, STORE_ID

KEY_ID = "0197f1a5-0000-7000-8000-0000000000b1"


class AuditWanted(Page):
    """Which entries: from `since`, before `until`; `subject` is the id of anything touched, or
    of what that refers to.
    """

    since = Moment()
    until = Moment()
    actor = Text(80, like="(staff|application|buyer|system):[0-9a-z_-]+")
    key = Id()
    operation = Text(120)
    subject = Id()


class ThingView(View):
    """Something by its noun (the name of its table) and its id."""

    noun = fields.String()
    id = fields.String(allow_none=True)


class TouchedView(ThingView):
    """What became of it: `added`, `changed`, `removed`, `named` in the path, or `left` as a job.

    `of`: the ids it refers to. `rows`: so many at once, whose ids are not known.
    """

    how = fields.String()
    of = fields.List(fields.String())
    rows = fields.Integer()


class AuditEntryView(View):
    """Who changed what, when and with which key: one transaction.

    At most 100 of the things it touched are shown; `touched_count` are all of them.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000151",
        "at": AT,
        "actor": STAFF,
        "key_id": KEY_ID,
        "reference": "0197f1a5c2d07a31b2c3d4e5f6a7b8c9",
        "operation": "POST /v1/pieces/{piece_id}/movements",
        "subject": {"noun": "pieces", "id": PIECE_ID},
        "touched": [
            {
                "noun": "movements",
                "id": "0197f1a5-0000-7000-8000-0000000000f1",
                "how": "added",
                "of": [PIECE_ID, STORE_ID],
                "rows": 1,
            },
            {"noun": "pieces", "id": PIECE_ID, "how": "named", "of": [], "rows": 1},
        ],
        "touched_count": 2,
    }

    id = Id()
    at = Moment()
    actor = fields.String()
    key_id = Id(allow_none=True)
    reference = fields.String(allow_none=True)
    operation = fields.String()
    subject = fields.Nested(ThingView)
    touched = fields.List(fields.Nested(TouchedView))
    touched_count = fields.Integer()


class HistoryEntryView(View):
    """One thing that happened to a piece. `at`: when it was written down; `happened_at`: when it
    was, where somebody said so later. `references`: the ids of what else it is about. `what` and
    `id` together name the entry. `actor` is null where the step of its life beside it has it.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-0000000000f1",
        "at": AT,
        "happened_at": None,
        "what": "moved",
        "words": "Moved from With the makers to Artisan centre, Huilloc.",
        "why": "delivery of 2026-11-20",
        "actor": STAFF,
        "references": {"from_id": "0197f1a5-0000-7000-8000-0000000000c0", "to_id": STORE_ID},
    }

    id = Id()
    at = Moment()
    happened_at = Moment(allow_none=True)
    what = fields.String()
    words = fields.String()
    why = fields.String(allow_none=True)
    actor = fields.String(allow_none=True)
    references = fields.Dict(keys=fields.String(), values=fields.String())
