"""The books can be read at any moment, and taken away in forms that other programs accept."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from beancount import loader

from core import actors
from core.errors import Invalid
from core.ids import new_id
from payouts import books, exports, ledger, treasury
from payouts.books import PostingFilter
from payouts.ledger import Entry
from tests.support.make import acting, make_cooperative, make_staff

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def cooperative(session):
    return make_cooperative(session)


@pytest.fixture
def treasurer(session, cooperative):
    return acting(make_staff(session, cooperative))


def post(session, cooperative, *entries, at=NOW, currency="USD", order_id=None):
    event = f"test:{new_id()}"
    ledger.post(
        session,
        event=event,
        entries=[Entry(*entry) for entry in entries],
        currency=currency,
        cooperative_id=cooperative.id,
        actor=actors.system("test"),
        now=at,
        order_id=order_id,
    )
    return event


def move(session, treasurer, source, destination, minor, **given):
    wanted: dict[str, Any] = {"currency": "PEN", "why": "test", "moved_at": NOW, "now": NOW}
    return treasury.record_move(
        session,
        source=source,
        destination=destination,
        amount_minor=minor,
        actor=treasurer,
        **(wanted | given),
    )


def balances(session, treasurer, at=None):
    rows = books.list_balances(session, actor=treasurer, at=at, limit=100)
    return {(row.account, row.currency): row.amount_minor for row in rows}


def test_a_balance_is_told_as_it_was_at_any_moment(session, cooperative, treasurer):
    post(session, cooperative, ("a", "b", 500, "first"), at=NOW)
    post(session, cooperative, ("b", "c", 200, "then"), at=NOW + timedelta(days=1))

    assert balances(session, treasurer, at=NOW) == {("a", "USD"): -500, ("b", "USD"): 500}
    assert balances(session, treasurer, at=NOW - timedelta(seconds=1)) == {}
    assert balances(session, treasurer) == {
        ("a", "USD"): -500,
        ("b", "USD"): 300,
        ("c", "USD"): 200,
    }


def test_accounts_come_in_pages_by_name_and_currency(session, cooperative, treasurer):
    post(session, cooperative, ("a", "b", 5, "x"))
    post(session, cooperative, ("a", "b", 5, "x"), currency="PEN")

    first = books.list_balances(session, actor=treasurer, at=None, limit=2)
    after = (first[-1].account, first[-1].currency)
    second = books.list_balances(session, actor=treasurer, at=None, limit=2, after=after)

    named = [(row.account, row.currency) for row in [*first, *second]]
    assert named == [("a", "PEN"), ("a", "USD"), ("b", "PEN"), ("b", "USD")]


def test_nobody_reads_another_co_operatives_books(session, cooperative, treasurer):
    post(session, make_cooperative(session), ("a", "b", 5, "not hers"))

    assert balances(session, treasurer) == {}
    everything = PostingFilter()
    assert books.list_postings(session, actor=treasurer, wanted=everything, limit=10) == []
    assert list(books.every_posting(session, actor=treasurer, wanted=everything)) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (PostingFilter(), ["one", "two", "three"]),
        (PostingFilter(account="b"), ["one", "two"]),
        (PostingFilter(since=NOW + timedelta(hours=1)), ["two", "three"]),
        (PostingFilter(until=NOW + timedelta(hours=1)), ["one", "two"]),
    ],
    ids=["all", "of an account", "since", "until"],
)
def test_postings_are_narrowed(session, cooperative, treasurer, wanted, found):
    for hours, entry in enumerate(
        [("a", "b", 5, "one"), ("b", "c", 5, "two"), ("c", "d", 5, "three")]
    ):
        post(session, cooperative, entry, at=NOW + timedelta(hours=hours))

    rows = books.list_postings(session, actor=treasurer, wanted=wanted, limit=10)

    assert [row.why for row in rows] == found


def test_the_whole_ledger_is_read_in_pieces_and_none_is_lost(
    session, cooperative, treasurer, monkeypatch
):
    monkeypatch.setattr(books, "CHUNK", 3)
    post(session, cooperative, *[("a", "b", number, str(number)) for number in range(1, 11)])

    rows = books.every_posting(session, actor=treasurer, wanted=PostingFilter())

    assert [row.amount_minor for row in rows] == list(range(1, 11))


def test_a_sheet_has_every_posting_with_its_amount_as_people_write_it(
    session, cooperative, treasurer
):
    post(session, cooperative, ("a", "b", 1709, "=her share"))
    post(session, cooperative, ("a", "b", 1709, "yen"), currency="JPY")

    rows = books.every_posting(session, actor=treasurer, wanted=PostingFilter())
    text = "".join(exports.postings_as_csv(rows)).removeprefix("\ufeff")
    dollars, yen = csv.DictReader(io.StringIO(text, newline=""))

    assert (dollars["amount"], dollars["currency"], dollars["why"]) == (
        "17.09",
        "USD",
        "'=her share",
    )
    assert (yen["amount"], yen["currency"]) == ("1709", "JPY")


def test_beancount_accepts_the_ledger_and_finds_the_same_balances(
    session, cooperative, treasurer, tmp_path
):
    order_id, maker_id = new_id(), new_id()
    post(
        session,
        cooperative,
        (f"order:{order_id}", "stripe", 6800, 'charged for a "lliklla"'),
        (f"maker:{maker_id}", f"order:{order_id}", 4760, "her share"),
        ("fund", f"order:{order_id}", 2040, "back\\slash"),
        ("an account nobody foresaw", "stripe", 1, "odd"),
    )
    move(session, treasurer, "bank", "cash_box", 5000)
    wanted = PostingFilter()
    rows = books.every_posting(session, actor=treasurer, wanted=wanted)
    first = books.first_days(session, actor=treasurer, wanted=wanted)
    written = tmp_path / "ledger.beancount"
    written.write_text("".join(exports.as_beancount(rows, first, title="Huilloc")))

    entries, errors, _options = loader.load_file(str(written))

    assert errors == []
    theirs: dict[tuple[str, str], int] = {}
    for entry in entries:
        for leg in getattr(entry, "postings", None) or []:
            name = (leg.account, leg.units.currency)
            theirs[name] = theirs.get(name, 0) + int(leg.units.number.scaleb(2))
    ours = {
        (exports.account_name(account), currency): minor
        for (account, currency), minor in balances(session, treasurer).items()
    }
    assert {name: minor for name, minor in theirs.items() if minor} == ours


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        ("stripe", "bank", {"stripe": -700, "bank": 700}),
        ("bank", "fund", {"bank": -700, "fund": 700}),
        ("fund", "reserve", {"fund": 700, "reserve": -700}),
        ("outside", "bank", {"outside": -700, "bank": 700}),
    ],
    ids=["to the bank", "the fund is spent", "the reserve is declared", "a gift"],
)
def test_money_moved_by_people_is_in_the_books(session, treasurer, source, destination, expected):
    move(session, treasurer, source, destination, 700)

    assert balances(session, treasurer) == {
        (name, "PEN"): minor for name, minor in expected.items()
    }


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"source": "bank", "destination": "bank"}, "/destination"),
        ({"moved_at": NOW + timedelta(seconds=1)}, "/moved_at"),
    ],
    ids=["nowhere", "tomorrow"],
)
def test_a_move_that_cannot_be_is_refused(session, treasurer, wrong, pointer):
    wanted = {"source": "bank", "destination": "stripe"} | wrong
    with pytest.raises(Invalid) as refused:
        move(session, treasurer, wanted.pop("source"), wanted.pop("destination"), 1, **wanted)
    assert refused.value.pointer == pointer
