"""Triggers: what banks, buyers and time do, on a developer's word."""

from collections.abc import Callable
from typing import Any

from stripe_peer import balance, storage
from stripe_peer.books import Books, Document, new_id
from stripe_peer.refusals import Refusal
from stripe_peer.resources import (
    accounts,
    charges,
    disputes,
    outbound_payments,
    payout_methods,
    payouts,
    refunds,
)

Told = dict[str, Any]
SLOW_REFUNDS = "peer_slow_refunds"


def slow_refunds(books: Books, on: bool) -> None:
    """From now on refunds stay pending, or succeed at once again."""
    found = books.look_up(SLOW_REFUNDS)
    if on and found is None:
        books.add({"id": SLOW_REFUNDS, "object": "peer.switch"})
    elif found is not None and not on:
        books.remove(found)


def end_refund(books: Books, refund: str, told: Told) -> Document:
    """{"outcome": "succeeded|failed|canceled"}; also after it succeeded."""
    return refunds.end(books, books.find(refunds.KIND, refund), str(told["outcome"]))


def dispute_charge(books: Books, charge: str, told: Told) -> Document:
    """{"amount": n, "reason": word, "inquiry": bool, "withdraw": bool}, each optional."""
    return disputes.open_one(books, books.find(charges.KIND, charge), told)


def move_dispute(books: Books, dispute: str, told: Told) -> Document:
    """{"to": a status, or funds_withdrawn, funds_reinstated}."""
    return disputes.move(books, books.find(disputes.KIND, dispute), str(told["to"]))


def end_payout(books: Books, payout: str, told: Told) -> Document:
    """{"outcome": "paid|failed"}."""
    return payouts.end(books, books.find(payouts.KIND, payout), str(told["outcome"]))


def spend(books: Books, account: str, told: Told) -> Document:
    """{"amount": n, "currency": code}: the account's owner paid it out to her bank."""
    payee = books.find(accounts.KIND, account)
    held = sum(balance.totals(books, payee["id"]).get(str(told["currency"]), (0, 0)))
    if held < int(told["amount"]):
        raise Refusal(f"{account} has only {held}.", status=409)
    return balance.write(
        books,
        kind="payout",
        category="payout",
        amount=-int(told["amount"]),
        currency=str(told["currency"]),
        source=new_id("po"),
        account=payee["id"],
    )


def end_outbound(books: Books, payment: str, told: Told) -> Document:
    """{"outcome": "posted|failed|canceled|returned", "reason": word}."""
    return outbound_payments.end(books, books.find(outbound_payments.KIND, payment), told)


def change_payout_method(books: Books, account: str, told: Told) -> Document:
    """{"payments": a usage status, "archived": bool}: of her newest one, or a first one."""
    payee = books.find(accounts.KIND, account)
    known = payout_methods.of(books, account)
    method = known[-1] if known and not told.get("new") else payout_methods.attach(books, payee)
    method["usage_status"]["payments"] = str(told.get("payments", "eligible"))
    method["archived"] = bool(told.get("archived"))
    return books.save(method)


def fund(books: Books, account: str, told: Told) -> Document:
    """{"amount": n, "currency": code}: money comes in; below zero, it goes out."""
    found = books.find(storage.KIND, account)
    storage.move(books, account, str(told["currency"]), int(told["amount"]))
    return storage.view(books, found)


ABOUT_ONE: dict[tuple[str, str], Callable[[Books, str, Told], Document]] = {
    ("refunds", "settle"): end_refund,
    ("charges", "dispute"): dispute_charge,
    ("disputes", "move"): move_dispute,
    ("payouts", "settle"): end_payout,
    ("accounts", "spend"): spend,
    ("accounts", "payout_method"): change_payout_method,
    ("outbound_payments", "settle"): end_outbound,
    ("financial_accounts", "fund"): fund,
}
