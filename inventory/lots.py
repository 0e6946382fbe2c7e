"""Lots of yarn and of dyed yarn: recorded on a phone or later, corrected by a later record."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actors import Actor
from core.db import lock_rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.money import BASIS_POINTS
from inventory.design_models import Fibre
from inventory.designs import VicunaWithoutPermit
from inventory.draws import LotSpent, draw_for_dyeing
from inventory.dyestuffs import check_codes
from inventory.yarn_models import (
    DyeRecord,
    DyestuffKind,
    DyeUsed,
    LotKind,
    MaterialLot,
    YarnFibre,
    YarnRecord,
)
from people.cooperatives import own
from people.makers import get_maker

DYES = frozenset({DyestuffKind.NATURAL, DyestuffKind.SYNTHETIC})
MORDANTS = frozenset({DyestuffKind.MORDANT})


class LotIdTaken(Conflict):
    """Another lot was recorded under this id."""

    code = "lot_id_taken"


class LotCodeTaken(Conflict):
    """Another lot of the co-operative is written with this code."""

    code = "lot_code_taken"


def record_lot(
    session: Session,
    *,
    kind: LotKind,
    lot_id: uuid.UUID,
    code: str,
    facts: Mapping[str, Any],
    request_hash: str,
    actor: Actor,
    now: datetime,
) -> tuple[MaterialLot, bool]:
    """Record a lot: the row, and whether it is new.

    ``facts`` of yarn: {grams, fibres: [{fibre, share_bp}], spun, received_on, spinner_id or
    supplier, ply?, count_words?, vicuna_permit?, note?}; of dyed yarn: {grams, yarn_lot_id, dyes,
    mordants, dyed_on, dyer_id or supplier, swatch_photo_id?, note?}. The same id with the same
    ``request_hash`` answers with the first, so a phone may send it twice; with another it raises
    LotIdTaken. Dyed yarn is drawn from its yarn lot; raises LotSpent.
    """
    row = {
        "id": lot_id,
        "cooperative_id": own(actor),
        "kind": kind.value,
        "code": code,
        "grams": facts["grams"],
        "version": 1,
        "request_hash": request_hash,
        "recorded_at": now,
        "recorded_by": actor.reference,
    }
    statement = insert(MaterialLot).values(**row).on_conflict_do_nothing().returning(MaterialLot.id)
    if session.scalar(statement) is None:
        return _first(session, lot_id, request_hash, actor), False
    lot = session.get_one(MaterialLot, lot_id)
    write_record(session, lot, facts, reason="", actor=actor, now=now)
    return lot, True


def write_record(
    session: Session,
    lot: MaterialLot,
    facts: Mapping[str, Any],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the record of the lot's present version; the lot is locked or new."""
    if facts["grams"] < lot.used_g:
        raise LotSpent("more of it has been used", lot_id=str(lot.id), used_g=lot.used_g)
    lot.grams = facts["grams"]
    common = {
        "id": new_id(),
        "cooperative_id": lot.cooperative_id,
        "lot_id": lot.id,
        "version": lot.version,
        "reason": reason,
        "recorded_at": now,
        "actor": actor.reference,
        **_by_whom(session, facts, "spinner_id" if lot.kind == LotKind.YARN else "dyer_id", actor),
    }
    if lot.kind == LotKind.YARN:
        session.add(_yarn_record(facts, common, now))
        session.flush()
    else:
        session.add(_dye_record(session, facts, common, now))
        session.flush()
        draw_for_dyeing(
            session,
            lot.id,
            {facts["yarn_lot_id"]: facts["grams"]},
            cooperative_id=lot.cooperative_id,
            pointer="/yarn_lot_id",
            why=reason or "dyed",
            actor=actor,
            now=now,
        )
    session.refresh(lot)


def get_lot(
    session: Session, lot_id: uuid.UUID, *, kind: LotKind, actor: Actor, lock: bool = False
) -> MaterialLot:
    """One lot of this kind of the actor's co-operative."""
    found = (
        lock_rows(session, MaterialLot, [lot_id]) if lock else [session.get(MaterialLot, lot_id)]
    )
    lot = found[0] if found else None
    if lot is None or lot.cooperative_id != actor.cooperative_id or lot.kind != kind:
        raise NotFound("no such lot")
    return lot


