"""Lots, tests and materials as they are shown."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from inventory.claim_rules import policy_on
from inventory.claims import least_grams
from inventory.design_models import Design
from inventory.fastness import below_limit, every_limit, standing, written
from inventory.models import Piece
from inventory.strands import Strand, fibres_of, strands_of
from inventory.support import Supported, supported_by
from inventory.yarn_models import DyestuffKind, FastnessLimit, FastnessTest, MaterialLot

OF_LOT = ("id", "code", "version", "grams", "used_g", "left_g")
OF_RECORD = ("supplier", "note", "reason", "recorded_at", "actor")
OF_YARN = ("fibres", "spun", "received_on", "spinner_id", "ply", "count_words", "vicuna_permit")
OF_DYED = ("yarn_lot_id", "dyed_on", "dyer_id", "swatch_photo_id")
OF_TEST = ("id", "method", "tested_on", "tested_by", "note", "corrects_id", "recorded_at", "actor")


def yarn_lot(lot: MaterialLot) -> dict[str, Any]:
    """A lot of yarn as its newest record says."""
    return _picked(lot, OF_LOT) | _picked(lot.yarn, OF_RECORD + OF_YARN)


def dye_lots(session: Session, lots: Sequence[MaterialLot]) -> list[dict[str, Any]]:
    """Dye lots as their newest records say, with their tests that stand."""
    limits = every_limit(session, cooperative_id=lots[0].cooperative_id) if lots else []
    return [_dye_lot(lot, limits) for lot in lots]


def a_test(
    test: FastnessTest, limits: Sequence[FastnessLimit], dyes: list[str], mordants: list[str]
) -> dict[str, Any]:
    """A test with its grades as people write them, and those that are disclosed."""
    return {
        **_picked(test, OF_TEST),
        "change": written(test.change),
        "staining": written(test.staining),
        "below": below_limit(test, limits, dyes=dyes, mordants=mordants),
    }


def made_of(session: Session, piece: Piece, day: date) -> dict[str, Any]:
    """What a piece was made of, and which claims that supports."""
    strands = strands_of(session, [piece.id]).get(piece.id, [])
    policy = policy_on(session, cooperative_id=piece.cooperative_id, day=day)
    least_g = least_grams(session, session.get_one(Design, piece.design_id))
    return {
        "piece_id": piece.id,
        "grams": sum(strand.grams for strand in strands),
        "materials": [_strand(strand) for strand in strands],
        "supports": [one.claim for one in supported_by(strands, policy, least_g)],
    }


def resting_claim(one: Supported, limits: Sequence[FastnessLimit]) -> dict[str, Any]:
    """A passport's claim with the lots it rests on; who spun, dyed and tested is not told here."""
    return {
        **{name: getattr(one.claim, name) for name in ("kind", "fibre", "share_bp", "dye")},
        "rests_on": [
            {
                "lot": strand.lot.code,
                "kind": strand.lot.kind,
                "on": strand.on,
                "spun": strand.yarn.spun,
                "dyes": strand.dyes,
                "mordants": strand.mordants,
                "tests": [
                    a_test(test, limits, strand.dyes, strand.mordants) for test in strand.tests
                ],
            }
            for strand in one.rests_on
        ],
    }


def _strand(strand: Strand) -> dict[str, Any]:
    return {
        "lot_id": strand.lot.id,
        "kind": strand.lot.kind,
        "code": strand.lot.code,
        "grams": strand.grams,
        "fibres": [
            {"fibre": fibre, "share_bp": share} for fibre, share in fibres_of([strand]).items()
        ],
        "spun": strand.yarn.spun,
        "on": strand.on,
        "dyes": strand.dyes,
        "mordants": strand.mordants,
    }


def _dye_lot(lot: MaterialLot, limits: Sequence[FastnessLimit]) -> dict[str, Any]:
    assert lot.dye is not None, "a dye lot has its record"
    used = [one.dyestuff for one in lot.dye.used]
    dyes = [one.code for one in used if one.kind != DyestuffKind.MORDANT]
    mordants = [one.code for one in used if one.kind == DyestuffKind.MORDANT]
    return {
        **_picked(lot, OF_LOT),
        **_picked(lot.dye, OF_RECORD + OF_DYED),
        "dyes": dyes,
        "mordants": mordants,
        "tests": [a_test(test, limits, dyes, mordants) for test in standing(lot.tests)],
    }


def _picked(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
