"""A cell is read as what it is meant to be; what can be read in two ways is not guessed at."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import cells
from core.cells import Misread
from core.columns import letters
from core.packing import packed, unpacked

NUMBERS: dict[Any, str] = {
    "180": "180", 180: "180", 180.5: "180.5", "180.50": "180.50", "180,5": "180.5",
    "1.234,50": "1234.50", "1,234.50": "1234.50", "1 234,50": "1234.50", "1.234.567": "1234567",
    "0,125": "0.125", 1320.0: "1320", "12345": "12345",
}  # fmt: skip


@pytest.mark.parametrize("written", NUMBERS)
def test_numbers_are_read_as_people_of_either_habit_write_them(written: Any) -> None:
    assert cells.decimal(written) == Decimal(NUMBERS[written])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1,500", "number_unclear"), ("1.500", "number_unclear"), ("x", "not_a_number"),
        ("-5", "not_a_number"), ("1e9", "not_a_number"), ("1.2.3", "not_a_number"),
        ("1,23,456.5", "not_a_number"), ("٣", "not_a_number"), (True, "not_a_number"),
        ("5.", "not_a_number"), (float("inf"), "not_a_number"), (float("nan"), "not_a_number"),
    ],
)  # fmt: skip
def test_what_is_no_number_or_two_is_refused(written: Any, code: str) -> None:
    with pytest.raises(Misread) as refused:
        cells.decimal(written)

    assert refused.value.code == code


def test_money_is_whole_minor_units_of_its_currency() -> None:
    assert cells.minor("180,50", "PEN", 10**6) == 18050
    assert cells.minor("1.500", "KWD", 10**6) == 1500
    for written, currency in (("180.505", "PEN"), ("1.5", "JPY"), ("0", "PEN"), ("99999", "PEN")):
        with pytest.raises(Misread):
            cells.minor(written, currency, 10**6)


DAYS = ["2026-11-20", "20/11/2026", "20.11.2026", "46346", 46346, 46346.0, date(2026, 11, 20)]


@pytest.mark.parametrize("written", [*DAYS, datetime(2026, 11, 20)])  # noqa: DTZ001
def test_a_day_is_read_however_a_spreadsheet_has_it(written: Any) -> None:
    assert cells.day(written) == date(2026, 11, 20)


@pytest.mark.parametrize("written", ["31/02/2026", "1999-12-31", "11/20/2026", "7", "x", 99999999])
def test_what_is_no_day_of_this_century_is_refused(written: Any) -> None:
    with pytest.raises(Misread):
        cells.day(written)


def test_columns_are_named_as_in_a_spreadsheet() -> None:
    assert [letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


PART = st.text(st.sampled_from("ab|;\\\n ñ"), min_size=1, max_size=6).map(str.strip).filter(bool)


@settings(max_examples=50)
@given(st.lists(st.lists(PART, min_size=2, max_size=4), max_size=4))
def test_whatever_was_packed_is_unpacked(things: list[list[str]]) -> None:
    assert unpacked(packed(things), least=2, most=4, names="parts") == things
