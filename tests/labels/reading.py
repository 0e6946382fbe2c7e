"""Labels made up for tests, printed, and read back from the pixels as a phone would."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from inventory import tags
from labels.contents import Label
from labels.geometries import Geometry
from labels.links import link
from labels.models import CareSymbols
from labels.sheets import Sheet

DAY = date(2026, 11, 25)
HOUSE = "https://pallay.example.org"
CARE = CareSymbols(wash="hand", bleach="no", dry="flat_shade", iron="low", professional="no")


def a_label(**given: Any) -> Label:
    """A label for Peru with all it needs."""
    tag = tags.draw("HUK")
    values: dict[str, Any] = {
        "tag": tag,
        "url": link(HOUSE, tag=tag, gtin="07750001234562"),
        "market": "peru",
        "language": "es",
        "house": "Huilloc women's weaving co-operative",
        "place": "Huilloc, Ollantaytambo, Cusco, Perú",
        "piece_id": uuid.uuid4(),
        "made_by": "Hecho por Ñusta & Sabina",
        "lines": ("Cuerpo: 100 % lana", "Borlas: 50 % alpaca, 50 % lana", "Hecho en Perú"),
        "care": CARE,
    }
    return Label(**(values | given))


def printed(geometry: Geometry, labels: list[Label], start: int = 1) -> bytes:
    """The file."""
    with Sheet(geometry, day=DAY, language="es") as sheet:
        return sheet.print(labels, start=start)


def checked(geometry: Geometry, labels: list[Label]) -> list[Label]:
    """The labels with what they have no room for."""
    with Sheet(geometry, day=DAY, language="es") as sheet:
        return sheet.checked(labels)


@dataclass(frozen=True)
class Pages:
    """A file as it comes out of the printer, and the text in it."""

    pictures: list[Image.Image]
    texts: list[str]

    def read(self) -> list[str]:
        """What the codes say, page by page, row by row."""
        return [found.text for picture in self.pictures for found in codes(picture)]


def codes(picture: Image.Image) -> list[Any]:
    """Every code of a page, from the top left."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return sorted(found, key=lambda one: (one.position.top_left.y // 20, one.position.top_left.x))


def pages(pdf: bytes, dpi: int) -> Pages:
    """Rendered at the printer's resolution."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return Pages(
            [page.render(scale=dpi / 72).to_pil().convert("L") for page in document],
            [page.get_textpage().get_text_range() for page in document],
        )
    finally:
        document.close()
