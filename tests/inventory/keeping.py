"""What the tests of the stock room share: rooms with pieces, journeys, counts, a look around."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.ids import new_id
from inventory import arrivals, incidents, journeys, stock_rules, stocktakes
from inventory.arrivals import Unpacked, Unpacking
from inventory.design_models import Design
from inventory.incident_models import IncidentKind
from inventory.journeys import Sending
from inventory.models import Location, Piece
from inventory.place_models import PiecePlace
from inventory.stock_check import askew
from inventory.stocktakes import Scan
from people.models import Cooperative
from tests.support.make import (
    NOW,
    accept,
    acting,
    make_cooperative,
    make_design,
    make_listing,
    make_location,
    make_pieces,
    make_staff,
)

LATER = NOW + timedelta(hours=1)


@dataclass
class StockRoom:
    """A village store and a shop, two people who keep them, and a design."""

    session: Session
    home: Cooperative
    village: Location
    shop: Location
    keeper: Actor
    second: Actor
    design: Design

    def pieces(self, count: int = 1, *, at: Location | None = None, **given: Any) -> list[Piece]:
        """Accepted pieces, oldest first."""
        room = at or self.village
        made = make_pieces(
            self.session, self.home, count, design=self.design, location=room, **given
        )
        found = [accept(piece) for piece in made]
        self.session.flush()
        return found

    def listed(self, count: int = 1, *, at: Location | None = None, **given: Any) -> list[Piece]:
        """Pieces that are offered, oldest first."""
        found = self.pieces(count, at=at, **given)
        make_listing(self.session, self.home, found)
        return found

    def send(self, pieces: Sequence[Piece], *, now: datetime = LATER, **given: Any) -> Any:
        """Send pieces from the village to the shop."""
        journey_id = given.pop("journey_id", None) or new_id()
        told: dict[str, Any] = {
            "from_id": self.village.id,
            "to_id": self.shop.id,
            "piece_ids": [piece.id for piece in pieces],
            "carrier": "Justina",
            "sent_at": now,
        }
        return journeys.send(
            self.session,
            journey_id=journey_id,
            request_hash=given.pop("request_hash", "h"),
            actor=self.keeper,
            now=now,
            sending=Sending(**told | given),
        )

    def unpack(
        self,
        journey_id: uuid.UUID,
        seen: Sequence[Piece | Unpacked] = (),
        *,
        last: bool = False,
        now: datetime = LATER,
        **given: Any,
    ) -> Any:
        """Take in what is seen of a journey."""
        entries = [one if isinstance(one, Unpacked) else Unpacked(piece_id=one.id) for one in seen]
        unpacking = Unpacking(
            entries=entries,
            last=last,
            arrived_at=given.pop("arrived_at", now),
            location_id=given.pop("location_id", None),
        )
        return arrivals.take_in(
            self.session,
            journey_id=journey_id,
            arrival_id=given.pop("arrival_id", None) or new_id(),
            unpacking=unpacking,
            request_hash=given.pop("request_hash", "h"),
            actor=self.keeper,
            now=now,
        )

    def count(self, at: Location | None = None, *, opened_at: datetime = LATER) -> uuid.UUID:
        """Open a stocktake: its id."""
        stocktake, _new = stocktakes.open_stocktake(
            self.session,
            stocktake_id=new_id(),
            location_id=(at or self.village).id,
            opened_at=opened_at,
            note="",
            request_hash="h",
            actor=self.keeper,
            now=max(opened_at, LATER),
        )
        return stocktake.id

    def see(
        self,
        stocktake_id: uuid.UUID,
        *seen: Piece | str,
        at: datetime = LATER,
        now: datetime | None = None,
    ) -> list[stocktakes.Counted]:
        """Scan pieces, or type texts."""
        scans = [
            Scan(new_id(), one if isinstance(one, str) else one.tag, seen_at=at) for one in seen
        ]
        return stocktakes.add_counts(
            self.session,
            stocktake_id=stocktake_id,
            scans=scans,
            actor=self.keeper,
            now=now or max(at, LATER),
        )

    def close(self, stocktake_id: uuid.UUID, *, now: datetime | None = None) -> Any:
        """Close a stocktake, as the keeper."""
        return stocktakes.close_stocktake(
            self.session,
            stocktake_id=stocktake_id,
            reason="counted",
            actor=self.keeper,
            now=now or LATER + timedelta(hours=2),
        )

    def report(self, piece: Piece, kind: str, **given: Any) -> Any:
        """Say what happened to a piece."""
        told: dict[str, Any] = {"reason": "seen by two", "happened_at": LATER} | given
        return incidents.report_incident(
            self.session,
            incident_id=told.pop("incident_id", None) or new_id(),
            piece_id=piece.id,
            report=incidents.Report(kind=IncidentKind(kind), **told),
            request_hash="h",
            actor=self.keeper,
            now=told["happened_at"],
        )

    def allow(self, minor: int, *, age_steps: Sequence[int] = (30, 90)) -> None:
        """Let so much be missing without a second person."""
        stock_rules.set_rules(
            self.session,
            approval_above_minor=minor,
            currency="PEN",
            age_steps=age_steps,
            reason="decided",
            actor=self.keeper,
            now=NOW,
        )

    def place(self, piece: Piece) -> str:
        """The code of the location where a piece is."""
        code = self.session.scalar(
            select(Location.code)
            .join(PiecePlace, PiecePlace.location_id == Location.id)
            .where(PiecePlace.piece_id == piece.id)
        )
        assert code is not None
        return code

    def standing(self, *pieces: Piece) -> list[tuple[str, str]]:
        """Where each piece is, and its status."""
        for piece in pieces:
            self.session.refresh(piece, ["status"])
        return [(self.place(piece), piece.status) for piece in pieces]

    def amiss(self) -> list[str]:
        """What the check of the stock finds."""
        return [one.words for one in askew(self.session)]


def make_stock_room(session: Session) -> StockRoom:
    home = make_cooperative(session)
    return StockRoom(
        session=session,
        home=home,
        village=make_location(session, home, code="village"),
        shop=make_location(session, home, code="shop"),
        keeper=acting(make_staff(session, home, "storekeeper")),
        second=acting(make_staff(session, home, "coordinator")),
        design=make_design(session, home),
    )
