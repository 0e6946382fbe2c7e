"""What the documentation says is what the code does."""

import re
import uuid
from collections.abc import Hashable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from api.errors import every_code
from app.cli import cli
from app.config import ROOT
from app.seed import DISCLOSED, MONTH, WAGES
from core.money import split_minor
from inventory.batches import SHEETS
from payouts.hourly import Wage, against, hourly_minor
from payouts.receipt_words import WORDS
from payouts.sharing import SoldLine, Terms, allocate
from payouts.undo_shares import Left, taken_of
from quality.rules import STARTING_RULES
from quality.sampling import plans_for
from quality.sampling_rules import STARTING_SAMPLING
from quality.sampling_tables import Level
from tests.docs import tables

#: Four makers, in the order of the page.
NAMED = [f"{n:032x}" for n in range(1, 5)]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "migrations").glob("*.md")]
)


def between(page: str, name: str) -> str:
    """What stands between a page's two marks."""
    content = (ROOT / page).read_text()
    return content.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0].strip()


def test_the_scopes_are_those_of_the_code():
    assert between("docs/api.md", "scopes") == tables.scopes()


def test_every_code_is_listed_with_its_status():
    assert between("docs/api.md", "codes") == tables.codes()


def test_every_operation_is_listed_with_its_scope(flask_app):
    assert between("docs/api.md", "operations") == tables.operations(flask_app)


def test_the_words_a_speaker_must_review_are_listed():
    assert between("docs/delivery.md", "words") == tables.words_to_review()


@pytest.mark.parametrize("kind", list(SHEETS))
def test_the_columns_of_a_sheet_are_those_of_the_code(kind: str):
    assert between("docs/batches.md", kind) == tables.columns(kind)


def test_every_code_a_cell_can_be_told_is_explained():
    told = set(re.findall(r"`(\w+)`", between("docs/batches.md", "words")))
    files = [*ROOT.glob("core/*.py"), *ROOT.glob("people/*.py"), *ROOT.glob("inventory/*.py")]
    codes = set()
    for path in files:
        codes |= set(re.findall(r'(?:Misread|Unusable)\(\s*"(\w+)"', path.read_text()))
    assert codes <= told
    assert codes >= {"missing", "formula", "not_a_day", "maker_unclear", "price_unwanted"}


def test_what_a_row_can_be_told_is_a_code_of_the_house():
    told = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/delivery.md").read_text(), re.MULTILINE)
    codes = set(every_code())
    assert {"commission_full", "delivery_full", "tag_taken"} <= set(told) & codes
    assert set(told) - codes <= set(WORDS)


def test_what_a_cooperative_starts_with_is_as_the_page_says():
    assert between("docs/claims.md", "phrases") == tables.phrases()
    assert between("docs/claims.md", "dyestuffs") == tables.dyes()
    for method, least in DISCLOSED:
        assert method.startswith("field_rub_")
        assert least in {"3", "2-3"}, "as the page says of rubbing by hand"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_that_is_named_exists(page: Path):
    words = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"(?:^|`)make ([a-z]+)", words, re.MULTILINE):
        assert target in targets, target
    for command in re.findall(r"(?:^|`)pallay ([a-z-]+)", words, re.MULTILINE):
        assert command in cli.commands, command


def cents(cell: str) -> int:
    return int(cell.strip(" *").replace(".", ""))


def test_the_worked_order_is_divided_as_the_page_says():
    makers = sorted(uuid.uuid4() for _ in range(3))
    line = SoldLine(uuid.uuid4(), 6800, dict(zip(makers, (14, 22, 3), strict=True)))
    shared = allocate(
        gross_minor=6800,
        fee_minor=227,
        lines=[line],
        shipping_minor=0,
        tax_minor=0,
        terms=Terms(7000, 2000, 1000, "fund"),
    )
    (divided,) = shared.lines
    rows = [
        row.split("|")[1:3] for row in between("docs/money.md", "worked order").splitlines()[2:]
    ]
    figures = [cents(figure) for _, figure in rows]

    shares = [divided.makers[maker] for maker in makers]
    fee = shared.fee_on_fund
    fund, programme = divided.fund, divided.programme
    assert figures == [6800, *shares, fund, programme, 6800, fee, fund - fee]
    assert shares == split_minor(4760, [14, 22, 3])
    # The fee: 2.9 % and 30 cents, as the stand-in takes it.
    assert fee == round(6800 * 29 / 1000) + 30


