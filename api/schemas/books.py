"""The books on the wire: accounts, postings, moves of money, reports of reconcile."""

from typing import Any, ClassVar

from marshmallow import fields

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Amount, Choice, Id, Moment, Text, web_address
from api.schemas.money import NewMoney
from api.schemas.orders import ORDER_ID
from api.schemas.payouts import OBLIGATION_ID
from api.schemas.stock import STAFF
from payouts.book_models import Pocket

AT = "2026-11-24T15:00:00Z"
MOVE_ID = "0197f1a5-0000-7000-8000-000000000201"
POSTING_ID = "0197f1a5-0000-7000-8000-000000000202"
REPORT_ID = "0197f1a5-0000-7000-8000-000000000203"
ACCOUNT = r"[a-z_]{1,40}(:[0-9a-f-]{36})?"


class BalancesWanted(Page):
    """Which balances: as they were at a moment, or as they are."""

    at = Moment(metadata={"description": "as it was then; now if left out"})


class BalanceView(View):
    """One account in one currency: what came in minus what went out."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "account": "stripe",
        "balance": {"amount_minor": 6573, "currency": "USD"},
    }

    account = fields.String()
    balance = Amount()


class ExportWanted(Request):
    """Which postings; everything unless narrowed. Times are inclusive."""

    account = Text(80, like=ACCOUNT, metadata={"description": "from or to this account"})
    order_id = Id()
    obligation_id = Id()
    since = Moment()
    until = Moment()


class PostingsWanted(Page, ExportWanted):
    """Which postings, and which page of them."""


class PostingView(View):
    """One amount from one account to another, written once."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": POSTING_ID,
        "event": f"order_paid:{ORDER_ID}",
        "position": 0,
        "source": f"order:{ORDER_ID}",
        "destination": "stripe",
        "amount": {"amount_minor": 6800, "currency": "USD"},
        "why": "charged",
        "order_id": ORDER_ID,
        "obligation_id": OBLIGATION_ID,
        "at": AT,
        "actor": "system:payouts",
    }

    id = Id()
    event = fields.String()
    position = fields.Integer()
    source = fields.String()
    destination = fields.String()
    amount = Amount()
    why = fields.String()
    order_id = Id(allow_none=True)
    obligation_id = Id(allow_none=True)
    at = Moment()
    actor = fields.String()


class NewTreasuryMove(Request):
    """Money that was moved by people from one pocket to another."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "source": "bank",
        "destination": "cash_box",
        "amount": {"amount_minor": 150000, "currency": "PEN"},
        "why": "cash for the pay day of 28 November",
        "moved_at": "2026-11-23T15:00:00Z",
        "evidence_url": "https://example.org/slips/17.jpg",
    }

    source = Choice(Pocket, required=True)
    destination = Choice(Pocket, required=True)
    amount = fields.Nested(NewMoney, required=True)
    why = Text(500, required=True)
    moved_at = Moment(required=True)
    evidence_url = web_address()


class TreasuryMoveView(View):
    """One move, as it was written down."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": MOVE_ID,
        **NewTreasuryMove.EXAMPLE,
        "stripe_id": None,
        "recorded_at": AT,
        "actor": STAFF,
    }

    id = Id()
    source = fields.String()
    destination = fields.String()
    amount = Amount()
    stripe_id = fields.String(allow_none=True)
    why = fields.String()
    evidence_url = fields.String(allow_none=True)
    moved_at = Moment()
    recorded_at = Moment()
    actor = fields.String()


class DifferenceView(View):
    """One row that differs: ids on both sides, and by how much."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "check": 4,
        "ours": OBLIGATION_ID,
        "theirs": "tr_1Q2w3E4r5T",
        "amount_minor": 500,
        "currency": "USD",
        "words": "no settlement of ours",
    }

    check = fields.Integer()
    ours = fields.String()
    theirs = fields.String()
    amount_minor = fields.Integer()
    currency = fields.String()
    words = fields.String()


class ReconciliationView(View):
    """The report of one run; `rows` are what differs, the first 1,000 of them."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": REPORT_ID,
        "since": None,
        "started_at": AT,
        "ended_at": AT,
        "agrees": False,
        "difference_count": 1,
        "rows": [DifferenceView.EXAMPLE],
        "actor": STAFF,
    }

    id = Id()
    since = Moment(allow_none=True)
    started_at = Moment()
    ended_at = Moment()
    agrees = fields.Boolean()
    difference_count = fields.Integer()
    rows = fields.List(fields.Nested(DifferenceView))
    actor = fields.String()


class NewReconciliation(Request):
    """A run of reconcile; `since` bounds what is asked of Stripe."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"since": "2026-11-01T00:00:00Z"}

    since = Moment()


class BegunView(View):
    """A run that a worker begins; its report has this id."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"id": REPORT_ID}

    id = Id()
