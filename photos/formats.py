"""What a file is, told by its bytes: one still picture of a known kind, and nothing besides.

A file that is a picture and something else too (a page, a program, an archive: a polyglot) is
refused, however well its picture decodes. JPEG: ITU-T T.81, Annex B. PNG: W3C, third edition.
WebP: RFC 9649. HEIC: ISO/IEC 14496-12 boxes, 23008-12 brands.
"""

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO

JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
#: The kinds that are taken in; `image/heif` is another name phones use for HEIC.
KINDS = (JPEG, PNG, WEBP, HEIC)

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_HEIC_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip", b"uuid"})
#: In coded data an FF is followed by 00 or a restart marker; anything else is a marker.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
#: What a browser or a server would run, where they look for it: near the beginning, or the end.
_FOREIGN = re.compile(rb"<\?php|<script|<html|<!doctype|<svg|<iframe|%pdf-|\x7felf", re.IGNORECASE)
_EDGE = 65_536


class NotOnePicture(Exception):
    """The file is not one still picture and nothing else; ``why`` is a word for programs."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def kind_of(beginning: bytes) -> str | None:
    """The kind of a file by its first 32 bytes; None when it is none of ours."""
    if beginning.startswith(b"\xff\xd8\xff"):
        return JPEG
    if beginning.startswith(_PNG_SIGNATURE):
        return PNG
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return WEBP
    if beginning[4:8] == b"ftyp" and beginning[8:12] in _HEIC_BRANDS:
        return HEIC
    return None


def check_structure(data: bytes) -> str:
    """The kind of a file that is one still picture from its first byte to its last.

    Raises NotOnePicture: ``unknown_kind``, ``truncated``, ``trailing_data``, ``animated``,
    ``polyglot``. Nothing is decoded.
    """
    kind = kind_of(data[:32])
    if kind is None:
        raise NotOnePicture("unknown_kind")
    try:
        end = _ENDS[kind](data)
    except (struct.error, IndexError):
        raise NotOnePicture("truncated") from None
    if data[end:].strip(b"\x00"):
        raise NotOnePicture("trailing_data")
    edges = data[:_EDGE], data[-_EDGE:]
    if any(_FOREIGN.search(edge) for edge in edges) or zipfile.is_zipfile(BytesIO(data)):
        raise NotOnePicture("polyglot")
    return kind


def _end_of_jpeg(data: bytes) -> int:
    """Where the last of its pictures ends: phones put a second one (MPF, gain map) behind."""
    end = _end_of_one_jpeg(data, 0)
    while data.startswith(b"\xff\xd8\xff", end):
        end = _end_of_one_jpeg(data, end)
    return end


def _end_of_one_jpeg(data: bytes, at: int) -> int:
    at += 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if data[at] != 0xFF:
            raise NotOnePicture("truncated")
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + max(length, 2)
        if marker == 0xDA:
            found = _MARKER.search(data, at)
            if found is None:
                raise NotOnePicture("truncated")
            at = found.start()


def _end_of_png(data: bytes) -> int:
    at = len(_PNG_SIGNATURE)
    while True:
        length: int
        length, name = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if at > len(data):
            raise NotOnePicture("truncated")
        if name == b"acTL":
            raise NotOnePicture("animated")
        if name == b"IEND":
            return at


def _end_of_webp(data: bytes) -> int:
    length: int
    (length,) = struct.unpack_from("<I", data, 4)
    end = 8 + length + length % 2
    if 8 + length > len(data):
        raise NotOnePicture("truncated")
    at = 12
    while at < 8 + length:
        name, size = struct.unpack_from("<4sI", data, at)
        if name in {b"ANIM", b"ANMF"}:
            raise NotOnePicture("animated")
        at += 8 + size + size % 2
    if at > end:
        raise NotOnePicture("truncated")
    return end


def _end_of_heic(data: bytes) -> int:
    at = 0
    for name, start, end in _boxes(data):
        if name not in _HEIC_BOXES:
            # A film (`moov`), or a maker's own box such as `mpvd`, a film behind the picture.
            raise NotOnePicture("animated" if name == b"moov" else "trailing_data")
        if end > len(data) or end <= start:
            raise NotOnePicture("truncated")
        at = end
    return at


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        end = len(data) if size == 0 else at + size
        yield name, at, end
        at = end


_ENDS: dict[str, Callable[[bytes], int]] = {
    JPEG: _end_of_jpeg,
    PNG: _end_of_png,
    WEBP: _end_of_webp,
    HEIC: _end_of_heic,
}
