"""Links: the address in a QR code, for good, and the piece it leads to.

With a GTIN it is GS1's Digital Link, ``/01/{gtin}/21/{serial}``; without one, none is invented and
the house has a path of its own, ``/p/{tag}``. The serial is the tag, so both lead to the same piece
whatever becomes of the GTIN.
"""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from inventory.models import Piece
from inventory.pieces import piece_by_tag
from labels.gtins import read_gtin
from labels.models import Gtin


def link(public_url: str, *, tag: str, gtin: str | None = None) -> str:
    """The address that is printed; ``gtin`` has 14 digits."""
    path = f"/p/{tag}" if gtin is None else f"/01/{gtin}/21/{tag}"
    return public_url.rstrip("/") + path


def piece_behind(session: Session, *, tag: str, gtin: str | None = None) -> Piece:
    """The piece an address leads to. Raises TagInvalid, GtinInvalid and NotFound.

    A GTIN that was ended leads there too; one that was never its design's does not.
    """
    number = None if gtin is None else read_gtin(gtin)
    piece = piece_by_tag(session, tag)
    if number is None:
        return piece
    was_its = exists().where(Gtin.design_id == piece.design_id, Gtin.gtin == number)
    if not session.scalar(select(was_its)):
        raise NotFound("this number is not the piece's")
    return piece
