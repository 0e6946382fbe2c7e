"""A maker's statement fits one page, says her name and adds up to the cent."""

import io
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from payouts import acceptances, advances, by_hand, statements
from payouts.drawing import money
from payouts.models import Obligation
from payouts.statement_page import statement_page
from tests.support.make import (
    NOW,
    accept,
    acting,
    house,
    make_cooperative,
    make_maker,
    make_pieces,
    make_staff,
    pay_on_acceptance,
)


@pytest.fixture
def home(session):
    return make_cooperative(session)


def owed(session, home, maker, count=1, price_minor=18_050, at=NOW, currency="PEN"):
    """What she is owed for accepted pieces, at a moment."""
    pieces = make_pieces(
        session,
        home,
        count,
        weights=[(maker, "weave", 1)],
        agreement=pay_on_acceptance(price_minor, currency),
    )
    rows = []
    for piece in pieces:
        accept(piece, at=at)
        session.flush()
        rows += acceptances.record_acceptance(session, piece_id=piece.id, now=at)
    return pieces, rows


def statement_of(session, home, maker, month=None):
    return statements.statement_of(session, maker_id=maker.id, actor=house(home), month=month)


def printed(session, home, maker, month=None):
    """The text of the only page."""
    pdf = statement_page(statement_of(session, home, maker, month), at=NOW)
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def test_it_says_her_name_her_totals_and_how_she_was_paid(session, home):
    maker = make_maker(session, home, name="Ñusta Huamán Páucar")
    pieces, rows = owed(session, home, maker, count=3)
    treasurer = acting(make_staff(session, home, "treasurer"))
    settlement = by_hand.settle_by_hand(
        session,
        obligation_id=rows[0].id,
        method="yape",
        witness_id=make_staff(session, home, "storekeeper").id,
        actor=treasurer,
        now=NOW,
    )

    assert settlement.receipt is not None
    number = settlement.receipt.number

    text = printed(session, home, maker, date(2026, 11, 1))

    for words in (
        "Ñusta Huamán Páucar",
        "Noviembre de 2026",
        "Le debemos\nS/ 361.00",
        "Ya recibió\nS/ 180.50",
        "3 piezas",
        f"Yape 23/11/2026, {number}",
        *(piece.tag for piece in pieces),
    ):
        assert words in text
    assert text.count("falta") == 2
    assert "más" not in text
    assert maker.legal_name not in text


def test_two_hundred_pieces_are_one_page_and_the_rest_is_summed(session, home):
    maker = make_maker(session, home)
    owed(session, home, maker, count=200)

    text = printed(session, home, maker)

    assert "Le debemos\nS/ 36,100.00" in text
    assert text.count("falta") == 18
    assert "y 182 piezas más: S/ 32,851.00" in text


def test_every_currency_has_its_own_figure(session, home):
    maker = make_maker(session, home)
    owed(session, home, maker, count=18)
    owed(session, home, maker, currency="EUR", price_minor=999)
    owed(session, home, maker, currency="USD", price_minor=1)

    text = printed(session, home, maker)

    assert "EUR 9.99\nS/ 3,249.00\nUS$ 0.01" in text
    assert "y 2 piezas más: S/ 361.00" in text


def test_an_empty_month_and_letters_the_font_lacks_are_no_trouble(session, home):
    maker = make_maker(session, home, name="Qʼori Tʼika Ł ñ 织")

    text = printed(session, home, maker, date(2026, 2, 1))

    assert "Q'ori T'ika ? ñ ?" in text
    assert text.count("S/ 0.00") == 2
    assert "Febrero de 2026" in text


def test_a_long_name_is_written_smaller(session, home):
    maker = make_maker(session, home, name="Wilma " * 16)

    assert ("Wilma " * 16).strip() in printed(session, home, maker)


