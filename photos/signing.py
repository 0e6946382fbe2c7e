"""Signed addresses: whoever holds one may send the bytes of one photo, until it runs out."""

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime, timedelta

from core.errors import Forbidden

#: Long enough for a slow evening in the village; announcing the photo again gives a fresh one.
LIFETIME = timedelta(hours=24)
#: A day in the year 9999, beyond which no time can be told.
_LAST_SECOND = 253_402_300_799


class UploadRefused(Forbidden):
    """This address for an upload is not ours, or has run out; announce the photo again."""

    code = "upload_refused"


def sign(photo_id: uuid.UUID, *, now: datetime, secret_key: str) -> tuple[int, str]:
    """Until when the photo's bytes may be sent, in seconds since 1970, and the signature."""
    expires = int((now + LIFETIME).timestamp())
    return expires, _signature(photo_id, expires, secret_key)


def check(
    photo_id: uuid.UUID, *, expires: int, signature: str, now: datetime, secret_key: str
) -> None:
    """Raise UploadRefused unless we signed this and its time is not over; in constant time."""
    ours = _signature(photo_id, min(expires, _LAST_SECOND), secret_key)
    if not hmac.compare_digest(ours.encode(), signature.encode()) or now.timestamp() >= expires:
        raise UploadRefused()


def moment(expires: int) -> datetime:
    """The end of an upload's time."""
    return datetime.fromtimestamp(expires, UTC)


def _signature(photo_id: uuid.UUID, expires: int, secret_key: str) -> str:
    said = b"pallay photo upload %b %d" % (photo_id.bytes, expires)
    digest = hmac.digest(secret_key.encode(), said, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
