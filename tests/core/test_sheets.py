"""A sheet opens in a spreadsheet as it was meant, and nothing in it is run."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheets import as_csv, as_it_was

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def read(lines):
    text = "".join(lines)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_letters_of_every_language_and_empty_cells_come_back():
    rows = read(as_csv(["who", "what"], [["Ñusta, the weaver", None], ['"lliklla"', 3]]))

    assert rows == [["who", "what"], ["Ñusta, the weaver", ""], ['"lliklla"', "3"]]


@pytest.mark.parametrize("said", ["=1+1", "+51 984", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_looks_like_a_formula_stays_a_text(said):
    assert read(as_csv(["a"], [[said]]))[1] == [f"'{said}"]


def test_a_number_below_zero_stays_a_number():
    assert read(as_csv(["a"], [[Decimal("-4.50")]]))[1] == ["-4.50"]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5))
def test_whatever_was_written_is_read_again(rows):
    again = read(as_csv(["a", "b"], rows))[1:]

    assert [[as_it_was(cell) for cell in row] for row in again] == rows


@given(st.text(st.sampled_from("'=+-@\t\ra"), max_size=6))
def test_an_apostrophe_too_many_or_too_few_is_never_there(said):
    ((written,),) = read(as_csv(["a"], [[said]]))[1:] or [[""]]

    assert as_it_was(written) == said
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
