"""People on the wire: makers, consents, staff, API keys."""

from typing import Any, ClassVar

from marshmallow import fields, post_dump

from api.access import actor
from api.schemas.base import Request, View
from api.schemas.fields import Choice, Day, Flag, Id, Moment, Some, Text, email, web_address
from api.schemas.money import LongWords, WordsView
from core.words import LANGUAGES
from people.models import Medium, Purpose
from people.permissions import SCOPES, Role

MAKER_ID = "0197f1a5-c2d0-7a31-b2c3-d4e5f6a7b8c9"
STAFF = "staff:0197f1a5-0000-7000-8000-0000000000a1"
AT = "2026-11-23T15:00:00Z"
STORY = {"es": "Teje pallay desde niña.", "en": "She has woven pallay since she was a girl."}


class NewMaker(Request):
    """A woman who joins. Her legal name is shown to nobody without `makers:private`."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "legal_name": "Sabina Demo Quispe",
        "public_name": "Sabina",
        "story": STORY,
        "photo_url": "https://photos.example/sabina.jpg",
    }

    legal_name = Text(200, required=True)
    public_name = Text(100, required=True)
    story = fields.Nested(LongWords)
    photo_url = web_address()
    demo = Flag()


class MakerView(View):
    """A maker as her co-operative sees her; `legal_name` only with `makers:private`."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": MAKER_ID,
        "legal_name": "Sabina Demo Quispe",
        "public_name": "Sabina",
        "story": STORY,
        "photo_url": "https://photos.example/sabina.jpg",
        "demo": False,
        "created_at": AT,
        "created_by": STAFF,
    }

    id = Id()
    legal_name = fields.String()
    public_name = fields.String()
    story = fields.Nested(WordsView)
    photo_url = fields.String(allow_none=True)
    demo = fields.Boolean()
    created_at = Moment()
    created_by = fields.String()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """All but the legal name are always there."""
        field_obj.required = field_name != "legal_name"

    @post_dump
    def _keep_legal_name(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        if "makers:private" not in actor().scopes:
            data.pop("legal_name", None)
        return data


class NewConsent(Request):
    """A maker's yes to one purpose, as it was given."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "purpose": "public_profile",
        "text_version": "2026-01",
        "language": "qu",
        "medium": "fingerprint",
        "given_on": "2026-11-20",
        "witness": "Justina Demo",
    }

    purpose = Choice(Purpose, required=True)
    text_version = Text(50, required=True)
    language = Choice(LANGUAGES, required=True)
    medium = Choice(Medium, required=True)
    given_on = Day(required=True)
    witness = Text(200, required=True)
    evidence_sha256 = Text(64, least=64, like="[0-9a-f]{64}")


class RevocationView(View):
    """A maker's no to what she had allowed."""

    reason = fields.String()
    revoked_at = Moment()
    recorded_by = fields.String()


class ConsentView(View):
    """A recorded consent, and its end if it has ended."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-c2d0-7a31-b2c3-d4e5f6a7b8d0",
        "maker_id": MAKER_ID,
        **NewConsent.EXAMPLE,
        "evidence_sha256": None,
        "recorded_at": AT,
        "recorded_by": STAFF,
        "revocation": None,
    }

    id = Id()
    maker_id = Id()
    purpose = fields.String()
    text_version = fields.String()
    language = fields.String()
    medium = fields.String()
    given_on = Day()
    witness = fields.String()
    evidence_sha256 = fields.String(allow_none=True)
    recorded_at = Moment()
    recorded_by = fields.String()
    revocation = fields.Nested(RevocationView, allow_none=True)


class NewRevocation(Request):
    """Why a consent ends."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"reason": "She asked for it on 23 November."}

    reason = Text(500, required=True)


class ConsentRevocationView(RevocationView):
    """The end of a consent; from now on nothing public shows what it allowed."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "consent_id": "0197f1a5-c2d0-7a31-b2c3-d4e5f6a7b8d0",
        "reason": "She asked for it on 23 November.",
        "revoked_at": AT,
        "recorded_by": STAFF,
    }

    consent_id = Id()


class NewStaff(Request):
    """A person who works for the co-operative, with her roles."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "name": "Eusebia Demo",
        "email": "eusebia@example.org",
        "roles": ["quality_lead"],
        "language": "qu",
    }

    name = Text(200, required=True)
    email = email()
    roles = Some(Choice(Role), len(Role), least=1, required=True)
    language = Choice(LANGUAGES)
    maker_id = Id()


class StaffView(View):
    """Somebody who works for the co-operative."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-0000000000a2",
        "name": "Eusebia Demo",
        "email": "eusebia@example.org",
        "language": "qu",
        "roles": ["quality_lead"],
        "maker_id": None,
        "active": True,
        "created_at": AT,
        "created_by": STAFF,
    }

    id = Id()
    name = fields.String()
    email = fields.String(allow_none=True)
    language = fields.String()
    roles = fields.List(fields.String(), attribute="role_names")
    maker_id = Id(allow_none=True)
    active = fields.Boolean()
    created_at = Moment()
    created_by = fields.String()


class NewApiKey(Request):
    """A key for one staff member (`staff_id`) or one named program (`application`)."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "application": "Museum shop",
        "scopes": ["listings:read", "orders:read"],
        "expires_at": "2027-05-01T00:00:00Z",
    }

    scopes = Some(Choice(SCOPES), len(SCOPES), least=1, required=True)
    expires_at = Moment(required=True)
    staff_id = Id()
    application = Text(100)


class KeyOwnerView(View):
    """Whom a key speaks for."""

    kind = fields.String()
    id = Id()
    name = fields.String()


class ApiKeyView(View):
    """A key, without its secret."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "id": "0197f1a5-0000-7000-8000-0000000000b1",
        "prefix": "pk_1f2e3d4c5b6a",
        "owner": {
            "kind": "application",
            "id": "0197f1a5-0000-7000-8000-0000000000b2",
            "name": "Museum shop",
        },
        "scopes": ["listings:read", "orders:read"],
        "expires_at": "2027-05-01T00:00:00Z",
        "last_used_at": None,
        "revoked_at": None,
        "created_at": AT,
        "created_by": STAFF,
    }

    id = Id()
    prefix = fields.String()
    owner = fields.Nested(KeyOwnerView)
    scopes = fields.List(fields.String())
    expires_at = Moment()
    last_used_at = Moment(allow_none=True)
    revoked_at = Moment(allow_none=True)
    created_at = Moment()
    created_by = fields.String()


class MadeApiKeyView(ApiKeyView):
    """A key just made. `secret` is the key itself: shown now and never again."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **ApiKeyView.EXAMPLE,
        "secret": "pk_1f2e3d4c5b6a_Kx3vT0mXcXlJbYt5pQ2wZr8nHs7uDf6gEa1iOy4jLk9",
    }

    secret = fields.String(allow_none=True)
