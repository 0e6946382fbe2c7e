"""The import picture: arrows point downward only, and a few doors are the only ones."""

import sys
from pathlib import Path

import pytest

from tests.architecture.code import (
    FLOORS,
    PACKAGES,
    ROOT,
    imported,
    modules,
    name_of,
)

OURS = {*PACKAGES, "bench", "migrations", "stripe_peer", "tests", "wsgi"}


def floor_of(package: str) -> int:
    """How far below the roof."""
    return next(depth for depth, floor in enumerate(FLOORS) if package in floor)


def may_import(package: str) -> set[str]:
    """The package itself and every floor below."""
    below = FLOORS[floor_of(package) + 1 :]
    return {package, *(name for floor in below for name in floor)}


def arrows(package: str) -> dict[str, set[str]]:
    """For each package of ours that this one imports, the modules that do so."""
    found: dict[str, set[str]] = {}
    for path in modules(package):
        for name in imported(path):
            target = name.partition(".")[0]
            if target in OURS:
                found.setdefault(target, set()).add(name_of(path))
    return found


def importers_of(library: str) -> set[str]:
    """The modules of the house that import a library, by their path."""
    return {
        name_of(path)
        for path in modules()
        if library in {name.partition(".")[0] for name in imported(path)}
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_point_downward(package: str) -> None:
    allowed = may_import(package)
    # The roof starts migrations and the stand-in without importing either.
    wrong = {target: where for target, where in arrows(package).items() if target not in allowed}

    assert wrong == {}


def test_payments_knows_nobody_but_the_ground_floor() -> None:
    assert set(arrows("payments")) <= {"payments", "core"}


def test_people_stand_on_the_ground_floor() -> None:
    assert set(arrows("people")) <= {"people", "core"}


def test_quality_knows_no_payments() -> None:
    assert "payments" not in arrows("quality")


def test_the_stand_in_imports_nothing_of_ours() -> None:
    assert set(arrows("stripe_peer")) <= {"stripe_peer"}


def test_nothing_of_ours_imports_the_stand_in() -> None:
    importers = {
        path for path in importers_of("stripe_peer") if not path.startswith("stripe_peer/")
    }

    assert importers == set()


def test_nothing_of_ours_imports_its_tests() -> None:
    assert importers_of("tests") == set()


def test_only_payments_imports_stripe() -> None:
    # The stand-in may read the SDK's parameter types, which are the contract it stands in for.
    contract = {
        name_of(path)
        for path in modules("stripe_peer")
        if all(
            name.startswith("stripe.params")
            for name in imported(path)
            if name.partition(".")[0] == "stripe"
        )
    }

    importers = importers_of("stripe") - contract
    assert {path.partition("/")[0] for path in importers} == {"payments"}


@pytest.mark.parametrize("library", ["flask", "flask_smorest", "marshmallow", "werkzeug"])
def test_only_the_edges_and_the_roof_know_the_web(library: str) -> None:
    importers = {path.partition("/")[0] for path in importers_of(library)}

    assert importers <= {"api", "web", "app", "bench", "stripe_peer"}


@pytest.mark.parametrize("library", ["requests", "urllib3", "httpx", "http.client", "socket"])
def test_only_payments_and_the_roof_reach_out(library: str) -> None:
    importers = {
        name_of(path)
        for path in modules()
        if any(name == library or name.startswith(f"{library}.") for name in imported(path))
    }

    assert {path.partition("/")[0] for path in importers} <= {
        "payments",
        "app",
        "bench",
        "stripe_peer",
    }


@pytest.mark.parametrize(
    ("library", "door"),
    [
        ("PIL", "photos/darkroom.py"),
        ("pillow_heif", "photos/darkroom.py"),
        ("fsspec", "photos/storage.py"),
    ],
)
def test_photos_are_decoded_and_kept_behind_one_door_each(library: str, door: str) -> None:
    assert importers_of(library) == {door}


def test_photos_stand_on_people_alone() -> None:
    assert set(arrows("photos")) <= {"photos", "people", "core"}


def test_only_the_queue_and_the_worker_know_procrastinate() -> None:
    importers = importers_of("procrastinate")

    assert {path for path in importers if not path.startswith(("app/", "migrations/"))} <= {
        "core/jobs.py"
    }


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        name_of(path)
        for path in modules(*PACKAGES)
        if any(name in {"os.environ", "os.getenv"} for name in imported(path))
        or any(word in path.read_text() for word in ("os.environ", "os.getenv"))
    }

    assert {path for path in readers if not path.startswith("app/")} == set()


def test_every_top_level_package_has_its_floor() -> None:
    known = OURS | {"docs", "requirements", "var", "build", "dist"}
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "__"))
        if any(path.rglob("*.py"))
    }

    assert folders <= known


def test_no_package_is_named_like_the_standard_library() -> None:
    assert {Path(name).stem for name in PACKAGES} & sys.stdlib_module_names == set()
