"""Photos on the wire: announced, sent, described, published."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from api.paging import Page
from api.schemas.base import Request, View
from api.schemas.fields import Choice, Flag, Id, Moment, Some, Text, Whole, WholeText
from api.schemas.money import ShortWords, WordsView
from api.schemas.stock import MAKER_ID, PIECE_ID, STAFF
from photos.models import PhotoStatus
from photos.subjects import SubjectKind
from photos.uploads import CONTENT_TYPES

PHOTO_ID = "0197f1a5-0000-7000-8000-000000000911"
PUBLIC_NAME = "3f1c0a5b7e9d2c4486a1f0e3d5b7c9a8e6f4d2b0"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ALT = {"en": "A red runner on a table", "es": "Un camino rojo sobre una mesa"}
PUBLIC = f"https://shop.example/photos/{PUBLIC_NAME}"
SIZES = {
    "small": f"{PUBLIC}-small.webp",
    "medium": f"{PUBLIC}-medium.webp",
    "large": f"{PUBLIC}-large.webp",
    "jpeg": f"{PUBLIC}-large.jpg",
}
SHOWN = {"url": SIZES["large"], "alt": ALT, "sizes": SIZES, "width": 4000, "height": 3000}


class NewPhoto(Request):
    """A photo that will come: what it shows, who can be seen, and which bytes it has."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subject_kind": "piece",
        "subject_id": PIECE_ID,
        "content_type": "image/jpeg",
        "byte_length": 2_400_000,
        "sha256": SHA256,
        "maker_ids": [MAKER_ID],
        "others_shown": False,
        "alt": ALT,
        "taken_at": "2026-11-23T15:00:00Z",
    }

    subject_kind = Choice(SubjectKind, required=True)
    subject_id = Id(required=True, metadata={"description": "it may be sent later than its photo"})
    content_type = Choice(CONTENT_TYPES, required=True)
    byte_length = Whole(1, 104_857_600, required=True)
    sha256 = Text(64, least=64, like="[0-9a-f]{64}", required=True)
    maker_ids = Some(Id(), 20, metadata={"description": "makers who can be seen"})
    others_shown = Flag(
        metadata={"description": "somebody can be seen who is no maker; never public then"}
    )
    alt = fields.Nested(ShortWords)
    taken_at = Moment()


class PhotoWords(Request):
    """What can be seen on a photo; what is left out stays."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"alt": ALT, "maker_ids": [MAKER_ID], "others_shown": False}

    alt = fields.Nested(ShortWords)
    maker_ids = Some(Id(), 20)
    others_shown = Flag()

    @validates_schema(skip_on_field_errors=True)
    def _something(self, data: dict[str, Any], **_options: Any) -> None:
        if not data:
            raise ValidationError("Name at least one thing to change.")


class WhyHidden(Request):
    """Why a photo is to be seen no longer."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"reason": "she asked for it"}

    reason = Text(500, required=True)


class UploadSigned(Request):
    """What makes an address one that bytes may be sent to."""

    expires = WholeText(0, 999_999_999_999, required=True)
    signature = Text(100, required=True)


class PhotosWanted(Page):
    """Which photos."""

    subject = Id(metadata={"description": "photos of this piece, inspection, delivery …"})
    kind = Choice(SubjectKind)
    status = Choice(PhotoStatus)


class SizesView(View):
    """The addresses of a public photo: WebP with edges of 320, 960 and 2048, and a JPEG."""

    small = fields.String()
    medium = fields.String()
    large = fields.String()
    jpeg = fields.String()


class ShownPhotoView(View):
    """A picture, with words for those who cannot see it; `sizes` is null when others keep it."""

    EXAMPLE: ClassVar[dict[str, Any]] = SHOWN

    url = fields.String()
    alt = fields.Nested(WordsView)
    sizes = fields.Nested(SizesView, allow_none=True)
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)


class PhotoView(View):
    """A photo as the office sees it; `public` is null while the world may not see it."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **NewPhoto.EXAMPLE,
        "id": PHOTO_ID,
        "status": "ready",
        "version": 1,
        "width": 4000,
        "height": 3000,
        "refusal": None,
        "public": SHOWN,
        "created_at": "2026-11-23T15:01:00Z",
        "created_by": STAFF,
    }

    id = Id()
    status = fields.String()
    subject_kind = fields.String()
    subject_id = Id()
    content_type = fields.String()
    byte_length = fields.Integer()
    sha256 = fields.String()
    maker_ids = fields.List(Id())
    others_shown = fields.Boolean()
    alt = fields.Nested(WordsView)
    version = fields.Integer()
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    refusal = fields.String(
        allow_none=True, metadata={"description": "why it is no photo, in one word"}
    )
    public = fields.Nested(ShownPhotoView, allow_none=True)
    taken_at = Moment(allow_none=True)
    created_at = Moment()
    created_by = fields.String()


class UploadView(View):
    """Where the bytes are to be sent by PUT, with which Content-Type, and until when."""

    url = fields.String()
    content_type = fields.String()
    expires_at = Moment()


class AnnouncedPhotoView(PhotoView):
    """A photo that was announced; `upload` is null once its bytes are there."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        **PhotoView.EXAMPLE,
        "status": "awaited",
        "width": None,
        "height": None,
        "public": None,
        "upload": {
            "url": f"https://shop.example/v1/photos/{PHOTO_ID}/content?expires=1&signature=x",
            "content_type": "image/jpeg",
            "expires_at": "2026-11-24T15:01:00Z",
        },
    }

    upload = fields.Nested(UploadView, allow_none=True)


class ReceivedPhotoView(View):
    """A photo whose bytes were received, for whoever sent them."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"id": PHOTO_ID, "status": "received"}

    id = Id()
    status = fields.String()
