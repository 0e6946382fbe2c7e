"""A spreadsheet is looked at without changing anything, and applied whole or not at all."""

import uuid
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.actors import Actor
from core.audit import AuditEntry
from core.db import Base
from core.lives import LifeMove
from inventory import batch_exports, batch_work, batches, stock, stock_check
from inventory.batch_models import Batch, BatchFile
from inventory.batches import Limits
from inventory.design_models import Design
from inventory.models import Delivery, Movement, Piece
from people.models import Cooperative, Maker
from tests.batches.sending import NOW, a_csv, a_workbook, apply, check, problems, send
from tests.conftest import row_counts
from tests.support.make import (
    acting,
    make_cooperative,
    make_design,
    make_location,
    make_maker,
    make_pieces,
    make_staff,
    pay_on_acceptance,
)

MAKERS: list[list[Any]] = [
    ["id", "nombre legal", "Nombre público", "story_es", "demo"],
    ["019abcde-0000-7000-8000-000000000001", "Sabina Quispe", "Sabina", "'=teje; así|o asá", "no"],
    ["", "'Justina", "Justina", "", "sí"],
]
DESIGNS: list[list[Any]] = [
    [
        "code", "kind", "technique", "name_es", "fibras", "measures", "checklist", "minutes_weave",
        "criterios",
    ],
    [
        "runner-1", "Runner", "complementary_warp", "Camino",
        "body | sheep_wool | 66,67; body|alpaca|33.33",
        "length | mm | 1500 | 45 3% | 2,5 %; weight | g | 320 | 26 | 0 | optional | least",
        "no_metal | required | No needle \\| pin? | ¿Sin aguja?", 1320,
        "pallay | 4 | 3 | required | Even; handle | 3 | 2 | opcional | | Mano",
    ],
    ["belt", "chumpi", "pallay", "Faja", "body | alpaca | 100%", "", "", "", ""],
]  # fmt: skip
PIECES: list[list[Any]] = [
    ["design", "delivered_on", "location", "agreement", "price", "made_by", "tag"],
    [
        "runner-1", "20/11/2026", "store", "pay_on_acceptance", "180,00",
        "Sabina | weave | 3 | 1320 | 15,00; Justina | spin", "",
    ],
    ["belt", "2026-11-21", "store", "share_on_sale", "", "Justina|weave", ""],
]  # fmt: skip


@pytest.fixture
def home(session: Session) -> Cooperative:
    home = make_cooperative(session)
    make_location(session, home, code="store")
    session.commit()
    return home


@pytest.fixture
def boss(session: Session, home: Cooperative) -> Actor:
    return acting(make_staff(session, home, "coordinator"))


#: What is said of a batch itself: its life, and the audit of it alone.
OF_BATCHES = {
    "life_moves": "WHERE noun <> 'batch'",
    "audit_entries": """WHERE EXISTS (SELECT FROM jsonb_array_elements(touched) AS one
        WHERE one->>'noun' NOT LIKE 'batch%' AND one->>'noun' <> 'life_moves')""",
}


