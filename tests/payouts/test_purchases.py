"""The sheet for liquidaciones de compra: exact, whole, and it runs nothing in a spreadsheet."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from inventory.models import PieceStatus
from payouts import acceptances, by_hand, purchases
from payouts.purchases import COLUMNS, purchases_as_csv, withheld_minor
from payouts.withholding import set_withholding_rule
from people.papers import is_ruc, record_paper
from tests.support.make import (
    NOW,
    accept,
    acting,
    house,
    make_cooperative,
    make_design,
    make_maker,
    make_piece,
    make_staff,
    pay_on_acceptance,
)


@pytest.fixture
def home(session):
    return make_cooperative(session)


def bought(session, home, maker, *, price=18_050, at=NOW, name="Camino rojo"):
    """A piece of one maker's that was accepted at its agreed price."""
    piece = make_piece(
        session,
        home,
        design=make_design(session, home, name={"es": name}),
        weights=[(maker, "weave", 1)],
        agreement=pay_on_acceptance(price),
    )
    accept(piece, at=at)
    session.flush()
    (owed,) = acceptances.record_acceptance(session, piece_id=piece.id, now=at)
    return piece, owed


def sheet(session, home, **given):
    """The rows of the sheet, by the names of their columns."""
    text = "".join(purchases_as_csv(session, actor=house(home), **given))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def rule(session, home, kind, rate_bp, valid_from, **given):
    values: dict[str, Any] = {
        "verified": False,
        "source": "made for a test",
        "valid_to": None,
    } | given
    return set_withholding_rule(
        session, kind=kind, rate_bp=rate_bp, valid_from=valid_from, actor=house(home), now=NOW,
        **values,
    )  # fmt: skip


def paper(session, home, maker, **given):
    values: dict[str, Any] = {
        "kind": "dni",
        "number": "01234567",
        "valid_from": date(2026, 1, 1),
    } | given
    return record_paper(session, maker_id=maker.id, actor=house(home), now=NOW, **values)


def test_a_purchase_says_who_what_how_much_and_what_may_be_withheld(session, home):
    maker = make_maker(session, home)
    paper(session, home, maker)
    rule(session, home, "igv", 1550, date(2026, 1, 1), verified=True, source="Ley 32387")
    rule(session, home, "income_tax", 150, date(2026, 1, 1))
    piece, owed = bought(session, home, maker)
    receipt = by_hand.settle_by_hand(
        session,
        obligation_id=owed.id,
        method="yape",
        witness_id=make_staff(session, home, "storekeeper").id,
        actor=acting(make_staff(session, home, "treasurer")),
        now=NOW,
    ).receipt

    (row,) = sheet(session, home)

    assert receipt is not None
    assert tuple(row) == COLUMNS
    assert row == {
        "fecha": "2026-11-23", "compra_id": str(owed.id), "estado": "comprada",
        "compradora": home.name, "lugar": home.place, "vendedora_id": str(maker.id),
        "vendedora_nombre": maker.legal_name, "documento": "DNI 01234567", "ruc": "",
        "corresponde": "liquidación de compra", "pieza": piece.tag,
        "diseno": row["diseno"], "descripcion": "Camino rojo", "cantidad": "1",
        "precio_unitario": "180.50", "importe": "180.50", "moneda": "PEN",
        "igv_tasa": "15.50", "igv_monto": "27.98", "igv_fuente": "Ley 32387",
        "igv_verificado": "sí",
        "ipm_tasa": "", "ipm_monto": "", "ipm_fuente": "", "ipm_verificado": "",
        "renta_tasa": "1.50", "renta_monto": "2.71", "renta_fuente": "made for a test",
        "renta_verificado": "no",
        "pagado": "180.50", "falta": "0.00", "pagado_el": row["pagado_el"], "como": "yape",
        "recibo": receipt.number,
    }  # fmt: skip
    assert datetime.fromisoformat(row["pagado_el"]) == NOW


def test_whoever_has_a_ruc_writes_her_own_paper_from_that_day_on(session, home):
    maker, silent = make_maker(session, home), make_maker(session, home)
    paper(session, home, maker, valid_from=date(2026, 11, 23), ruc="10012345670")
    paper(session, home, maker)
    for who in (maker, silent):
        bought(session, home, who, at=datetime(2026, 11, 22, 15, tzinfo=UTC))
        bought(session, home, who)

    told = [(row["ruc"], row["corresponde"]) for row in sheet(session, home)]

    assert told == [
        ("", "liquidación de compra"),
        ("10012345670", "comprobante de ella"),
        ("", "por confirmar"),
        ("", "por confirmar"),
    ]


