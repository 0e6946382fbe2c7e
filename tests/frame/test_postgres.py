"""Our own PostgreSQL: shared, counted, stopped by whoever leaves last."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import psycopg
import pytest

from app.config import ConfigError
from app.postgres import EmbeddedPostgres, conninfo

pytestmark = pytest.mark.slow

ANOTHER_USER = """
    import sys
    from pathlib import Path
    import psycopg
    from app.postgres import EmbeddedPostgres, conninfo

    with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as postgres:
        psycopg.connect(conninfo(postgres.url())).close()
        print("ready", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a short name that any user may reach; pytest's own are private."""
    with TemporaryDirectory(prefix="pallay-test-") as parent:
        Path(parent).chmod(0o755)
        yield Path(parent) / "postgres"


@contextmanager
def another_user(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the server until told to stop."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ANOTHER_USER), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def server_pid(folder: Path) -> int | None:
    """The server's process, or None when it was stopped in good order."""
    note = folder / "postmaster.pid"
    return int(note.read_text().split()[0]) if note.exists() else None


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def answer(url: str) -> tuple[Any, ...]:
    with psycopg.connect(conninfo(url)) as connection:
        row = connection.execute("SELECT current_database(), pg_postmaster_start_time()").fetchone()
    assert row is not None
    return row


def test_it_starts_makes_the_database_and_stops(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as postgres:
        name = answer(postgres.url("pallay"))[0]
        pid = server_pid(folder)
    assert name == "pallay"
    assert pid is not None
    assert not lives(pid)
    assert server_pid(folder) is None


def test_it_listens_on_no_network_port(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as postgres:
        connection = psycopg.connect(conninfo(postgres.url()))
        with connection:
            row = connection.execute("SHOW listen_addresses").fetchone()
    assert row == ("",)


def test_what_was_written_is_there_the_next_time(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres, psycopg.connect(conninfo(postgres.url())) as first:
        first.execute("CREATE TABLE kept (n int)")
    with EmbeddedPostgres(folder) as postgres, psycopg.connect(conninfo(postgres.url())) as second:
        assert second.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_second_use_in_one_process_does_not_stop_the_first(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as outer:
        before = answer(outer.url())
        with EmbeddedPostgres(folder, durable=False) as inner:
            assert answer(inner.url()) == before
        assert answer(outer.url()) == before


def test_two_processes_share_one_server_and_the_last_stops_it(folder: Path) -> None:
    with another_user(folder):
        with EmbeddedPostgres(folder, durable=False) as postgres:
            pid = server_pid(folder)
            answer(postgres.url())
        assert server_pid(folder) == pid
    assert server_pid(folder) is None


def test_a_killed_user_does_not_keep_the_server_up(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False), another_user(folder) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert server_pid(folder) is None


def test_a_stale_note_naming_another_program_is_not_believed(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False):
        note = (folder / "postmaster.pid").read_text().splitlines()
    (folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note[1:]]) + "\n")

    with EmbeddedPostgres(folder, durable=False) as postgres:
        answer(postgres.url())


def test_a_long_folder_name_moves_the_socket(folder: Path) -> None:
    long = folder.parent / ("x" * 100) / "postgres"

    with EmbeddedPostgres(long, durable=False) as postgres:
        assert str(long) not in postgres.url()
        answer(postgres.url())


def test_a_blank_in_the_name_is_refused_with_advice(folder: Path) -> None:
    with pytest.raises(ConfigError, match="set PALLAY_VAR to a plainer folder"):
        EmbeddedPostgres(folder.parent / "my shop").__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's private folders need opening")
def test_a_private_home_stays_unreadable_to_others(folder: Path) -> None:
    folder.parent.chmod(0o700)

    with EmbeddedPostgres(folder, durable=False) as postgres:
        answer(postgres.url())

    assert folder.parent.stat().st_mode & 0o777 == 0o711
