"""Fair pay: reference wages, and what an hour of each maker's work brought her."""

import uuid
from collections import Counter
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, listed, page_up_to, pages_of, place
from api.schemas.fair_pay import (
    DesignFairPayView,
    FairPayView,
    FairPayWanted,
    NewReferenceWage,
    ReferenceWageView,
)
from core import clock
from core.db import current_session
from payouts import fair_pay_reading as reading
from payouts import wages
from payouts.fair_pay import MakerPay, PiecePay

blueprint = Blueprint("fair-pay", "What an hour of work brought; for the co-operative only.")


@blueprint.post("/reference-wages")
@needs("policies:write")
@blueprint.arguments(NewReferenceWage)
@once()
@blueprint.response(201, ReferenceWageView)
def set_wage(wanted: dict[str, Any]) -> Any:
    """Set a reference wage.

    What so many minutes are worth from a day on, and whose figure it is. A piece is compared with
    what held on the day it was handed in; the newest version for a day holds.
    """
    amount = wanted.pop("wage")
    return wages.set_reference_wage(
        current_session(), actor=actor(), now=clock.now(), **amount, **wanted
    )


@blueprint.get("/reference-wages")
@needs("payouts:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ReferenceWageView))
def list_wages(wanted: dict[str, Any]) -> Any:
    """List reference wages.

    Every version of every measure, the newest written first.
    """
    read = partial(wages.list_reference_wages, current_session(), actor=actor())
    return listed(read, wanted, by="before")


@blueprint.get("/pieces/<uuid:piece_id>/fair-pay")
@needs("payouts:read")
@blueprint.response(200, FairPayView)
def get_fair_pay(piece_id: uuid.UUID) -> Any:
    """Read what a piece's makers get by the hour.

    From the agreed price, or from the shares of its sales; earned and paid are apart. `below` names
    the measures that some maker's hour did not reach; `missing` what is not known and not guessed.
    """
    found = reading.piece_pay(current_session(), piece_id=piece_id, actor=actor())
    return _shown(found)


@blueprint.get("/fair-pay")
@needs("payouts:read")
@blueprint.arguments(FairPayWanted, location="query")
@blueprint.response(200, pages_of(FairPayView))
def list_fair_pay(wanted: dict[str, Any]) -> Any:
    """List pieces with what their makers get by the hour.

    Newest first; of one delivery, design or maker. `below=living` leaves those of which some
    maker's hour did not reach the living wage. Such a page looks through 1,000 pieces and may be
    short: go on while there is a `Link` to the next.
    """
    limit, before = wanted.pop("limit"), place(wanted.pop("after", None))
    found, further = reading.list_piece_pay(
        current_session(),
        actor=actor(),
        wanted=reading.PayFilter(**wanted),
        limit=limit,
        before=before,
    )
    return page_up_to([_shown(one) for one in found], further)


@blueprint.get("/designs/<uuid:design_id>/fair-pay")
@needs("payouts:read")
@blueprint.response(200, DesignFairPayView)
def get_design_fair_pay(design_id: uuid.UUID) -> Any:
    """Read what a design's makers get by the hour.

    Its newest 1,000 pieces together: sums of those of which time and pay are known.
    """
    found = reading.design_pay(current_session(), design_id=design_id, actor=actor())
    below = [{"kind": kind, "pieces": count} for kind, count in found.below.items()]
    return {**{name: getattr(found, name) for name in DESIGN}, "below": below}


DESIGN = (
    "design_id", "currency", "pieces", "known", "minutes", "minor", "hourly_minor", "lowest_minor",
)  # fmt: skip
#: What is the same for one maker and for all of a piece together.
FIGURES = "minor", "hourly_minor", "against"


def _shown(found: PiecePay) -> dict[str, Any]:
    piece = found.piece
    return {
        "piece_id": piece.id,
        "tag": piece.tag,
        "design_id": piece.design_id,
        **{
            name: getattr(found, name)
            for name in ("delivered_on", "currency", "rests_on", "below", "missing", "rates")
        },
        "makers": [_maker(one) for one in found.makers],
        "together": {"minutes": found.minutes, **{one: getattr(found, one) for one in FIGURES}},
        "references": found.wages,
    }


def _maker(one: MakerPay) -> dict[str, Any]:
    return {
        "maker": one.maker,
        "stages": one.stages,
        "minutes": one.worked.minutes,
        "minutes_from": one.worked.comes_from,
        "gets": _amounts(one.share.gets),
        "earned": _amounts(one.share.earned),
        "paid": _amounts(one.share.paid),
        "materials_minor": one.materials_minor,
        **{name: getattr(one, name) for name in FIGURES},
    }


def _amounts(by_currency: Counter[str]) -> list[dict[str, Any]]:
    return [
        {"amount_minor": minor, "currency": currency}
        for currency, minor in sorted(by_currency.items())
    ]
