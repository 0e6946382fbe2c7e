"""Dyes and mordants: each co-operative's own catalogue, begun from a common starting set.

The starting set holds the dyes that are named for the valley, with their species where a source
names one; a co-operative adds its own. That a dye is natural is a fact about the dye, not about
the lot: a lot is natural when everything that coloured it is.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.words import Words
from inventory.yarn_models import Dyestuff, DyestuffKind
from people.cooperatives import own

N, S, M = DyestuffKind.NATURAL, DyestuffKind.SYNTHETIC, DyestuffKind.MORDANT
SOURCE = "starting set: dyes and mordants named for the valley; to be confirmed by the dyers"

#: code, kind, English, Spanish, Quechua where it is known, species where a source names it
STARTING_SET: tuple[tuple[str, DyestuffKind, str, str, str | None, str | None], ...] = (
    ("cochineal", N, "cochineal", "cochinilla", None, "Dactylopius coccus"),
    ("chillca", N, "chilca", "chilca", "ch'illca", "Baccharis latifolia"),
    ("qolle", N, "quishuar flower", "flor de quishuar", "q'olle", "Buddleja coriacea"),
    ("chapi", N, "chapi", "chapi", "ch'api", "Galium sp."),
    ("qaqa_sunkha", N, "rock lichen", "liquen", "qaqa sunkha", None),
    ("kinsa_kuchu", N, "carqueja", "carqueja", "kinsa k'uchu", "Baccharis genistelloides"),
    ("mote_mote", N, "mot'e mot'e berry", "mot'e mot'e", "mot'e mot'e", None),
    ("tara", N, "tara", "tara", None, "Caesalpinia spinosa"),
    ("kiku", N, "kiku", "kiku", "kiku", None),
    ("molle", N, "molle leaves", "hojas de molle", None, None),
    ("tayanka", N, "tayanka leaves", "hojas de tayanka", "tayanka", None),
    ("chiqchi", N, "chiqchi root", "raíz de chiqchi", "ch'iqchi", None),
    ("nogal", N, "walnut", "nogal", None, "Juglans neotropica"),
    ("anil", N, "indigo", "añil", None, None),
    ("synthetic", S, "synthetic dye", "anilina, tinte sintético", None, None),
    ("alum", M, "alum", "piedra de alumbre", None, None),
    ("collpa", M, "collpa, a mineral salt", "collpa", "qullpa", None),
    ("lime_salt", M, "citric salt", "sal de limón", None, None),
    ("urine", M, "fermented urine", "orín fermentado", None, None),
)


class DyestuffExists(Conflict):
    """The catalogue already has a dye or mordant with this code."""

    code = "dyestuff_exists"


def add_dyestuff(
    session: Session,
    *,
    code: str,
    kind: str,
    words: Words,
    source: str,
    actor: Actor,
    now: datetime,
    species: str | None = None,
) -> Dyestuff:
    """Add a dye or a mordant. It is not changed later: a wrong one is left, another code added."""
    cooperative_id = own(actor)
    taken = select(Dyestuff.id).where(
        Dyestuff.cooperative_id == cooperative_id, Dyestuff.code == code
    )
    if session.scalar(taken) is not None:
        raise DyestuffExists()
    dyestuff = Dyestuff(
        cooperative_id=cooperative_id,
        code=code,
        kind=kind,
        words=words,
        species=species,
        source=source,
        recorded_at=now,
        recorded_by=actor.reference,
    )
    session.add(dyestuff)
    session.flush()
    return dyestuff


def list_dyestuffs(
    session: Session, *, actor: Actor, limit: int, after: uuid.UUID | None = None
) -> list[Dyestuff]:
    """Up to ``limit`` of the co-operative's dyes and mordants, oldest first, after one id."""
    statement = select(Dyestuff).where(Dyestuff.cooperative_id == own(actor)).order_by(Dyestuff.id)
    if after:
        statement = statement.where(Dyestuff.id > after)
    return list(session.scalars(statement.limit(limit)))


def check_codes(
    session: Session,
    codes: Sequence[str],
    *,
    kinds: Collection[DyestuffKind],
    cooperative_id: uuid.UUID,
    pointer: str,
) -> list[Dyestuff]:
    """The dyestuffs with these codes, in that order; raises Invalid for one that is not there."""
    rows = session.scalars(
        select(Dyestuff).where(
            Dyestuff.cooperative_id == cooperative_id,
            Dyestuff.code.in_(codes),
            Dyestuff.kind.in_(kinds),
        )
    )
    found = {row.code: row for row in rows}
    if absent := [code for code in codes if code not in found]:
        raise Invalid(f"the catalogue has no {absent[0]} of this kind", pointer=pointer)
    if len(found) < len(codes):
        raise Invalid("this is named twice", pointer=pointer)
    return [found[code] for code in codes]


def begin_dyestuffs(session: Session, *, cooperative_id: uuid.UUID, by: str, now: datetime) -> None:
    """Give a co-operative the starting set; what it already has stays as it is."""
    present = set(
        session.scalars(select(Dyestuff.code).where(Dyestuff.cooperative_id == cooperative_id))
    )
    session.add_all(
        Dyestuff(
            cooperative_id=cooperative_id,
            code=code,
            kind=kind.value,
            words={"en": english, "es": spanish} | ({"qu": quechua} if quechua else {}),
            species=species,
            source=SOURCE,
            recorded_at=now,
            recorded_by=by,
        )
        for code, kind, english, spanish, quechua, species in STARTING_SET
        if code not in present
    )
    session.flush()
