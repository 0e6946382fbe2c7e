"""A corpus of hostile files, made here: each with the word under which it is refused."""

import io
import struct
import zipfile
import zlib

from PIL import Image

from tests.support.photos import a_file, a_picture


def chunk(name: bytes, contents: bytes) -> bytes:
    """One chunk of a PNG, with its checksum."""
    crc = struct.pack(">I", zlib.crc32(name + contents))
    return struct.pack(">I", len(contents)) + name + contents + crc


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG in shades of grey that claims to be of any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def archive() -> bytes:
    """A ZIP with something to run in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("index.php", "<?php system($_GET['c']); ?>")
    return written.getvalue()


def with_comment(jpeg: bytes, words: bytes) -> bytes:
    """A JPEG with a comment right after its beginning."""
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(words) + 2) + words + jpeg[2:]


def claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose frame says it is of another size."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def moving(kind: str) -> bytes:
    """Many pictures in one file."""
    frames = [a_picture(colour=colour) for colour in ("red", "green", "blue")]
    written = io.BytesIO()
    frames[0].save(written, kind, save_all=True, append_images=frames[1:])
    return written.getvalue()


JPEG, PNG = a_file("JPEG"), a_file("PNG")
WEBP, HEIC = a_file("WEBP"), b""


def heic(picture: Image.Image | None = None, **how: object) -> bytes:
    """A HEIC, as phones write it."""
    import pillow_heif  # noqa: PLC0415 - a large library

    pillow_heif.register_heif_opener(thumbnails=False)
    return a_file("HEIF", picture, **how)


def corpus() -> dict[str, tuple[bytes, str]]:
    """Each hostile file by what it is, with the word of its refusal."""
    heif = heic()
    bomb = png(40_000, 40_000, bytes(40_001) * 100)
    archived = archive()
    return {
        "nothing": (b"", "unknown_kind"),
        "a text": (b"GIF, but not really", "unknown_kind"),
        "a GIF": (a_file("GIF"), "unknown_kind"),
        "a TIFF": (a_file("TIFF"), "unknown_kind"),
        "a page": (b"<html><script>alert(1)</script>", "unknown_kind"),
        "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_kind"),
        "an archive": (archived, "unknown_kind"),
        "a program": (b"\x7fELF" + bytes(100), "unknown_kind"),
        "a JPEG and an archive": (JPEG + archived, "trailing_data"),
        "a PNG and an archive": (PNG + archived, "trailing_data"),
        "a WebP and an archive": (WEBP + archived, "trailing_data"),
        "a HEIC and an archive": (heif + archived, "trailing_data"),
        "a JPEG and a page": (JPEG + b"<html>", "trailing_data"),
        "a JPEG and a film": (JPEG + b"\x00\x00\x00\x18ftypmp42" + bytes(40), "trailing_data"),
        "a page within a JPEG": (with_comment(JPEG, b"<HTML><body>"), "polyglot"),
        "a script within a JPEG": (with_comment(JPEG, b"x<sCrIpT>"), "polyglot"),
        "PHP within a JPEG": (with_comment(JPEG, b"<?php phpinfo(); ?>"), "polyglot"),
        "an archive within a JPEG": (with_comment(JPEG, archived), "polyglot"),
        "PHP within a PNG": (
            PNG[:33] + chunk(b"tEXt", b"Comment\x00<?php phpinfo(); ?>") + PNG[33:],
            "polyglot",
        ),
        "half a JPEG": (JPEG[: len(JPEG) // 2], "truncated"),
        "half a PNG": (PNG[: len(PNG) // 2], "truncated"),
        "half a WebP": (WEBP[: len(WEBP) // 2], "truncated"),
        "half a HEIC": (heif[: len(heif) // 2], "truncated"),
        "the beginning of a JPEG": (b"\xff\xd8\xff", "truncated"),
        "the beginning of a PNG": (b"\x89PNG\r\n\x1a\n", "truncated"),
        "the beginning of a WebP": (b"RIFF\x10\x00\x00\x00WEBP", "truncated"),
        "a JPEG without an end": (JPEG[:-2], "truncated"),
        "a PNG with a wrong checksum": (PNG.replace(b"IDAT", b"IDAT\x00"), "truncated"),
        "a bomb of a PNG": (bomb, "too_many_pixels"),
        "a bomb of a JPEG": (claiming(JPEG, 65_000, 65_000), "too_many_pixels"),
        "a very long picture": (png(40_000, 16, bytes(40_001) * 16), "too_many_pixels"),
        "one pixel": (a_file("PNG", a_picture(1, 1)), "too_small"),
        "no pixel at all": (png(0, 0, b""), "undecodable"),
        "a PNG of no picture": (PNG[:33] + chunk(b"IEND", b""), "undecodable"),
        "an APNG": (moving("PNG"), "animated"),
        "an animated WebP": (moving("WEBP"), "animated"),
        "a HEIC of noise": (heif[:40] + bytes(len(heif) - 40), "trailing_data"),
        "a WebP of noise": (
            b"RIFF\x0c\x01\x00\x00WEBPVP8L\x00\x01\x00\x00" + bytes(256),
            "undecodable",
        ),
    }
