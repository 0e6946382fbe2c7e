"""The code of the house as the tests of its shape read it: parsed, never imported."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# Each floor stands on those below it; packages on one floor are strangers.
FLOORS = (
    ("app",),
    ("api", "web"),
    ("payouts",),
    ("labels", "orders", "quality"),
    ("inventory", "payments"),
    ("photos",),
    ("people",),
    ("core",),
)
PACKAGES = tuple(package for floor in FLOORS for package in floor)
BESIDE = ("bench", "migrations", "stripe_peer")


def modules(*packages: str) -> list[Path]:
    """Every module of the packages, or of the whole house without its tests."""
    wanted = packages or (*PACKAGES, *BESIDE)
    found = [path for package in wanted for path in sorted((ROOT / package).rglob("*.py"))]
    return found if packages else [*found, ROOT / "wsgi.py"]


def name_of(path: Path) -> str:
    """How a failing test calls a module."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """A module, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> Iterator[str]:
    """Every module that this one imports, wherever in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                here = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                yield ".".join((*here, *filter(None, [node.module])))
            else:
                module = node.module or ""
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    """Every call of a function or method of that name."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = node.func
            if getattr(called, "attr", None) == name or getattr(called, "id", None) == name:
                yield node
