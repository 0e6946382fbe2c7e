"""Claims on the wire: what a listing claims, what may be said, what a passport rests on."""

from typing import Any, ClassVar

from marshmallow import fields

from api.schemas.base import Request, View
from api.schemas.designs import CODE
from api.schemas.fastness import GradeBelowView
from api.schemas.fields import Choice, Day, Flag, Id, Moment, Some, Text, Whole
from api.schemas.stock import AT, PIECE_ID, STAFF, TAG
from api.schemas.yarn import LISTING_ID
from inventory.claim_models import ClaimKind, Verdict
from inventory.design_models import Fibre


class ClaimView(View):
    """One claim of the fixed list; a fibre has its share of the weight, a dye its code."""

    kind = fields.String()
    fibre = fields.String(allow_none=True)
    share_bp = fields.Integer(allow_none=True)
    dye = fields.String(allow_none=True)


CLAIM = {"kind": "dyed_with", "fibre": None, "share_bp": None, "dye": "cochineal"}


class ClaimIn(Request):
    """One claim: `fibre` with its share of the weight, `dyed_with` with its dye, or a plain one."""

    kind = Choice(ClaimKind, required=True)
    fibre = Choice(Fibre)
    share_bp = Whole(1, 10_000)
    dye = Text(60, like=CODE)


class ClaimProblemView(View):
    """One thing that may not be said: where, why, and of which piece if it is about one."""

    pointer = fields.String()
    message = fields.String()
    piece_id = Id(allow_none=True)


class ListingClaimsView(View):
    """What a listing claims, and everything that keeps it from being published."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "listing_id": LISTING_ID,
        "status": "withdrawn",
        "why": f"not supported any more: {TAG}: none of its lots was dyed with cochineal",
        "claims": [CLAIM],
        "problems": [
            {
                "pointer": "/claims/0",
                "message": f"{TAG}: none of its lots was dyed with cochineal",
                "piece_id": PIECE_ID,
            }
        ],
    }

    listing_id = Id()
    status = fields.String()
    why = fields.String(metadata={"description": "why it has this status"})
    claims = fields.List(fields.Nested(ClaimView))
    problems = fields.List(fields.Nested(ClaimProblemView))


class NewClaimPolicy(Request):
    """Which claims the co-operative makes at all, and what they need, from a day on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "allowed": ["fibre", "hand_spun", "natural_dyes", "dyed_with"],
        "fibre_tolerance_bp": 300,
        "composition_needs_lots": False,
        "natural_needs_swatch": True,
        "valid_from": "2026-12-01",
        "source": "the assembly of November 2026",
    }

    allowed = Some(Choice(ClaimKind), len(ClaimKind), required=True)
    fibre_tolerance_bp = Whole(0, 2000, required=True)
    composition_needs_lots = Flag(required=True)
    natural_needs_swatch = Flag(required=True)
    valid_from = Day(required=True)
    source = Text(500, required=True)


class ClaimPolicyView(View):
    """Which claims the co-operative makes at all, and what they need, from a day on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000706",
        **NewClaimPolicy.EXAMPLE,
        "recorded_at": AT,
        "recorded_by": STAFF,
    }

    id = Id()
    allowed = fields.List(fields.String())
    fibre_tolerance_bp = fields.Integer()
    composition_needs_lots = fields.Boolean()
    natural_needs_swatch = fields.Boolean()
    valid_from = Day()
    source = fields.String()
    recorded_at = Moment()
    recorded_by = fields.String()


class NewWordingRule(Request):
    """What a page may do with a phrase, from a day on; a star stands for any ending of a word."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "phrase": "natural dye*",
        "language": "en",
        "verdict": "needs_claim",
        "claim": "natural_dyes",
        "reason": "say it as a claim, which rests on the dye lots",
        "valid_from": "2026-01-01",
        "source": "the assembly of November 2026",
    }

    phrase = Text(100, required=True)
    language = Choice(["en", "es", "qu"], required=True)
    verdict = Choice(Verdict, required=True)
    claim = Choice(ClaimKind)
    fibre = Choice(Fibre)
    reason = Text(500, required=True)
    valid_from = Day(required=True)
    source = Text(500, required=True)


class WordingRuleView(View):
    """What a page may do with a phrase, from a day on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-000000000707",
        **NewWordingRule.EXAMPLE,
        "fibre": None,
        "recorded_at": AT,
        "recorded_by": STAFF,
    }

    id = Id()
    phrase = fields.String()
    language = fields.String()
    verdict = fields.String()
    claim = fields.String(allow_none=True)
    fibre = fields.String(allow_none=True)
    reason = fields.String()
    valid_from = Day()
    source = fields.String()
    recorded_at = Moment()
    recorded_by = fields.String()


class LotTestView(View):
    """How the lot did in a test; `below` are grades that the co-operative discloses."""

    method = fields.String()
    change = fields.String(allow_none=True)
    staining = fields.String(allow_none=True)
    tested_on = Day()
    below = fields.List(fields.Nested(GradeBelowView))


class RestsOnView(View):
    """A lot that a claim rests on: which, from when, how it was spun, dyed and tested."""

    lot = fields.String()
    kind = fields.String()
    on = Day()
    spun = fields.String()
    dyes = fields.List(fields.String())
    mordants = fields.List(fields.String())
    tests = fields.List(fields.Nested(LotTestView))


class PassportClaimView(ClaimView):
    """A claim that the piece's lots support, computed from them; never typed in."""

    rests_on = fields.List(fields.Nested(RestsOnView))


PASSPORT_CLAIM = {
    **CLAIM,
    "rests_on": [
        {
            "lot": "D-26-031",
            "kind": "dye",
            "on": "2026-09-20",
            "spun": "hand",
            "dyes": ["cochineal"],
            "mordants": ["alum"],
            "tests": [
                {
                    "method": "iso_105_c06",
                    "change": "3-4",
                    "staining": "1-2",
                    "tested_on": "2026-10-02",
                    "below": [],
                }
            ],
        }
    ],
}
