"""Sheets of makers: one row each; a name is no identity, so the same name may come twice."""

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
from core.ids import new_id
from core.sheet_kinds import Check, SheetKind
from core.words import LANGUAGES
from people.models import Maker

AT_ONCE = 500
SPANISH_OF = {"en": "inglés", "es": "español", "qu": "quechua"}
STORY = tuple(
    Column(
        f"story_{language}",
        f"historia {SPANISH_OF[language]}",
        cells.text(5000),
        "What buyers may read of her once she consents.",
    )
    for language in LANGUAGES
)
COLUMNS = (
    Column("id", "id", cells.identifier, "Her id. Empty: one is made."),
    Column(
        "legal_name",
        "nombre legal",
        cells.text(200),
        "As on her papers. Comes out only for a key with `makers:private`.",
        needed=True,
    ),
    Column("public_name", "nombre público", cells.text(100), "What she is called.", needed=True),
    *STORY,
    Column(
        "photo_url",
        "foto",
        cells.text(2000, like=r"https://[^\s\"<>\\^`{|}]+", form="https://…"),
        "The address of her picture.",
    ),
    Column("demo", "demo", cells.flag, "Yes for somebody made up for trying out. Empty: no."),
)


class MakerCheck(Check):
    """Makers of one sheet."""

    def examine(self, session: Session, lines: Sequence[Line], *, now: datetime) -> None:
        """No id is anybody's already."""
        given = [one for line in lines if (one := line.values.get("id"))]
        taken = set(session.scalars(select(Maker.id).where(Maker.id.in_(given))))
        for line in lines:
            self.use(line, "id")
            if line.values.get("id") in taken:
                self.refuse(line, "id", "id_taken", "a maker with this id is there already")

    def write(
        self, session: Session, lines: Sequence[Line], *, actor: Actor, now: datetime
    ) -> None:
        """Write makers into the co-operative's book, all by one statement."""
        rows = [self._row(line.values, actor, now) for line in lines]
        copy_rows(session, Maker, rows, by_id=True)

    def _row(self, values: dict[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
        return {
            "id": values.get("id") or new_id(),
            "cooperative_id": self.cooperative_id,
            "legal_name": values["legal_name"],
            "public_name": values["public_name"],
            "story": words_in(values, "story"),
            "photo_url": values.get("photo_url"),
            "demo": values.get("demo", False),
            "created_at": now,
            "created_by": actor.reference,
        }


def words_in(values: dict[str, Any], name: str) -> dict[str, str]:
    """The words of three columns, ``name_en`` and its sisters; a language that is empty is left."""
    return {one: said for one in LANGUAGES if (said := values.get(f"{name}_{one}"))}


def maker_rows(session: Session, cooperative_id: uuid.UUID) -> Iterator[dict[str, Any]]:
    """Every maker of a co-operative as a row, by id, so many in memory at a time."""
    wanted = select(Maker).where(Maker.cooperative_id == cooperative_id)
    wanted, after = wanted.order_by(Maker.id).limit(AT_ONCE), uuid.UUID(int=0)
    while found := session.scalars(wanted.where(Maker.id > after)).all():
        after = found[-1].id
        for maker in found:
            session.expunge(maker)
            yield {
                "id": str(maker.id),
                "legal_name": maker.legal_name,
                "public_name": maker.public_name,
                **{f"story_{language}": words for language, words in maker.story.items()},
                "photo_url": maker.photo_url,
                "demo": "yes" if maker.demo else "no",
            }


MAKERS = SheetKind(
    columns=COLUMNS,
    reads="makers:read",
    writes="makers:write",
    check=MakerCheck,
    rows=maker_rows,
    private=("legal_name", "makers:private"),
)