@pytest.mark.parametrize(
    ("at", "country", "month"),
    [
        (datetime(2026, 11, 1, 4, 59, 59, tzinfo=UTC), "PE", 10),
        (datetime(2026, 11, 1, 5, tzinfo=UTC), "PE", 11),
        (datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC), "PE", 11),
        (datetime(2026, 11, 1, tzinfo=UTC), "GT", 11),
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), "GT", 10),
    ],
)
def test_a_month_is_that_of_her_country(session, home, at, country, month):
    home.country = country
    maker = make_maker(session, home)
    owed(session, home, maker, at=at)

    found = {
        tried
        for tried in range(9, 13)
        if statement_of(session, home, maker, date(2026, tried, 1)).lines
    }

    assert found == {month}
    assert session.query(Obligation).filter_by(maker_id=maker.id).one().created_at == at


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (0, "PEN", "S/ 0.00"),
        (5, "PEN", "S/ 0.05"),
        (123_456_789, "USD", "US$ 1,234,567.89"),
        (1500, "JPY", "JPY 1,500"),
        (1500, "KWD", "KWD 1.500"),
        (-101, "EUR", "-EUR 1.01"),
    ],
)
def test_amounts_are_written_as_in_peru(minor, currency, written):
    assert money(minor, currency) == written


def given_ahead(session, home, maker, minor=5000, at=NOW):
    """Money she had ahead."""
    return advances.give_advance(
        session,
        maker_id=maker.id,
        amount_minor=minor,
        currency="PEN",
        given_for="hilo rojo",
        method="cash",
        witness_id=make_staff(session, home, "storekeeper").id,
        actor=acting(make_staff(session, home, "treasurer")),
        now=at,
    )


def test_money_ahead_stands_with_what_it_came_off_and_what_is_left(session, home):
    maker = make_maker(session, home)
    first = given_ahead(session, home, maker, minor=20_000)
    given_ahead(session, home, maker, minor=5000)
    pieces, rows = owed(session, home, maker, count=2, price_minor=11_000)
    for row in rows:
        advances.payable_now(session, row, now=NOW)
    session.expire_all()

    statement = statement_of(session, home, maker)
    text = printed(session, home, maker)

    assert [(one.left_minor, len(one.deductions)) for one in statement.advances] == [
        (3000, 1),
        (0, 2),
    ]
    (total,) = statement.advance_totals
    assert (total.given_minor, total.deducted_minor, total.left_minor) == (25_000, 22_000, 3000)
    taken = {one.tag: one.amount_minor for one in statement.advances[1].deductions}
    assert statement.advances[1].advance.id == first.id
    assert taken == {pieces[0].tag: 11_000, pieces[1].tag: 9000}
    for words in (
        "2 adelantos",
        "queda S/ 30.00",
        f"- S/ 200.00 de {pieces[0].tag}, {pieces[1].tag}",
        f"- S/ 20.00 de {pieces[1].tag}",
        "queda S/ 0.00",
    ):
        assert words in text


def test_many_pieces_and_many_advances_are_still_one_page_that_adds_up(session, home):
    maker = make_maker(session, home)
    owed(session, home, maker, count=20)
    for _ in range(12):
        given_ahead(session, home, maker)

    text = printed(session, home, maker)

    shown = text.count("falta")
    assert f"y {20 - shown} piezas más: S/ {(20 - shown) * 180.50:,.2f}" in text
    assert "12 adelantos" in text
    assert "queda S/ 600.00" in text
    assert text.count("hilo rojo") == 4
    assert "y 8 adelantos más: S/ 400.00, queda S/ 400.00" in text


@pytest.mark.parametrize(
    ("month", "shown"), [(9, []), (10, [5000]), (11, [7000, 5000]), (12, [7000, 5000])]
)
def test_a_month_shows_what_was_ahead_then_until_it_has_come_off(session, home, month, shown):
    maker = make_maker(session, home)
    for at, minor in ((datetime(2026, 10, 5, tzinfo=UTC), 5000), (NOW, 7000)):
        given_ahead(session, home, maker, minor=minor, at=at)

    found = statement_of(session, home, maker, date(2026, month, 1))

    assert [one.advance.amount_minor for one in found.advances] == shown
