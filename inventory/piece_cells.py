"""The cell of a piece that says who made it, and the columns of a sheet of pieces."""

import uuid
from collections.abc import Mapping
from typing import Any

from core import cells
from core.cells import Misread, Value
from core.columns import Column
from core.money import in_major
from core.packing import packed, unpacked
from inventory.models import AgreementKind, Contribution, Stage

MOST_MINOR = 99_999_999
MOST_STEPS = 20
NAMES = "maker | stage | weight | minutes | materials"
_stage = cells.choice(Stage)
_number = cells.whole(1, 1_000_000)


def steps(value: Value) -> list[dict[str, Any]]:
    """``Sabina | weave | 3 | 1320 | 15.00``: minutes and materials where she said so.

    Materials stay as written: their currency is the co-operative's.
    """
    found = unpacked(value, least=2, most=5, names=NAMES)
    if len(found) > MOST_STEPS:
        raise Misread("too_many", f"{len(found)} steps; at most {MOST_STEPS} are kept")
    return [_step(*parts) for parts in found]


def steps_cell(found: list[Contribution], currency: str) -> str:
    """Steps as `steps` reads them, each maker by her id."""
    return packed(
        [
            (
                one.maker_id,
                one.stage,
                one.weight,
                one.minutes,
                _price(one.materials_minor, currency),
            )
            for one in found
        ]
    )


def whose_id(written: str) -> uuid.UUID | None:
    """The id of a maker, where she is named by it."""
    try:
        return uuid.UUID(written)
    except ValueError:
        return None


def _step(
    maker: str, stage: str, weight: str = "", minutes: str = "", materials: str = ""
) -> dict[str, Any]:
    if not maker:
        raise Misread("missing", "a step without a maker")
    step: Mapping[str, Any] = {
        "maker": maker,
        "stage": _stage(stage),
        "weight": _number(weight) if weight else 1,
        "minutes": _number(minutes) if minutes else None,
        "materials": materials or None,
    }
    return {name: value for name, value in step.items() if value is not None}


def _price(amount: int | None, currency: str) -> str:
    return "" if amount is None else str(in_major(amount, currency))


COLUMNS = (
    Column("id", "id", cells.identifier, "Its id. Empty: one is made."),
    Column("tag", "etiqueta", cells.text(40), "The code on its tag. Empty: one is drawn."),
    Column("design", "diseño", cells.text(60), "The code of its design.", needed=True),
    Column("delivered_on", "entregada el", cells.day, "The day it was handed in.", needed=True),
    Column("location", "lugar", cells.text(60), "The code of the room it came into.", needed=True),
    Column(
        "agreement",
        "acuerdo",
        cells.choice(AgreementKind),
        "`pay_on_acceptance` with a price, or `share_on_sale` without.",
        needed=True,
    ),
    Column("price", "precio", lambda value: value, "What is paid for it, `180.00` or `180,00`."),
    Column(
        "currency",
        "moneda",
        cells.text(3, like="[A-Z]{3}", form="PEN, USD …"),
        "Of the price. Empty: the co-operative's own.",
    ),
    Column(
        "made_by",
        "hecha por",
        steps,
        "`Sabina | weave | 3 | 1320 | 15.00`: maker (her id, or her public name where nobody else "
        "has it), stage, weight, minutes, what she paid for yarn and dyes; the last three as "
        "known.",
        needed=True,
    ),
    Column("status", "estado", cells.plain, "Where it is in its life.", told=True),
    Column("grade", "grado", cells.plain, "A or B, once it was inspected.", told=True),
    Column("now_at", "ahora en", cells.plain, "The room it is in now.", told=True),
)
