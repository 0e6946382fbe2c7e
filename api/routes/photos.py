"""Photos: announced, sent, described, made public, taken away."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from api.access import actor, by_signature, needs
from api.blueprints import Blueprint
from api.downloads import downloads, pictures, takes_bytes
from api.etags import if_match, of_version, version_wanted, versioned
from api.house import settings
from api.idempotency import once, writes
from api.paging import page, pages_of, place
from api.pictures import picture
from api.routes.stock import body_hash
from api.schemas.base import Nothing
from api.schemas.photos import (
    AnnouncedPhotoView,
    NewPhoto,
    PhotosWanted,
    PhotoView,
    PhotoWords,
    ReceivedPhotoView,
    UploadSigned,
    WhyHidden,
)
from core import audit, clock
from core.db import current_session
from core.errors import NotFound
from photos import publishing, reading, removal, signing, uploads
from photos.models import Photo, PhotoStatus
from photos.shown import shown_photos
from photos.sizes import PRINTS, content_type_of
from photos.storage import current_store

blueprint = Blueprint("photos", "What phones photographed, and what of it the world may see.")
FIELDS = tuple(name for name in PhotoView().fields if name != "public")
BYTES = ("content_type", "byte_length", "sha256")
PIECE_BYTES = 65_536


@blueprint.put("/photos/<uuid:photo_id>")
@needs("photos:write")
@blueprint.arguments(NewPhoto)
@writes
@blueprint.response(201, AnnouncedPhotoView)
@blueprint.also_answers(200, AnnouncedPhotoView, "Announced before, with these very contents")
def announce_photo(wanted: dict[str, Any], photo_id: uuid.UUID) -> Any:
    """Announce a photo.

    The id is made on the phone, and what the photo shows may be sent later than the photo. The
    answer has the address its bytes go to, good for a day; announced again, there is a fresh one.
    """
    session = current_session()
    photo, new = uploads.announce_photo(
        session,
        photo_id=photo_id,
        expected=uploads.Expected(**{name: wanted.pop(name) for name in BYTES}),
        request_hash=body_hash(),
        most_bytes=settings().photo_max_bytes,
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    (shown,) = _shown(session, [photo])
    return {**shown, "upload": _upload(photo)}, 201 if new else 200


@blueprint.put("/photos/<uuid:photo_id>/content")
@by_signature
@takes_bytes(*uploads.CONTENT_TYPES)
@blueprint.arguments(UploadSigned, location="query")
@blueprint.response(200, ReceivedPhotoView)
def send_photo(_signed: dict[str, Any], photo_id: uuid.UUID) -> Any:
    """Send a photo's bytes.

    To the signed address of its announcement, without a key. Exactly the announced bytes are taken
    (422 otherwise); sent again they change nothing. A worker then looks whether they are a photo:
    `status` becomes `ready`, or `refused` with a reason.
    """
    request.max_content_length = settings().photo_max_bytes
    audit.turned_out(actor=uploads.PHONE)
    uploads.receive(
        current_store(),
        photo_id=photo_id,
        content_type=request.mimetype,
        pieces=_pieces(),
        now=clock.now(),
    )
    return {"id": photo_id, "status": current_session().get_one(Photo, photo_id).status}


@blueprint.get("/photos")
@needs("photos:read")
@blueprint.arguments(PhotosWanted, location="query")
@blueprint.response(200, pages_of(PhotoView))
def list_photos(wanted: dict[str, Any]) -> Any:
    """List photos.

    By id; of everything the key may read. `subject` finds those of one piece, inspection, delivery.
    """
    session = current_session()
    limit, after = wanted.pop("limit"), place(wanted.pop("after", None))
    found = reading.list_photos(
        session, actor=actor(), wanted=reading.PhotoFilter(**wanted), limit=limit + 1, after=after
    )
    body, status, headers = page(found, limit)
    return {"items": _shown(session, body["items"])}, status, headers


@blueprint.get("/photos/<uuid:photo_id>")
@needs("photos:read")
@versioned
@blueprint.response(200, PhotoView)
def get_photo(photo_id: uuid.UUID) -> Any:
    """Read what is known of a photo.

    Not the picture itself; that is one of its prints.
    """
    session = current_session()
    return _one(session, reading.get_photo(session, photo_id, actor=actor()))


@blueprint.patch("/photos/<uuid:photo_id>")
@needs("photos:write")
@if_match
@blueprint.arguments(PhotoWords)
@writes
@versioned
@blueprint.response(200, PhotoView)
def describe_photo(wanted: dict[str, Any], photo_id: uuid.UUID) -> Any:
    """Say anew what can be seen on a photo.

    When other people are seen on it than before, it is taken out of public view, as they were not
    asked.
    """
    session = current_session()
    photo = publishing.describe_photo(
        session,
        photo_id=photo_id,
        version=version_wanted(publishing.PhotoChanged),
        actor=actor(),
        now=clock.now(),
        **wanted,
    )
    return _one(session, photo)


@blueprint.get("/photos/<uuid:photo_id>/original")
@needs("photos:read")
@downloads("application/octet-stream")
def download_original(photo_id: uuid.UUID) -> Any:
    """Download the file as it was sent.

    With everything the phone wrote into it, the place among it. It is never public.
    """
    return str(photo_id), _file(photo_id, reading.ORIGINAL)


@blueprint.get("/photos/<uuid:photo_id>/prints/<name>")
@needs("photos:read")
@pictures("image/webp", "image/jpeg")
def show_print(photo_id: uuid.UUID, name: str) -> Any:
    """See a photo that need not be public.

    `small.webp`, `medium.webp`, `large.webp` or `large.jpg`.
    """
    if name not in PRINTS:
        raise NotFound("this photo has no such print")
    return Response(_file(photo_id, name), content_type=content_type_of(name))


@blueprint.post("/photos/<uuid:photo_id>/publication")
@needs("photos:publish")
@blueprint.arguments(Nothing)
@once()
@blueprint.response(201, PhotoView)
def publish_photo(_wanted: dict[str, Any], photo_id: uuid.UUID) -> Any:
    """Make a photo public.

    It needs words, and the consent to photos of every maker who can be seen. Taken back, such a
    consent ends the publication at once, and its addresses with it, for good.
    """
    session = current_session()
    publishing.publish_photo(session, photo_id=photo_id, actor=actor(), now=clock.now())
    return _one(session, reading.get_photo(session, photo_id, actor=actor()))


@blueprint.post("/photos/<uuid:photo_id>/withdrawal")
@needs("photos:publish")
@blueprint.arguments(WhyHidden)
@once()
@blueprint.response(201, PhotoView)
def withdraw_photo(wanted: dict[str, Any], photo_id: uuid.UUID) -> Any:
    """Take a photo out of public view.

    Its addresses show nothing from now on; published anew it has others.
    """
    session = current_session()
    publishing.withdraw_photo(session, photo_id=photo_id, actor=actor(), now=clock.now(), **wanted)
    return _one(session, reading.get_photo(session, photo_id, actor=actor()))


@blueprint.post("/photos/<uuid:photo_id>/removal")
@needs("photos:publish")
@blueprint.arguments(WhyHidden)
@once()
@blueprint.response(201, PhotoView)
def remove_photo(wanted: dict[str, Any], photo_id: uuid.UUID) -> Any:
    """Remove a photo for good.

    The file, its prints and who can be seen on it are forgotten; that there was a photo is not.
    """
    session = current_session()
    photo = removal.remove_photo(
        session, photo_id=photo_id, actor=actor(), now=clock.now(), **wanted
    )
    return _one(session, photo)


def _pieces() -> Iterator[bytes]:
    while piece := request.stream.read(PIECE_BYTES):
        yield piece


def _file(photo_id: uuid.UUID, name: str) -> bytes:
    return reading.read_file(
        current_session(), current_store(), photo_id=photo_id, name=name, actor=actor()
    )


def _one(session: Session, photo: Photo) -> dict[str, Any]:
    of_version(photo.version)
    return _shown(session, [photo])[0]


def _shown(session: Session, photos: Sequence[Photo]) -> list[dict[str, Any]]:
    """Photos on the wire, each with how the world sees it."""
    public = shown_photos(session, [photo.id for photo in photos])
    return [
        {
            **{name: getattr(photo, name) for name in FIELDS},
            "public": picture(public[photo.id]) if photo.id in public else None,
        }
        for photo in photos
    ]


def _upload(photo: Photo) -> dict[str, Any] | None:
    if photo.status != PhotoStatus.AWAITED:
        return None
    expires, signature = signing.sign(photo.id, now=clock.now(), secret_key=settings().secret_key)
    query = urlencode({"expires": expires, "signature": signature})
    return {
        "url": f"{settings().public_url}/v1/photos/{photo.id}/content?{query}",
        "content_type": photo.content_type,
        "expires_at": signing.moment(expires),
    }
