"""What the stock room says of one piece: its life, its ways, where it was counted, its mishaps."""

import uuid
from typing import Any

from sqlalchemy import Select, Text, cast, func
from sqlalchemy.orm import aliased

from core.lives import LifeMove
from core.timelines import Source, told
from inventory.commission_models import Commission, CommissionLine, Fulfilment
from inventory.incident_models import Incident
from inventory.journey_models import Arrival, ArrivalEntry, Journey, JourneyPiece
from inventory.models import Delivery, Location, Movement, Piece
from inventory.stocktake_models import (
    Outcome,
    Stocktake,
    StocktakeCount,
    StocktakeDifference,
    StocktakeStatus,
    StocktakeVerdict,
)
from inventory.yarn_models import Draw, MaterialLot

SCOPE = "stock:read"
Origin, Destination = aliased(Location), aliased(Location)


def _delivered(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Piece.id,
        Delivery.recorded_at,
        Delivery.actor,
        refs={"delivery_id": Delivery.id, "design_id": Piece.design_id},
        facts={"tag": Piece.tag, "day": Delivery.delivered_on, "room": Location.name},
    )
    there = columns.join(Delivery, Delivery.id == Piece.delivery_id)
    return there.join(Location, Location.id == Delivery.location_id).where(Piece.id == piece_id)


def _moves(piece_id: uuid.UUID) -> Select[Any]:
    return told(
        LifeMove.id,
        LifeMove.at,
        LifeMove.actor,
        why=LifeMove.why,
        facts={"before": func.coalesce(LifeMove.from_status, "nothing"), "now": LifeMove.to_status},
    ).where(LifeMove.subject_id == piece_id, LifeMove.noun == Piece.NOUN)


def _movements(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Movement.id,
        Movement.at,
        Movement.actor,
        why=Movement.reason,
        refs={"from_id": Origin.id, "to_id": Destination.id},
        facts={"origin": Origin.name, "destination": Destination.name},
    )
    ends = columns.join(Origin, Origin.id == Movement.source_id)
    both = ends.join(Destination, Destination.id == Movement.destination_id)
    return both.where(Movement.piece_id == piece_id)


def _journeys(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Journey.id,
        Journey.recorded_at,
        Journey.actor,
        happened_at=Journey.sent_at,
        why=Journey.note,
        refs={"journey_id": Journey.id, "movement_id": JourneyPiece.movement_id},
        facts={"origin": Origin.name, "destination": Destination.name},
    )
    sent = columns.join(JourneyPiece, JourneyPiece.journey_id == Journey.id)
    ends = sent.join(Origin, Origin.id == Journey.from_id)
    both = ends.join(Destination, Destination.id == Journey.to_id)
    return both.where(JourneyPiece.piece_id == piece_id)


def _arrivals(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        ArrivalEntry.id,
        Arrival.recorded_at,
        Arrival.actor,
        happened_at=Arrival.arrived_at,
        why=ArrivalEntry.note,
        refs={"journey_id": Arrival.journey_id, "arrival_id": Arrival.id},
        facts={"came": ArrivalEntry.came, "room": Location.name},
    )
    unpacked = columns.join(Arrival, Arrival.id == ArrivalEntry.arrival_id)
    there = unpacked.join(Location, Location.id == Arrival.location_id)
    return there.where(ArrivalEntry.piece_id == piece_id)


def _counts(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        StocktakeCount.id,
        StocktakeCount.recorded_at,
        StocktakeCount.actor,
        happened_at=StocktakeCount.seen_at,
        why=StocktakeCount.note,
        refs={"stocktake_id": Stocktake.id},
        facts={"room": Location.name},
    )
    counted = columns.join(Stocktake, Stocktake.id == StocktakeCount.stocktake_id)
    there = counted.join(Location, Location.id == Stocktake.location_id)
    return there.where(StocktakeCount.piece_id == piece_id)


def _differences(piece_id: uuid.UUID) -> Select[Any]:
    """What a stocktake found, at its end: when it was closed, or a second person had agreed."""
    columns = told(
        StocktakeDifference.id,
        func.coalesce(StocktakeVerdict.at, Stocktake.closed_at),
        func.coalesce(StocktakeVerdict.actor, Stocktake.closed_by),
        why=StocktakeVerdict.reason,
        refs={"stocktake_id": Stocktake.id, "movement_id": StocktakeDifference.movement_id},
        facts={
            "kind": StocktakeDifference.kind,
            "room": Location.name,
            "outcome": func.coalesce(StocktakeDifference.outcome, Outcome.LEFT_TO_PEOPLE),
        },
    )
    of = columns.join(Stocktake, Stocktake.id == StocktakeDifference.stocktake_id)
    agreed = of.outerjoin(StocktakeVerdict, StocktakeVerdict.stocktake_id == Stocktake.id)
    there = agreed.join(Location, Location.id == Stocktake.location_id)
    return there.where(
        StocktakeDifference.piece_id == piece_id, Stocktake.status == StocktakeStatus.DONE
    )


def _fulfilments(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Fulfilment.piece_id,
        Fulfilment.at,
        Fulfilment.actor,
        refs={"commission_id": Commission.id, "line_id": CommissionLine.id},
        facts={
            "number": Commission.number,
            "place": func.coalesce(cast(Fulfilment.place, Text), "a surplus"),
            "ordered": Fulfilment.ordered,
        },
    )
    line = columns.join(CommissionLine, CommissionLine.id == Fulfilment.line_id)
    of = line.join(Commission, Commission.id == CommissionLine.commission_id)
    return of.where(Fulfilment.piece_id == piece_id)


def _draws(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        Draw.id,
        Draw.at,
        Draw.actor,
        why=Draw.why,
        refs={"lot_id": MaterialLot.id},
        facts={"grams": Draw.grams, "kind": MaterialLot.kind, "code": MaterialLot.code},
    )
    lot = columns.join(MaterialLot, MaterialLot.id == Draw.lot_id)
    return lot.where(Draw.piece_id == piece_id)


def _incidents(piece_id: uuid.UUID) -> Select[Any]:
    return told(
        Incident.id,
        Incident.recorded_at,
        Incident.actor,
        happened_at=Incident.happened_at,
        why=Incident.reason,
        refs={
            "incident_id": Incident.id,
            "location_id": Incident.location_id,
            "order_id": Incident.order_id,
        },
        facts={"kind": Incident.kind},
    ).where(Incident.piece_id == piece_id)


SOURCES = (
    Source("delivered", "Handed in on {day} as {tag}, taken in at {room}.", _delivered, SCOPE),
    Source(
        "fulfilled",
        "Woven for commission {number}, {ordered} ordered: {place}.",
        _fulfilments,
        "commissions:read",
    ),
    Source("made_of", "{grams} g of {kind} lot {code} went into it.", _draws, "materials:read"),
    Source("became", "Went from {before} to {now}.", _moves, SCOPE),
    Source("moved", "Moved from {origin} to {destination}.", _movements, SCOPE),
    Source("sent", "Sent from {origin} to {destination}.", _journeys, SCOPE),
    Source("unpacked", "Unpacked at {room}: {came}.", _arrivals, SCOPE),
    Source("counted", "Seen when {room} was counted.", _counts, SCOPE),
    Source("differed", "The count of {room} found it {kind}: {outcome}.", _differences, SCOPE),
    Source("reported", "Reported {kind}.", _incidents, SCOPE),
)
