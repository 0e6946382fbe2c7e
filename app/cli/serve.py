"""`pallay serve`: the web server."""

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces

from app import logs, migrating
from app.cli.house import house
from app.config import ROOT


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--threads",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Of each worker; more where no proxy takes in whole uploads before it.",
)
@click.option("--migrate/--no-migrate", default=None, help="Migrate first; not in production.")
def serve(host: str, port: int, workers: int, threads: int, migrate: bool | None) -> None:
    """Serve the API until stopped. Without DATABASE_URL a PostgreSQL of our own is started."""
    with house() as settings:
        if migrate or (migrate is None and not settings.production):
            migrating.upgrade_to_head(settings.database_url or "")
        server = Granian(
            "wsgi:app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=workers,
            blocking_threads=threads,
            respawn_failed_workers=settings.production,
            workers_kill_timeout=30,
            working_dir=ROOT,
            log_dictconfig=logs.configuration(settings.log_level),
        )
        click.echo(f"Pallay answers at http://{host}:{port} (Ctrl-C ends it)", err=True)
        server.serve()
