"""What stands on each label, and what a market asks for that we do not know."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Actor
from inventory.design_models import Design, Fibre
from inventory.models import Piece, Stage
from labels.care import care_of
from labels.choosing import Chosen, Tagged, choose
from labels.fibres import fibre_lines, part_words, unnamed_fibres
from labels.gtins import gtins_in_use
from labels.links import link
from labels.markets import Market, MarketRule, rule_of
from labels.models import CareSymbols, LabelParty
from labels.parties import party_in
from labels.wording import (
    A_WEAVER,
    ANIMAL_PARTS,
    MADE_BY,
    ORIGINS,
    PARTS,
    RESPONSIBLE,
    VICUNA_MARK,
)
from people.cooperatives import own
from people.models import Cooperative
from people.publicity import PublicMaker, public_makers

#: Whose name stands on the piece first: those who made the cloth.
MAKING = frozenset({Stage.WEAVE, Stage.KNIT, Stage.SEW})
MOST_NAMES = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a market asks for that the label cannot say."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Label:
    """One label, ready to be drawn; a tag without a piece has nothing but its code."""

    tag: str
    url: str
    market: str
    language: str
    house: str
    place: str
    piece_id: uuid.UUID | None = None
    made_by: str = ""
    lines: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    care: CareSymbols | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is known for all labels of one call."""

    house: Cooperative
    rule: MarketRule
    language: str
    public_url: str
    party: LabelParty | None
    designs: Mapping[uuid.UUID, Design] = field(default_factory=dict)
    gtins: Mapping[uuid.UUID, str] = field(default_factory=dict)
    care: Mapping[uuid.UUID, CareSymbols] = field(default_factory=dict)
    makers: Mapping[uuid.UUID, PublicMaker] = field(default_factory=dict)


def labels_for(
    session: Session,
    chosen: Chosen,
    *,
    market: str,
    language: str | None,
    public_url: str,
    on: date,
    actor: Actor,
) -> list[Label]:
    """A label for every tag that was chosen, with its problems; the same queries for any number.

    ``on``: the day whose rules hold. Raises LabelLanguage, and as ``choose`` does.
    """
    rule = rule_of(market, on=on)
    spoken = rule.language(language)
    tagged = choose(session, chosen, actor=actor)
    shelf = _shelf(session, tagged, rule, spoken, public_url=public_url, on=on, actor=actor)
    return [_bare(one.tag, shelf) if one.piece is None else _full(one.piece, shelf)
            for one in tagged]  # fmt: skip


def _shelf(
    session: Session,
    tagged: Sequence[Tagged],
    rule: MarketRule,
    language: str,
    *,
    public_url: str,
    on: date,
    actor: Actor,
) -> _Shelf:
    pieces = [one.piece for one in tagged if one.piece is not None]
    wanted = {piece.design_id for piece in pieces}
    house = session.get_one(Cooperative, own(actor))
    makers = {step.maker_id for piece in pieces for step in piece.contributions}
    designs = session.scalars(select(Design).where(Design.id.in_(wanted)))
    return _Shelf(
        house=house,
        rule=rule,
        language=language,
        public_url=public_url,
        party=party_in(session, cooperative_id=house.id, market=rule.market, on=on),
        designs={design.id: design for design in designs},
        gtins=gtins_in_use(session, wanted),
        care=care_of(session, wanted),
        makers=public_makers(session, makers),
    )


def _bare(tag: str, shelf: _Shelf) -> Label:
    return Label(
        tag=tag,
        url=link(shelf.public_url, tag=tag),
        market=shelf.rule.market,
        language=shelf.language,
        house=shelf.house.name,
        place=shelf.house.place,
    )


