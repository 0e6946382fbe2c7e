"""The ledger, money moved by people, and the reports of reconcile."""

import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.downloads import downloads
from api.idempotency import once
from api.paging import Page, listed, opened, page, pages_of, place, sealed
from api.schemas.books import (
    BalancesWanted,
    BalanceView,
    BegunView,
    ExportWanted,
    NewReconciliation,
    NewTreasuryMove,
    PostingsWanted,
    PostingView,
    ReconciliationView,
    TreasuryMoveView,
)
from core import clock
from core.db import current_session
from payouts import books, exports, reports, treasury
from payouts.books import Balance, PostingFilter

SHEET_EXAMPLE = "id,at,event,position,source,destination,amount,currency,why\r\n"
BEANCOUNT_EXAMPLE = "2026-11-24 open Assets:Stripe\n"
blueprint = Blueprint("books", "The ledger, and whether everything agrees.")


@blueprint.get("/ledger/accounts")
@needs("books:read")
@blueprint.arguments(BalancesWanted, location="query")
@blueprint.response(200, pages_of(BalanceView))
def list_balances(wanted: dict[str, Any]) -> Any:
    """List accounts with their balances.

    By name and currency, as they are or as they were `at` a moment; an account whose balance is
    zero is left out.
    """
    limit, cursor = wanted["limit"], wanted.get("after")
    rows = books.list_balances(
        current_session(),
        actor=actor(),
        at=wanted.get("at"),
        limit=limit + 1,
        after=_name_in(cursor) if cursor else None,
    )
    return page(rows, limit, _by_name)


@blueprint.get("/ledger/postings")
@needs("books:read")
@blueprint.arguments(PostingsWanted, location="query")
@blueprint.response(200, pages_of(PostingView))
def list_postings(wanted: dict[str, Any]) -> Any:
    """List postings.

    Oldest first; of one account, one order, one obligation, or a time.
    """
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    rows = books.list_postings(
        current_session(),
        actor=actor(),
        wanted=PostingFilter(**wanted),
        limit=limit + 1,
        after=after,
    )
    return page(rows, limit)


@blueprint.get("/ledger.csv")
@needs("books:read")
@blueprint.arguments(ExportWanted, location="query")
@downloads("text/csv", example=SHEET_EXAMPLE)
def export_sheet(wanted: dict[str, Any]) -> Any:
    """Export postings as a sheet.

    CSV in UTF-8 that a spreadsheet opens; the same filters as the list.
    """
    who, chosen = actor(), PostingFilter(**wanted)
    return "ledger.csv", lambda: exports.postings_as_csv(
        books.every_posting(current_session(), actor=who, wanted=chosen)
    )


@blueprint.get("/ledger.beancount")
@needs("books:read")
@blueprint.arguments(ExportWanted, location="query")
@downloads("text/plain", example=BEANCOUNT_EXAMPLE)
def export_beancount(wanted: dict[str, Any]) -> Any:
    """Export postings for Beancount.

    A file that `bean-check` accepts; every posting a transaction of two ends.
    """
    who, chosen = actor(), PostingFilter(**wanted)

    def lines() -> Iterator[str]:
        session = current_session()
        first = books.first_days(session, actor=who, wanted=chosen)
        rows = books.every_posting(session, actor=who, wanted=chosen)
        return exports.as_beancount(rows, first, title="Pallay")

    return "ledger.beancount", lines


@blueprint.post("/treasury-moves")
@needs("books:write")
@blueprint.arguments(NewTreasuryMove)
@once(required=True)
@blueprint.response(201, TreasuryMoveView)
def record_move(wanted: dict[str, Any]) -> Any:
    """Write down money that was moved.

    A top-up, cash put aside for a pay day, the reserve declared from the fund, the fund spent, what
    came from `outside`.
    """
    amount = wanted.pop("amount")
    return treasury.record_move(
        current_session(), actor=actor(), now=clock.now(), **amount, **wanted
    )


@blueprint.get("/treasury-moves")
@needs("books:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(TreasuryMoveView))
def list_moves(wanted: dict[str, Any]) -> Any:
    """List money that was moved.

    Oldest first; payouts from Stripe to the bank among it.
    """
    return listed(partial(treasury.list_moves, current_session(), actor=actor()), wanted)


@blueprint.get("/treasury-moves/<uuid:move_id>")
@needs("books:read")
@blueprint.response(200, TreasuryMoveView)
def get_move(move_id: uuid.UUID) -> Any:
    """Read one move of money.

    As it was written down.
    """
    return treasury.get_move(current_session(), move_id, actor=actor())


@blueprint.post("/reconciliations")
@needs("books:write")
@blueprint.arguments(NewReconciliation)
@once()
@blueprint.response(202, BegunView)
def begin_reconciliation(wanted: dict[str, Any]) -> Any:
    """Have everything compared.

    A worker compares orders, obligations, the ledger and Stripe; read the report under its id once
    it is there.
    """
    return {"id": reports.begin(current_session(), actor=actor(), since=wanted.get("since"))}


@blueprint.get("/reconciliations")
@needs("books:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ReconciliationView))
def list_reconciliations(wanted: dict[str, Any]) -> Any:
    """List reports of reconcile.

    Newest first; one of every night, and of every run that was asked for.
    """
    read = partial(reports.list_reports, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.get("/reconciliations/<uuid:report_id>")
@needs("books:read")
@blueprint.response(200, ReconciliationView)
def get_reconciliation(report_id: uuid.UUID) -> Any:
    """Read one report of reconcile.

    Not there (404) until its run has ended.
    """
    return reports.get_report(current_session(), report_id, actor=actor())


@blueprint.get("/reconciliation")
@needs("books:read")
@blueprint.response(200, ReconciliationView)
def read_reconciliation() -> Any:
    """Read the newest report of reconcile.

    Each row that differs has the ids on both sides and the amount; `agrees` when there is none.
    """
    return reports.newest_report(current_session(), actor=actor())


def _by_name(row: Balance) -> str:
    return sealed(row.account, row.currency)


def _name_in(cursor: str) -> tuple[str, str]:
    account, currency = opened(cursor, 2)
    return str(account), str(currency)
