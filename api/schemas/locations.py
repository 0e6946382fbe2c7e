"""Changes of a location on the wire."""

from typing import Any, ClassVar

from api.schemas.base import Request
from api.schemas.fields import Text


class LocationChange(Request):
    """What a location is called from now on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"name": "Artisan centre, Huilloc"}

    name = Text(200, required=True)