def _full(piece: Piece, shelf: _Shelf) -> Label:
    design = shelf.designs[piece.design_id]
    return Label(
        tag=piece.tag,
        url=link(shelf.public_url, tag=piece.tag, gtin=shelf.gtins.get(design.id)),
        market=shelf.rule.market,
        language=shelf.language,
        house=shelf.house.name,
        place=shelf.house.place,
        piece_id=piece.id,
        made_by=_made_by(piece, shelf),
        lines=tuple(_lines(design, shelf)),
        responsible=tuple(_responsible(shelf)),
        care=shelf.care.get(design.id),
        problems=tuple(_problems(design, shelf)),
    )


def _made_by(piece: Piece, shelf: _Shelf) -> str:
    """First names of those who made the cloth and allow it; of who does not, that she is one of us.

    A name is shown under her consent of this moment; a label once printed no longer asks.
    """
    steps = [step for step in piece.contributions if step.stage in MAKING] or piece.contributions
    hers = list(dict.fromkeys(step.maker_id for step in steps))
    known = [name for one in hers if (name := shelf.makers[one].public_name)]
    shown = [name.split()[0] for name in known][:MOST_NAMES]
    more = len(hers) - len(shown)
    words = MADE_BY[shelf.language]
    if not shown:
        return f"{words} {A_WEAVER[shelf.language]}"
    return f"{words} {' & '.join(shown)}" + (f" +{more}" if more else "")


def _lines(design: Design, shelf: _Shelf) -> list[str]:
    lines = fibre_lines(design.fibres, shelf.rule, shelf.language)
    used = {share.fibre for share in design.fibres}
    if used & shelf.rule.animal_parts:
        lines.append(ANIMAL_PARTS[shelf.language])
    if Fibre.VICUNA in used and design.vicuna_permit:
        lines.append(VICUNA_MARK)
    if origin := ORIGINS.get(shelf.house.country, {}).get(shelf.language):
        lines.append(origin)
    return lines


def _responsible(shelf: _Shelf) -> list[str]:
    """Who answers, on two lines; at home that is the co-operative, whose name is there anyway."""
    party = shelf.party
    if party is None:
        return []
    before = RESPONSIBLE.get(shelf.rule.market, {}).get(shelf.language, "")
    rest = [party.address, party.contact, party.registration]
    return [f"{before} {party.name}".strip(), ", ".join(one for one in rest if one)]


def _problems(design: Design, shelf: _Shelf) -> list[Problem]:
    asks, found = shelf.rule.asks, []
    if asks("fibres"):
        found += _fibre_problems(design, shelf)
    if asks("origin") and shelf.language not in ORIGINS.get(shelf.house.country, {}):
        found.append(Problem("origin_unknown", "no words for the country it was made in"))
    if asks("responsible") and shelf.party is None and shelf.rule.market != Market.PERU:
        found.append(Problem("responsible_missing", "nobody is named who answers in this market"))
    if asks("contact") and shelf.party is not None and not shelf.party.contact:
        found.append(Problem("contact_missing", "who answers has no electronic address"))
    if asks("care") and design.id not in shelf.care:
        found.append(Problem("care_missing", "the design has no care symbols"))
    if _vicuna_without_permit(design):
        found.append(Problem("vicuna_without_permit", "vicuña without the number of its permit"))
    return found


def _fibre_problems(design: Design, shelf: _Shelf) -> list[Problem]:
    if not design.fibres:
        return [Problem("fibres_missing", "the design does not say its fibres")]
    found = [
        Problem("fibre_unnamed", f"{part}: a fibre that has to be named is 'other'")
        for part in unnamed_fibres(design.fibres, shelf.rule)
    ]
    parts = sorted({share.part for share in design.fibres})
    if len(parts) > 1:
        found += [
            Problem("part_unnamed", f"no words for the part {part_words(part, shelf.language)}")
            for part in parts
            if shelf.language not in PARTS.get(part, {})
        ]
    return found


def _vicuna_without_permit(design: Design) -> bool:
    return any(one.fibre == Fibre.VICUNA for one in design.fibres) and not design.vicuna_permit