def test_a_period_has_both_its_days_by_the_clocks_of_the_country(session, home):
    maker = make_maker(session, home)
    for at in (
        datetime(2026, 11, 1, 4, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 1, 5, tzinfo=UTC),
        datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC),
        datetime(2026, 12, 1, 5, tzinfo=UTC),
    ):
        bought(session, home, maker, at=at)

    november = sheet(session, home, first=date(2026, 11, 1), last=date(2026, 11, 30))

    assert [row["fecha"] for row in november] == ["2026-11-01", "2026-11-30"]
    assert len(sheet(session, home)) == 4


def test_a_rule_holds_for_its_days_and_the_newest_version_of_a_day(session, home):
    maker = make_maker(session, home)
    rule(session, home, "igv", 1600, date(2025, 1, 1), valid_to=date(2025, 12, 31))
    rule(session, home, "igv", 1500, date(2026, 1, 1))
    rule(session, home, "igv", 1550, date(2026, 1, 1))
    for year in (2024, 2025, 2026):
        bought(session, home, maker, at=datetime(year, 6, 1, 15, tzinfo=UTC))
    rule(session, home, "ipm", 200, date(2025, 1, 1), valid_to=date(2025, 12, 31))

    rows = sheet(session, home)

    assert [row["igv_tasa"] for row in rows] == ["", "16.00", "15.50"]
    assert [row["ipm_tasa"] for row in rows] == ["", "2.00", ""]


def test_what_was_taken_back_is_there_and_counts_for_nothing(session, home):
    maker = make_maker(session, home)
    rule(session, home, "igv", 1550, date(2026, 1, 1))
    piece, _owed = bought(session, home, maker)
    piece.become(PieceStatus.INSPECTING, actor=house(home), why="looked at again", at=NOW)
    piece.grade = None
    session.flush()
    acceptances.withdraw_acceptance(session, piece_id=piece.id, now=NOW)

    (row,) = sheet(session, home)

    assert (row["estado"], row["importe"], row["igv_monto"]) == ("anulada", "0.00", "0.00")
    assert (row["pagado"], row["falta"]) == ("0.00", "0.00")


def test_nothing_in_it_is_run_by_a_spreadsheet_and_nothing_is_of_others(session, home):
    maker = make_maker(session, home)
    maker.legal_name = "=HYPERLINK(1)"
    bought(session, home, maker, name="@SUM(A1)")
    other = make_cooperative(session)
    bought(session, other, make_maker(session, other))

    (row,) = sheet(session, home)

    assert (row["vendedora_nombre"], row["descripcion"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")


def test_it_is_read_a_piece_at_a_time_and_every_row_once(session, home, monkeypatch):
    maker = make_maker(session, home)
    owed = [str(bought(session, home, maker, price=100 + n)[1].id) for n in range(5)]
    monkeypatch.setattr(purchases, "CHUNK", 2)

    assert [row["compra_id"] for row in sheet(session, home)] == owed


@given(st.integers(0, 99_999_999), st.integers(0, 10_000))
def test_a_rate_is_taken_to_the_nearest_centimo(minor, rate_bp):
    assert 2 * abs(withheld_minor(minor, rate_bp) * 10_000 - minor * rate_bp) <= 10_000


@pytest.mark.parametrize(
    ("written", "possible"),
    [
        ("10012345670", True),
        ("10456789124", True),
        ("10012345671", False),
        ("20131312955", False),
        ("1001234567", False),
        ("1001234567٠", False),
    ],
)
def test_a_persons_tax_number_checks_itself(written, possible):
    assert is_ruc(written) == possible


def test_papers_that_cannot_be_are_refused(session, home):
    maker = make_maker(session, home)

    with pytest.raises(Invalid):
        paper(session, home, maker, number="1234567")
    with pytest.raises(Invalid):
        paper(session, home, maker, ruc="10012345671")
    with pytest.raises(Invalid):
        rule(session, home, "igv", 1550, date(2026, 1, 2), valid_to=date(2026, 1, 1))
