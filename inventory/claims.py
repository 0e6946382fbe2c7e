"""Claims: what a listing says of its pieces stands only while the lots of each support it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.quantities import Unit
from inventory.claim_models import ClaimKind, ListingClaim
from inventory.claim_rules import policy_on, rules_on
from inventory.design_models import Design
from inventory.dyestuffs import check_codes
from inventory.limits import measures_in_force
from inventory.listing_models import Listing, ListingPiece
from inventory.listing_photos import offered_photos
from inventory.models import Piece, PieceStatus
from inventory.strands import strands_of
from inventory.support import WHOLE, Claim, Supported, misdescribed, supported_by, why_not
from inventory.wording import Problem, find_problems
from inventory.yarn_models import DyestuffKind

#: Pieces that left for good; what is said of a listing is no longer said of them.
LEFT = (
    PieceStatus.HANDED_OVER,
    PieceStatus.RETURNED_TO_MAKER,
    PieceStatus.LOST,
    PieceStatus.DAMAGED,
)
MOST_PROBLEMS = 50
PUBLISHERS_TURN = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:word, 0))")
WRITERS_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:word, 0))")


class ClaimsRefused(Invalid):
    """The page says what it may not say, or what the lots do not support."""

    code = "claims_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        self.errors = [
            {"pointer": one.pointer, "message": one.message} for one in problems[:MOST_PROBLEMS]
        ]
        pieces = sorted({str(one.piece_id) for one in problems if one.piece_id})
        super().__init__(self.problems[0].message, pieces=pieces[:MOST_PROBLEMS])


def publish_in_turn(session: Session, cooperative_id: uuid.UUID) -> None:
    """Publish beside other publishers, never while somebody writes about lots; before any lock."""
    session.execute(PUBLISHERS_TURN, {"word": f"claims:{cooperative_id}"})


def write_in_turn(session: Session, cooperative_id: uuid.UUID) -> None:
    """Write about lots alone, so that what is published meanwhile rests on what is written."""
    session.execute(WRITERS_TURN, {"word": f"claims:{cooperative_id}"})


def set_claims(session: Session, listing: Listing, claims: Sequence[Mapping[str, Any]]) -> None:
    """Let a listing claim exactly these: {kind, fibre?, share_bp?, dye?}. Whether they hold is
    looked at when it is published."""
    wanted = [Claim(**one) for one in claims]
    for place, claim in enumerate(wanted):
        _check_form(claim, f"/claims/{place}")
        if any(
            (one.kind, one.fibre, one.dye) == (claim.kind, claim.fibre, claim.dye)
            for one in wanted[:place]
        ):
            raise Invalid("this is claimed twice", pointer=f"/claims/{place}")
    if sum(claim.share_bp or 0 for claim in wanted) > WHOLE:
        raise Invalid("the shares are more than 100 %", pointer="/claims")
    if codes := [claim.dye for claim in wanted if claim.dye]:
        check_codes(
            session,
            codes,
            kinds={DyestuffKind.NATURAL, DyestuffKind.SYNTHETIC},
            cooperative_id=listing.cooperative_id,
            pointer="/claims",
        )
    listing.claims.clear()
    session.flush()
    listing.claims.extend(
        ListingClaim(
            cooperative_id=listing.cooperative_id,
            kind=claim.kind,
            fibre=claim.fibre,
            share_bp=claim.share_bp,
            dye=claim.dye,
        )
        for claim in wanted
    )


def refuse_unsupported(session: Session, listing: Listing, *, day: date) -> None:
    """Raise ClaimsRefused unless all the listing says may be said of every piece behind it."""
    if problems := problems_of(session, listing, day=day):
        raise ClaimsRefused(problems)


def problems_of(session: Session, listing: Listing, *, day: date) -> list[Problem]:
    """Everything that keeps a listing from being published: its words, then its claims."""
    rules = rules_on(session, cooperative_id=listing.cooperative_id, day=day)
    fibres = {share.fibre for share in listing.design.fibres}
    claimed = {claim.fibre for claim in listing.claims if claim.fibre}
    words = find_problems(
        rules,
        texts_of(session, listing),
        claims={(claim.kind, claim.fibre) for claim in listing.claims},
        fibres=fibres | claimed,
    )
    return [*words, *unsupported(session, listing, day=day)]


def unsupported(session: Session, listing: Listing, *, day: date) -> list[Problem]:
    """What the lots of the pieces behind a listing do not support, piece by piece."""
    policy = policy_on(session, cooperative_id=listing.cooperative_id, day=day)
    pieces = pieces_behind(session, listing)
    strands = strands_of(session, [piece.id for piece in pieces])
    least_g = least_grams(session, listing.design)
    found = []
    for piece in pieces:
        made_of = strands.get(piece.id, [])
        for place, row in enumerate(listing.claims):
            claim = Claim(row.kind, row.fibre, row.share_bp, row.dye)
            if why := why_not(claim, made_of, policy, least_g):
                found.append(_of_piece(f"/claims/{place}", piece, why))
        if why := misdescribed(listing.design, made_of, policy, least_g):
            found.append(_of_piece("/design_id", piece, why))
    return found


def supported_claims(session: Session, piece: Piece, *, day: date) -> list[Supported]:
    """Every claim that one piece's lots support, with the lots each rests on."""
    strands = strands_of(session, [piece.id]).get(piece.id, [])
    if not strands:
        return []
    policy = policy_on(session, cooperative_id=piece.cooperative_id, day=day)
    return supported_by(
        strands, policy, least_grams(session, session.get_one(Design, piece.design_id))
    )


def least_grams(session: Session, design: Design) -> int:
    """How much of a piece its lots have to account for: the lightest it may be; 0 if unknown."""
    weights = [
        measure.limit.least or 0
        for measure in measures_in_force(session, [design.id]).get(design.id, [])
        if measure.name == "weight" and measure.unit == Unit.GRAM
    ]
    return max(weights, default=0)


def pieces_behind(session: Session, listing: Listing) -> list[Piece]:
    """The pieces of which a listing speaks: all behind it that have not left for good."""
    return list(
        session.scalars(
            select(Piece)
            .join(ListingPiece, ListingPiece.piece_id == Piece.id)
            .where(ListingPiece.listing_id == listing.id, Piece.status.not_in(LEFT))
            .order_by(Piece.id)
        )
    )


def texts_of(session: Session, listing: Listing) -> dict[str, str]:
    """Everything a listing says in words, by JSON pointer."""
    said = {
        f"/{name}/{language}": words
        for name in ("title", "description")
        for language, words in (getattr(listing, name) or {}).items()
    }
    return said | {
        f"/photos/{photo.row.position}/alt/{language}": words
        for photo in offered_photos(session, listing.photos)
        for language, words in photo.alt.items()
    }


def _check_form(claim: Claim, pointer: str) -> None:
    is_fibre = claim.kind == ClaimKind.FIBRE
    if is_fibre != (claim.fibre is not None) or is_fibre != (claim.share_bp is not None):
        raise Invalid("a fibre claim names fibre and share_bp, no other does", pointer=pointer)
    if (claim.kind == ClaimKind.DYED_WITH) != (claim.dye is not None):
        raise Invalid("a dyed_with claim names its dye, no other does", pointer=pointer)


def _of_piece(pointer: str, piece: Piece, why: str) -> Problem:
    return Problem(pointer, f"{piece.tag}: {why}", piece.id)
