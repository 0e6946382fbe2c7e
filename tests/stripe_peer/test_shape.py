"""The stand-in stands alone: it imports nothing of ours."""

import ast
import sys

import pytest

from tests.support.peer import ROOT

MODULES = sorted((ROOT / "stripe_peer").rglob("*.py"))
ALLOWED = {"stripe_peer", "stripe", "typing_extensions", "werkzeug"}


def imported(path):
    """The top names a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_of_the_stand_in_imports_nothing_of_ours(path):
    """design.md section 2: `stripe_peer/` stands on nothing."""
    foreign = {name for name in imported(path) if name not in sys.stdlib_module_names}
    assert foreign <= ALLOWED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_opens_with_one_line_and_stays_short(path):
    """style.md: every module says what it is."""
    text = path.read_text()
    first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    assert first.rstrip().endswith((".", ":"))
    assert len(text.splitlines()) <= 300
