"""What the house keeps, on the wire: news from Stripe, and work that waits or gave up."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import View
from api.schemas.fields import Choice, Moment
from api.schemas.stock import STAFF
from core.unfinished import JobState
from payments.models import NewsState

AT = "2026-11-24T15:00:00Z"


class NewsWanted(Page):
    """Which news: in one state, or all of it."""

    state = Choice(NewsState)


class NewsView(View):
    """One event Stripe told us of, and what became of it. It holds ids and nothing more."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "evt_1Q2w3E4r5T",
        "type": "charge.refunded",
        "object_id": "ch_1Q2w3E4r5T",
        "account": None,
        "source": "webhook",
        "state": "waiting",
        "reason": "no order was paid with this charge, or not yet",
        "tries": 3,
        "created_at": AT,
        "received_at": AT,
        "applied_at": None,
        "given_up_at": None,
    }

    id = fields.String()
    type = fields.String()
    object_id = fields.String(allow_none=True)
    account = fields.String(allow_none=True)
    source = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    tries = fields.Integer()
    created_at = Moment()
    received_at = Moment()
    applied_at = Moment(allow_none=True)
    given_up_at = Moment(allow_none=True)


class AskedAgainView(View):
    """Somebody had it tried again."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"job_id": 4711, "actor": STAFF, "at": AT}

    job_id = fields.Integer()
    actor = fields.String()
    at = Moment()


class OneNewsView(NewsView):
    """One event, and who had it tried again, newest first."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **NewsView.EXAMPLE,
        "asked_again": [AskedAgainView.EXAMPLE],
    }

    asked_again = fields.List(fields.Nested(AskedAgainView))


class JobsWanted(Page):
    """Which jobs: those that gave up, unless another state is asked for."""

    state = Choice(JobState, load_default=JobState.FAILED.value)


class JobView(View):
    """One job: what is done, with which ids, and who had it repeated after it gave up."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": 4242,
        "name": "obligation.settle",
        "arguments": {"obligation_id": "0197f1a5-0000-7000-8000-000000000101"},
        "state": "failed",
        "tries": 13,
        "scheduled_at": None,
        "failed_at": AT,
        "repeated_as": 4711,
        "repeated_by": STAFF,
        "repeated_at": AT,
    }

    id = fields.Integer()
    name = fields.String()
    arguments = fields.Dict(keys=fields.String(), values=fields.String())
    state = fields.String()
    tries = fields.Integer()
    scheduled_at = Moment(allow_none=True)
    failed_at = Moment(allow_none=True)
    repeated_as = fields.Integer(allow_none=True)
    repeated_by = fields.String(allow_none=True)
    repeated_at = Moment(allow_none=True)
