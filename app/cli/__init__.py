"""The `pallay` command. Each sentence a person can say to it is one module beside this one."""

import signal
import sys
from typing import NoReturn

import click
from sqlalchemy.exc import OperationalError

from app.cli.catch_up import catch_up
from app.cli.demo import demo
from app.cli.keys import keys
from app.cli.migrate import migrate
from app.cli.reconcile import reconcile
from app.cli.seed import seed
from app.cli.serve import serve
from app.cli.settings import settings
from app.cli.staff import staff
from app.cli.worker import worker
from app.config import ConfigError
from core.errors import PallayError

EXIT_REFUSED = 1
EXIT_MISCONFIGURED = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """From the weaver's hands to the buyer's, and her share back to her."""


for command in (demo, serve, worker, migrate, seed, staff, keys, catch_up, reconcile, settings):
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command; a refusal is a sentence and an exit code, never a traceback."""
    # Stopped is left by the same way as finished, so that our own PostgreSQL is stopped too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        cli(prog_name="pallay")
    except ConfigError as refusal:
        for problem in refusal.problems:
            click.echo(f"pallay: {problem}", err=True)
        sys.exit(EXIT_MISCONFIGURED)
    except PallayError as refusal:
        click.echo(f"pallay: {refusal.message} ({refusal.code})", err=True)
        sys.exit(EXIT_REFUSED)
    except OperationalError as silence:
        reason = str(silence.orig).partition("\n")[0]
        click.echo(f"pallay: the database did not answer: {reason}", err=True)
        sys.exit(EXIT_REFUSED)
    sys.exit(0)
