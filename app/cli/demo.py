"""`pallay demo`: the whole way of one piece, on real parts."""

import sys

import click
from rich.console import Console

from app.config import load


@click.command()
@click.option("--once", is_flag=True, help="Walk the way, stop everything, and end.")
@click.option("--port", default=8000, show_default=True, help="Where to answer, if it is free.")
def demo(once: bool, port: int) -> None:
    """Start everything afresh, walk one piece from delivery to paid maker, and stay up."""
    from app.demo import show  # noqa: PLC0415 - the help needs none of it

    sys.exit(show(load(), Console(), once=once, port=port))
