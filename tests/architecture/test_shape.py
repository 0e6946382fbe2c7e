"""How the code reads: small functions and modules, named for what they do, finished."""

import ast
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from tests.architecture.code import ROOT, calls, modules, name_of, tree_of

LONGEST_FUNCTION = 60
LONGEST_MODULE = 350
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "service"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
A_MACHINE_OF_OURS = re.compile(r"[\"' ]/(home|root|Users|work)/\w+")

Offences = Callable[[Path], Iterator[str]]


def offenders(offences: Offences, *, spared: Collection[str] = ()) -> list[str]:
    """What breaks a rule, as ``module: what``; a folder or module may be spared."""
    return [
        f"{name_of(path)}: {offence}"
        for path in modules()
        if not any(name_of(path).startswith(one) for one in spared)
        for offence in offences(path)
    ]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_a_module_opens_with_what_it_is() -> None:
    def offences(path: Path) -> Iterator[str]:
        if not ast.get_docstring(tree_of(path)):
            yield "no docstring"

    assert offenders(offences) == []


def test_public_things_say_what_they_are() -> None:
    public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

    def offences(path: Path) -> Iterator[str]:
        for node in tree_of(path).body:
            if isinstance(node, public) and not ast.get_docstring(node):
                yield from () if node.name.startswith("_") else (node.name,)

    assert offenders(offences) == []


def test_a_function_fits_a_screen() -> None:
    def offences(path: Path) -> Iterator[str]:
        for node in functions(path):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name} has {lines} lines"

    # A migration is a list of tables, read once from top to bottom.
    assert offenders(offences, spared={"migrations/versions/"}) == []


def test_a_module_has_one_idea() -> None:
    def offences(path: Path) -> Iterator[str]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_MODULE:
            yield f"{lines} lines"

    assert offenders(offences, spared={"migrations/versions/"}) == []


def test_nothing_is_left_unfinished() -> None:
    def offences(path: Path) -> Iterator[str]:
        yield from UNFINISHED.findall(path.read_text(encoding="utf-8"))

    assert offenders(offences) == []


def test_names_say_something() -> None:
    def offences(path: Path) -> Iterator[str]:
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield from {word for part in parts for word in part.split("_")} & EMPTY_WORDS

    assert offenders(offences) == []


def test_no_machine_of_ours_is_named() -> None:
    def offences(path: Path) -> Iterator[str]:
        yield from A_MACHINE_OF_OURS.findall(path.read_text(encoding="utf-8"))

    assert offenders(offences) == []


def test_only_the_one_transaction_commits() -> None:
    def offences(path: Path) -> Iterator[str]:
        yield from (f"line {call.lineno}" for call in calls(path, "commit"))

    # The stand-in has a store of its own; the migrations' runner lets go of its first statement.
    spared = {"core/db.py", "app/worker.py", "migrations/env.py", "stripe_peer/"}
    assert offenders(offences, spared=spared) == []


def test_only_the_clock_asks_the_time() -> None:
    def offences(path: Path) -> Iterator[str]:
        for name in ("now", "utcnow", "today"):
            for call in calls(path, name):
                whose = getattr(call.func, "value", None)
                if isinstance(whose, ast.Name) and whose.id in {"datetime", "date"}:
                    yield f"line {call.lineno}"

    # The stand-in is somebody else's house, with a clock of its own.
    assert offenders(offences, spared={"core/clock.py", "stripe_peer/", "bench/"}) == []
