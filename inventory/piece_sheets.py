"""Sheets of pieces: one row each, taken in as by a delivery of its day and its room.

So every promise about pieces holds for these too: a first movement, a life that begins, an
agreement, and makers. A piece of a commission is handed in on delivery day, not by a sheet.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.cells import Misread, minor
from core.columns import Line
from core.money import in_major
from core.sheet_kinds import Check, SheetKind
from inventory import tags
from inventory.delivery_rows import examine, pointer_of
from inventory.design_models import Design
from inventory.models import (
    IN_STOCK,
    Agreement,
    AgreementKind,
    Contribution,
    Delivery,
    Location,
    LocationStatus,
    Piece,
)
from inventory.piece_cells import COLUMNS, MOST_MINOR, steps_cell, whose_id
from inventory.piece_writing import HandedIn, write_pieces
from inventory.place_models import PiecePlace
from people.models import Cooperative, Maker

AT_ONCE = 500
#: Where in the sheet a refusal of delivery day belongs.
COLUMN_OF = {
    "design_id": "design",
    "contributions": "made_by",
    "agreement": "agreement",
    "tag": "tag",
    "id": "id",
}


class PieceCheck(Check):
    """Pieces of one sheet."""

    def examine(self, session: Session, lines: Sequence[Line], *, now: datetime) -> None:
        """Everything a row names is there, and the row would be taken in on delivery day."""
        known = _Known(session, self.cooperative_id, lines, now.date())
        for line in lines:
            for name in ("id", "tag"):
                if name == "tag" and line.values.get("tag"):
                    self._spell(line)
                self.use(line, name)
            if not line.troubles:
                self._name(line, known)
        sent = {line.number: line.values["sent"] for line in lines if not line.troubles}
        _good, refused = examine(session, sent, cooperative_id=self.cooperative_id)
        for line in lines:
            if problem := refused.get(line.number):
                place = pointer_of(problem, line.number).split("/")
                column = COLUMN_OF.get(place[3] if len(place) > 3 else "", "design")
                self.refuse(line, column, problem.code, problem.message)

    def write(
        self, session: Session, lines: Sequence[Line], *, actor: Actor, now: datetime
    ) -> None:
        """Take pieces in, by a delivery of at most 200 for each day and room."""
        found = [
            HandedIn(line.values["delivered_on"], line.values["room"], line.values["sent"])
            for line in lines
        ]
        write_pieces(session, found, actor=actor, now=now)

    def _spell(self, line: Line) -> None:
        try:
            line.values["tag"] = tags.read(line.values["tag"])
        except tags.TagInvalid as problem:
            self.refuse(line, "tag", problem.code, problem.message)

    def _name(self, line: Line, known: "_Known") -> None:
        """The row as delivery day takes it; what it names that nobody knows is refused."""
        values = line.values
        design, room = known.designs.get(values["design"]), known.rooms.get(values["location"])
        if design is None:
            self.refuse(line, "design", "design_unknown", "there is no design with this code")
        if room is None:
            words = "there is no open room with this code"
            self.refuse(line, "location", "location_unknown", words)
        if values["delivered_on"] > known.today:
            self.refuse(line, "delivered_on", "out_of_range", "a delivery is not dated ahead")
        try:
            steps = [known.step(one) for one in values["made_by"]]
        except Misread as wrong:
            self.refuse(line, "made_by", wrong.code, wrong.words)
        try:
            agreed = known.agreement(values)
        except Misread as wrong:
            self.refuse(line, "price", wrong.code, wrong.words)
        if not line.troubles:
            sent = {"design_id": design, "contributions": steps, "agreement": agreed}
            given = {name: values[name] for name in ("id", "tag") if name in values}
            values |= {"room": room, "sent": sent | given}


class _Known:
    """What rows name, read once for all of them."""

    def __init__(
        self, session: Session, cooperative_id: uuid.UUID, lines: Sequence[Line], today: date
    ) -> None:
        self.today = today
        home = session.get_one(Cooperative, cooperative_id)
        self.currency = home.currency
        codes = {one for line in lines if (one := line.values.get("design"))}
        self.designs = {
            row.code: row.id
            for row in session.execute(
                select(Design.code, Design.id).where(
                    Design.cooperative_id == cooperative_id, Design.code.in_(codes)
                )
            )
        }
        self.rooms = _rooms(session, cooperative_id)
        named = {step["maker"] for line in lines for step in line.values.get("made_by", ())}
        self.makers = _makers(session, cooperative_id, named)

    def step(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """A step with its maker's id and its materials in minor units. Raises Misread."""
        named = said["maker"]
        found = self.makers.get(whose_id(named) or named, [])
        if not found:
            raise Misread("maker_unknown", f"there is no maker “{named[:40]}”")
        if len(found) > 1:
            words = f"{len(found)} makers are called “{named[:40]}”; write her id"
            raise Misread("maker_unclear", words)
        step = {name: said[name] for name in ("stage", "weight", "minutes") if name in said}
        if paid := said.get("materials"):
            step["materials_minor"] = minor(paid, self.currency, MOST_MINOR)
        return {"maker_id": found[0], **step}

    def agreement(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What was agreed, in minor units. Raises Misread."""
        kind, price = values["agreement"], values.get("price")
        if kind != AgreementKind.PAY_ON_ACCEPTANCE:
            if price is not None:
                raise Misread("price_unwanted", "share_on_sale has no price")
            return {"kind": kind}
        if price is None:
            raise Misread("missing", "pay_on_acceptance needs a price")
        currency = values.get("currency") or self.currency
        return {
            "kind": kind,
            "price_minor": minor(price, currency, MOST_MINOR),
            "currency": currency,
        }


def _rooms(session: Session, cooperative_id: uuid.UUID) -> dict[str, uuid.UUID]:
    rows = session.execute(
        select(Location.code, Location.id).where(
            Location.cooperative_id == cooperative_id,
            Location.status == LocationStatus.OPEN,
            Location.kind.in_(IN_STOCK),
        )
    )
    return {row.code: row.id for row in rows}


def _makers(
    session: Session, cooperative_id: uuid.UUID, named: set[str]
) -> dict[str | uuid.UUID, list[uuid.UUID]]:
    """Who is meant by an id or a public name; several by one name are no one."""
    ids = {known for one in named if (known := whose_id(one))}
    found: dict[str | uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for maker_id, name in session.execute(
        select(Maker.id, Maker.public_name).where(
            Maker.cooperative_id == cooperative_id,
            Maker.id.in_(ids) | Maker.public_name.in_(named),
        )
    ):
        found[name].append(maker_id)
        found[maker_id] = [maker_id]
    return found


def piece_rows(session: Session, cooperative_id: uuid.UUID) -> Iterator[dict[str, Any]]:
    """Every piece of a co-operative as a row, by id, so many in memory at a time."""
    currency = session.get_one(Cooperative, cooperative_id).currency
    came, now_at = Location.__table__.alias("came"), Location.__table__.alias("now_at")
    wanted = (
        select(
            Piece.id, Piece.tag, Piece.status, Piece.grade, Design.code, Delivery.delivered_on,
            came.c.code.label("location"), now_at.c.code.label("now_at"), Agreement.kind,
            Agreement.price_minor, Agreement.currency,
        )
        .join(Design, Design.id == Piece.design_id)
        .join(Delivery, Delivery.id == Piece.delivery_id)
        .join(came, came.c.id == Delivery.location_id)
        .join(Agreement, Agreement.piece_id == Piece.id)
        .join(PiecePlace, PiecePlace.piece_id == Piece.id)
        .join(now_at, now_at.c.id == PiecePlace.location_id)
        .where(Piece.cooperative_id == cooperative_id)
        .order_by(Piece.id)
        .limit(AT_ONCE)
    )  # fmt: skip
    after = uuid.UUID(int=0)
    while found := session.execute(wanted.where(Piece.id > after)).all():
        after = found[-1].id
        made = _steps_of(session, [row.id for row in found])
        yield from [_row(row, made[row.id], currency) for row in found]


def _steps_of(session: Session, piece_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            Contribution.piece_id, Contribution.maker_id, Contribution.stage, Contribution.weight,
            Contribution.minutes, Contribution.materials_minor,
        )
        .where(Contribution.piece_id.in_(piece_ids))
        .order_by(Contribution.id)
    ):  # fmt: skip
        found[row.piece_id].append(row)
    return found


def _row(row: Any, steps: list[Any], currency: str) -> dict[str, Any]:
    priced = row.price_minor is not None
    return {
        "id": str(row.id),
        "tag": row.tag,
        "design": row.code,
        "delivered_on": row.delivered_on,
        "location": row.location,
        "agreement": row.kind,
        "price": in_major(row.price_minor, row.currency) if priced else None,
        "currency": row.currency,
        "made_by": steps_cell(steps, currency),
        "status": row.status,
        "grade": row.grade,
        "now_at": row.now_at,
    }


PIECES = SheetKind(
    columns=COLUMNS,
    reads="stock:read",
    writes="stock:write",
    check=PieceCheck,
    rows=piece_rows,
)
