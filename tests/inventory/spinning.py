"""Makers of lots for tests: everything has a default, so a test mentions only what matters."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from core.actors import Actor
from core.ids import new_id
from inventory import claim_rules, fastness, lots, materials
from inventory.dyestuffs import begin_dyestuffs
from inventory.models import Piece
from inventory.yarn_models import FastnessTest, LotKind, MaterialLot
from people.models import Cooperative
from tests.support.make import NOW, house, make_maker, number

WOOL = [{"fibre": "sheep_wool", "share_bp": 10000}]
ALPACA = [{"fibre": "alpaca", "share_bp": 10000}]
DAY = date(2026, 9, 20)


def yarn_facts(session: Session, cooperative: Cooperative, **given: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"grams": 1000, "fibres": WOOL, "spun": "hand", "received_on": DAY}
    if not {"spinner_id", "supplier"} & set(given):
        facts["spinner_id"] = make_maker(session, cooperative).id
    return facts | given


def dye_facts(
    session: Session, cooperative: Cooperative, yarn: MaterialLot, **given: Any
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "grams": 500,
        "yarn_lot_id": yarn.id,
        "dyes": ["cochineal"],
        "mordants": ["alum"],
        "dyed_on": DAY,
        "dyer_id": make_maker(session, cooperative).id,
    }
    return facts | given


def record(
    session: Session, cooperative: Cooperative, kind: LotKind, facts: dict[str, Any], **given: Any
) -> tuple[MaterialLot, bool]:
    values: dict[str, Any] = {
        "lot_id": new_id(),
        "code": f"{kind.value[0].upper()}-{number()}",
        "request_hash": uuid.uuid4().hex,
        "actor": house(cooperative),
    } | given
    return lots.record_lot(session, kind=kind, facts=facts, now=NOW, **values)


def make_yarn(session: Session, cooperative: Cooperative, **given: Any) -> MaterialLot:
    facts = yarn_facts(session, cooperative, **given)
    return record(session, cooperative, LotKind.YARN, facts)[0]


def make_dyed(
    session: Session, cooperative: Cooperative, yarn: MaterialLot | None = None, **given: Any
) -> MaterialLot:
    """A dye lot of the given yarn; the catalogue is begun if there is none."""
    begin_dyestuffs(session, cooperative_id=cooperative.id, by="system:test", now=NOW)
    yarn = yarn or make_yarn(session, cooperative)
    facts = dye_facts(session, cooperative, yarn, **given)
    return record(session, cooperative, LotKind.DYE, facts)[0]


def weave(
    session: Session,
    cooperative: Cooperative,
    piece: Piece,
    *used: tuple[MaterialLot, int],
    actor: Actor | None = None,
) -> list[Any]:
    """Say what a piece was made of; the listings that were taken down for it."""
    return materials.set_materials(
        session,
        piece_id=piece.id,
        materials=[{"lot_id": lot.id, "grams": grams} for lot, grams in used],
        actor=actor or house(cooperative),
        now=NOW,
    )[1]


def correct(
    session: Session, cooperative: Cooperative, lot: MaterialLot, facts: dict[str, Any]
) -> list[Any]:
    """Write a lot again; the listings that were taken down for it."""
    return materials.correct_lot(
        session,
        lot_id=lot.id,
        kind=LotKind(lot.kind),
        facts=facts,
        reason="it was otherwise",
        actor=house(cooperative),
        now=NOW,
    )[1]


def rub(session: Session, cooperative: Cooperative, lot: MaterialLot, **given: Any) -> FastnessTest:
    """A test by hand in the village."""
    values: dict[str, Any] = {
        "method": "field_rub_damp",
        "staining": "2",
        "tested_on": DAY,
        "tested_by": "the quality lead",
    } | given
    return fastness.add_test(session, lot_id=lot.id, actor=house(cooperative), now=NOW, **values)


def make_rules(session: Session, cooperative: Cooperative) -> None:
    """A limit, a policy and a phrase, as a co-operative would set them."""
    begun: dict[str, Any] = {
        "valid_from": date(2026, 1, 1),
        "source": "made for a test",
        "actor": house(cooperative),
        "now": NOW,
    }
    fastness.set_limit(session, method="field_rub_damp", rating="staining", least="2-3", **begun)
    claim_rules.set_claim_policy(session, **claim_rules.STARTING_POLICY, **begun)
    claim_rules.set_wording_rule(
        session,
        phrase="antique*",
        language="en",
        verdict="forbidden",
        reason="what is offered is new",
        **begun,
    )
