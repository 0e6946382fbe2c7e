"""Support: which claims the lots of a piece support, which not, and why. Needs no session."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from inventory.claim_models import ClaimKind, ClaimPolicy
from inventory.design_models import Design, Fibre
from inventory.strands import Strand, fibres_of
from inventory.yarn_models import Spun

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the fixed list; a fibre has its share of the weight, a dye its code."""

    kind: str
    fibre: str | None = None
    share_bp: int | None = None
    dye: str | None = None


@dataclass(frozen=True, slots=True)
class Supported:
    """A claim that a piece's lots support, and the lots it rests on."""

    claim: Claim
    rests_on: list[Strand]


def supported_by(strands: Sequence[Strand], policy: ClaimPolicy, least_g: int) -> list[Supported]:
    """Every claim that a piece's lots support, with the lots that each rests on."""
    possible = [
        *(Claim(ClaimKind.FIBRE, fibre, share) for fibre, share in fibres_of(strands).items()),
        *map(Claim, (ClaimKind.HAND_SPUN, ClaimKind.NATURAL_DYES, ClaimKind.UNDYED)),
        *(Claim(ClaimKind.DYED_WITH, dye=dye) for dye in sorted(_dyes_of(strands))),
        Claim(ClaimKind.FASTNESS_TESTED),
    ]
    return [
        Supported(claim, [strand for strand in strands if _rests_on(claim, strand)])
        for claim in possible
        if why_not(claim, strands, policy, least_g) is None
    ]


def why_not(
    claim: Claim, strands: Sequence[Strand], policy: ClaimPolicy, least_g: int
) -> str | None:
    """Why a piece's lots do not support a claim; None when they do."""
    if claim.kind not in policy.allowed:
        return "the co-operative does not make this claim"
    if not strands:
        return "nobody wrote down which lots it was made of"
    if (grams := sum(strand.grams for strand in strands)) < least_g:
        return f"its lots account for {grams} g of at least {least_g} g"
    if claim.kind == ClaimKind.FIBRE:
        return _why_not_fibre(claim, strands, policy.fibre_tolerance_bp)
    return _why_not_made(claim, strands, policy)


def misdescribed(
    design: Design, strands: Sequence[Strand], policy: ClaimPolicy, least_g: int
) -> str | None:
    """Vicuña without a permit; where the policy asks for it, a label that the lots contradict."""
    held = {fibre.fibre for strand in strands for fibre in strand.yarn.fibres}
    if Fibre.VICUNA in held and not design.vicuna_permit:
        return "it holds vicuña, and its design has no permit for it"
    if not policy.composition_needs_lots:
        return None
    if not strands or sum(strand.grams for strand in strands) < least_g:
        return "its lots do not account for what the label says it is made of"
    told = {share.fibre for share in design.fibres}
    if len({share.part for share in design.fibres}) > 1:
        return None if held <= told else f"its lots hold {_listed(fibres_of(strands))}"
    shares = [Claim(ClaimKind.FIBRE, one.fibre, one.share_bp) for one in design.fibres]
    reasons = [_why_not_fibre(one, strands, policy.fibre_tolerance_bp) for one in shares]
    return next((why for why in reasons if why), None)


def _why_not_fibre(claim: Claim, strands: Sequence[Strand], tolerance_bp: int) -> str | None:
    shares = fibres_of(strands)
    share = shares.get(str(claim.fibre), 0)
    if claim.share_bp == WHOLE:
        only = {fibre.fibre for strand in strands for fibre in strand.yarn.fibres}
        return None if only == {claim.fibre} else f"its lots hold {_listed(shares)}"
    if share == 0 or abs(share - (claim.share_bp or 0)) > tolerance_bp:
        return f"its lots hold {_listed(shares)}"
    return None


def _why_not_made(claim: Claim, strands: Sequence[Strand], policy: ClaimPolicy) -> str | None:
    dyed = [strand for strand in strands if strand.dye]
    if claim.kind == ClaimKind.HAND_SPUN:
        other = [one for one in strands if one.yarn.spun != Spun.HAND]
        return f"{_codes(other)} was not spun by hand" if other else None
    if claim.kind == ClaimKind.UNDYED:
        return f"{_codes(dyed)} was dyed" if dyed else None
    if not dyed:
        return "none of its lots was dyed"
    if claim.kind == ClaimKind.NATURAL_DYES:
        return _why_not_natural(dyed, needs_swatch=policy.natural_needs_swatch)
    if claim.kind == ClaimKind.FASTNESS_TESTED:
        untested = [one for one in dyed if not one.tests]
        return f"{_codes(untested)} was not tested" if untested else None
    return None if claim.dye in _dyes_of(dyed) else f"none of its lots was dyed with {claim.dye}"


def _why_not_natural(dyed: Sequence[Strand], *, needs_swatch: bool) -> str | None:
    if other := [one for one in dyed if not one.is_natural]:
        return f"{_codes(other)} was not dyed with natural dyes only"
    bare = [one for one in dyed if one.dye and one.dye.swatch_photo_id is None]
    return f"{_codes(bare)} has no photo of its swatch" if needs_swatch and bare else None


def _rests_on(claim: Claim, strand: Strand) -> bool:
    if claim.kind == ClaimKind.FIBRE:
        return claim.fibre in {fibre.fibre for fibre in strand.yarn.fibres}
    if claim.kind == ClaimKind.DYED_WITH:
        return claim.dye in strand.dyes
    if claim.kind in {ClaimKind.NATURAL_DYES, ClaimKind.FASTNESS_TESTED}:
        return strand.dye is not None
    return True


def _dyes_of(strands: Collection[Strand]) -> set[str]:
    return {dye for strand in strands for dye in strand.dyes}


def _codes(strands: Sequence[Strand]) -> str:
    return ", ".join(strand.lot.code for strand in strands)


def _listed(shares: Mapping[str, int]) -> str:
    """Shares as people read them: ``alpaca 49.90 %, sheep_wool 50.10 %``."""
    return ", ".join(
        f"{fibre} {share // 100}.{share % 100:02d} %" for fibre, share in sorted(shares.items())
    )
