"""Makers, consents, staff and keys on the wire."""

from marshmallow import fields

from api.fields import (
    LONG,
    Text,
    WordsField,
    choice,
    day,
    identifier,
    moment,
    several,
    web_address,
    yes_no,
)
from api.wire import Strict
from core.words import LANGUAGES
from people.models import Medium, Purpose
from people.permissions import SCOPES, Role

ACTOR = "staff:0199a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b"


class NewMaker(Strict):
    """A maker to write into the book."""

    legal_name = Text(200, required=True, example="Demo Persona Uno")
    public_name = Text(100, required=True, example="Demo Sabina")
    story = WordsField(LONG, example={"es": "Hila lana de oveja desde niña."})
    photo_url = web_address(allow_none=True)
    demo = yes_no(example=True)


class MakerView(Strict):
    """A maker, as her co-operative sees her; the legal name only with makers:private."""

    id = identifier()
    public_name = Text(example="Demo Sabina")
    legal_name = Text(allow_none=True, example="Demo Persona Uno")
    story = WordsField(LONG)
    photo_url = web_address(allow_none=True)
    demo = yes_no()
    consents = several(choice(Purpose), most=10)
    created_at = moment()


class NewConsent(Strict):
    """A consent to record."""

    purpose = choice(Purpose, required=True)
    text_version = Text(50, required=True, example="2026-01")
    language = choice(LANGUAGES, required=True, example="qu")
    medium = choice(Medium, required=True, example="fingerprint")
    given_on = day(required=True)
    witness = Text(200, required=True, example="Demo witness")
    evidence_sha256 = Text(64, least=64, allow_none=True, example="0" * 64)


class ConsentView(Strict):
    """A consent, and when it ended if it did."""

    id = identifier()
    maker_id = identifier()
    purpose = choice(Purpose)
    text_version = Text(example="2026-01")
    language = choice(LANGUAGES)
    medium = choice(Medium)
    given_on = day()
    witness = Text(example="Demo witness")
    evidence_sha256 = Text(64, allow_none=True, example="0" * 64)
    recorded_at = moment()
    recorded_by = Text(example=ACTOR)
    revoked_at = moment(allow_none=True)


class NewRevocation(Strict):
    """Why a consent ends."""

    reason = Text(500, required=True, example="she changed her mind")


class RevocationView(Strict):
    """The end of a consent."""

    id = identifier()
    consent_id = identifier()
    reason = Text(example="she changed her mind")
    revoked_at = moment()
    recorded_by = Text(example=ACTOR)


class NewStaff(Strict):
    """A person who works for the co-operative."""

    name = Text(200, required=True, example="Demo quality lead")
    email = fields.Email(allow_none=True, metadata={"example": "lead@demo.example"})
    language = choice(LANGUAGES, example="es")
    roles = several(choice(Role, example="quality_lead"), least=1, most=4, required=True)
    maker_id = identifier(allow_none=True)


class StaffView(Strict):
    """One of the staff."""

    id = identifier()
    name = Text(example="Demo quality lead")
    email = fields.Email(allow_none=True, metadata={"example": "lead@demo.example"})
    language = choice(LANGUAGES)
    roles = several(choice(Role), most=4, attribute="role_names")
    maker_id = identifier(allow_none=True)
    active = yes_no()
    created_at = moment()


class NewKey(Strict):
    """A key for one staff member or for one named application."""

    staff_id = identifier(allow_none=True)
    application = Text(100, allow_none=True, example="Museum shop", metadata={"left_out": True})
    scopes = several(choice(sorted(SCOPES), example="orders:read"), most=30, required=True)
    expires_at = moment(required=True)


class KeyView(Strict):
    """A key without its secret."""

    id = identifier()
    prefix = Text(example="pk_0a1b2c3d4e5f")
    staff_id = identifier(allow_none=True)
    application = Text(allow_none=True, example="Museum shop")
    scopes = several(Text(example="orders:read"), most=30)
    expires_at = moment()
    last_used_at = moment(allow_none=True)
    revoked_at = moment(allow_none=True)
    created_at = moment()


class NewKeyView(KeyView):
    """A key with its secret, which is shown this once."""

    key = Text(allow_none=True, example="pk_0a1b2c3d4e5f_shown-once")
