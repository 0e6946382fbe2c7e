"""The darkroom: what phones send comes out upright, in the right colours, and says nothing more."""

import io
import struct

import pytest
from PIL import Image, ImageCms

from photos.darkroom import develop
from photos.sizes import PRINTS, SIZES
from tests.photos import hostile
from tests.support.photos import a_file, a_picture

SECRET = b"Huilloc 13.2S 72.2W"


def printed(contents: bytes, name: str = "large.webp") -> Image.Image:
    return Image.open(io.BytesIO(develop(contents).prints[name]))


def near(seen: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(a - b) <= 12 for a, b in zip(seen, wanted, strict=True))


def with_exif(kind: str, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (13.0, 12.0, 0.0)
    if kind == "HEIF":
        return hostile.heic(exif=exif.tobytes())
    return a_file(kind, exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_kind_is_printed_in_every_size(kind: str) -> None:
    large = a_picture(2600, 1300)
    developed = develop(hostile.heic(large) if kind == "HEIF" else a_file(kind, large))

    assert (developed.width, developed.height) == (2600, 1300)
    assert set(developed.prints) == set(PRINTS)
    for size, edge in SIZES.items():
        picture = Image.open(io.BytesIO(developed.prints[f"{size}.webp"]))
        assert (picture.format, picture.size) == ("WEBP", (edge, edge // 2))
    assert Image.open(io.BytesIO(developed.prints["large.jpg"])).format == "JPEG"


def test_a_small_photo_is_not_blown_up() -> None:
    assert printed(a_file(picture=a_picture(200, 100))).size == (200, 100)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_nothing_the_phone_wrote_into_the_file_is_on_a_print(kind: str) -> None:
    contents = with_exif(kind)
    assert SECRET in contents, "it was there"

    for made in develop(contents).prints.values():
        picture = Image.open(io.BytesIO(made))
        assert SECRET not in made
        assert not dict(picture.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)


def test_a_comment_is_not_on_a_print() -> None:
    contents = hostile.with_comment(hostile.JPEG, SECRET)

    assert all(SECRET not in made for made in develop(contents).prints.values())


@pytest.mark.parametrize(
    ("orientation", "size", "white_at"),
    [
        (1, (96, 64), (10, 10)),
        (3, (96, 64), (86, 54)),
        (6, (64, 96), (54, 10)),
        (8, (64, 96), (10, 86)),
    ],
)
def test_a_photo_stands_upright_however_the_phone_was_held(
    orientation: int, size: tuple[int, int], white_at: tuple[int, int]
) -> None:
    upright = printed(with_exif("JPEG", orientation))

    assert upright.size == size
    assert near(upright.convert("RGB").getpixel(white_at), (255, 255, 255))


COLOURS = {
    "CMYK": a_file("JPEG", a_picture().convert("CMYK")),
    "grey": a_file("PNG", a_picture().convert("L")),
    "one bit": a_file("PNG", a_picture().convert("1")),
    "a palette": a_file("PNG", a_picture().quantize(8)),
    "a palette with a transparent colour": a_file("PNG", a_picture().quantize(8), transparency=0),
    "grey with transparency": a_file("PNG", a_picture().convert("LA")),
    "transparency": a_file("WEBP", a_picture().convert("RGBA")),
}


@pytest.mark.parametrize("what", COLOURS)
def test_whatever_the_colours_are_stored_as_the_print_has_plain_ones(what: str) -> None:
    picture = printed(COLOURS[what])

    assert picture.mode == "RGB"
    assert near(picture.getpixel((10, 10)), (255, 255, 255))


def test_sixteen_bits_are_scaled_and_not_cut_off() -> None:
    grey = Image.frombytes("I;16", (64, 64), struct.pack("<H", 0x8000) * 64 * 64)

    assert near(printed(a_file("PNG", grey)).getpixel((30, 30)), (128, 128, 128))


def test_what_was_transparent_is_white() -> None:
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0))

    assert near(printed(a_file("PNG", clear)).getpixel((30, 30)), (255, 255, 255))


def test_red_wool_stays_that_red_whatever_the_phones_profile() -> None:
    """The profile is applied before it is thrown away; one that is none is only thrown away."""
    red = Image.new("RGB", (64, 64), (180, 40, 40))
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at_red, at_blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[at_red : at_red + 4], swapped[at_blue : at_blue + 4] = b"bXYZ", b"rXYZ"

    for profile, wanted in ((bytes(swapped), (40, 40, 180)), (b"no profile", (180, 40, 40))):
        contents = a_file("JPEG", red, icc_profile=profile)
        assert near(printed(contents).getpixel((30, 30)), wanted)


def test_a_second_picture_behind_a_jpeg_is_how_phones_store_their_light() -> None:
    """MPF and gain maps: a JPEG behind the JPEG. The first one is the photo."""
    assert printed(hostile.JPEG + a_file(picture=a_picture(32, 32)) + bytes(16)).size == (96, 64)
