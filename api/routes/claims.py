"""Claims: what may be said on a page, how dyes were tested, and what keeps a listing back."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.lot_views import a_test, dye_lots
from api.paging import Page, listed, pages_of
from api.schemas.claims import (
    ClaimPolicyView,
    ListingClaimsView,
    NewClaimPolicy,
    NewWordingRule,
    WordingRuleView,
)
from api.schemas.fastness import (
    FastnessLimitView,
    FastnessTestView,
    NewFastnessLimit,
    NewFastnessTest,
)
from core import clock
from core.db import current_session
from inventory import claim_rules, claims, fastness, listings, lots
from inventory.pieces import life_of
from inventory.yarn_models import FastnessLimit, LotKind

blueprint = Blueprint("claims", "What a page may say of a piece, and what it has to rest on.")
OF_LIMIT = tuple(name for name in FastnessLimitView().fields if name != "least")


@blueprint.post("/dye-lots/<uuid:lot_id>/fastness-tests")
@needs("materials:write")
@blueprint.arguments(NewFastnessTest)
@once()
@blueprint.response(201, FastnessTestView)
def add_test(wanted: dict[str, Any], lot_id: uuid.UUID) -> Any:
    """Write down how a dye lot did in a test.

    With at least one grade, from 1 (bad) to 5. A low grade is never refused; what is below the
    co-operative's own limit is disclosed. A wrong test is answered by a later one.
    """
    session = current_session()
    test = fastness.add_test(session, lot_id=lot_id, actor=actor(), now=clock.now(), **wanted)
    (lot,) = dye_lots(session, [lots.get_lot(session, lot_id, kind=LotKind.DYE, actor=actor())])
    limits = fastness.every_limit(session, cooperative_id=test.cooperative_id)
    return a_test(test, limits, lot["dyes"], lot["mordants"])


@blueprint.post("/fastness-limits")
@needs("policies:write")
@blueprint.arguments(NewFastnessLimit)
@once()
@blueprint.response(201, FastnessLimitView)
def set_limit(wanted: dict[str, Any]) -> Any:
    """Set below which grade a test is disclosed.

    From a day on, for one dye or mordant or for all; the closest fitting holds, of several the
    newest. Nothing is refused by it.
    """
    limit = fastness.set_limit(current_session(), actor=actor(), now=clock.now(), **wanted)
    return _limit(limit)


@blueprint.get("/fastness-limits")
@needs("materials:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(FastnessLimitView))
def list_limits(wanted: dict[str, Any]) -> Any:
    """List limits of fastness.

    Every one that was set, the newest written first.
    """
    read = partial(fastness.list_limits, current_session(), actor=actor())
    body, status, headers = listed(read, wanted, by="before")
    return {"items": [_limit(limit) for limit in body["items"]]}, status, headers


@blueprint.post("/claim-policies")
@needs("policies:write")
@blueprint.arguments(NewClaimPolicy)
@once()
@blueprint.response(201, ClaimPolicyView)
def set_policy(wanted: dict[str, Any]) -> Any:
    """Set which claims are made, and what they need.

    From a day on; what began last holds. What is published stays until it is published or changed
    again, or one of its lots is corrected.
    """
    return claim_rules.set_claim_policy(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/claim-policies")
@needs("listings:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ClaimPolicyView))
def list_policies(wanted: dict[str, Any]) -> Any:
    """List the versions of the claim policy.

    The newest written first. Where there is none, every claim may be made and needs its lots.
    """
    read = partial(claim_rules.list_claim_policies, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.post("/wording-rules")
@needs("policies:write")
@blueprint.arguments(NewWordingRule)
@once()
@blueprint.response(201, WordingRuleView)
def set_wording(wanted: dict[str, Any]) -> Any:
    """Set what a page may do with a phrase.

    Forbid it, let it stand only with a claim or a fibre of the design, or allow it again; from a
    day on. It is looked for in titles, descriptions and the words of photos, in every language.
    """
    return claim_rules.set_wording_rule(current_session(), actor=actor(), now=clock.now(), **wanted)


@blueprint.get("/wording-rules")
@needs("listings:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(WordingRuleView))
def list_wording(wanted: dict[str, Any]) -> Any:
    """List rules about phrases.

    Every one that was set, the newest written first. Of several for a phrase what began last holds.
    """
    read = partial(claim_rules.list_wording_rules, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.get("/listings/<uuid:listing_id>/claims")
@needs("listings:read")
@blueprint.response(200, ListingClaimsView)
def check_claims(listing_id: uuid.UUID) -> Any:
    """Look at what a listing claims.

    With everything that would keep it from being published today, and why it has its status: a
    listing whose claims fell says so here.
    """
    session = current_session()
    listing = listings.get_listing(session, listing_id, actor=actor())
    return {
        "listing_id": listing.id,
        "status": listing.status,
        "why": life_of(session, listing.id)[-1].why,
        "claims": listing.claims,
        "problems": claims.problems_of(session, listing, day=clock.now().date()),
    }


def _limit(limit: FastnessLimit) -> dict[str, Any]:
    shown = {name: getattr(limit, name) for name in OF_LIMIT}
    return {**shown, "least": fastness.written(limit.least)}
