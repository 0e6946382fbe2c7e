"""The sizes in which a photo is printed, and what each print is called."""

#: Longest edge of each size in pixels: a list, a page, a screen.
SIZES = {"small": 320, "medium": 960, "large": 2048}
#: The large size once more as JPEG, for mail programs and link previews that know no WebP.
FALLBACK = "large.jpg"
#: Every print, as it is called in the store and at the end of its address.
PRINTS = (*(f"{size}.webp" for size in SIZES), FALLBACK)


def content_type_of(name: str) -> str:
    """The media type of a print."""
    return "image/jpeg" if name.endswith(".jpg") else "image/webp"
