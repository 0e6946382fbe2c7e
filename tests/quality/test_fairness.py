"""Fairness of inspection from real looks: who is counted, who is not, and who may read it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from api.schemas.fairness import ChartView, FairnessView
from core.errors import Invalid
from quality.fairness import (
    Period,
    deliveries_seen,
    looks_within,
    read_chart,
    read_fairness,
)
from quality.models import Inspection
from quality.reviews import PersonNeeded
from tests.quality.bench import MINUTE
from tests.quality.lots import LOOKED, LotBench
from tests.support.make import NOW, acting, house

DAYS: dict[str, Any] = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}


@pytest.fixture
def bench(session):
    return LotBench(session)


def test_what_each_inspector_passed_found_and_how_long_it_took(bench):
    one, two, three = bench.pieces(3)
    bench.look(one, "accept_a", at=LOOKED, started_at=LOOKED - 2 * MINUTE)
    bench.look(
        two,
        "accept_b",
        at=LOOKED,
        started_at=LOOKED - 4 * MINUTE,
        defects=[{"code": "N02", "count": 3}, {"code": "M03"}],
    )
    bench.look(three, "reject", at=LOOKED)

    found = read_fairness(bench.session, actor=acting(bench.second), **DAYS)

    looks = {
        "looks": 3,
        "passed": 2,
        "pass_share": 667,
        "defects": {"critical": 0, "major": 1, "minor": 3},
        "timed": 2,
        "median_seconds": 120,
    }
    assert found["inspectors"] == [{"inspector_id": bench.first.id, **looks}]
    assert found["designs"] == [{"design_id": bench.design.id, **looks}]
    assert found["agreements"] == []


def test_how_far_two_inspectors_agree_on_the_same_pieces(bench):
    said = [("accept_a", "accept_a")] * 2 + [("reject", "reject")] * 2 + [("accept_a", "reject")]
    for piece, (hers, theirs) in zip(bench.pieces(5), said, strict=True):
        bench.look(piece, hers, at=LOOKED)
        bench.look(piece, theirs, by=bench.second, at=LOOKED + MINUTE)

    (found,) = read_fairness(bench.session, actor=acting(bench.first), **DAYS)["agreements"]

    # Agreed 0.8; by chance 0.6 x 0.4 + 0.4 x 0.6 = 0.48.
    assert (found["pieces"], found["agreed"], found["kappa"]) == (5, 4, 615)
    assert set(found["inspector_ids"]) == {bench.first.id, bench.second.id}


def test_where_both_said_the_same_of_everything_agreement_is_undefined(bench):
    for piece in bench.pieces(2):
        bench.look(piece, "accept_a", at=LOOKED)
        bench.look(piece, "accept_a", by=bench.second, at=LOOKED + MINUTE)

    (found,) = read_fairness(bench.session, actor=acting(bench.first), **DAYS)["agreements"]

    assert (found["agreed"], found["kappa"], found["undefined"]) == (2, None, True)


def test_the_word_of_a_lot_and_of_a_coordinator_is_nobodys_look(bench):
    lot = bench.open(bench.pieces(8))
    bench.look_at_sample(lot)
    bench.decide(lot)
    look = bench.look(bench.pieces(1)[0], "reject", at=LOOKED)
    piece = bench.session.get_one(type(lot.pieces[0].piece), look.piece_id)
    bench.look(piece, "accept_b", by=bench.coordinator, overrules_id=look.id)

    found = read_fairness(bench.session, actor=acting(bench.first), **DAYS)

    assert [(row["inspector_id"], row["looks"]) for row in found["inspectors"]] == [
        (bench.first.id, 6)
    ]


def test_a_chart_has_a_point_for_each_delivery_by_the_first_look_at_each_piece(bench):
    good, bad = bench.pieces(3), bench.pieces(3)
    for piece in [*good, bad[0]]:
        bench.look(piece, "accept_a", at=LOOKED)
    bench.look(bad[1], "rework", at=LOOKED)
    bench.look(bad[1], "accept_a", at=LOOKED + MINUTE)

    chart = read_chart(bench.session, actor=acting(bench.first), design_id=bench.design.id, **DAYS)

    assert sorted((row["pieces"], row["bad"]) for row in chart["points"]) == [(2, 1), (3, 0)]
    assert (chart["pieces"], chart["bad"], chart["mean"]) == (5, 1, 200)


def test_it_is_for_people_of_the_house_and_a_year_at_most(bench):
    for read in (read_fairness, read_chart):
        with pytest.raises(PersonNeeded):
            read(bench.session, actor=house(bench.home), **DAYS)
        for first, last in ((NOW.date(), date(2026, 1, 1)), (date(2025, 1, 1), NOW.date())):
            with pytest.raises(Invalid):
                read(bench.session, first=first, last=last, actor=acting(bench.first))


def test_nothing_is_ever_grouped_by_maker(bench):
    piece = bench.pieces(1)[0]
    bench.look(piece, "accept_a", at=LOOKED)
    reader = acting(bench.first)

    told = FairnessView().dumps(read_fairness(bench.session, actor=reader, **DAYS))
    told += ChartView().dumps(read_chart(bench.session, actor=reader, **DAYS))

    assert str(bench.first.id) in told
    assert "maker" not in told
    assert not any(str(maker.id) in told for maker in bench.makers)


def test_looks_of_a_period_are_found_by_index(bench):
    period = Period(LOOKED - MINUTE, LOOKED)
    statement = deliveries_seen(bench.home.id, DAYS["first"], DAYS["last"], None)
    assert "LIMIT" in str(statement.compile(dialect=postgresql.dialect()))
    looks = bench.session.query(Inspection.id).filter(*looks_within(bench.home.id, period))
    bench.session.execute(text("SET LOCAL enable_seqscan = off"))
    literal = {"literal_binds": True}
    sql = looks.statement.compile(dialect=postgresql.dialect(), compile_kwargs=literal)

    plan = "\n".join(bench.session.execute(text(f"EXPLAIN {sql}".replace(":", "\\:"))).scalars())

    assert "ix_inspections_cooperative_id_inspected_at" in plan
