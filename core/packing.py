"""Packing: several things in one cell, each with several parts, as ``spin | 3; weave | 5``.

A thing ends with a semicolon or a new line, a part with a bar. A mark that is meant as a letter has
a backslash before it.
"""

import re
from collections.abc import Sequence

from core.cells import Misread, Value, plain

_PIECES = re.compile(r"\\.|[|;\n]|[^\\|;\n]+|\\$", re.DOTALL)
_MARKS = re.compile(r"[\\|;\n]")
_NEW_LINE = "\n"


def packed(things: Sequence[Sequence[object]]) -> str:
    """The one cell of so many things, each on a line of its own; None is an empty part."""
    return _NEW_LINE.join(" | ".join(_escaped(part) for part in thing) for thing in things)


def unpacked(value: Value, *, least: int, most: int, names: str) -> list[list[str]]:
    """The parts of each thing in a cell, between ``least`` and ``most`` of them.

    ``names``: what the parts are, for whoever wrote too few or too many. Raises Misread.
    """
    things = [thing for thing in _split(plain(value)) if any(thing)]
    for thing in things:
        if not least <= len(thing) <= most:
            words = f"“{' | '.join(thing)[:40]}” has {len(thing)} parts; write {names}"
            raise Misread("form", words)
    return things


def _split(written: str) -> list[list[str]]:
    things, part = [[""]], ""
    for found in _PIECES.findall(written.replace("\r\n", _NEW_LINE).replace("\r", _NEW_LINE)):
        if found == "|":
            things[-1].append("")
        elif found in {";", _NEW_LINE}:
            things.append([""])
        else:
            part = _unescaped(found) if found[0] == "\\" else found
            things[-1][-1] += part
    return [[part.strip() for part in thing] for thing in things]


def _escaped(part: object) -> str:
    written = "" if part is None else str(part)
    return _MARKS.sub(lambda mark: "\\n" if mark[0] == _NEW_LINE else f"\\{mark[0]}", written)


def _unescaped(mark: str) -> str:
    return _NEW_LINE if mark == "\\n" else mark[1:] or "\\"
