"""The rows of a delivery: each is looked at by itself, with as many queries for 200 as for one."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, PallayError
from inventory import tags
from inventory.commission_models import CommissionLine
from inventory.design_models import Design
from inventory.fulfilling import CLOSED, OpenLine, open_lines
from inventory.models import AgreementKind, Piece
from people.models import Cooperative, Maker


class TagTaken(Conflict):
    """Another piece already carries this tag."""

    code = "tag_taken"


class PieceIdTaken(Conflict):
    """Another piece was recorded under this id."""

    code = "piece_id_taken"


class CommissionNotOpen(Conflict):
    """Nothing is handed in for a commission that was declined by all or cancelled."""

    code = "commission_not_open"


class AgreedOtherwise(Invalid):
    """The commission says how its pieces are paid; on delivery day that is not changed."""

    code = "agreed_otherwise"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be taken in."""

    number: int
    sent: Mapping[str, Any]
    tag: str | None
    agreement: Mapping[str, Any]
    #: The commission's line, with the place and the turn it takes there.
    line: CommissionLine | None = None
    place: int | None = None
    turn: int = 1


@dataclass
class Known:
    """What the rows are compared with, read once for all of them."""

    prefix: str
    designs: set[uuid.UUID]
    makers: set[uuid.UUID]
    tags: set[str]
    ids: set[uuid.UUID]
    lines: dict[uuid.UUID, OpenLine]
    #: Tags and ids of the rows before.
    used: set[str | uuid.UUID]


def examine(
    session: Session, rows: Mapping[int, Mapping[str, Any]], *, cooperative_id: uuid.UUID
) -> tuple[list[Row], dict[int, PallayError]]:
    """The rows that can be taken in, and what is wrong with each of the others, by its number.

    The commissions that are named are locked until the transaction ends.
    """
    known = _known(session, rows, cooperative_id)
    good, refused = [], {}
    for number, sent in rows.items():
        try:
            good.append(_examined(number, sent, known))
        except PallayError as problem:
            refused[number] = problem
    return good, refused


def pointer_of(problem: PallayError, number: int) -> str:
    """The place in the request that a refusal is about."""
    named = getattr(problem, "pointer", None) or problem.details.get("pointer")
    return str(named or f"/pieces/{number}")


