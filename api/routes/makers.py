"""Makers, and what they consent to."""

import uuid
from functools import partial
from typing import Any

from api.access import actor, needs
from api.blueprints import Blueprint
from api.idempotency import once
from api.paging import Page, listed, pages_of
from api.schemas.people import (
    ConsentRevocationView,
    ConsentView,
    MakerView,
    NewConsent,
    NewMaker,
    NewRevocation,
)
from core import clock
from core.db import current_session
from people import consents, makers

blueprint = Blueprint("makers", "The women who spin, dye, weave and finish; and their consents.")


@blueprint.post("/makers")
@needs("makers:write")
@blueprint.arguments(NewMaker)
@once()
@blueprint.response(201, MakerView)
def add_maker(wanted: dict[str, Any]) -> Any:
    """Add a maker.

    Nothing of her is public before she consents to it.
    """
    maker = makers.add_maker(current_session(), actor=actor(), now=clock.now(), **wanted)
    return maker, 201, {"Location": f"/v1/makers/{maker.id}"}


@blueprint.get("/makers")
@needs("makers:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(MakerView))
def list_makers(wanted: dict[str, Any]) -> Any:
    """List makers.

    Everybody of the key's co-operative, in the order they joined.
    """
    return listed(partial(makers.list_makers, current_session(), actor=actor()), wanted)


@blueprint.get("/makers/<uuid:maker_id>")
@needs("makers:read")
@blueprint.response(200, MakerView)
def get_maker(maker_id: uuid.UUID) -> Any:
    """Read one maker.

    Her legal name is there only for keys with `makers:private`.
    """
    return makers.get_maker(current_session(), maker_id, actor=actor())


@blueprint.post("/makers/<uuid:maker_id>/consents")
@needs("makers:write")
@blueprint.arguments(NewConsent)
@once()
@blueprint.response(201, ConsentView)
def record_consent(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """Record a consent.

    One purpose each: `public_profile` (name and story), `photo`, `price_share` (what she earned by
    a piece). A second one while the first stands is refused with `consent_stands`.
    """
    return consents.record_consent(
        current_session(), maker_id=maker_id, actor=actor(), now=clock.now(), **wanted
    )


@blueprint.get("/makers/<uuid:maker_id>/consents")
@needs("makers:read")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, pages_of(ConsentView))
def list_consents(wanted: dict[str, Any], maker_id: uuid.UUID) -> Any:
    """List a maker's consents.

    All she ever gave, newest first; a revoked one carries its revocation.
    """
    maker = makers.get_maker(current_session(), maker_id, actor=actor())
    return listed(partial(consents.list_consents, current_session(), maker.id), wanted, by="before")


@blueprint.post("/consents/<uuid:consent_id>/revocation")
@needs("makers:write")
@blueprint.arguments(NewRevocation)
@once()
@blueprint.response(201, ConsentRevocationView)
def revoke_consent(wanted: dict[str, Any], consent_id: uuid.UUID) -> Any:
    """Revoke a consent.

    From the answer on, nothing public shows what it allowed. Revoking twice is refused.
    """
    return consents.revoke_consent(
        current_session(), consent_id=consent_id, actor=actor(), now=clock.now(), **wanted
    )
