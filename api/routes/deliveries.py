"""Delivery day: tags reserved beforehand, what makers hand in, and the receipt each is given."""

import uuid
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, listed, pages_of
from api.parsing import flat
from api.routes.stock import body_hash, shown
from api.schemas.deliveries import (
    DeliveryView,
    NewDelivery,
    NewTagReservation,
    TagReservationView,
    TakenInView,
    Unreadable,
)
from core import clock
from core.db import current_session
from inventory import deliveries, tag_sheets
from inventory.deliveries import Day, Outcome
from inventory.delivery_models import TagReservation
from inventory.models import Delivery, DeliveryMode

blueprint = Blueprint("delivery day", "What makers hand in on one day, and what they take home.")
BESIDE = {"makers_present", "photos_to_come", "pieces"}
DELIVERY = tuple(name for name in DeliveryView().fields if name not in BESIDE)
RESERVATION = tuple(
    name for name in TagReservationView().fields if name not in {"tags", "used_count"}
)
RECORDED_BEFORE = "This delivery was recorded before; what is new of it was added"


@blueprint.post("/tag-reservations")
@needs("stock:write")
@blueprint.arguments(NewTagReservation)
@once(required=True)
@blueprint.response(201, TagReservationView)
def reserve_tags(wanted: dict[str, Any]) -> Any:
    """Reserve tags for a printed sheet.

    Nobody else is given them; each is used once, by the first piece that is handed in with it, on
    whatever day and wherever. A sheet works without network.
    """
    session = current_session()
    made = tag_sheets.reserve_tags(session, actor=actor(), now=clock.now(), **wanted)
    at = {"Location": f"/v1/tag-reservations/{made.id}"}
    return _sheets(session, [made])[0], 201, at


@blueprint.get("/tag-reservations")
@needs("stock:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(TagReservationView))
def list_tag_reservations(wanted: dict[str, Any]) -> Any:
    """List reservations of tags.

    Oldest first, each with its tags and the pieces that carry them by now.
    """
    session = current_session()
    read = partial(tag_sheets.list_reservations, session, actor=actor())
    body, status, headers = listed(read, wanted)
    return {"items": _sheets(session, body["items"])}, status, headers


@blueprint.get("/tag-reservations/<uuid:reservation_id>")
@needs("stock:read")
@blueprint.response(200, TagReservationView)
def get_tag_reservation(reservation_id: uuid.UUID) -> Any:
    """Read one reservation of tags.

    In the order in which they are printed.
    """
    session = current_session()
    found = tag_sheets.get_reservation(session, reservation_id, actor=actor())
    return _sheets(session, [found])[0]


@blueprint.post("/deliveries")
@needs("stock:write")
@blueprint.arguments(NewDelivery)
@once(required=True)
@blueprint.response(201, TakenInView)
@blueprint.also_answers(200, TakenInView, RECORDED_BEFORE)
def record_delivery(wanted: dict[str, Any]) -> Any:
    """Take in a delivery.

    Its id, and those of its pieces, may be made on a phone without signal: the same delivery sent
    again is answered with the first (200). `mode` says what a bad row does. `all_or_nothing`, the
    usual: nothing is taken in. `each_row`: every good row is taken in and every bad one reported;
    sent again under the same id, alone or with all the others, what is new is added. A piece
    without a tag is given one; one for a commission's line is paid as that says.
    """
    mode = wanted.pop("mode", DeliveryMode.ALL_OR_NOTHING.value)
    if mode == DeliveryMode.EACH_ROW.value:
        return _each_row(current_session(), **wanted)
    session = current_session()
    delivery, new = deliveries.record_delivery(
        session,
        delivery_id=wanted.pop("id"),
        request_hash=body_hash(),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    said = [Outcome(number, "taken", piece) for number, piece in enumerate(delivery.pieces)]
    return _reported(session, delivery, said), 201 if new else 200, _at(delivery)


@blueprint.get("/deliveries/<uuid:delivery_id>")
@needs("stock:read")
@blueprint.response(200, DeliveryView)
def get_delivery(delivery_id: uuid.UUID) -> Any:
    """Read one delivery.

    With who came, and its pieces in the order they were handed in.
    """
    session = current_session()
    return _delivered(session, deliveries.get_delivery(session, delivery_id, actor=actor()))


def _each_row(session: Session, *, pieces: list[Any], **day: Any) -> Any:
    """Take in what can be read of the rows, and report them all."""
    day["delivery_id"] = day.pop("id")
    readable = {n: row for n, row in enumerate(pieces) if not isinstance(row, Unreadable)}
    delivery, new, outcomes = deliveries.record_rows(
        session, day=Day(**day), rows=readable, actor=actor(), now=clock.now()
    )
    unreadable = {n: row for n, row in enumerate(pieces) if isinstance(row, Unreadable)}
    said = _reported(session, delivery, outcomes, sent=readable)
    said["rows"] += [_unreadable(number, row) for number, row in unreadable.items()]
    said["rows"].sort(key=lambda row: row["row"])
    said["refused"] += len(unreadable)
    return said, 201 if new else 200, _at(delivery)


def _reported(
    session: Session, delivery: Delivery, outcomes: list[Outcome], sent: Any = None
) -> dict[str, Any]:
    rows = [_row(one, (sent or {}).get(one.number, {})) for one in outcomes]
    refused = sum(one.problem is not None for one in outcomes)
    return _delivered(session, delivery) | {"rows": rows, "refused": refused}


def _row(one: Outcome, sent: dict[str, Any]) -> dict[str, Any]:
    problem = one.problem
    return {
        "row": one.number,
        "outcome": one.outcome,
        "piece_id": one.piece.id if one.piece else sent.get("id"),
        "tag": one.piece.tag if one.piece else None,
        "differs": one.differs,
        "code": problem.code if problem else None,
        "errors": [{"pointer": one.pointer, "message": problem.message}] if problem else [],
    }


def _unreadable(number: int, row: Unreadable) -> dict[str, Any]:
    places = flat({"pieces": {number: row.messages}}, "/", "")
    return {
        "row": number,
        "outcome": "refused",
        "piece_id": None,
        "tag": None,
        "differs": False,
        "code": "invalid",
        "errors": [{"pointer": pointer, "message": message} for pointer, message in places][:50],
    }


def _delivered(session: Session, delivery: Delivery) -> dict[str, Any]:
    return {
        **{name: getattr(delivery, name) for name in DELIVERY},
        "makers_present": deliveries.makers_present(session, delivery),
        "photos_to_come": deliveries.photos_to_come(session, delivery),
        "pieces": shown(session, delivery.pieces),
    }


def _at(delivery: Delivery) -> dict[str, str]:
    return {"Location": f"/v1/deliveries/{delivery.id}"}


def _sheets(session: Session, found: list[TagReservation]) -> list[dict[str, Any]]:
    used = tag_sheets.carriers(session, found)
    return [
        {
            **{name: getattr(row, name) for name in RESERVATION},
            "tags": [{"tag": one.tag, "piece_id": used.get(one.tag)} for one in row.tags],
            "used_count": sum(one.tag in used for one in row.tags),
        }
        for row in found
    ]
