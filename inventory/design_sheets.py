"""Sheets of designs: one row each, known by its code; version 1 of its limits comes with it."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import cells
from core.actors import Actor
from core.columns import Column, Line
from core.copying import copy_rows
from core.errors import Invalid
from core.ids import new_id
from core.sheet_kinds import Check, SheetKind
from core.words import LANGUAGES
from inventory import design_cells
from inventory.design_cells import CODE
from inventory.design_models import (
    ChecklistItem,
    Criterion,
    Design,
    FibreShare,
    Kind,
    LimitSet,
    Measure,
)
from inventory.designs import check_fibres
from inventory.limits import check_limits
from inventory.models import Stage
from people.maker_sheets import SPANISH_OF, words_in

AT_ONCE = 200
LIMITS = ("measures", "checklist", "criteria")
_code = cells.text(60, like=CODE, form="letters, digits, _ . - (60 at most)")
NAME = tuple(
    Column(f"name_{one}", f"nombre {SPANISH_OF[one]}", cells.text(200), "One language is needed.")
    for one in LANGUAGES
)
CARE = tuple(
    Column(f"care_{one}", f"cuidado {SPANISH_OF[one]}", cells.text(5000), "How it is cared for.")
    for one in LANGUAGES
)
MINUTES = tuple(
    Column(
        f"minutes_{stage.value}",
        f"minutos {stage.value}",
        cells.whole(1, 1_000_000),
        "Working minutes of this stage.",
    )
    for stage in Stage
)
COLUMNS = (
    Column("id", "id", cells.identifier, "Its id. Empty: one is made."),
    Column("code", "código", _code, "What it is known by; once in a co-operative.", needed=True),
    Column("kind", "tipo", cells.choice(Kind), "`lliklla`, `chumpi`, `runner` …", needed=True),
    Column("technique", "técnica", _code, "`complementary_warp`, …", needed=True),
    *NAME,
    *CARE,
    *MINUTES,
    Column(
        "hs_code",
        "partida arancelaria",
        cells.text(13, like=r"[0-9]{4}(\.[0-9]{2}){0,3}", form="6304.99"),
        "Its place in the customs tariff; keep the cell a text.",
    ),
    Column("vicuna_permit", "permiso de vicuña", cells.text(100), "Needed where there is vicuña."),
    Column(
        "fibres",
        "fibras",
        design_cells.fibres,
        "`body | sheep_wool | 80; body | alpaca | 20`: each part sums to 100 per cent.",
        needed=True,
    ),
    Column(
        "measures",
        "medidas",
        design_cells.measures,
        "`length | mm | 1500 | 45 | 3% | required | both`: value, less and more in whole units, "
        "in per cent, or both (`45 3%`, the greater counts); `both`, `least` or `most` is judged.",
    ),
    Column(
        "checklist",
        "preguntas",
        design_cells.checklist,
        "`no_metal | required | No needle left? | ¿Sin aguja?`: English, Spanish, Quechua.",
    ),
    Column(
        "criteria",
        "criterios",
        design_cells.criteria,
        "`pallay | 4 | 3 | required | Pallay clear and even`: the least scores for A and for B.",
    ),
)


class DesignCheck(Check):
    """Designs of one sheet."""

    def examine(self, session: Session, lines: Sequence[Line], *, now: datetime) -> None:
        """No code and no id is there already; fibres and limits are as the API asks."""
        codes = {one for line in lines if (one := line.values.get("code"))}
        ids = {one for line in lines if (one := line.values.get("id"))}
        ours = Design.code.in_(codes) & (Design.cooperative_id == self.cooperative_id)
        found = session.execute(select(Design.id, Design.code).where(Design.id.in_(ids) | ours))
        taken = {one for row in found for one in row}
        for line in lines:
            for name in ("code", "id"):
                self.use(line, name)
                if line.values.get(name) in taken:
                    self.refuse(line, name, f"{name}_taken", f"a design with this {name} is there")
            if not line.troubles:
                self._check_whole(line)

    def write(
        self, session: Session, lines: Sequence[Line], *, actor: Actor, now: datetime
    ) -> None:
        """Write designs with version 1 of their limits, one statement a table."""
        made = {"created_at": now, "created_by": actor.reference}
        rows: dict[Any, list[dict[str, Any]]] = {
            table: [] for table in (Design, FibreShare, LimitSet, Measure, ChecklistItem, Criterion)
        }
        for line in lines:
            self._add(rows, line.values, made)
        for table, values in rows.items():
            if values:
                copy_rows(session, table, values, by_id=table is Design)

    def _check_whole(self, line: Line) -> None:
        values = line.values
        if not words_in(values, "name"):
            self.refuse(line, "name_en", "missing", "a name in at least one language is needed")
        try:
            check_fibres(values["fibres"], values.get("vicuna_permit"))
            check_limits({name: values.get(name, ()) for name in LIMITS})
        except Invalid as problem:
            self.refuse(line, problem.pointer.split("/")[1], problem.code, problem.message)

    def _add(
        self, rows: dict[Any, list[dict[str, Any]]], values: dict[str, Any], made: dict[str, Any]
    ) -> None:
        whose = {"cooperative_id": self.cooperative_id}
        design_id, limits = values.get("id") or new_id(), {"limit_set_id": new_id(), **whose}
        rows[Design].append(
            {
                "id": design_id,
                **{name: values[name] for name in ("code", "kind", "technique")},
                "name": words_in(values, "name"),
                "care": words_in(values, "care"),
                "minutes_by_stage": {
                    stage.value: minutes
                    for stage in Stage
                    if (minutes := values.get(f"minutes_{stage.value}"))
                },
                "hs_code": values.get("hs_code"),
                "vicuna_permit": values.get("vicuna_permit"),
                "limit_set_version": 1,
                **whose,
                **made,
            }
        )
        rows[FibreShare] += [{"design_id": design_id, **whose, **one} for one in values["fibres"]]
        rows[LimitSet].append(
            {
                "id": limits["limit_set_id"],
                "design_id": design_id,
                "kind": None,
                "version": 1,
                **whose,
                **made,
            }
        )
        rows[Measure] += [{**limits, **one} for one in values.get("measures", ())]
        rows[ChecklistItem] += [
            {**limits, "position": nth, **one}
            for nth, one in enumerate(values.get("checklist", ()))
        ]
        rows[Criterion] += [
            {**limits, "position": nth, **one} for nth, one in enumerate(values.get("criteria", ()))
        ]


def design_rows(session: Session, cooperative_id: uuid.UUID) -> Iterator[dict[str, Any]]:
    """Every design of a co-operative as a row with the limits in force, by id."""
    wanted = select(Design).where(Design.cooperative_id == cooperative_id)
    wanted, after = wanted.order_by(Design.id).limit(AT_ONCE), uuid.UUID(int=0)
    while found := session.scalars(wanted.where(Design.id > after)).all():
        after = found[-1].id
        limits = _in_force(session, [design.id for design in found])
        yield from [_row(design, limits[design.id]) for design in found]
        session.expunge_all()


def _in_force(session: Session, design_ids: Sequence[uuid.UUID]) -> dict[Any, LimitSet]:
    """Each design's own limits in force, without those of its kind."""
    rows = session.scalars(
        select(LimitSet)
        .join(Design, Design.id == LimitSet.design_id)
        .where(LimitSet.version == Design.limit_set_version, Design.id.in_(design_ids))
    )
    return {limits.design_id: limits for limits in rows}


def _row(design: Design, limits: LimitSet) -> dict[str, Any]:
    return {
        "id": str(design.id),
        "code": design.code,
        "kind": design.kind,
        "technique": design.technique,
        **{f"name_{language}": words for language, words in design.name.items()},
        **{f"care_{language}": words for language, words in design.care.items()},
        **{f"minutes_{stage}": minutes for stage, minutes in design.minutes_by_stage.items()},
        "hs_code": design.hs_code,
        "vicuna_permit": design.vicuna_permit,
        "fibres": design_cells.fibres_cell(design.fibres),
        "measures": design_cells.measures_cell(limits.measures),
        "checklist": design_cells.checklist_cell(limits.checklist),
        "criteria": design_cells.criteria_cell(limits.criteria),
    }


DESIGNS = SheetKind(
    columns=COLUMNS,
    reads="designs:read",
    writes="designs:write",
    check=DesignCheck,
    rows=design_rows,
)