def row_hash(sent: Mapping[str, Any]) -> str:
    """A row as a fingerprint, whatever the order of its keys."""
    text = json.dumps(sent, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _known(
    session: Session, rows: Mapping[int, Mapping[str, Any]], cooperative_id: uuid.UUID
) -> Known:
    sent = list(rows.values())
    steps = {step["maker_id"] for row in sent for step in row["contributions"]}
    named = {code for row in sent if (code := _code(row.get("tag")))}
    given = {row["id"] for row in sent if row.get("id")}
    taken = session.execute(
        select(Piece.id, Piece.tag).where(Piece.tag.in_(named) | Piece.id.in_(given))
    ).all()
    ordered = {line for row in sent if (line := row.get("commission_line_id"))}
    return Known(
        prefix=session.get_one(Cooperative, cooperative_id).tag_prefix,
        designs=_own(session, Design, {row["design_id"] for row in sent}, cooperative_id),
        makers=_own(session, Maker, steps, cooperative_id),
        tags={row.tag for row in taken},
        ids={row.id for row in taken},
        lines=open_lines(session, ordered, cooperative_id=cooperative_id),
        used=set(),
    )


def _own(
    session: Session, model: type[Design | Maker], ids: set[uuid.UUID], cooperative_id: uuid.UUID
) -> set[uuid.UUID]:
    return set(
        session.scalars(
            select(model.id).where(model.id.in_(ids), model.cooperative_id == cooperative_id)
        )
    )


def _code(written: str | None) -> str | None:
    """The tag as it is spelt, None where it is none."""
    try:
        return tags.read(written) if written else None
    except tags.TagInvalid:
        return None


def _examined(number: int, sent: Mapping[str, Any], known: Known) -> Row:
    """Raises what is wrong with the row; only a row that is good uses up its tag and its place."""
    at = f"/pieces/{number}"
    if sent["design_id"] not in known.designs:
        raise Invalid("no such design", pointer=f"{at}/design_id")
    _check_steps(sent, known, at)
    if sent.get("id") in known.ids:
        raise PieceIdTaken(pointer=f"{at}/id")
    if sent.get("id") in known.used:
        raise Invalid("a piece id is used twice in this delivery", pointer=f"{at}/id")
    tag = _read_tag(sent.get("tag"), known, at)
    ordered = _ordered(sent, known, at)
    agreement = _agreement(sent.get("agreement"), ordered, at)
    place, turn = _take_place(sent, ordered, at) if ordered else (None, 1)
    known.used |= {one for one in (tag, sent.get("id")) if one}
    return Row(number, sent, tag, agreement, ordered.line if ordered else None, place, turn)


def _check_steps(sent: Mapping[str, Any], known: Known, at: str) -> None:
    steps = [(row["maker_id"], row["stage"]) for row in sent["contributions"]]
    for nth, (maker_id, _stage) in enumerate(steps):
        if maker_id not in known.makers:
            raise Invalid("no such maker", pointer=f"{at}/contributions/{nth}/maker_id")
    if not steps:
        raise Invalid("somebody made it", pointer=f"{at}/contributions")
    if len(set(steps)) < len(steps):
        raise Invalid("a maker's stage is named once", pointer=f"{at}/contributions")


def _read_tag(written: str | None, known: Known, at: str) -> str | None:
    """A tag printed beforehand, reserved or not, that nobody else carries."""
    if written is None:
        return None
    try:
        tag = tags.read(written)
    except tags.TagInvalid as refusal:
        raise tags.TagInvalid(pointer=f"{at}/tag") from refusal
    if not tag.startswith(f"{known.prefix}-"):
        raise tags.TagInvalid("this tag is another co-operative's", pointer=f"{at}/tag")
    if tag in known.used:
        raise Invalid("a tag is used twice in this delivery", pointer=f"{at}/tag")
    if tag in known.tags:
        raise TagTaken(tag=tag, pointer=f"{at}/tag")
    return tag


def _ordered(sent: Mapping[str, Any], known: Known, at: str) -> OpenLine | None:
    """The line it is handed in for: of this design, and asked of one of those who made it."""
    line_id = sent.get("commission_line_id")
    if line_id is None:
        if sent.get("surplus"):
            raise Invalid("a surplus of which commission?", pointer=f"{at}/surplus")
        return None
    at = f"{at}/commission_line_id"
    ordered = known.lines.get(line_id)
    if ordered is None:
        raise Invalid("no such line of a commission", pointer=at)
    if ordered.line.design_id != sent["design_id"]:
        raise Invalid("another design was ordered", pointer=at)
    if not ordered.makers & {step["maker_id"] for step in sent["contributions"]}:
        raise Invalid("none of those who made it was asked to", pointer=at)
    if ordered.commission.status in CLOSED:
        raise CommissionNotOpen(
            commission=ordered.commission.number, status=ordered.commission.status, pointer=at
        )
    return ordered


def _agreement(
    agreed: Mapping[str, Any] | None, ordered: OpenLine | None, at: str
) -> Mapping[str, Any]:
    """What was agreed: by the commission where there is one, else as the row says."""
    at = f"{at}/agreement"
    if ordered is not None:
        line = ordered.line
        terms = {
            "kind": line.agreement,
            "price_minor": line.price_minor,
            "currency": line.currency,
        }
        if agreed is not None and any(agreed.get(name) != terms[name] for name in terms):
            raise AgreedOtherwise(pointer=at)
        return terms
    if agreed is None:
        raise Invalid("what was agreed, or for which commission is it?", pointer=at)
    price = agreed.get("price_minor")
    if (AgreementKind(agreed["kind"]) is AgreementKind.PAY_ON_ACCEPTANCE) != (price is not None):
        raise Invalid("pay_on_acceptance needs a price, share_on_sale has none", pointer=at)
    currency = agreed.get("currency") if price is not None else None
    return {"kind": agreed["kind"], "price_minor": price, "currency": currency}


def _take_place(sent: Mapping[str, Any], ordered: OpenLine, at: str) -> tuple[int | None, int]:
    try:
        return ordered.take_place(surplus=bool(sent.get("surplus")))
    except Conflict as full:
        full.details["pointer"] = f"{at}/commission_line_id"
        raise
