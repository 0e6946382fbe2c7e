"""The `pallay` command: what it says and how it ends."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.config import ROOT, settings_table
from app.migrating import head


def pallay(*words: str, cwd: Path = ROOT, **told: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a person would, with nothing set but what is told."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        env={**kept, "PYTHONPATH": str(ROOT), **told},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_names_the_commands() -> None:
    done = pallay("--help")

    assert done.returncode == 0
    for command in ("serve", "worker", "migrate", "settings"):
        assert command in done.stdout


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_a_wrong_setting_is_a_sentence_and_exit_code_two(command: str) -> None:
    done = pallay(command, STRIPE_SECRET_KEY="sk_test_51Abc", PALLAY_HOLD_MINUTE="40")

    assert done.returncode == 2
    assert "did you mean PALLAY_HOLD_MINUTES?" in done.stderr
    assert "Traceback" not in done.stderr
    assert "sk_test_51Abc" not in done.stderr


def test_a_database_that_does_not_answer_is_a_sentence() -> None:
    done = pallay("migrate", DATABASE_URL="postgresql://someone:hidden@127.0.0.1:1/nothing")

    assert done.returncode == 1
    assert "the database did not answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr


@pytest.mark.slow
def test_migrate_brings_a_database_of_its_own_and_stops_it(tmp_path: Path) -> None:
    with TemporaryDirectory(prefix="pallay-test-") as var:
        Path(var).chmod(0o755)
        for _ in range(2):
            done = pallay("migrate", cwd=tmp_path, PALLAY_VAR=var)
            assert done.returncode == 0, done.stderr
            assert f"The database is at revision {head()}." in done.stderr
        assert not (Path(var) / "postgres" / "postmaster.pid").exists()


def test_an_unknown_command_ends_with_two() -> None:
    assert pallay("weave").returncode == 2


def test_settings_prints_the_table_from_anywhere(tmp_path: Path) -> None:
    done = pallay("settings", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout == settings_table()


def test_a_wsgi_server_without_a_database_is_told_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode != 0
    assert "DATABASE_URL is not set" in done.stderr
