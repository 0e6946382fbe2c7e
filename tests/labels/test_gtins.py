"""A GTIN is checked, owned, and one design's for good."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import NotFound
from inventory.tags import TagInvalid
from labels import gtins
from labels.gtins import GtinEnded, GtinInvalid, GtinTaken, check_digit, read_gtin
from labels.links import link, piece_behind
from tests.support.make import NOW, house, make_cooperative, make_design, make_piece

OWNED = "7750001234562"


@pytest.fixture
def home(session):
    return make_cooperative(session)


def assign(session, home, design, number=OWNED):
    return gtins.assign_gtin(
        session, design_id=design.id, gtin=number, evidence="GS1", actor=house(home), now=NOW
    )


def end(session, home, row):
    return gtins.end_gtin(session, gtin_id=row.id, reason="over", actor=house(home), now=NOW)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("09521234543213", "09521234543213"),
        ("4006381333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("400-6381 333931", "04006381333931"),
    ],
)
def test_a_number_is_padded_to_fourteen_digits(written, read):
    assert read_gtin(written) == read


@pytest.mark.parametrize(
    "written", ["4006381333932", "400638133393", "", "a", "0" * 13, "٤٠٠٦٣٨١٣٣٣٩٣١", "4" * 15]
)
def test_what_is_no_gtin_is_refused(written):
    with pytest.raises(GtinInvalid):
        read_gtin(written)


@settings(max_examples=50)
@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(body, place, by):
    code = body + check_digit(body)
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]

    with pytest.raises(GtinInvalid):
        read_gtin(wrong)


def test_a_number_for_use_inside_a_shop_is_nobodys(session, home):
    body = "200000000001"

    with pytest.raises(GtinInvalid):
        assign(session, home, make_design(session, home), body + check_digit(body))


def test_a_number_is_never_given_to_a_second_design_even_after_its_end(session, home):
    row = assign(session, home, make_design(session, home))
    end(session, home, row)

    with pytest.raises(GtinTaken):
        assign(session, home, make_design(session, home), f"0{OWNED}")
    with pytest.raises(GtinEnded):
        end(session, home, row)


def test_the_newest_number_that_is_not_ended_is_printed(session, home):
    design = make_design(session, home)
    assign(session, home, design)
    second = assign(session, home, design, "4006381333931")
    assert gtins.gtins_in_use(session, [design.id]) == {design.id: "04006381333931"}

    end(session, home, second)

    assert gtins.gtins_in_use(session, [design.id]) == {design.id: f"0{OWNED}"}


def test_a_stranger_neither_gives_nor_ends_a_number(session, home):
    design, stranger = make_design(session, home), make_cooperative(session)
    row = assign(session, home, design)

    with pytest.raises(NotFound):
        assign(session, stranger, design, "4006381333931")
    with pytest.raises(NotFound):
        end(session, stranger, row)


def test_every_address_that_was_ever_printed_leads_to_its_piece(session, home):
    design = make_design(session, home)
    piece = make_piece(session, home, design=design)
    row = assign(session, home, design)
    end(session, home, row)

    for tag in (piece.tag, piece.tag.replace("-", ""), piece.tag.lower()):
        assert piece_behind(session, tag=tag) is piece
        assert piece_behind(session, tag=tag, gtin=OWNED) is piece
        assert piece_behind(session, tag=tag, gtin=f"0{OWNED}") is piece


def test_an_address_with_another_designs_number_leads_nowhere(session, home):
    piece = make_piece(session, home)
    assign(session, home, make_design(session, home))

    with pytest.raises(NotFound):
        piece_behind(session, tag=piece.tag, gtin=OWNED)
    with pytest.raises(GtinInvalid):
        piece_behind(session, tag=piece.tag, gtin="7750001234565")
    with pytest.raises(TagInvalid):
        piece_behind(session, tag="HUK-0000-0000", gtin=OWNED)


def test_an_address_has_gs1s_form_only_with_a_gtin():
    assert link("https://a.pe/", tag="HUK-4F7K-29QX") == "https://a.pe/p/HUK-4F7K-29QX"
    assert link("https://a.pe", tag="HUK-4F7K-29QX", gtin="07750001234562") == (
        "https://a.pe/01/07750001234562/21/HUK-4F7K-29QX"
    )
