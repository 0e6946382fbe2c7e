"""The darkroom: one file is decoded, turned upright, and printed anew in every size.

It runs as a process of its own (`python -m photos.darkroom`) with little memory, little time and
no secrets, because the decoders read what strangers may have sent. What it makes is drawn from
the pixels alone: no EXIF, XMP, ICC profile, comment or maker's note of the file is carried over.
"""

import io
import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageFile, ImageOps

from photos.formats import HEIC, JPEG, PNG, WEBP, NotOnePicture, check_structure
from photos.sizes import FALLBACK, SIZES

#: 50 million: four times what phones take; three bytes each is 150 MB when decoded.
MOST_PIXELS = 50_000_000
LONGEST_EDGE = 32_768
SHORTEST_EDGE = 16
MEMORY_BYTES = 2 << 30
CPU_SECONDS = 30
LARGEST_PRINT = 64 << 20

_PILLOW_NAMES = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", HEIC: "HEIF"}
_TO_EIGHT_BITS = 1 / 256
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Developed:
    """What came out: the upright picture's size in pixels, and each print's bytes by name."""

    width: int
    height: int
    prints: dict[str, bytes]


def develop(data: bytes) -> Developed:
    """Decode a file wholly and print it in every size. Raises NotOnePicture for all it refuses."""
    kind = check_structure(data)
    if kind == HEIC:
        _know_heic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            upright = _upright(_open(data, kind))
    except (NotOnePicture, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - whatever a decoder raises, it has not decoded the file
        raise NotOnePicture("undecodable") from None
    return Developed(*upright.size, _print(upright))


def _open(data: bytes, kind: str) -> Image.Image:
    """The picture, not yet decoded, once its size is known to be sane."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # ours is asked below, of what the header says
    picture = Image.open(io.BytesIO(data), formats=_formats(kind))
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_EDGE:
        raise NotOnePicture("too_many_pixels")
    if min(width, height) < SHORTEST_EDGE:
        raise NotOnePicture("too_small")
    if kind != JPEG and getattr(picture, "n_frames", 1) > 1:
        raise NotOnePicture("animated")
    return picture


def _formats(kind: str) -> list[str]:
    # A JPEG with a second one behind is MPO to Pillow; its first picture is the one that is shown.
    return ["JPEG", "MPO"] if kind == JPEG else [_PILLOW_NAMES[kind]]


def _know_heic() -> None:
    import pillow_heif  # noqa: PLC0415 - a large library that most pictures do not need

    pillow_heif.register_heif_opener(thumbnails=False)


def _upright(picture: Image.Image) -> Image.Image:
    """All pixels, upright, in eight bits of sRGB, on white where the picture was transparent."""
    picture.load()
    profile = picture.info.get("icc_profile")
    turned = ImageOps.exif_transpose(picture)
    flat = _in_rgb(_on_white(_in_eight_bits(turned)), profile)
    clean = Image.new("RGB", flat.size)
    clean.paste(flat)
    return clean


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * _TO_EIGHT_BITS).convert("L")
    if picture.mode in {"I", "F"}:
        return picture.point(lambda value: value * _TO_EIGHT_BITS).convert("L")
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture
    seen = picture.convert("RGBA")
    ground = Image.new("RGB", seen.size, _WHITE)
    ground.paste(seen, mask=seen.getchannel("A"))
    return ground


def _in_rgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB; colours of another profile are converted, so that red wool stays that red."""
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")


def _print(picture: Image.Image) -> dict[str, bytes]:
    """Every print, the largest first, each made from the one before."""
    prints = {}
    for size, edge in sorted(SIZES.items(), key=lambda one: -one[1]):
        picture = picture.copy()
        picture.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
        prints[f"{size}.webp"] = _saved(picture, "WEBP", quality=80, method=4)
        if size == "large":
            prints[FALLBACK] = _saved(picture, "JPEG", quality=85, progressive=True)
    return prints


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **how)
    return written.getvalue()


def main(source: str, folder: str) -> int:
    """Develop one file into a folder; what came of it is one line of JSON on standard output."""
    _live_small()
    try:
        developed = develop(Path(source).read_bytes())
    except NotOnePicture as refused:
        _say(refused=refused.why)
        return 0
    except MemoryError:
        _say(refused="too_large_to_decode")
        return 0
    for name, contents in developed.prints.items():
        (Path(folder) / name).write_bytes(contents)
    _say(width=developed.width, height=developed.height)
    return 0


def _live_small() -> None:
    """Give this process bounds of its own; on a system that knows one of them not, without it."""
    import resource  # noqa: PLC0415 - not on every system

    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, LARGEST_PRINT),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            # The second is the kernel's last word, SIGKILL; the first is one we can tell from it.
            resource.setrlimit(what, (most, most + 5 if most else 0))
        except (OSError, ValueError):  # pragma: no cover - macOS takes no bound on addresses
            continue


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
