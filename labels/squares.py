"""QR codes in whole dots of the printer, with the white border that a reader needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import segno

from core.errors import Conflict

#: Modules of white on every side (ISO/IEC 18004).
QUIET = 4
#: The smallest module a phone reads without trouble, in mm.
LEAST_MODULE = 0.28
INCH = 25.4


class AddressTooLong(Conflict):
    """The address is too long for a code on this label; take a larger one."""

    code = "address_too_long_for_label"


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: bars as (column, row, length) in modules from its white corner."""

    modules: int
    module: float
    bars: tuple[tuple[int, int, int], ...]

    @property
    def side(self) -> float:
        """With its white border, in mm."""
        return self.modules * self.module


def code_of(address: str, *, most: float, dpi: int) -> Code:
    """The code of an address, at most ``most`` mm wide. Raises AddressTooLong."""
    made = segno.make_qr(address, error="m", boost_error=False)
    modules = len(made.matrix) + 2 * QUIET
    dot = INCH / dpi
    module = int(most / modules / dot) * dot
    if module < LEAST_MODULE:
        raise AddressTooLong()
    return Code(modules, module, tuple(_bars(made)))


def _bars(made: segno.QRCode) -> Iterator[tuple[int, int, int]]:
    """Neighbours in a row are one bar."""
    for row, modules in enumerate(made.matrix, start=QUIET):
        column = QUIET
        for dark, run in groupby(modules):
            length = len(list(run))
            if dark:
                yield column, row, length
            column += length