def fingerprint(session: Session) -> dict[str, Any]:
    """Every row of every table, and every sequence, but for what a batch says of itself."""
    session.flush()
    found: dict[str, Any] = {}
    for name in sorted(Base.metadata.tables):
        if not name.startswith("batch"):
            but = OF_BATCHES.get(name, "")
            rows = f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t {but}"  # noqa: S608
            found[name] = session.scalar(text(rows))
    found["sequences"] = session.execute(
        text("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    ).all()
    return found


def forget(session: Session) -> None:
    """Make the co-operative empty again; the guards of facts are switched off for it."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    tables = (
        "piece_places movements contributions agreements pieces deliveries measures"
        " checklist_items criteria limit_sets fibre_shares designs makers"
    )
    for table in tables.split():
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.commit()


def exported(session: Session, actor: Actor, kind: str) -> bytes:
    return "".join(batch_exports.sheet_as_csv(session, kind, actor=actor)).encode()


def test_makers_designs_and_pieces_come_in(session: Session, boss: Actor) -> None:
    for kind, rows in (("makers", MAKERS), ("designs", DESIGNS), ("pieces", PIECES)):
        batch = apply(session, boss, kind, a_csv(*rows))
        assert (batch.status, batch.row_count, batch.rows_applied) == ("applied", 2, 2)

    sabina = session.get_one(Maker, uuid.UUID(MAKERS[1][0]))
    assert sabina.legal_name == "Sabina Quispe"
    (runner,) = session.scalars(select(Piece).join(Design).where(Design.code == "runner-1"))
    assert runner.delivery.delivered_on == date(2026, 11, 20)
    assert (runner.agreement.price_minor, runner.agreement.currency) == (18000, "PEN")
    steps = [
        (one.stage, one.weight, one.minutes, one.materials_minor) for one in runner.contributions
    ]
    assert steps == [("weave", 3, 1320, 1500), ("spin", 1, None, None)]
    assert session.scalar(select(func.count()).select_from(Movement)) == 2
    lives = session.scalars(select(LifeMove.to_status).where(LifeMove.noun == "piece")).all()
    assert lives == ["delivered", "delivered"]


def test_the_audit_names_every_piece_that_a_sheet_brought(session: Session, boss: Actor) -> None:
    for kind, rows in (("makers", MAKERS), ("designs", DESIGNS), ("pieces", PIECES)):
        apply(session, boss, kind, a_csv(*rows))

    told = [one for entry in session.scalars(select(AuditEntry)) for one in entry.touched]
    added = {(one["noun"], one.get("id")) for one in told if one["how"] == "added"}
    for noun, model in (("pieces", Piece), ("designs", Design), ("makers", Maker)):
        ids = {str(found) for found in session.scalars(select(model.id))}
        assert len(ids) == 2
        assert {(noun, one) for one in ids} <= added
    assert {"noun": "contributions", "how": "added", "rows": 3} in told


def test_a_dry_run_leaves_the_database_byte_for_byte_as_it_was(
    session: Session, boss: Actor
) -> None:
    apply(session, boss, "makers", a_csv(*MAKERS))
    apply(session, boss, "designs", a_csv(*DESIGNS))
    wrong = [*PIECES, ["no-such", "2027-01-01", "attic", "share_on_sale", "1", "Nobody|weave", "x"]]
    sent = [
        send(session, boss, kind, file)
        for kind, file in (
            ("makers", a_csv(MAKERS[0], *[["", "L", "P", "", ""]] * 3)),
            ("designs", a_csv(DESIGNS[0], ["new", *DESIGNS[1][1:]])),
            ("pieces", a_csv(*PIECES)),
            ("pieces", a_workbook(*wrong)),
        )
    ]
    before = fingerprint(session)

    for batch_id in sent:
        batch_work.check_batch(batch_id=batch_id, now=NOW)

    assert fingerprint(session) == before
    found = [session.get_one(Batch, batch_id) for batch_id in sent]
    assert [(batch.status, batch.rows_checked) for batch in found] == [
        ("checked", 3), ("checked", 1), ("checked", 2), ("checked", 3),
    ]  # fmt: skip
    assert [batch.problem_count > 0 for batch in found] == [False, False, False, True]
    # The fingerprint would have seen it: an application changes it.
    batches.apply_batch(session, batch_id=sent[2], actor=boss, now=NOW)
    session.commit()
    batch_work.apply_checked(batch_id=sent[2], now=NOW)
    changed = {name for name, rows in fingerprint(session).items() if before[name] != rows}
    assert changed >= {"pieces", "movements", "life_moves", "agreements", "contributions"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_the_same(form: str, session: Session, boss: Actor) -> None:
    def out(kind: str) -> Any:
        if form == "csv":
            return exported(session, boss, kind)
        return b"".join(batch_exports.sheet_as_workbook(session, kind, actor=boss))

    taken_out = {}
    for kind, rows in (("makers", MAKERS), ("designs", DESIGNS), ("pieces", PIECES)):
        apply(session, boss, kind, a_csv(*rows))
    for kind in ("makers", "designs", "pieces"):
        taken_out[kind] = (out(kind), exported(session, boss, kind))
    forget(session)
    assert session.scalar(select(func.count()).select_from(Piece)) == 0

    for kind, (file, _csv) in taken_out.items():
        assert apply(session, boss, kind, file).status == "applied"

    assert {kind: exported(session, boss, kind) for kind in taken_out} == {
        kind: sheet for kind, (_file, sheet) in taken_out.items()
    }
    assert b"\r\n" in taken_out["pieces"][1]
    assert taken_out["makers"][1].count(b"''Justina") == 0
    assert b"'=teje" in taken_out["makers"][1]


def test_stock_still_equals_its_movements(session: Session, boss: Actor) -> None:
    apply(session, boss, "makers", a_csv(*MAKERS))
    apply(session, boss, "designs", a_csv(*DESIGNS))
    many = [PIECES[0], *([PIECES[1]] * 205), PIECES[2]]
    apply(session, boss, "pieces", a_csv(*many))

    assert sorted(session.scalars(select(Delivery.piece_count))) == [1, 5, 200]
    assert boss.cooperative_id is not None
    counted = stock.counted(session, boss.cooperative_id).values()
    assert (sum(counted), max(counted)) == (0, 206)
    assert list(stock_check.askew(session)) == []


def test_a_piece_of_a_sheet_leaves_what_one_of_delivery_day_leaves(
    session: Session, boss: Actor, home: Cooperative
) -> None:
    design, room, maker = (
        make_design(session, home, code="runner-1"),
        make_location(session, home, code="room"),
        make_maker(session, home, name="Sabina"),
    )
    steps = [(maker, "weave", 3), (maker, "spin", 1)]
    row = [
        "runner-1",
        "2026-11-20",
        "room",
        "pay_on_acceptance",
        "180",
        "Sabina|weave|3;Sabina|spin",
    ]
    sheet = a_csv(PIECES[0], [*row, ""], [*row, ""])
    nothing = row_counts(session)
    make_pieces(
        session, home, 2, design=design, location=room, weights=steps, agreement=pay_on_acceptance()
    )
    session.commit()
    on_the_day = row_counts(session)

    apply(session, boss, "pieces", sheet)

    by_sheet = row_counts(session)
    of_the_batch = {"batches": 1, "life_moves": 5}
    by_sheet["audit_entries"] = nothing["audit_entries"] = on_the_day["audit_entries"] = 0
    assert {
        name: rows - on_the_day[name] - of_the_batch.get(name, 0) for name, rows in by_sheet.items()
    } == {name: rows - nothing[name] for name, rows in on_the_day.items()}
    beside = {"id", "delivery_id", "piece_id", "subject_id", "tag", "actor", "at", "created_at"}
    beside |= {"recorded_at", "note", "request_hash", "movement_id", "since", "row_hash"}
    for table in (
        "deliveries",
        "pieces",
        "agreements",
        "contributions",
        "movements",
        "piece_places",
    ):
        rows = session.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608
        kinds = Counter(
            tuple((name, value) for name, value in one.items() if name not in beside)
            for one in rows
        )
        assert set(kinds.values()) <= {2, 4}, table


FEW = ["code", "kind", "technique", "name_en", "fibres"]
PROBLEMS: dict[str, tuple[str, list[list[Any]], list[tuple[str, str, str]]]] = {
    "a missing value": ("makers", [MAKERS[0], ["", "", "A"]], [("B2", "legal_name", "missing")]),
    "no id": ("makers", [MAKERS[0], ["7", "L", "A"]], [("A2", "id", "form")]),
    "an id twice": (
        "makers",
        [MAKERS[0], [MAKERS[1][0], "L", "A"], [MAKERS[1][0], "L", "B"]],
        [("A3", "id", "twice_in_file")],
    ),
    "too long": ("makers", [MAKERS[0], ["", "L" * 201, "A"]], [("B2", "legal_name", "too_long")]),
    "a control character": (
        "makers",
        [MAKERS[0], ["", "L\x07", "A"]],
        [("B2", "legal_name", "unprintable")],
    ),
    "neither yes nor no": (
        "makers",
        [MAKERS[0], ["", "L", "A", "", "maybe"]],
        [("E2", "demo", "no_such_choice")],
    ),
    "a formula": ("makers", [MAKERS[0], ["", "=A1", "A"]], [("B2", "legal_name", "formula")]),
    "a column twice": (
        "makers",
        [["legal_name", "public_name", "Nombre Legal"], ["L", "A", "M"]],
        [("C1", "legal_name", "column_twice")],
    ),
    "a column nobody knows": (
        "makers",
        [["legal_name", "public_name", "shoe size"], ["L", "A", "37"]],
        [("C1", "", "column_unknown")],
    ),
    "a column too few": (
        "makers",
        [["legal_name"], ["L"]],
        [("B1", "public_name", "column_missing")],
    ),
    "a cell under no head": (
        "makers",
        [["legal_name", "public_name"], ["L", "A", "", "x"]],
        [("D2", "", "no_head")],
    ),
    "a blank row between": (
        "makers",
        [MAKERS[0], ["", "L", "A"], [], ["", "", "B"]],
        [("B4", "legal_name", "missing")],
    ),
    "fibres that do not add up": (
        "designs",
        [FEW, ["a", "bag", "t", "A", "b|alpaca|99"]],
        [("E2", "fibres", "invalid")],
    ),
    "vicuña without a permit": (
        "designs",
        [
            ["code", "kind", "technique", "name_en", "fibres"],
            ["a", "bag", "t", "A", "b|vicuna|100"],
        ],
        [("F2", "vicuna_permit", "vicuna_without_permit")],
    ),
    "a number to be read in two ways": (
        "designs",
        [
            ["code", "kind", "technique", "name_en", "fibres", "minutes_weave"],
            ["a", "bag", "t", "A", "b|alpaca|100", "1,320"],
        ],
        [("F2", "minutes_weave", "number_unclear")],
    ),
    "a kind nobody weaves": (
        "designs",
        [
            ["code", "kind", "technique", "name_en", "fibres"],
            ["a", "car", "t", "A", "b|alpaca|100"],
        ],
        [("B2", "kind", "no_such_choice")],
    ),
    "what a piece names that nobody knows": (
        "pieces",
        [PIECES[0], ["no", "2027-01-01", "attic", "share_on_sale", "5", "Nobody|weave", ""]],
        [
            ("A2", "design", "design_unknown"),
            ("C2", "location", "location_unknown"),
            ("B2", "delivered_on", "out_of_range"),
            ("F2", "made_by", "maker_unknown"),
            ("E2", "price", "price_unwanted"),
        ],
    ),
    "no tag and no day": (
        "pieces",
        [PIECES[0], ["no", "31/02/2026", "store", "share_on_sale", "", "x|weave", "HUK"]],
        [("B2", "delivered_on", "not_a_day"), ("G2", "tag", "tag_invalid")],
    ),
}


@pytest.mark.parametrize("what", PROBLEMS)
@pytest.mark.parametrize("form", [a_csv, a_workbook])
def test_each_problem_is_named_with_its_cell(
    what: str, form: Any, session: Session, boss: Actor
) -> None:
    kind, rows, expected = PROBLEMS[what]
    if form is a_workbook and what in {"a formula", "a control character", "a blank row between"}:
        pytest.skip("a workbook says it in its own way, tested elsewhere")

    batch = check(session, boss, kind, form(*rows))

    assert batch.status == "checked", batch.refusal
    assert problems(session, batch) == expected
    assert batch.problem_count == len(expected)


def test_two_makers_of_one_name_are_told_apart_by_their_ids(session: Session, boss: Actor) -> None:
    apply(session, boss, "designs", a_csv(*DESIGNS))
    twins = [MAKERS[0], [MAKERS[1][0], "One", "Justina"], ["", "Another", "Justina"]]
    apply(session, boss, "makers", a_csv(*twins))
    row = ["belt", "2026-11-21", "store", "share_on_sale", ""]

    unclear = check(session, boss, "pieces", a_csv(PIECES[0], [*row, "Justina|weave", ""]))
    assert problems(session, unclear) == [("F2", "made_by", "maker_unclear")]
    apply(session, boss, "pieces", a_csv(PIECES[0], [*row, f"{MAKERS[1][0]}|weave", ""]))

    (piece,) = session.scalars(select(Piece))
    assert [str(one.maker_id) for one in piece.contributions] == [MAKERS[1][0]]


def test_nothing_is_applied_while_anything_is_wrong(session: Session, boss: Actor) -> None:
    before = session.scalar(select(func.count()).select_from(Maker))
    batch = check(session, boss, "makers", a_csv(*MAKERS, ["", "", "A"]))

    with pytest.raises(batches.BatchHasProblems):
        batches.apply_batch(session, batch_id=batch.id, actor=boss, now=NOW)

    assert session.scalar(select(func.count()).select_from(Maker)) == before


def test_a_batch_that_is_right_no_longer_is_refused_whole(session: Session, boss: Actor) -> None:
    fresh = [["id", *DESIGNS[0]], ["", "fresh", *DESIGNS[2][1:]], ["", *DESIGNS[2]]]
    batch_id = check(session, boss, "designs", a_csv(*fresh)).id
    batches.apply_batch(session, batch_id=batch_id, actor=boss, now=NOW)
    session.commit()
    apply(session, boss, "designs", a_csv(DESIGNS[0], DESIGNS[2]))

    batch_work.apply_checked(batch_id=batch_id, now=NOW)

    batch = session.get_one(Batch, batch_id)
    assert (batch.status, batch.rows_applied) == ("refused", 0)
    assert problems(session, batch) == [("B3", "code", "code_taken")]
    assert session.scalars(select(Design.code)).all() == ["belt"]
    assert session.get(BatchFile, batch_id) is None
    with pytest.raises(batches.BatchRefused):
        batches.apply_batch(session, batch_id=batch_id, actor=boss, now=NOW)


def test_what_is_done_twice_is_done_once(session: Session, boss: Actor) -> None:
    batch_id = apply(session, boss, "makers", a_csv(*MAKERS)).id

    batch_work.check_batch(batch_id=batch_id, now=NOW)
    batch_work.apply_checked(batch_id=batch_id, now=NOW)
    again = batches.apply_batch(session, batch_id=batch_id, actor=boss, now=NOW)

    assert again.status == "applied"
    assert session.scalar(select(func.count()).select_from(Maker)) == 2


def test_a_check_that_died_is_begun_anew_without_saying_anything_twice(
    session: Session, boss: Actor
) -> None:
    batch_id = send(session, boss, "makers", a_csv(MAKERS[0], ["", "", "A"]))
    for _ in range(2):
        session.execute(
            text("UPDATE batches SET status = 'checking' WHERE NOT status = 'uploaded'")
        )
        session.commit()
        batch_work.check_batch(batch_id=batch_id, now=NOW)

    batch = session.get_one(Batch, batch_id, populate_existing=True)
    assert (batch.problem_count, len(problems(session, batch))) == (1, 1)


def test_the_same_file_again_is_the_same_batch_and_another_is_not(
    session: Session, boss: Actor
) -> None:
    batch_id = send(session, boss, "makers", a_csv(*MAKERS))

    assert send(session, boss, "makers", a_csv(*MAKERS), batch_id=batch_id) == batch_id
    with pytest.raises(batches.BatchIdTaken):
        send(session, boss, "makers", a_csv(MAKERS[0]), batch_id=batch_id)
    stranger = acting(make_staff(session, make_cooperative(session), "coordinator"))
    with pytest.raises(batches.BatchIdTaken):
        send(session, stranger, "makers", a_csv(*MAKERS), batch_id=batch_id)


def test_progress_is_told_as_it_goes_on(session: Session, boss: Actor) -> None:
    rows = [MAKERS[0], *([["", "L", "A"]] * 1500)]
    batch_id = check(session, boss, "makers", a_csv(*rows)).id
    batches.apply_batch(session, batch_id=batch_id, actor=boss, now=NOW)
    session.commit()
    told: list[int] = []

    batch_work.apply_checked(
        batch_id=batch_id, now=NOW, tell=lambda _batch_id, rows: told.append(rows)
    )

    assert told == [1000, 1500]


def test_limits_are_kept(session: Session, boss: Actor) -> None:
    with pytest.raises(batches.BatchTooLarge):
        send(session, boss, "makers", a_csv(*MAKERS), limits=Limits(10, 10))
    batch = check(session, boss, "makers", a_csv(*MAKERS), limits=Limits(1000, 1))

    assert (batch.status, batch.refusal) == ("refused", "more than 1 rows; send them in parts")


def test_what_nobody_applies_is_forgotten_after_a_month(session: Session, boss: Actor) -> None:
    batch_id = check(session, boss, "makers", a_csv(*MAKERS)).id

    batches.forget_old(session, now=datetime(2026, 12, 24, tzinfo=UTC))
    assert session.get_one(Batch, batch_id).status == "checked"
    batches.forget_old(session, now=datetime(2026, 12, 26, tzinfo=UTC))

    assert session.get_one(Batch, batch_id).status == "refused"
    assert session.scalar(select(func.count()).select_from(BatchFile)) == 0