def list_lots(
    session: Session,
    *,
    kind: LotKind,
    actor: Actor,
    limit: int,
    after: uuid.UUID | None = None,
) -> list[MaterialLot]:
    """Up to ``limit`` lots of this kind, by id, after one id."""
    statement = (
        select(MaterialLot)
        .where(MaterialLot.cooperative_id == own(actor), MaterialLot.kind == kind)
        .order_by(MaterialLot.id)
    )
    if after:
        statement = statement.where(MaterialLot.id > after)
    return list(session.scalars(statement.limit(limit)))


def _first(session: Session, lot_id: uuid.UUID, request_hash: str, actor: Actor) -> MaterialLot:
    lot = session.get(MaterialLot, lot_id)
    if lot is None:
        raise LotCodeTaken()
    if lot.cooperative_id != actor.cooperative_id or lot.request_hash != request_hash:
        raise LotIdTaken()
    return lot


def _by_whom(
    session: Session, facts: Mapping[str, Any], field: str, actor: Actor
) -> dict[str, Any]:
    """A maker of the co-operative, or a supplier by name: exactly one of them."""
    maker_id, supplier = facts.get(field), facts.get("supplier")
    if (maker_id is None) == (supplier is None):
        raise Invalid(f"say {field} or supplier, one of them", pointer=f"/{field}")
    if maker_id is not None:
        try:
            get_maker(session, maker_id, actor=actor)
        except NotFound as refusal:
            raise Invalid("no such maker", pointer=f"/{field}") from refusal
    return {field: maker_id, "supplier": supplier}


def _yarn_record(facts: Mapping[str, Any], common: Mapping[str, Any], now: datetime) -> YarnRecord:
    _refuse_ahead(facts["received_on"], now, "/received_on")
    _check_fibres(facts)
    names = ("grams", "spun", "received_on")
    return YarnRecord(
        **common,
        **{name: facts[name] for name in names},
        ply=facts.get("ply"),
        count_words=facts.get("count_words"),
        vicuna_permit=facts.get("vicuna_permit"),
        note=facts.get("note", ""),
        fibres=[
            YarnFibre(cooperative_id=common["cooperative_id"], **fibre) for fibre in facts["fibres"]
        ],
    )


def _check_fibres(facts: Mapping[str, Any]) -> None:
    """A yarn sums to 100 % without repeats; vicuña comes in only with its permit (CITES)."""
    named = [fibre["fibre"] for fibre in facts["fibres"]]
    if len(set(named)) < len(named):
        raise Invalid("this fibre is named twice", pointer="/fibres")
    if (total := sum(fibre["share_bp"] for fibre in facts["fibres"])) != BASIS_POINTS:
        raise Invalid(f"the fibres sum to {total} of 10,000", pointer="/fibres")
    if Fibre.VICUNA in named and not facts.get("vicuna_permit"):
        raise VicunaWithoutPermit(pointer="/vicuna_permit")


def _dye_record(
    session: Session, facts: Mapping[str, Any], common: Mapping[str, Any], now: datetime
) -> DyeRecord:
    _refuse_ahead(facts["dyed_on"], now, "/dyed_on")
    cooperative_id = common["cooperative_id"]
    used = [
        dyestuff
        for name, kinds in (("dyes", DYES), ("mordants", MORDANTS))
        for dyestuff in check_codes(
            session,
            facts[name],
            kinds=kinds,
            cooperative_id=cooperative_id,
            pointer=f"/{name}",
        )
    ]
    return DyeRecord(
        **common,
        grams=facts["grams"],
        yarn_lot_id=_yarn_lot(session, facts["yarn_lot_id"], cooperative_id).id,
        dyed_on=facts["dyed_on"],
        swatch_photo_id=facts.get("swatch_photo_id"),
        note=facts.get("note", ""),
        used=[
            DyeUsed(cooperative_id=cooperative_id, dyestuff_id=dyestuff.id, position=place)
            for place, dyestuff in enumerate(used)
        ],
    )


def _yarn_lot(session: Session, lot_id: uuid.UUID, cooperative_id: uuid.UUID) -> MaterialLot:
    lot = session.get(MaterialLot, lot_id)
    if lot is None or lot.cooperative_id != cooperative_id or lot.kind != LotKind.YARN:
        raise Invalid("there is no such yarn lot", pointer="/yarn_lot_id")
    return lot


def _refuse_ahead(day: date, now: datetime, pointer: str) -> None:
    if day > now.date():
        raise Invalid("this cannot be dated ahead", pointer=pointer)
