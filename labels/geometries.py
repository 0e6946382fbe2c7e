"""Label papers by name: what the trade sells, in millimetres, measured from the page's corner."""

from dataclasses import dataclass
from enum import StrEnum


class Paper(StrEnum):
    """The papers we know."""

    A4_24 = "a4_24"
    A4_24_MARGIN = "a4_24_margin"
    A4_65 = "a4_65"
    ROLL_62 = "roll_62"


@dataclass(frozen=True, slots=True)
class Geometry:
    """One paper. ``inset``: what stays white at a label's own edge. ``dpi``: of its printer.

    ``qr``: the most a code may take, in mm; ``compact``: words run on.
    """

    name: str
    words: str
    page_width: float
    page_height: float
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    across: float
    down: float
    inset: float
    qr: float
    code_pt: float
    text_pt: float
    least_pt: float
    dpi: int
    compact: bool = False

    @property
    def per_page(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """Where the label at a place of the page begins, counted row by row from 0."""
        row, column = divmod(place, self.columns)
        return self.left + column * self.across, self.top + row * self.down


GEOMETRIES: dict[str, Geometry] = {
    one.name: one
    for one in (
        Geometry(
            Paper.A4_24,
            "A4, 3 x 8 labels of 70 x 37 mm without gaps",
            page_width=210, page_height=297, columns=3, rows=8, width=70, height=37,
            left=0, top=0.5, across=70, down=37,
            inset=4, qr=22, code_pt=21, text_pt=7.5, least_pt=5, dpi=300,
        ),
        Geometry(
            Paper.A4_24_MARGIN,
            "A4, 3 x 8 labels of 63.5 x 33.9 mm with margins",
            page_width=210, page_height=297, columns=3, rows=8, width=63.5, height=33.9,
            left=7.21, top=12.9, across=66.04, down=33.9,
            inset=2, qr=22, code_pt=21, text_pt=7.5, least_pt=5, dpi=300,
        ),
        Geometry(
            Paper.A4_65,
            "A4, 5 x 13 labels of 38.1 x 21.2 mm with margins",
            page_width=210, page_height=297, columns=5, rows=13, width=38.1, height=21.2,
            left=4.67, top=10.7, across=40.64, down=21.2,
            inset=1.2, qr=15, code_pt=14, text_pt=5.5, least_pt=4, dpi=300, compact=True,
        ),
        Geometry(
            Paper.ROLL_62,
            "roll of 62 mm, one label of 62 x 50 mm a page",
            page_width=62, page_height=50, columns=1, rows=1, width=62, height=50,
            left=0, top=0, across=62, down=50,
            inset=2, qr=28, code_pt=24, text_pt=8, least_pt=5, dpi=203,
        ),
    )
}  # fmt: skip