def test_half_of_the_worked_order_is_taken_back_as_the_page_says():
    held: dict[Hashable, int] = dict(zip(range(5), (1709, 2685, 366, 1360, 680), strict=True))
    taken = taken_of(Left(6800, held), 3400)
    rows = [row.split("|")[1:3] for row in between("docs/money.md", "refunded").splitlines()[2:]]

    assert [cents(figure) for _, figure in rows] == [3400, *(taken[one] for one in range(5))]


def test_the_hours_of_the_worked_piece_brought_what_the_page_says():
    minutes = [840, 180, 1320, 150]
    line = SoldLine(uuid.uuid4(), 18_000, dict(zip(map(uuid.UUID, NAMED), minutes, strict=True)))
    (divided,) = allocate(
        gross_minor=18_000,
        fee_minor=0,
        lines=[line],
        shipping_minor=0,
        tax_minor=0,
        terms=Terms(9000, 1000, 0, "fund"),
    ).lines
    parts = [*divided.makers.values()]
    whole = sum(minutes)
    wages = [Wage(kind, monthly, MONTH) for kind, monthly, _from, _source in WAGES]
    found = [against(sum(parts), whole, wage) for wage in wages]
    rows = [row.split("|")[2:5] for row in between("docs/money.md", "fair pay").splitlines()[2:]]

    assert [[cents(cell) for cell in row] for row in rows] == [
        *(
            [time, part, hourly_minor(part, time)]
            for part, time in zip(parts, minutes, strict=True)
        ),
        [whole, sum(parts), hourly_minor(sum(parts), whole)],
        *([whole, one.enough_minor, one.hourly_minor] for one in found),
    ]
    assert found[0].share_bp == 4065
    assert found[0].below


def test_the_starting_rules_are_those_of_the_code():
    rows = [
        row.split("|")[2:4] for row in between("docs/quality.md", "starting rules").splitlines()
    ]
    figures = [[int(cell.strip(" %")) for cell in row] for row in rows[2:]]
    kinds = ("minor", "major", "outside", "against")

    assert figures[:-1] == [
        [STARTING_RULES[f"{kind}_a"], STARTING_RULES[f"{kind}_b"]] for kind in kinds
    ]
    assert figures[-1] == [0, STARTING_RULES["b_reduced_bp"] // 100]
    assert (STARTING_RULES["rework_rounds"], STARTING_RULES["rework_days"]) == (2, 14)


@pytest.mark.xdist_group("house")
def test_the_postings_of_the_worked_order_are_those_of_the_code(way, stage):
    engine = create_engine(stage.database_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT split_part(source, ':', 1), split_part(destination, ':', 1), amount_minor"
                " FROM postings WHERE event = :event"
            ),
            {"event": f"order_paid:{way.order['id']}"},
        ).all()
    engine.dispose()
    written = [
        [cell.strip(" `") for cell in row.split("|")[1:4]]
        for row in between("docs/money.md", "postings").splitlines()[2:]
    ]

    assert sorted((source, destination, str(amount)) for source, destination, amount in rows) == (
        sorted(
            (source.split("`")[0], destination, amount) for source, destination, amount in written
        )
    )


def test_the_lot_of_forty_is_the_one_that_the_starting_rules_plan():
    aqls = {"major": STARTING_SAMPLING["major_aql"], "minor": STARTING_SAMPLING["minor_aql"]}
    plans = plans_for(40, Level(STARTING_SAMPLING["level"]), aqls)
    rows = ["| | letter | look at | accepted up to | rejected from |", "|---|---|---|---|---|"]
    rows += ["| critical | | 40 | 0 | 1 |"]
    rows += [f"| {n} | {p.letter} | {p.size} | {p.accept} | {p.reject} |" for n, p in plans.items()]

    assert between("docs/quality.md", "lot of forty") == "\n".join(rows)
